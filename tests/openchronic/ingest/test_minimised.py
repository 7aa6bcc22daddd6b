"""Extractions made for a project: few columns, numbers of their own, and derived tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from openchronic.catalogue import load_tables
from openchronic.errors import SourceError
from openchronic.ingest.columns import NOTHING, cost, indispensable
from openchronic.ingest.judging import judge
from tests.openchronic.front_door import built, openchronic, rows
from tests.openchronic.parquet_delivery import all_strings, as_parquet
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    chaining,
    claim,
    pack,
    person,
    plain,
    stay,
    write,
)

BOB = "B" * 17
PEOPLE, CLAIMS = "IR_BEN_R.CSV", "DCIR_2021/ER_PRS_F_2021.CSV"


def without(path: Path, *columns: str) -> None:
    """Removes columns from a file."""
    header, *lines = [line.split(";") for line in path.read_text().splitlines()]
    kept = [place for place, name in enumerate(header) if name not in columns]
    assert len(kept) + len(columns) == len(header), path
    text = "\n".join(";".join(line[place] for place in kept) for line in [header, *lines])
    path.write_text(text + "\n")


def report(source: Path, status: int = 0) -> dict[str, Any]:
    answer = openchronic("inspect", source, "--json")
    assert answer.status == status, answer.text
    told: dict[str, Any] = json.loads(answer.out)
    return told


# -- columns that no rule needs -----------------------------------------------------------------------


# All columns that a minimised extraction may lack, at once.
LESS = {
    "DCIR_2021/ER_PHA_F_2021.CSV": ("PHA_ORD_NUM",),
    CLAIMS: ("DPN_QLF", "PRS_DPN_QLP", "BEN_CDI_NIR"),
    "PMSI/T_MCO21B.CSV": ("GRG_GHM", "SOR_MOD", "SEJ_TYP"),
    "PMSI/T_MCO21C.CSV": ("EXE_SOI_DTD", "EXE_SOI_DTF", "RNG_NAI", "RNG_BEN"),
    PEOPLE: ("BEN_NAI_ANN", "BEN_SEX_COD", "BEN_DCD_DTE", "BEN_IDT_ANO", "BEN_IDT_TOP"),
    "IR_IMB_R.CSV": ("IMB_ALD_DTF",),
    "IR_PHA_R.CSV": ("PHA_ATC_CLA",),
}
RANKS = dict.fromkeys((CLAIMS, PEOPLE, "IR_IMB_R.CSV"), ("BEN_RNG_GEM",))


@pytest.mark.parametrize(
    "less",
    [
        pytest.param(LESS, id="minimised"),
        pytest.param({"PMSI/T_MCO21C.CSV": ("ENT_DAT", "SOR_DAT")}, id="the other dates"),
        pytest.param({CLAIMS: ("BEN_RNG_GEM",)}, id="claims without ranks"),
        pytest.param({PEOPLE: ("BEN_RNG_GEM",)}, id="a referential without ranks"),
        pytest.param(RANKS, id="no rank anywhere"),
    ],
)
def test_a_column_that_no_rule_needs_keeps_no_release_from_being_built(
    delivery: Path, releases: Path, less: dict[str, tuple[str, ...]]
) -> None:
    dates = {"ENT_DAT": "02032021", "SOR_DAT": "05032021"}
    write(delivery, {"PMSI/T_MCO21C.CSV": [{**plain()["PMSI/T_MCO21C.CSV"][0], **dates}]})
    for file, columns in less.items():
        without(delivery / file, *columns)
    release = built(delivery, releases)
    made = dict(rows(release, "SELECT event_type, count(*) FROM event GROUP BY event_type"))
    assert (made["drug"], made["stay"], made["ald"]) == (1, 1, 1)
    assert rows(release, "SELECT min(start_date)::VARCHAR FROM stay") == [("2021-03-02",)]


def test_what_each_missing_column_costs_is_told_before_and_while_a_release_is_built(
    delivery: Path, releases: Path
) -> None:
    without(delivery / "DCIR_2021/ER_PHA_F_2021.CSV", "PHA_ORD_NUM", "PHA_DEC_PRU")
    told = next(one for one in report(delivery)["tables"] if one["table"] == "ER_PHA_F")
    assert told["missing_columns"] == ["PHA_DEC_PRU", "PHA_ORD_NUM"]
    assert "delivered twice" in told["without_columns"]["PHA_ORD_NUM"]
    assert told["without_columns"]["PHA_DEC_PRU"] == NOTHING
    shown = openchronic("inspect", delivery).out
    assert "ER_PHA_F without PHA_ORD_NUM: equal lines cannot be told" in shown
    assert "ER_PHA_F without PHA_DEC_PRU: nothing is lost, no rule reads them" in shown
    said = openchronic("build", delivery, releases).text
    assert "note: ER_PHA_F has no PHA_ORD_NUM: equal lines cannot be told" in said
    assert "PHA_DEC_PRU" not in said


def test_every_column_that_a_rule_reads_has_a_cost_in_words() -> None:
    for table in load_tables().values():
        for column in table.columns:
            told = cost(column, ())
            assert told
            assert (told == NOTHING) is not column.read


def test_a_column_without_which_a_table_says_nothing_is_named_with_what_to_do(
    delivery: Path, releases: Path
) -> None:
    without(delivery / "DCIR_2021/ER_PHA_F_2021.CSV", "PHA_PRS_C13", "PHA_PRS_IDE")
    message = openchronic("build", delivery, releases).err
    assert "required column of ER_PHA_F missing: PHA_PRS_C13 or PHA_PRS_IDE" in message
    assert "leave the file out of the delivery" in message
    write(delivery, plain())
    without(delivery / "DCIR_2021/ER_PHA_F_2021.CSV", "PHA_PRS_C13")
    built(delivery, releases)


def one_column_less(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yields each column of a file of each table in turn; the file is then without it."""
    for table in load_tables().values():
        name = table.patterns[0].replace("{yyyy}", "2021").replace("{aa}", "21").replace("*", "9")
        write(folder, {name: []})
        whole = (folder / name).read_text()
        for column in table.columns:
            without(folder / name, column.name)
            yield table.name, column.name, name
            (folder / name).write_text(whole)
        (folder / name).unlink()


