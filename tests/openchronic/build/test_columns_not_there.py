"""No line is lost for a missing or empty column: every filter is on, and none removes anything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from openchronic.catalogue import load_tables
from openchronic.ingest.naming import identify
from openchronic.models.filters.filter import Filter, load_filters
from tests.openchronic.build.claim_lines import DOCTOR, LINES, delivery, line
from tests.openchronic.build.other_products import FILES, GOOD, NUMBERED
from tests.openchronic.front_door import built
from tests.openchronic.made_once import made_once
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    Row,
    claim,
    facility,
    pack,
    plain,
    without,
    write,
)

FILTERS = load_filters()
# Without one of these columns a line has no person, day or code, and the filter says so.
NEEDED = {name for one in FILTERS if not one.without.startswith("kept:") for name in one.reads}
SWITCHES = [word for one in FILTERS if not one.on for word in ("--with-filter", one.name)]


def everything() -> Mapping[str, list[Row]]:
    """Returns one line of every table that a filter judges, which no filter removes."""
    claims = [claim(1, ALICE, "10/03/2021") | DOCTOR | {"BSE_PRS_NAT": "1111", "RGM_COD": "110"}]
    places = [facility(1, ETE_IND_TAA="2", ETE_MCO_DDP="Z")]
    details = [pack(1, METFORMIN), *(line(table, 1) for table in LINES)]
    files = {**plain(), **delivery(claims, details, places)}
    paid = {"ETA_NUM": "350000022", "RSA_NUM": "0000000001", "MNT_TOT_AM": "10", "FLAG_FIDES": "0"}
    files["PMSI/T_MCO21VALO.CSV"] = [paid]
    for step, names in FILES.items():
        for name in names:
            columns = {one.name for one in load_tables()[name.replace("21", "aa")].columns}
            row = GOOD | {NUMBERED[step]: "00001"}
            files[f"PMSI/{name}.CSV"] = [{k: v for k, v in row.items() if k in columns}]
    return files


def optional(path: Path) -> Iterator[str]:
    """Yields the columns of a file that deliveries may lack: those that filters and sums read."""
    identified = identify(path.name)
    assert identified is not None
    for column in load_tables()[identified[0]].columns:
        if not column.required and column.name not in NEEDED:
            yield column.name


@pytest.fixture(scope="module", params=["absent", "empty"])
def manifest(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The manifest of a release made without these columns, with all filters on."""

    def make(folder: Path) -> None:
        files = everything()
        if request.param == "empty":
            files = {
                name: [
                    {k: v for k, v in row.items() if k not in {*optional(Path(name))}}
                    for row in rows
                ]
                for name, rows in files.items()
            }
        source = write(folder / "delivery", files)
        if request.param == "absent":
            for path in source.rglob("*.CSV"):
                without(path, {*optional(path)})
        built(source, folder / "releases", *SWITCHES, "--buckets", 1)

    made = made_once(tmp_path_factory, f"columns_{request.param}", make)
    manifest: dict[str, Any] = json.loads(
        (made / "releases/snds/current/manifest.json").read_text()
    )
    return manifest


@pytest.mark.parametrize("one", FILTERS, ids=lambda one: one.name)
def test_a_filter_removes_nothing_for_a_column_that_is_not_there(
    manifest: dict[str, Any], one: Filter
) -> None:
    (removed,) = [each["removed"] for each in manifest["filters"] if each["name"] == one.name]
    assert removed == 0


def test_every_line_is_in_the_release(manifest: dict[str, Any]) -> None:
    """No sum drops any line either: a line without a quantity counts as one."""
    # A group without the number of its sequence belongs to a stay, and to no sequence.
    told = [
        one
        for one in manifest["reconciliation"]
        if not one["role"] and one["table"] != "T_HADaaGRP"
    ]
    assert len(told) > 15
    for one in told:
        assert one["kept"] == one["rows"], one
    assert manifest["regularised"]["lines"] == 0
