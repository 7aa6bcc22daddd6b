"""Acts, tests, devices and hospital drugs: typed from either product, each line joined to its claim or counted."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.catalogue import load_tables
from openchronic.ingest.naming import identify
from tests.openchronic.build.test_simplified import CLAIMS, PACKS, SIMPLE_CLAIMS, simple
from tests.openchronic.front_door import build, built, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    Files,
    Row,
    claim,
    key,
    pack,
    plain,
    write,
)

FLUXES = ("01/04/2021", "01/05/2021")
# The values of a line besides its key, under names that both products have.
LINES = {
    "CAM": {"CAM_PRS_IDE": "DEQP003", "CAM_ACT_COD": "1", "CAM_TRT_PHA": "0"},
    "BIO": {"BIO_PRS_IDE": "1577", "BIO_ACT_QSN": "1"},
    "TIP": {"TIP_PRS_IDE": "1130220", "TIP_ACT_QSN": "4", "TIP_ACL_DTD": "10/03/2021"},
    "UCD": {"UCD_UCD_COD": "0000009261098", "UCD_DLV_NBR": "2", "UCD_TOP_UCD": "0"},
}
# The views of the details are read in the months of each claim.
LOOK = """
from itertools import count
from openchronic.engines.duck import Duck
scratch, number = Duck.scratch, count()
def looked_at(self, name, query):
    scratch(self, name, query)
    if name == "claim":
        chunk = next(number)
        for one in ("cam", "bio", "tip", "ucd"):
            self.connection.execute(
                f"COPY (SELECT * FROM er_{one}_f) TO '{folder}/{one}{chunk}.parquet'"
            )
Duck.scratch = looked_at
"""


def detail(name: str, number: int, *, flux: str = FLUXES[0], order: int = 1) -> Row:
    """Returns a line of ER_CAM_F, ER_BIO_F, ER_TIP_F or ER_UCD_F."""
    return {**key(number, flux), f"{name}_ORD_NUM": str(order), **LINES[name]}


def simple_detail(name: str, number: int, *, flux: str = FLUXES[0], order: int = 1) -> Row:
    """Returns the same line in the simplified product."""
    return {
        "CLE_DCI_JNT": str(number),
        "FLX_DIS_DTD": flux,
        f"{name}_SEQ_NUM": str(order),
        "BEN_IDT_ANO": f"{ALICE}1",
        "EXE_SOI_DTD": "10/03/2021",
        **LINES[name],
    }


def counted(releases: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((releases / "snds/current/manifest.json").read_text())
    return manifest


def of_claims(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in manifest["details"] if one["to"].endswith("_PRS_F")]


def both(tmp_path: Path) -> tuple[Path, Path]:
    """Returns deliveries of both products: two claims, each with a line of every detail, and an orphan."""
    claims: list[Row] = [
        claim(number, ALICE, "10/03/2021", flux=flux) for number, flux in enumerate(FLUXES, start=1)
    ]
    full: dict[str, list[Row]] = {CLAIMS: claims, PACKS: [pack(1, METFORMIN)]}
    lines: list[Row] = [simple(one) for one in claims]
    simplified = {SIMPLE_CLAIMS: lines}
    for name in LINES:
        cases = [(1, FLUXES[0]), (2, FLUXES[1]), (9, FLUXES[1])]
        full[f"ER_{name}_F_2021.CSV"] = [detail(name, n, flux=flux) for n, flux in cases]
        simplified[f"ns_{name}_f_part1_2021.csv"] = [
            simple_detail(name, n, flux=flux) for n, flux in cases
        ]
    rest = {name: rows for name, rows in plain().items() if not name.startswith("DCIR")}
    return (
        write(tmp_path / "dcir", {**plain(), **full}),
        write(tmp_path / "dcirs", {**rest, **simplified}),
    )


@dataclass(frozen=True)
class Built:
    """The results of the delivery of a product: its releases, and the tables of the later steps."""

    releases: Path
    seen: Path


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Both deliveries, built; by the prefix of their table names."""
    folder = tmp_path_factory.mktemp("products")
    found = {}
    for source, product in zip(both(folder), ("ER", "NS"), strict=True):
        one = Built(folder / f"from_{source.name}", folder / f"seen_{source.name}")
        one.seen.mkdir()
        told = build(source, one.releases, before=LOOK.replace("{folder}", str(one.seen)))
        assert told.status == 0, told.text
        found[product] = one
    return found


def test_a_line_without_its_claim_is_counted_whatever_the_product(
    products: dict[str, Built],
) -> None:
    for product, one in products.items():
        manifest = counted(one.releases)
        assert of_claims(manifest) == [
            {
                "table": f"{product}_{name}_F",
                "to": f"{product}_PRS_F",
                "lines": 3,
                "orphans": 1,
            }
            for name in sorted(LINES)
        ]
        for name in LINES:
            assert manifest["rows_read"][f"{product}_{name}_F"] == {"rows": 3, "kept": 3}
        filtered = {told["table"]: told["filtered"] for told in manifest["reconciliation"]}
        for name in LINES:
            (reason,) = filtered[f"{product}_{name}_F"].items()
            assert reason[0].endswith(".orphan")
            assert reason[1] == 1


