"""Every delivered line is kept, or it is known why not: table by table, or nothing is published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openchronic.schema import load_tables
from tests.openchronic.building.test_elsewhere import FILES, GOOD, NUMBERED
from tests.openchronic.front_door import build, built
from tests.openchronic.small_delivery import (
    ALICE,
    Files,
    Row,
    chaining,
    illness,
    plain,
    stay,
    write,
)

FATES = ("rejected", "duplicates", "regularised", "orphans", "kept")


def accounts(release: Path) -> dict[str, dict[str, Any]]:
    manifest = json.loads((release / "manifest.json").read_text())
    return {one["table"]: one for one in manifest["accounts"]}


def fates(account: dict[str, Any]) -> dict[str, int]:
    """What became of the lines of a table, filters by their names."""
    told = {name: account[name] for name in FATES if account[name]}
    return {**told, **account["filtered"]}


def records(table: str, *cases: dict[str, str]) -> list[Row]:
    """Rows of a PMSI table that say what every good one says, but for what ``cases`` say."""
    columns = {column.name for column in load_tables()[table.replace("21", "aa")].columns}
    return [{k: v for k, v in (GOOD | case).items() if k in columns} for case in cases]


def hospitals() -> Files:
    """Three stays of each product: one to keep, one of nobody, one sent twice; one line unreadable.

    Each chaining file holds a line too many.
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


def test_what_became_of_each_line_is_told_by_table(tmp_path: Path) -> None:
    found = accounts(built(write(tmp_path / "snds", delivery()), tmp_path / "releases"))
    for one in found.values():
        assert sum(fates(one).values()) == one["rows"], one
    told = {table: fates(one) for table, one in found.items()}
    assert told == {
        "ER_PRS_F": {"kept": 1},
        "ER_PRS_F (services)": {},
        "ER_PHA_F": {"kept": 1},
        "IR_IMB_R": {"kept": 2, "not_an_ald": 1},
        "T_MCOaaB": {"kept": 1, "duplicates": 1, "error_ghm": 1},
        "T_MCOaaC": {"kept": 2, "orphans": 1},
        "T_MCOaaD": {"kept": 1, "orphans": 1},
        "T_SSRaaB": {"kept": 1, "duplicates": 1, "rejected": 1, "ssr_unknown_beneficiary": 1},
        "T_SSRaaC": {"kept": 2, "orphans": 1},
        "T_HADaaB": {"kept": 1, "duplicates": 1, "rejected": 1, "had_unknown_beneficiary": 1},
        "T_HADaaC": {"kept": 2, "orphans": 1},
        "T_HADaaGRP": {"kept": 2, "orphans": 1},
        "T_RIPaaRSA": {"kept": 1, "duplicates": 1, "rejected": 1, "rip_unknown_beneficiary": 1},
        "T_RIPaaC": {"kept": 2, "orphans": 1},
        "T_MCOaaCSTC": {"kept": 1, "duplicates": 1, "rejected": 1, "ace_unknown_beneficiary": 1},
        "T_SSRaaCSTC": {
            "kept": 1,
            "duplicates": 1,
            "rejected": 1,
            "ssr_ace_unknown_beneficiary": 1,
        },
    }


@pytest.mark.parametrize("table", ["T_SSRaaB", "T_HADaaGRP", "T_MCOaaCSTC", "T_MCOaaD"])
def test_a_table_whose_lines_are_lost_on_the_way_stops_the_build(
    tmp_path: Path, table: str
) -> None:
    lose = f"""
import openchronic.building.elsewhere as elsewhere
import openchronic.building.hospital as hospital
every = hospital.files_of_year
def lost(context, table, year):
    return [] if table == "{table}" else every(context, table, year)
elsewhere.files_of_year = hospital.files_of_year = lost
"""
    told = build(write(tmp_path / "snds", delivery()), tmp_path / "releases", before=lose)
    assert told.status == 1, told.text
    assert "balance_differs" in told.err
    assert not (tmp_path / "releases" / "snds" / "current").exists()


def test_a_chaining_file_of_a_year_without_stays_is_counted(tmp_path: Path) -> None:
    files: Files = {**delivery(), "PMSI/T_SSR20C.CSV": records("T_SSR21C", {"RHA_NUM": "1"})}
    found = accounts(built(write(tmp_path / "snds", files), tmp_path / "releases"))
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
    found = accounts(built(source, tmp_path / "releases"))
    assert fates(found["T_HADaaGRP"]) == {"kept": 1, "orphans": 1}
