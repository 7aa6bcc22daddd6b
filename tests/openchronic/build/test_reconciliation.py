"""Reconciliation of lines: every delivered line is kept or has a reason, by table; otherwise nothing is published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from openchronic.build.reference_tables import Role, looked_up
from openchronic.catalogue import load_tables
from openchronic.releases import open_release
from tests.openchronic.build.reconciled_lines import delivery, fates, reconciled, records
from tests.openchronic.front_door import build, built, openchronic
from tests.openchronic.small_delivery import (
    ALICE,
    Files,
    Row,
    chaining,
    claim,
    person,
    plain,
    stay,
    write,
)


@pytest.fixture(scope="module")
def reconciled_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The releases of a base built from that delivery."""
    folder = tmp_path_factory.mktemp("reconciliation")
    built(write(folder / "snds", delivery()), folder / "releases")
    return folder / "releases"


def test_what_became_of_each_line_is_told_by_table(reconciled_releases: Path) -> None:
    found = reconciled(reconciled_releases / "snds" / "current")
    for one in found.values():
        assert sum(fates(one).values()) == one["rows"], one
    told = {table: fates(one) for table, one in found.items() if not one["role"]}
    # Reference tables for people and drugs make no row, and are listed too.
    others = {table: (one["role"], one["kept"]) for table, one in found.items() if one["role"]}
    assert others == {"IR_BEN_R": ("people", 1), "IR_PHA_R": ("looked up", 2)}
    assert told == {
        "ER_PRS_F": {"kept": 1},
        "ER_PRS_F (services)": {},
        "ER_PHA_F": {"kept": 1},
        "IR_IMB_R": {"kept": 2, "ald.not_an_ald": 1},
        "T_MCOaaB": {"kept": 1, "duplicates": 1, "stay.error_ghm": 1},
        "T_MCOaaC": {"kept": 2, "orphans": 1},
        "T_MCOaaD": {"kept": 1, "orphans": 1},
        "T_SSRaaB": {"kept": 1, "duplicates": 1, "rejected": 1, "ssr.unknown_beneficiary": 1},
        "T_SSRaaC": {"kept": 2, "orphans": 1},
        "T_HADaaB": {"kept": 1, "duplicates": 1, "rejected": 1, "had.unknown_beneficiary": 1},
        "T_HADaaC": {"kept": 2, "orphans": 1},
        "T_HADaaGRP": {"kept": 2, "orphans": 1},
        "T_RIPaaRSA": {"kept": 1, "duplicates": 1, "rejected": 1, "rip.unknown_beneficiary": 1},
        "T_RIPaaC": {"kept": 2, "orphans": 1},
        "T_MCOaaCSTC": {"kept": 1, "duplicates": 1, "rejected": 1, "ace.unknown_beneficiary": 1},
        "T_SSRaaCSTC": {
            "kept": 1,
            "duplicates": 1,
            "rejected": 1,
            "ssr_ace.unknown_beneficiary": 1,
        },
    }


@pytest.mark.parametrize("table", ["T_SSRaaB", "T_HADaaGRP", "T_MCOaaCSTC", "T_MCOaaD"])
def test_a_table_whose_lines_are_lost_on_the_way_stops_the_build(
    tmp_path: Path, table: str
) -> None:
    lose = f"""
import openchronic.build.instances as instances
every = instances.files_of_year
instances.files_of_year = lambda reading, year: (
    [] if reading and reading.name == "{table}" else every(reading, year)
)
"""
    told = build(write(tmp_path / "snds", delivery()), tmp_path / "releases", before=lose)
    assert told.status == 1, told.text
    assert "balance_differs" in told.err
    assert not (tmp_path / "releases" / "snds" / "current").exists()


def test_a_chaining_file_of_a_year_without_stays_is_counted(tmp_path: Path) -> None:
    files: Files = {**delivery(), "PMSI/T_SSR20C.CSV": records("T_SSR21C", {"RHA_NUM": "1"})}
    found = reconciled(built(write(tmp_path / "snds", files), tmp_path / "releases"))
    assert fates(found["T_SSRaaC"]) == {"kept": 2, "orphans": 2}