def test_the_steps_that_follow_see_one_table_whatever_the_product(
    products: dict[str, Built],
) -> None:
    full, simplified = (
        {name: duckdb.read_parquet(f"{one.seen}/{name.lower()}*.parquet") for name in LINES}
        for one in products.values()
    )
    for name, said in LINES.items():
        declared = [column.name for column in load_tables()[f"ER_{name}_F"].columns]
        same = ", ".join(["FLX_DIS_DTD", "DCT_ORD_NUM", f"{name}_ORD_NUM", *said])
        both_rows = [one[name].project(same).order(same).fetchall() for one in (full, simplified)]
        assert both_rows[0] == both_rows[1]
        assert len(both_rows[0]) == 3
        assert set(simplified[name].columns) == {*declared, "file_year"}
        assert (
            simplified[name].types == full[name].project(", ".join(simplified[name].columns)).types
        )


def test_a_month_that_only_a_detail_has_is_counted_too(tmp_path: Path) -> None:
    files: Files = {**plain(), "ER_BIO_F_2021.CSV": [detail("BIO", 1, flux="01/09/2021")]}
    built(write(tmp_path / "snds", files), tmp_path / "releases")
    assert [one["orphans"] for one in of_claims(counted(tmp_path / "releases"))] == [1]


def test_a_line_delivered_twice_is_one_line_and_an_unreadable_one_a_reject(tmp_path: Path) -> None:
    files: Files = {
        **plain(),
        "ER_CAM_F_2021.CSV": [detail("CAM", 1), detail("CAM", 1, order=2)],
        "more/ER_CAM_F_2021.CSV": [
            detail("CAM", 1, order=2),
            {**detail("CAM", 1, order=3), "CAM_TRT_PHA": "x"},
        ],
    }
    built(write(tmp_path / "snds", files), tmp_path / "releases")
    manifest = counted(tmp_path / "releases")
    assert [(one["lines"], one["orphans"]) for one in of_claims(manifest)] == [(2, 0)]
    assert manifest["duplicates"] == {"ER_CAM_F": 1}
    assert manifest["rows_read"]["ER_CAM_F"] == {"rows": 4, "kept": 3}
    assert [(one["table"], one["column"], one["lines"]) for one in manifest["rejects"]] == [
        ("ER_CAM_F", "CAM_TRT_PHA", 1)
    ]


def test_a_claim_in_the_files_of_two_years_is_one_claim(tmp_path: Path) -> None:
    lines = {number: claim(number, ALICE, f"1{number}/03/2021") for number in (1, 2, 3)}
    files: Files = {
        **plain(),
        CLAIMS: [lines[1], lines[2]],
        "DCIR_2022/ER_PRS_F_2022.CSV": [lines[1], lines[3]],
        PACKS: [pack(1, METFORMIN, 2)],
        "DCIR_2022/ER_PHA_F_2022.CSV": [pack(1, METFORMIN, 2), pack(3, METFORMIN)],
    }
    release = built(write(tmp_path / "snds", files), tmp_path / "releases")
    assert counted(tmp_path / "releases")["duplicates"] == {"ER_PRS_F": 1, "ER_PHA_F": 1}
    days = "SELECT day(start_date), quantity FROM {} ORDER BY 1"
    assert rows(release, days.format("cost")) == [(11, 1), (12, 1), (13, 1)]
    drugs = days.format("event WHERE event_type = 'drug'")
    assert rows(release, drugs) == [(11, 2), (13, 1)]


def test_lines_that_a_build_loses_on_the_way_stop_it(tmp_path: Path) -> None:
    source, _ = both(tmp_path)
    lose = (
        "import openchronic.build.instances as instances\n"
        "every = instances.files_of_months\n"
        "def lost(reading, chunk):\n"
        "    is_detail = reading and reading.name[3:6] in ('CAM', 'BIO', 'TIP', 'UCD')\n"
        "    return every(reading, list(chunk)[:1] if is_detail else chunk)\n"
        "instances.files_of_months = lost\n"
    )
    told = build(source, tmp_path / "releases", before=lose)
    assert told.status == 1, told.text
    assert re.search(r"every line of ER_(CAM|BIO|TIP|UCD)_F is kept", told.err)


def test_every_declared_table_is_read_and_served(
    synthetic: Path, synthetic_releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(synthetic_releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    read = counted(synthetic_releases)["rows_read"]
    delivered = {
        identified[0] for path in synthetic.rglob("*.CSV") if (identified := identify(path.name))
    }
    assert set(read) == delivered
    assert len(read) > 40
    for name, lines in read.items():
        found = oc.source(name)
        assert found.aggregate("count(*)").fetchall() == [(lines["kept"],)]
        assert lines["kept"] == lines["rows"] > 0
        assert found.columns[: len(load_tables()[name].columns)] == [
            column.name for column in load_tables()[name].columns
        ]


def test_a_list_of_facilities_that_stays_the_same_is_there_for_each_year(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"ETA_NUM": "350000022", "ETB_EXE_FIN": "35000002"}
    files: Files = {**plain(), "PMSI/T_MCO20E.CSV": [row], "PMSI/T_MCO21E.CSV": [row]}
    built(write(tmp_path / "snds", files), tmp_path / "releases")
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(tmp_path / "releases"))
    monkeypatch.setattr(pinning, "_pinned", {})
    years = oc.source("T_MCOaaE").project("file_year").order("file_year").fetchall()
    assert years == [(2020,), (2021,)]
