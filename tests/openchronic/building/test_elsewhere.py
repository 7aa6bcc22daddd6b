"""Rehabilitation, hospital at home, psychiatry and hospital outpatients: which records count."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from openchronic.schema import load_tables
from tests.openchronic.building.drawn_rows import drawn
from tests.openchronic.front_door import build
from tests.openchronic.small_delivery import ALICE, TWINS, Row, person, plain, write

# What every record says unless a drawn cell says otherwise, its number being ``n``.
GOOD = dict.fromkeys(
    ("NIR_RET", "NAI_RET", "SEX_RET", "SEJ_RET", "FHO_RET", "PMS_RET", "DAT_RET", "IAS_RET"), "0"
) | {
    "COH_NAI_RET": "0",
    "COH_SEX_RET": "0",
    "ENT_DAT_RET": "0",
    "NIR_ANO_17": ALICE,
    "ETA_NUM": "350000022",
    "ETA_NUM_EPMSI": "350000022",
    "RHS_NUM": "1",
    "SEQ_NUM": "1",
    "SSEQ_NUM": "1",
    "SEQ_SEQ_NUM": "1",
    "GRG_GME": "0872A0",
    "TYP_GEN_RHA": "0",
    "GHT_NUM": "03",
    "PAP_GRP_GHPC": "0302",
    "DGN_PAL": "I500",
    "EXE_SOI_DTD": "02MAR2021:00:00:00",
    "EXE_SOI_DTF": "05MAR2021:00:00:00",
}
FILES = {
    "ssr": ("T_SSR21B", "T_SSR21C"),
    "had": ("T_HAD21B", "T_HAD21C", "T_HAD21GRP"),
    "rip": ("T_RIP21RSA", "T_RIP21C"),
    "ace": ("T_MCO21CSTC",),
    "ssr_ace": ("T_SSR21CSTC",),
}
NUMBERED = {
    "ssr": "RHA_NUM",
    "had": "RHAD_NUM",
    "rip": "RIP_NUM",
    "ace": "SEQ_NUM",
    "ssr_ace": "SEQ_NUM",
}
# The records that a step left are looked at before the build clears them away.
LOOK = """
import shutil, openchronic.building.pipeline as pipeline
read = pipeline.read_elsewhere
def looked_at(context):
    result = read(context)
    shutil.copytree(context.place.private / "{step}_record", "{target}")
    return result
pipeline.read_elsewhere = looked_at
"""


def check_records(folder: Path, step: str, text: str, *options: str, **more: list[Row]) -> Path:
    """Build the records of a drawn table; assert which are kept, and which filter took each other.

    A cell ``absent`` is a record without its row of the chaining file.
    """
    table = drawn(text)
    key = NUMBERED[step]
    files: dict[str, list[Row]] = {}
    for name in FILES[step]:
        columns = {one.name for one in load_tables()[name.replace("21", "aa")].columns}
        files[f"PMSI/{name}.CSV"] = [
            {k: v for k, v in (GOOD | {key: row["n"]} | row).items() if k in columns}
            for row in table
            if not (name.endswith("C") and row.get("NIR_ANO_17") == "absent")
        ]
        files[f"PMSI/{name}.CSV"] += more.get(name, [])
    people = [
        person(ALICE),
        person(TWINS, 1, identity="T1"),
        person(TWINS, 2, identity="T2"),
        person("F" * 17, BEN_CDI_NIR="11"),
    ]
    source = write(folder / "delivery", {**plain(), **files, "IR_BEN_R.CSV": people})
    before = LOOK.format(step=step, target=folder / "kept")
    told = build(source, folder / "releases", *options, before=before)
    assert told.status == 0, told.text
    found = duckdb.read_parquet(str(folder / "kept" / "*" / "*.parquet")).project(key).fetchall()
    assert sorted(str(one) for (one,) in found) == [r["n"] for r in table if not r["removed_by"]]
    release = (folder / "releases" / "snds" / "current").resolve()
    manifest = json.loads((release / "manifest.json").read_text())
    counted = [one for one in manifest["filters"] if one["step"] == step]
    assert counted[0]["before"] == len(table)
    assert counted[-1]["after"] == len(found)
    assert {one["name"]: one["removed"] for one in counted if one["removed"]} == Counter(
        f"{step}_{row['removed_by']}" for row in table if row["removed_by"]
    )
    return release


PATIENTS = f"""
    n | NIR_ANO_17        | EXE_SOI_DTD        | EXE_SOI_DTF | removed_by
    1 | {ALICE}           | 02MAR2021:00:00:00 | .           | .
    2 | xxxxxxxxxxxxxxxxx | 02MAR2021:00:00:00 | .           | invalid_number
    3 | XXXXXXXXXXXXXXXXD | 02MAR2021:00:00:00 | .           | invalid_number
    4 | .                 | 02MAR2021:00:00:00 | .           | invalid_number
    5 | {TWINS}           | 02MAR2021:00:00:00 | .           | of_twins
    6 | {"F" * 17}        | 02MAR2021:00:00:00 | .           | fictive_number
    7 | {"Q" * 17}        | 02MAR2021:00:00:00 | .           | unknown_beneficiary
    8 | {ALICE}           | .                  | .           | without_date