def test_before_stays_had_sequences_their_groups_lead_to_them(tmp_path: Path) -> None:
    groups: list[Row] = [
        {"ETA_NUM_EPMSI": "350000022", "RHAD_NUM": n, "SSEQ_NUM": "1", "GHT_NUM": "03"}
        for n in ("1", "9")
    ]
    old = [{**row, "SEQ_NUM": ""} for row in records("T_HAD21B", {"RHAD_NUM": "1"})]
    files: Files = {**plain(), "PMSI/T_HAD09B.CSV": old, "PMSI/T_HAD09GRP.CSV": groups}
    source = write(tmp_path / "snds", files)
    for path in source.glob("PMSI/T_HAD09*.CSV"):
        path.write_text(path.read_text().replace(";SEQ_NUM;", ";NOT_YET;"))
    found = reconciled(built(source, tmp_path / "releases"))
    assert fates(found["T_HADaaGRP"]) == {"kept": 1, "orphans": 1}


def test_a_table_that_nothing_tells_of_stops_the_build(delivery: Path, releases: Path) -> None:
    forget = "import openchronic.build.reconciliation as a\na.looked_up = lambda readings: []\n"
    told = build(delivery, releases, before=forget)
    assert told.status == 1, told.text
    assert "every table that was read is reconciled, once" in told.err


def test_details_of_what_was_not_delivered_are_told_as_unused(tmp_path: Path) -> None:
    files: Files = {
        **{name: rows for name, rows in plain().items() if not name.startswith("PMSI")},
        "PMSI/T_SSR21D.CSV": records("T_SSR21D", {"RHA_NUM": "1", "DGN_COD": "I10"}),
        "PMSI/T_MCO21C.CSV": [chaining("0000000001", ALICE)],
        "IR_BEN_R_ARC.CSV": [person("B" * 17)],
    }
    found = reconciled(built(write(tmp_path / "snds", files), tmp_path / "releases"))
    roles = {table: one["role"] for table, one in found.items() if one["role"]}
    assert roles == {
        "IR_BEN_R": "people",
        "IR_BEN_R_ARC": "people",
        "IR_PHA_R": "looked up",
        "T_MCOaaC": "unused",
        "T_SSRaaD": "unused",
    }


def test_every_table_that_can_be_delivered_is_reconciled_releases() -> None:
    """A step makes rows of each table and counts them, or the table has a reason for being read."""
    alone = {one.table for name in load_tables() for one in looked_up({name})}
    made = {
        *("ER_PRS_F", "NS_PRS_F", "NS_PHA_F", "NS_CAM_F", "NS_BIO_F", "NS_TIP_F", "NS_UCD_F"),
        "NS_TRS_F",
        *("IR_IMB_R", "KI_CCI_R", "KI_ECD_R", "T_MCOaaB", "T_MCOaaA", "T_MCOaaUM", "T_MCOaaMED"),
        *(
            "T_MCOaaFH",
            "T_MCOaaFB",
            "T_MCOaaVALO",
            "T_MCOaaCSTC",
            "T_SSRaaB",
            "T_SSRaaCSTC",
            "T_HADaaB",
        ),
        "T_RIPaaRSA",
    }
    assert alone | made == set(load_tables())
    assert not alone & made
    every = looked_up(load_tables()) + [one for name in load_tables() for one in looked_up({name})]
    assert {one.role for one in every} == set(get_args(Role))


