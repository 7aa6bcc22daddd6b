"""A delivery with lines of each fate, and what a release tells of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from openchronic.catalogue import load_tables
from tests.openchronic.build.other_products import FILES, GOOD, NUMBERED
from tests.openchronic.small_delivery import ALICE, Files, Row, chaining, illness, plain, stay

FATES = ("rejected", "duplicates", "regularised", "orphans", "kept")


def reconciled(release: Path) -> dict[str, dict[str, Any]]:
    manifest = json.loads((release / "manifest.json").read_text())
    return {one["table"]: one for one in manifest["reconciliation"]}


def fates(lines: dict[str, Any]) -> dict[str, int]:
    """Returns the outcome of the lines of a table, filters by their names."""
    told = {name: lines[name] for name in FATES if lines[name]}
    return {**told, **lines["filtered"]}


def records(table: str, *cases: dict[str, str]) -> list[Row]:
    """Returns rows of a PMSI table with the values of valid ones, except those in ``cases``."""
    columns = {column.name for column in load_tables()[table.replace("21", "aa")].columns}
    return [{k: v for k, v in (GOOD | case).items() if k in columns} for case in cases]


def hospitals() -> Files:
    """Returns three stays of each product: one to keep, one without a person, one delivered twice; one line is
    unreadable.

    Each chaining file has one line too many.
    """
    files: dict[str, list[Row]] = {}
    for step, (main, *companions) in FILES.items():
        number = NUMBERED[step]
        one, other, more = ({number: n} for n in "123")
        nobody = other | {"NIR_ANO_17": "Q" * 17}
        bad = more | {"AGE_ANN": "x", "EXE_SOI_DTD": "x"}
        files[f"PMSI/{main}.CSV"] = records(main, one, nobody, bad)
        files[f"PMSI/more/{main}.CSV"] = records(main, one, {number: "1", "RHS_NUM": "1"})[:1]
        for name in companions:
            files[f"PMSI/{name}.CSV"] = records(name, one, nobody, {number: "9"})
    return files


def delivery() -> Files:
    own = plain()
    stays = [stay("0000000001"), stay("0000000002", ghm="90Z00Z"), stay("0000000001")]
    links = [chaining(n, ALICE) for n in ("0000000001", "0000000002", "0000000003")]
    ends = [
        {"ETA_NUM": "350000022", "RSA_NUM": n, "ASS_DGN": "E119"}
        for n in ("0000000001", "0000000009")
    ]
    conditions = [
        illness(ALICE, "15/02/2020", "01/01/1600", "E11"),
        illness(ALICE, "15/02/2020", "01/01/1600", "E11", UPD_DTE="16/02/2020"),
        illness(ALICE, "15/02/2020", "01/01/1600", "J44", IMB_ETM_NAT="11"),
    ]
    return {
        **own,
        **hospitals(),
        "IR_IMB_R.CSV": conditions,
        "PMSI/T_MCO21B.CSV": stays,
        "PMSI/T_MCO21C.CSV": links,
        "PMSI/T_MCO21D.CSV": ends,
    }