"""


@pytest.mark.parametrize("step", FILES)
def test_records_of_nobody_or_of_no_day_do_not_count(tmp_path: Path, step: str) -> None:
    check_records(tmp_path, step, PATIENTS)


@pytest.mark.parametrize("step", ["ssr", "had", "rip"])
def test_a_record_without_its_chaining_is_nobody_s(tmp_path: Path, step: str) -> None:
    table = f"""
        n | NIR_ANO_17 | removed_by
        1 | {ALICE}    | .
        2 | absent     | without_chaining
    """
    check_records(tmp_path, step, table)


RETURNS = """
    n | NIR_RET | NAI_RET | SEX_RET | PMS_RET | COH_NAI_RET | removed_by
    1 | 0       | 0       | 0       | 0       | 0           | .
    2 | 1       | 0       | 0       | 0       | 0           | return_codes
    3 | 0       | 9       | 0       | 0       | 0           | return_codes
    4 | 0       | 0       | 2       | 0       | 0           | return_codes
    5 | 0       | 0       | 0       | 0       | .           | .
    6 | .       | .       | .       | .       | .           | .
    7 | 0       | 0       | 0       | 5       | .           | return_codes
    8 | 0       | 0       | 0       | 0       | 1           | return_codes
"""


@pytest.mark.parametrize("step", ["ssr", "had", "rip"])
def test_failed_checks_of_the_chaining_are_left_out_and_missing_ones_not(
    tmp_path: Path, step: str
) -> None:
    check_records(tmp_path, step, RETURNS)


def test_the_five_checks_of_a_published_pipeline_are_a_switch_away(tmp_path: Path) -> None:
    """They do not look at birth date, sex, nor consistency."""
    lines = RETURNS.strip().splitlines()
    for place in (3, 4, 8):
        lines[place] = lines[place].replace("return_codes", ".")
    table = "\n".join(lines).replace("| return_codes", "| return_codes_five")
    switches = ("--with-filter", "had_return_codes_five", "--without-filter", "had_return_codes")
    check_records(tmp_path, "had", table, *switches)


@pytest.mark.parametrize("step", ["ace", "ssr_ace"])
def test_outpatient_visits_have_checks_of_their_own(tmp_path: Path, step: str) -> None:
    table = """
        n | NIR_RET | IAS_RET | ENT_DAT_RET | removed_by
        1 | 0       | 0       | 0           | .
        2 | 0       | 1       | 0           | return_codes
        3 | 0       | 0       | 4           | return_codes
        4 | 0       | .       | .           | .
        5 | 9       | 0       | 0           | return_codes
    """
    check_records(tmp_path, step, table)


def test_weeks_of_rehabilitation_in_error_or_made_otherwise_do_not_count(tmp_path: Path) -> None:
    table = """
        n | GRG_GME | TYP_GEN_RHA | removed_by
        1 | 0872A0  | 0           | .
        2 | 0872A0  | 4           | .
        3 | 0872A0  | 1           | generated_record
        4 | 9001A0  | 0           | error_gme
        5 | 0890A0  | 0           | .
        6 | .       | .           | .
    """
    check_records(tmp_path, "ssr", table)


def test_hospital_at_home_in_error_does_not_count_and_its_groups_multiply_nothing(
    tmp_path: Path,
) -> None:
    """Sub-sequence 1 is grouped twice well, 2 once well and once in error, 6 not at all."""
    table = """
        n | GHT_NUM | PAP_GRP_GHPC | removed_by
        1 | 03      | 0302         | .
        2 | 03      | 0302         | error_ght
        3 | 99      | 0302         | error_ght
        4 | 03      | 9901         | error_ghpc
        5 | 19      | 1992         | .
        6 | .       | .            | .
    """
    group = GOOD | {"GHT_NBJ": "2"}
    columns = {one.name for one in load_tables()["T_HADaaGRP"].columns}
    more: list[Row] = [
        {k: v for k, v in (group | {"RHAD_NUM": n, "GHT_NUM": ght}).items() if k in columns}
        for n, ght in (("1", "04"), ("2", "99"))
    ]
    check_records(tmp_path, "had", table, T_HAD21GRP=more)


DOUBLED = """
    n | ETA_NUM   | hospital       | removed_by
    1 | 750712184 | AP-HP          | .
    2 | 750100042 | AP-HP, a site  | finess_duplicate
    3 | 690781810 | HCL            | .
    4 | 690787460 | HCL, a site    | finess_duplicate
    5 | 130014558 | AP-HM, a site  | .
"""


def test_a_site_is_left_out_only_beside_its_hospital(tmp_path: Path) -> None:
    """AP-HM's juridical number is not there: its site is no repetition."""
    check_records(tmp_path, "ssr", DOUBLED)


def test_outpatient_visits_of_hcl_are_sent_once(tmp_path: Path) -> None:
    table = DOUBLED.replace("HCL, a site    | finess_duplicate", "HCL, a site    | .")
    check_records(tmp_path, "ace", table)


def test_a_record_without_day_is_placed_by_its_month(tmp_path: Path) -> None:
    table = """
        n | EXE_SOI_DTD | EXE_SOI_DTF | MOI_ANN | removed_by
        1 | .           | .           | 032008  | .
        2 | .           | .           | 992008  | without_date
    """
    check_records(tmp_path, "ssr", table)


def test_products_that_are_not_delivered_are_not_counted(delivery: Path, releases: Path) -> None:
    assert build(delivery, releases).status == 0
    manifest = json.loads((releases / "snds" / "current" / "manifest.json").read_text())
    steps = {one["step"] for one in manifest["filters"]}
    assert steps == {"drug", "service", "cost", "stay", "ald"}
