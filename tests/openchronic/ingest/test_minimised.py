"""Extractions made for a project: the columns that they may lack, and what each costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openchronic.catalogue import load_tables
from openchronic.errors import SourceError
from openchronic.ingest.columns import NOTHING, cost, indispensable
from openchronic.ingest.judging import judge
from tests.openchronic.front_door import build, built, openchronic, rows
from tests.openchronic.ingest.extraction import report, without
from tests.openchronic.small_delivery import ALICE, claim, person, plain, write

PEOPLE, CLAIMS = "IR_BEN_R.CSV", "DCIR_2021/ER_PRS_F_2021.CSV"
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
    said = build(delivery, releases).text
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
    message = build(delivery, releases).err
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
    assert (build(delivery, releases).status == 0) is buildable
