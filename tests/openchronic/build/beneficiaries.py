"""Small sets of beneficiaries, their release, and its identity report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import Files, Row, plain, write

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
STAYS, CHAINING = "PMSI/T_MCO21B.CSV", "PMSI/T_MCO21C.CSV"
BOB = "B" * 17
LAST, BEFORE = {"MAX_TRT_DTD": "01/06/2021"}, {"MAX_TRT_DTD": "01/06/2020"}
OWN = {"BEN_IDT_TOP": "1"}


def case(people: list[Row], **files: list[Row]) -> Files:
    """Returns these beneficiaries, and other files by their names."""
    names = {"claims": CLAIMS, "packs": PACKS, "stays": STAYS, "chaining": CHAINING}
    return {"IR_BEN_R.CSV": people, **{names[name]: one for name, one in files.items()}}


def known(tmp_path: Path, people: list[Row], **files: list[Row]) -> Path:
    """Builds the plain delivery with these beneficiaries and files."""
    delivery = write(tmp_path / "delivery", {**plain(), **case(people, **files)})
    return built(delivery, tmp_path / "releases")


def told(release: Path) -> dict[str, Any]:
    """Returns the identity report, without zeros."""
    identity = json.loads((release / "manifest.json").read_text())["identity"]
    return {name: number for name, number in identity.items() if number}


def one(release: Path, columns: str) -> tuple[Any, ...]:
    """Returns some columns of the only patient."""
    (row,) = rows(release, f"SELECT {columns} FROM patient")  # noqa: S608
    return row
