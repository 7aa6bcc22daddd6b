"""Claims and their detail lines, with the values of valid ones; and the events that they make."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from tests.openchronic.build.drawn_rows import Ask
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import Row, key, plain, write

CLAIMS, PACKS, PLACES = (f"DCIR_2021/ER_{name}_F_2021.CSV" for name in ("PRS", "PHA", "ETE"))
LINES = {
    "CAM": {"CAM_PRS_IDE": "DEQP003", "CAM_ACT_COD": "1", "CAM_TRT_PHA": "0"},
    "BIO": {"BIO_PRS_IDE": "1577", "BIO_ACT_QSN": "1"},
    "TIP": {"TIP_PRS_IDE": "1130220", "TIP_ACT_QSN": "1", "TIP_PRS_TYP": "1"},
    "UCD": {"UCD_UCD_COD": "0000009261098", "UCD_DLV_NBR": "1", "UCD_TOP_UCD": "0"},
}
QUANTITY = {"BIO": "BIO_ACT_QSN", "TIP": "TIP_ACT_QSN", "UCD": "UCD_DLV_NBR"}
STEPS = {"CAM": "procedure", "BIO": "biology", "TIP": "device", "UCD": "hospital_drug"}
DOCTOR = {"PRS_NAT_REF": "1111", "PSE_SPE_COD": "1", "PSE_ACT_NAT": "0", "PFS_PRE_NUM": ""}
FLUX = date(2021, 4, 1)


def line(
    table: str, number: int, *, flux: str = "01/04/2021", order: int = 1, **other: str
) -> dict[str, str]:
    """Returns a line of ER_CAM_F, ER_BIO_F, ER_TIP_F or ER_UCD_F."""
    return {**key(number, flux), f"{table}_ORD_NUM": str(order), **LINES[table], **other}


def delivery(
    claims: Sequence[Row], details: Sequence[Row], places: Sequence[Row] = ()
) -> dict[str, list[Row]]:
    """Returns the plain delivery with these claims, and each detail in its table."""
    files: dict[str, list[Row]] = {**plain(), CLAIMS: [*claims], PACKS: []}
    for one in details:
        (table,) = (name for name in (*LINES, "PHA") if f"{name}_ORD_NUM" in one)
        files.setdefault(f"DCIR_2021/ER_{table}_F_2021.CSV", []).append(one)
    return files | ({PLACES: [*places]} if places else {})


def release_of(
    folder: Path, claims: Sequence[Row], details: Sequence[Row], places: Sequence[Row] = ()
) -> Path:
    return built(write(folder / "snds", delivery(claims, details, places)), folder / "releases")


def manifest_of(release: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((release / "manifest.json").read_text())
    return manifest


def removed(release: Path) -> dict[str, int]:
    return {
        one["name"]: one["removed"] for one in manifest_of(release)["filters"] if one["removed"]
    }


def asked_of_claims(ask: Ask, columns: str) -> list[tuple[Any, ...]]:
    """Returns events of claims, in the order of the pathway."""
    return ask(
        f"FROM event SELECT {columns} WHERE source_table LIKE 'ER%' "
        "ORDER BY subject_id, start_date, order_in_day"
    )


def of_claims(release: Path, columns: str) -> list[tuple[Any, ...]]:
    return asked_of_claims(partial(rows, release), columns)