def test_inspecting_and_building_agree_on_each_column_taken_away(tmp_path: Path) -> None:
    people, claims = "IR_BEN_R.CSV", "ER_PRS_F_2021.CSV"
    source = tmp_path / "delivery"
    for table, column, name in one_column_less(source):
        others = {people: [person(ALICE)], claims: [claim(1, ALICE, "10/03/2021")]}
        if table == "NS_PRS_F":
            others.pop(claims)
        if table == "IR_IBA_R":
            others = {"NS_PRS_F_2021.CSV": []}
        write(source, {one: lines for one, lines in others.items() if one != name})
        judgement = judge(source)
        declared = load_tables()[table]
        there = [one.name for one in declared.columns if one.name != column]
        refused = bool(indispensable(declared, there, None if declared.period == "none" else 2021))
        aside = table in judgement.left
        assert judgement.buildable is (not refused or aside), (table, column)
        if judgement.buildable:
            judgement.reads()
        else:
            with pytest.raises(SourceError, match=column):
                judgement.reads()
        for one in others:
            (source / one).unlink(missing_ok=True)


@pytest.mark.parametrize("column", ["BEN_NIR_PSA", "MAX_TRT_DTD"])
def test_the_commands_agree_on_a_column_of_the_referential(
    delivery: Path, releases: Path, column: str
) -> None:
    without(delivery / PEOPLE, column)
    buildable = report(delivery, status=int(column == "BEN_NIR_PSA"))["buildable"]
    assert (openchronic("build", delivery, releases).status == 0) is buildable


# -- identities in an extraction with numbers of its own ----------------------------------------------


def renumbered(folder: Path, *, passage: str = "", lines: tuple[str, ...] = ()) -> Path:
    """Writes Bob twice, under two numbers, as an extraction has him; and a table of passage."""
    write(
        folder,
        {
            PEOPLE: [person(ALICE), person(BOB, MAX_TRT_DTD="01/01/2020"), person("C" * 17)],
            CLAIMS: [claim(1, ALICE, "10/03/2021"), claim(2, BOB, "11/03/2021"), claim(3, "C" * 17, "12/03/2021")],
            "DCIR_2021/ER_PHA_F_2021.CSV": [pack(n, METFORMIN) for n in (1, 2, 3)],
            "PMSI/T_MCO21B.CSV": [stay("0000000001")],
            "PMSI/T_MCO21C.CSV": [chaining("0000000001", "C" * 17)],
        },
    )  # fmt: skip
    without(folder / PEOPLE, "BEN_IDT_ANO", "BEN_NIR_ANO", "BEN_IDT_TOP")
    for path in folder.rglob("*.CSV"):
        text = path.read_text().replace("BEN_NIR_PSA", "NUM_ENQ").replace("NIR_ANO_17", "NUM_ENQ")
        path.write_text(text)
    if passage:
        (folder / passage).parent.mkdir(parents=True, exist_ok=True)
        (folder / passage).write_text("\n".join(lines) + "\n")
    return folder


