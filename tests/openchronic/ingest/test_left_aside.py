"""Of files beside the tables, and of states within the year, each is told that is left aside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.openchronic.front_door import build, built, rows
from tests.openchronic.ingest.extraction import report
from tests.openchronic.parquet_delivery import all_strings, as_parquet
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    chaining,
    claim,
    pack,
    person,
    stay,
    write,
)

BOB = "B" * 17
PEOPLE = "IR_BEN_R.CSV"


# -- files beside the tables --------------------------------------------------------------------------


def test_files_derived_from_a_table_are_told_and_left_aside(delivery: Path, releases: Path) -> None:
    names = ["IR_BEN_R_backup2.CSV", "IR_BEN_R_uniq.CSV", "ir_ben_r_TMP.csv", "old/IR_BEN_R.CSV"]
    write(delivery, {"IR_BEN_R.CSV": [person(ALICE), person(BOB)]})
    (delivery / "old").mkdir()
    for name in names:
        (delivery / name).write_text("whatever")
    told = report(delivery)
    assert sorted(one.split(":")[0] for one in told["left_aside"]) == names
    answer = build(delivery, releases)
    for name in names:
        assert f"note: {name}: left aside" in answer.text
    assert rows(next((releases / "snds").glob("2*")), "SELECT count(*) FROM patient") == [(2,)]


def test_a_second_part_of_a_table_is_a_part(delivery: Path, releases: Path) -> None:
    write(delivery, {"DCIR_2021/ER_PRS_F_2021_part2.CSV": [claim(2, ALICE, "10/04/2021")]})
    write(delivery, {"DCIR_2021/ER_PHA_F_2021_part2.CSV": [pack(2, METFORMIN)]})
    release = built(delivery, releases)
    assert rows(release, "SELECT count(*) FROM event WHERE event_type = 'drug'") == [(2,)]


def test_the_only_file_of_a_table_that_was_derived_is_named_where_the_table_is_missed(
    delivery: Path, releases: Path
) -> None:
    (delivery / PEOPLE).rename(delivery / "IR_BEN_R_dedup.CSV")
    message = build(delivery, releases).err
    assert "no file of IR_BEN_R" in message
    assert "IR_BEN_R_dedup.CSV: left aside" in message


def test_tables_of_the_pmsi_may_lie_in_folders_by_year(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    parquet = as_parquet(delivery, tmp_path / "parquet", all_strings)
    for folder in ("MCO_B/year=2021", "T_MCO_C/annee=2021", "T_MCOaaD/YEAR=21"):
        letter = folder.split("/")[0][-1].lower()
        target = parquet / folder / "part-0000.parquet"
        target.parent.mkdir(parents=True)
        next(parquet.rglob(f"t_mco21{letter}.parquet")).rename(target)
    told = {one["table"]: one["years"] for one in report(parquet)["tables"]}
    assert told["T_MCOaaB"] == told["T_MCOaaC"] == told["T_MCOaaD"] == [2021]
    release = built(parquet, releases)
    assert rows(release, "SELECT count(*), min(year) FROM stay") == [(1, 2021)]


# -- states within the year ---------------------------------------------------------------------------


def state(month: str, number: str) -> dict[str, list[Any]]:
    """Returns the stay of the plain delivery in the state of a month, under a number of that state."""
    return {
        f"PMSI/T_MCO21{month}B.CSV": [stay(number)],
        f"PMSI/T_MCO21{month}C.CSV": [chaining(number, ALICE)],
    }


def test_a_state_within_the_year_is_read_and_told_as_provisional(
    delivery: Path, releases: Path
) -> None:
    for path in (delivery / "PMSI").iterdir():
        path.unlink()
    write(delivery, state("_05", "0000000007") | state("_04", "0000000003"))
    told = report(delivery)
    assert "PMSI MCO 2021 is provisional: the state of month 05" in told["provisional"][0]
    assert [one.split(":")[0] for one in told["left_aside"]] == [
        "PMSI/T_MCO21_04B.CSV",
        "PMSI/T_MCO21_04C.CSV",
    ]
    answer = build(delivery, releases)
    assert answer.status == 0, answer.text
    assert "warning: PMSI MCO 2021 is provisional" in answer.text
    release = next((releases / "snds").glob("2*"))
    assert rows(release, "SELECT count(*) FROM stay") == [(1,)]


def test_a_state_within_a_year_that_is_there_whole_is_left_aside(
    delivery: Path, releases: Path
) -> None:
    write(delivery, state("_05", "0000000007"))
    told = report(delivery)
    assert told["provisional"] == []
    assert len(told["left_aside"]) == 2
    assert rows(built(delivery, releases), "SELECT count(*) FROM stay") == [(1,)]
