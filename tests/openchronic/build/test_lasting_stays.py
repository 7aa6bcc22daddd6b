"""Stays without a day of exit, and stays that go on from one yearly file to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.catalogue import load_tables
from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.build.other_products import GOOD
from tests.openchronic.build.test_hospital_events import events_of, fates, stays
from tests.openchronic.front_door import rows
from tests.openchronic.small_delivery import Files, Row

STAYS = (
    "SELECT CAST(start_date AS VARCHAR), CAST(end_date AS VARCHAR), end_precision, days, n_records, "
    "flags FROM stay WHERE care_setting <> 'mco' ORDER BY ALL"
)
SAID = {"RHA_NUM": "1", "RHAD_NUM": "1", "RIP_NUM": "1", "DGN_PAL": "", "SEJ_IDT": "1"}
NO_DAY = {"EXE_SOI_DTD": "", "EXE_SOI_DTF": ""}


def of_year(year: str, **tables: str) -> Files:
    """Returns the drawn files of one year by table (``SSRB``); only drawn days are stated."""
    files: dict[str, list[Row]] = {}
    for table, text in tables.items():
        name = f"T_{table[:3]}{{}}{table[3:]}"
        declared = {column.name for column in load_tables()[name.format("aa")].columns}
        files[f"PMSI/{name.format(year)}.CSV"] = [
            {k: v for k, v in (GOOD | SAID | NO_DAY | row).items() if k in declared}
            for row in drawn(text)
        ]
    return files


def chain(entry: str, exit_day: str = ".", **other: str) -> str:
    """Returns the drawn line of a chaining file: the entry, and the exit if it is stated."""
    cells = {"EXE_SOI_DTD": entry, "EXE_SOI_DTF": exit_day} | other
    return f"{' | '.join(cells)}\n{' | '.join(cells.values())}"


# The month of a week is ignored where its day is known.
WEEKS = """
    RHS_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE | MOR_PRP | MOI_ANN
    1       | 0               | 11111  | 11    | G811    | 032015
    2       | 7               | 11111  | 11    | G811    | 112015
    3       | 14              | 11100  | 00    | I639    | 112015
"""
FROM_WEDNESDAY = """
    RHS_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE
    1       | 0               | 00111  | 11
    2       | 5               | 11111  | 00
"""
NUMBERED_WEEKS = """
    RHS_NUM | MOI_ANN | JP_HWE | JP_WE
    1       | 032009  | 00111  | 00
    3       | 032009  | 11000  | 00
"""
WITHOUT_PRESENCE = "RHS_NUM | RHS_ANT_SEJ_ENT\n1 | 0\n2 | 7"
MONTH_OF_EXIT = """
    RHS_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE | MOI_ANN_SOR_SEJ
    1       | 0               | 11111  | 11    | 052015
"""
SUB_SEQUENCES = """
    SEQ_NUM | SSEQ_NUM | SEQ_SEJ_NBJ | SSEQ_SEQ_NBJ | SSEQ_NBJ
    1       | 1        | 0           | 0            | 5
    2       | 1        | 5           | 0            | 14
"""
UNPLACED = """
    SEQ_NUM | SSEQ_NUM | SSEQ_NBJ
    1       | 1        | 5
    2       | 1        | 14
"""
SEQUENCES = """
    SEQ_SEQ_NUM | DEL_DAT | SEQ_COU_NBJ | PRE_JOU_NBJ
    1           | 0       | 10          | 8
    2           | 10      | 30          | 20
"""
PRESENT = """
    SEQ_SEQ_NUM | PRE_JOU_NBJ | SEQ_FIN_MOI | SEQ_FIN_ANN
    1           | 8           | 3           | 2015
    2           | 40          | 4           | 2015
"""
IN_2014 = """
    RHS_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE | MOR_PRP | ENT_MOD
    1       | 0               | 11111  | 11    | G811    | 7
    2       | 56              | 11111  | 11    | G811    | .
"""
IN_2015 = """
    RHA_NUM | RHS_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE | MOR_PRP
    9       | 1       | 56              | 11111  | 11    | G811
    9       | 2       | 63              | 11111  | 11    | G811
    9       | 3       | 413             | 11111  | 11    | I639
"""
IN_2016 = """
    RHA_NUM | RHS_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE | MOR_PRP | SOR_MOD
    5       | 1       | 420             | 11111  | 11    | G811    | .
    5       | 2       | 469             | 11110  | 00    | G811    | 8
"""
ENTERED = "03NOV2014:00:00:00"
HOME_IN_2014 = """
    SEQ_NUM | SSEQ_NUM | SEQ_SEJ_NBJ | SSEQ_SEQ_NBJ | SSEQ_NBJ
    1       | 1        | 0           | 0            | 12