def test_every_euro_is_kept_or_it_is_known_why_not(tmp_path: Path) -> None:
    nobody = person("F" * 17, BEN_CDI_NIR="01")
    one = claim(7, ALICE, "02/03/2021", PRS_PAI_MNT="20.05", BSE_REM_MNT="7.00")
    back = claim(8, ALICE, "02/03/2021", PRS_PAI_MNT="-3.02", BSE_REM_MNT="-1.00", PRS_ACT_QTE="-1")
    hers = claim(9, "F" * 17, "02/03/2021", PRS_PAI_MNT="4.01", BSE_REM_MNT="2.00")
    files: Files = {
        **plain(),
        "IR_BEN_R.CSV": [person(ALICE), nobody],
        "DCIR_2021/ER_PRS_F_2021.CSV": [one, one, back, hers],
        "PMSI/T_MCO21B.CSV": [stay("0000000001"), stay("0000000002", ghm="90Z00Z")],
        "PMSI/T_MCO21C.CSV": [chaining(n, ALICE) for n in ("0000000001", "0000000002")],
        "PMSI/T_MCO21VALO.CSV": [
            {"ETA_NUM": "350000022", "RSA_NUM": f"000000000{n}", "MNT_TOT_AM": f"{n}00.10"}
            for n in "12239"
        ],
    }
    release = built(write(tmp_path / "snds", files), tmp_path / "releases")
    told = json.loads((release / "manifest.json").read_text())["euros"]
    assert told == [
        {
            "table": "ER_PRS_F",
            "column": "PRS_PAI_MNT",
            "amount": "billed",
            "source": "41.09",
            "duplicates": "20.05",
            "filtered": {"cost.fictive_number": "4.01"},
            "kept": "17.03",
        },
        {
            "table": "ER_PRS_F",
            "column": "BSE_REM_MNT",
            "amount": "reimbursed",
            "source": "15.00",
            "duplicates": "7.00",
            "filtered": {"cost.fictive_number": "2.00"},
            "kept": "6.00",
        },
        {
            "table": "T_MCOaaVALO",
            "column": "MNT_TOT_AM",
            "amount": "reimbursed",
            "source": "1700.50",
            "duplicates": "200.10",
            "filtered": {"stay.error_ghm": "200.10", "orphan": "1200.20"},
            "kept": "100.10",
        },
    ]


def test_money_that_is_lost_on_the_way_stops_the_build(tmp_path: Path) -> None:
    lose = """
import openchronic.models.query as query
every = query.sql
query.sql = lambda name: every(name).replace("PRS_PAI_MNT AS billed", "PRS_PAI_MNT - 1 AS billed")
"""
    told = build(write(tmp_path / "snds", plain()), tmp_path / "releases", before=lose)
    assert told.status == 1, told.text
    assert "every euro of ER_PRS_F.PRS_PAI_MNT is in cost" in told.err


def test_the_reconciliation_of_a_release_is_printed_and_given(reconciled_releases: Path) -> None:
    release = (reconciled_releases / "snds" / "current").resolve()
    told = openchronic(
        "info", "--reconciliation", "--releases", reconciled_releases, env={"COLUMNS": "160"}
    )
    assert told.status == 0, told.text
    lines = [line.split() for line in told.out.splitlines()]
    assert ["T_MCOaaB", "3", ".", "1", "1", ".", ".", "1"] in lines
    assert ["T_MCOaaB", "stay.error_ghm", "1"] in lines
    assert ["ER_PRS_F.PRS_PAI_MNT", "billed", "10.50", "0.00", "0.00", "10.50", "0.00"] in lines
    assert any(line[:3] == ["IR_PHA_R", "2", "."] for line in lines)
    assert "each is accounted for" in told.out
    given = {one.table: one for one in open_release(release).balance()}
    assert given["T_MCOaaB"].filtered == {"stay.error_ghm": 1}
    assert all(one.accounted == one.rows for one in given.values())


def test_a_release_of_before_the_reconciliation_is_shown_as_not_reconciled(
    plain_base: Path, releases: Path
) -> None:
    path = plain_base / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["reconciliation"], manifest["euros"]
    path.chmod(0o644)
    path.write_text(json.dumps(manifest))
    told = openchronic("info", "--reconciliation", "--releases", releases)
    assert told.status == 0, told.text
    assert "not reconciled" in told.out