PASSAGE = (
    "NUM_ENQ;NUM_ENQ_ANO;BEN_RNG_GEM",
    f"{ALICE};ANO{ALICE[3:]};1",
    f"{BOB};ANO{BOB[3:]};1",
    f"{'C' * 17};ANO{BOB[3:]};1",
)


def test_persons_of_an_extraction_are_those_of_its_table_of_passage(
    tmp_path: Path, releases: Path
) -> None:
    source = tmp_path
    for name in ("PATIENTS_ETUDE_ENQ_IDT.csv", "cohorte.txt", "REF/table_de_passage_2021.CSV"):
        source = renumbered(tmp_path / Path(name).stem, passage=name, lines=PASSAGE)
        told = report(source)
        assert any(f"table of passage {name}" in one for one in told["notes"])
        assert name not in told["unknown"]
    release = built(source, releases)
    assert rows(release, "SELECT count(*) FROM patient") == [(2,)]
    query = (
        "SELECT event_type, count(*) FROM event WHERE event_type IN ('drug', 'stay') GROUP BY ALL"
    )
    whose = "SELECT count(DISTINCT subject_id) FROM event WHERE event_type IN ('stay', 'drug')"
    assert sorted(rows(release, query)) == [("drug", 3), ("stay", 1)]
    assert rows(release, whose) == [(2,)]
    assert rows(release, "SELECT count(*) FROM patient WHERE has_own_number") == [(2,)]


def test_a_passage_in_parquet_with_columns_of_the_study_and_no_rank_is_read_too(
    tmp_path: Path, releases: Path
) -> None:
    source = renumbered(tmp_path / "delivery")
    lines = [line.split(";") for line in PASSAGE]
    values = ", ".join(f"('{number}', '{own}', 'cas')" for number, own, _ in lines[1:])
    target = source / "appariement.parquet"
    written = duckdb.sql(f"VALUES {values}")
    assert written is not None
    lines_of_study = written.project("col0 AS NUM_ENQ, col1 AS NUM_ENQ_IDT, col2 AS groupe")
    lines_of_study.write_parquet(str(target))
    assert rows(built(source, releases), "SELECT count(*) FROM patient") == [(2,)]


def test_without_a_table_of_passage_each_pair_is_a_person_and_that_is_told(
    tmp_path: Path, releases: Path
) -> None:
    source = renumbered(tmp_path / "delivery")
    said = "each pair of number and rank is a person"
    assert said in openchronic("inspect", source).out
    answer = openchronic("build", source, releases)
    assert answer.status == 0, answer.text
    assert said in answer.text
    release = next((releases / "snds").glob("2*"))
    assert rows(release, "SELECT count(*) FROM patient") == [(3,)]


def test_another_table_with_numbers_of_persons_is_no_table_of_passage(
    delivery: Path,
) -> None:
    write(delivery, {"IR_BEN_R.CSV": [person(ALICE)]})
    (delivery / "IR_ORC_R.CSV").write_text("BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_CTA_TYP\n")
    (delivery / "IR_MAT_R.CSV").write_text(
        "BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO;BEN_GRS_DTE\n"
    )
    (delivery / "schemes.csv").write_text("NUM_ENQ;NUM_ENQ_ANO;ORG_AFF_BEN\n")
    told = report(delivery)
    assert told["unknown"] == ["schemes.csv"]
    assert told["not_read_yet"] == ["IR_MAT_R.CSV", "IR_ORC_R.CSV"]


# -- files beside the tables --------------------------------------------------------------------------


def test_files_derived_from_a_table_are_told_and_left_aside(delivery: Path, releases: Path) -> None:
    names = ["IR_BEN_R_backup2.CSV", "IR_BEN_R_uniq.CSV", "ir_ben_r_TMP.csv", "old/IR_BEN_R.CSV"]
    write(delivery, {"IR_BEN_R.CSV": [person(ALICE), person(BOB)]})
    (delivery / "old").mkdir()
    for name in names:
        (delivery / name).write_text("whatever")
    told = report(delivery)
    assert sorted(one.split(":")[0] for one in told["left_aside"]) == names
    answer = openchronic("build", delivery, releases)
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
    message = openchronic("build", delivery, releases).err
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
    answer = openchronic("build", delivery, releases)
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