"""
HOME_IN_2015 = """
    RHAD_NUM | SEQ_NUM | SSEQ_NUM | SEQ_SEJ_NBJ | SSEQ_SEQ_NBJ | SSEQ_NBJ | SOR_MOD
    7        | 1       | 1        | 0           | 0            | 15       | .
    7        | 2       | 1        | 15          | 0            | 7        | 8
"""
HOME_ACTS = "RHAD_NUM | SEQ_NUM | SSEQ_NUM | CCAM_COD | DEL_DEB_SSEQ\n7 | 2 | 1 | GLLD017 | 2"
CARED_IN_2014 = "SEQ_SEQ_NUM | DEL_DAT | SEQ_COU_NBJ | PRE_JOU_NBJ\n1 | 0 | 30 | 30"
CARED_IN_2015 = """
    RIP_NUM | SEQ_SEQ_NUM | DEL_DAT | SEQ_COU_NBJ | PRE_JOU_NBJ
    4       | 1           | 30      | 20          | 15
"""
# Each case is a stay of its own, with its expected start, end, precision, days, records, flags.
ENDS: dict[str, tuple[Files, tuple[Any, ...]]] = {
    "weeks": (
        of_year("15", SSRB=WEEKS, SSRC=chain("02MAR2015:00:00:00")),
        ("2015-03-02", "2015-03-18", "day", 17, 3, "end_rebuilt"),
    ),
    "from a wednesday": (
        of_year("15", SSRB=FROM_WEDNESDAY, SSRC=chain("04MAR2015:00:00:00")),
        ("2015-03-04", "2015-03-13", "day", 10, 2, "end_rebuilt"),
    ),
    "weeks by number": (
        of_year("09", SSRB=NUMBERED_WEEKS, SSRC=chain("04MAR2009:00:00:00")),
        ("2009-03-04", "2009-03-17", "day", 5, 2, "end_rebuilt"),
    ),
    "weeks without presence": (
        of_year("15", SSRB=WITHOUT_PRESENCE, SSRC=chain("02MAR2015:00:00:00")),
        ("2015-03-02", "2015-03-15", "week", 0, 2, "end_rebuilt"),
    ),
    "month of exit": (
        of_year("15", SSRB=MONTH_OF_EXIT, SSRC=chain("02MAR2015:00:00:00")),
        ("2015-03-02", "2015-05-01", "month", 7, 1, "end_rebuilt"),
    ),
    "exit before entry": (
        of_year("15", SSRB=WEEKS, SSRC=chain("02MAR2015:00:00:00", "20FEB2015:00:00:00")),
        ("2015-03-02", "2015-03-18", "day", 17, 3, "inverted_dates,end_rebuilt"),
    ),
    "sub-sequences": (
        of_year("15", HADB=SUB_SEQUENCES, HADC=chain("02MAR2015:00:00:00")),
        ("2015-03-02", "2015-03-20", "day", 19, 2, "end_rebuilt"),
    ),
    "sub-sequences without place": (
        of_year("15", HADB=UNPLACED, HADC=chain("02MAR2015:00:00:00")),
        ("2015-03-02", "2015-03-20", "day", 19, 2, "end_rebuilt"),
    ),
    "sub-sequences without entry": (
        of_year("15", HADB=SUB_SEQUENCES, HADC=chain(".", "20MAR2015:00:00:00")),
        ("2015-03-02", "2015-03-20", "day", 19, 2, "start_rebuilt"),
    ),
    "weeks without entry": (
        of_year("15", SSRB=FROM_WEDNESDAY, SSRC=chain(".", "13MAR2015:00:00:00")),
        ("2015-03-04", "2015-03-13", "day", 10, 2, "start_rebuilt"),
    ),
    "sequences": (
        of_year("15", RIPRSA=SEQUENCES, RIPC=chain("02MAR2015:00:00:00")),
        ("2015-03-02", "2015-04-10", "day", 28, 2, "end_rebuilt"),
    ),
    "days of presence": (
        of_year("15", RIPRSA=PRESENT, RIPC=chain("02MAR2015:00:00:00")),
        ("2015-03-02", "2015-04-18", "month", 48, 2, "end_rebuilt"),
    ),
    "three files": (
        {
            **of_year("14", SSRB=IN_2014, SSRC=chain(ENTERED)),
            **of_year("15", SSRB=IN_2015, SSRC=chain(ENTERED, RHA_NUM="9")),
            **of_year("16", SSRB=IN_2016, SSRC=chain(ENTERED, "20FEB2016:00:00:00", RHA_NUM="5")),
        },
        # The week that is in two files counts once.
        ("2014-11-03", "2016-02-20", "day", 39, 7, "several_files"),
    ),
    "two files of home": (
        {
            **of_year("14", HADB=HOME_IN_2014, HADC=chain("20DEC2014:00:00:00")),
            **of_year(
                "15",
                HADB=HOME_IN_2015,
                HADC=chain("20DEC2014:00:00:00", RHAD_NUM="7"),
                HADA=HOME_ACTS,
            ),
        },
        ("2014-12-20", "2015-01-10", "day", 22, 3, "end_rebuilt,several_files"),
    ),
    "two files of psychiatry": (
        {
            **of_year("14", RIPRSA=CARED_IN_2014, RIPC=chain("02DEC2014:00:00:00")),
            **of_year("15", RIPRSA=CARED_IN_2015, RIPC=chain("02DEC2014:00:00:00", RIP_NUM="4")),
        },
        ("2014-12-02", "2015-01-20", "day", 45, 2, "end_rebuilt,several_files"),
    ),
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    return built_together(
        tmp_path_factory.mktemp("stays"), {name: files for name, (files, _) in ENDS.items()}
    )


@pytest.mark.parametrize("case", ENDS)
def test_a_stay_lasts_as_long_as_its_records_say(many: Together, case: str) -> None:
    assert many.rows(case, STAYS) == [ENDS[case][1]]


def test_what_all_files_say_of_a_stay_is_said_once(many: Together) -> None:
    asked = "code, code_role, start_date, end_date, n_source_rows"
    found = events_of(many.of("three files"), "T_SSRaaB", f"event_type, {asked}")
    assert found == [
        ("diagnosis", "G811", "MMP", "2014-11-03", "2016-02-20", 6),
        ("diagnosis", "I639", "MMP", "2014-11-03", "2016-02-20", 1),
        ("stay", "0872A0", None, "2014-11-03", "2016-02-20", 7),
    ]
    assert many.rows("three files", "SELECT count(*) - count(DISTINCT event_id) FROM event") == [
        (0,)
    ]
    said = (
        "SELECT entry_mode, exit_mode, main_diagnosis, year, CAST(known_date AS VARCHAR) FROM stay "
    )
    assert many.rows("three files", said + "WHERE care_setting = 'ssr'") == [
        ("7", "8", "G811", 2016, "2017-07-01")
    ]
    assert set(fates(many.release, "T_SSRaaB")) == {"kept"}


def test_the_records_of_all_files_of_a_stay_are_traced(
    many: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(many.release.parents[1]))
    monkeypatch.setattr(pinning, "_pinned", {})
    asked = "SELECT event_id, n_source_rows FROM event WHERE source_table = 'T_SSRaaB' ORDER BY ALL"
    found = many.rows("three files", asked)
    assert len(found) == 3
    for event_id, rows_said in found:
        assert len(oc.trace(event_id).rows) == rows_said


def test_an_act_of_a_later_file_is_of_its_day(many: Together) -> None:
    asked = "code, start_date, end_date, flags"
    assert events_of(many.of("two files of home"), "T_HADaaA", asked) == [
        ("GLLD017", "2015-01-06", "2015-01-06", None)
    ]


def test_a_stay_that_goes_on_when_the_files_end_has_no_end(tmp_path: Path) -> None:
    weeks = "RHS_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE\n1 | 0 | 11111 | 11\n2 | 56 | 111 | 00"
    files = of_year("14", SSRB=weeks, SSRC=chain(ENTERED))
    release = stays(tmp_path / "open", files)
    assert rows(release, STAYS) == [("2014-11-03", None, None, 10, 2, "open")]
    asked = "SELECT CAST(last_seen_date AS VARCHAR), episode_order FROM stay WHERE flags = 'open'"
    assert rows(release, asked) == [("2015-01-02", 1)]
    said = "SELECT end_date, flags FROM event WHERE event_type = 'stay' AND care_setting = 'ssr'"
    assert rows(release, said) == [(None, "open")]
    ids = "SELECT count(*) - count(event_id) FROM event"
    assert rows(release, ids) == [(0,)]
    # Where the next file is delivered and does not continue the stay, the stay has ended.
    other = of_year("15", SSRB="RHA_NUM\n2", SSRC=chain("02MAR2015:00:00:00", RHA_NUM="2"))
    ended = stays(tmp_path / "ended", {**files, **other})
    assert rows(ended, STAYS)[0] == ("2014-11-03", "2015-01-02", "day", 10, 2, "end_rebuilt")


def test_an_end_of_which_nothing_is_said_is_not_the_first_day(tmp_path: Path) -> None:
    release = stays(tmp_path, of_year("15", HADB="SEQ_NUM\n1", HADC=chain("02MAR2015:00:00:00")))
    assert rows(release, STAYS) == [("2015-03-02", None, None, None, 1, "end_unknown")]
