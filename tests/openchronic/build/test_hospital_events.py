"""Events of the detail lines of stays: diagnoses of units, acts, costly drugs, each with its stay."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.build.drawn_rows import Ask, drawn
from tests.openchronic.front_door import build, built, everything, rows
from tests.openchronic.small_delivery import ALICE, Files, Row, chaining, plain, stay, write

COLUMNS = "event_type, vocabulary, code, code_role, quantity, start_date, end_date, n_source_rows"
EVERY = "SELECT {}, source_table FROM event ORDER BY ALL"
ACTS, UNITS, PUBLIC, PRIVATE = (f"PMSI/T_MCO21{name}.CSV" for name in ("A", "UM", "MED", "FH"))


def lines(text: str) -> list[dict[str, str]]:
    """Returns drawn lines of Alice's stay, unless they have another number in ``RSA_NUM``."""
    own = {"ETA_NUM": "350000022", "RSA_NUM": "0000000001"}
    return [own | row for row in drawn(text)]


def events_of(ask: Ask, table: str, columns: str = COLUMNS) -> list[tuple[Any, ...]]:
    """Returns the events of one table, dates as text, in order."""
    found = ask(EVERY.format(columns))
    told = [tuple(str(one) if isinstance(one, date) else one for one in row) for row in found]
    return [row[:-1] for row in told if row[-1] == table]


def events(release: Path, table: str, columns: str = COLUMNS) -> list[tuple[Any, ...]]:
    return events_of(partial(rows, release), table, columns)


def fates(release: Path, table: str) -> dict[str, int]:
    """Returns the outcome of the lines of a table."""
    told = json.loads((release / "manifest.json").read_text())["reconciliation"]
    (one,) = [one for one in told if one["table"] == table]
    named = ("rejected", "duplicates", "regularised", "orphans", "kept")
    found: dict[str, int] = {name: one[name] for name in named if one[name]} | one["filtered"]
    assert sum(found.values()) == one["rows"]
    return found


def stays(folder: Path, files: Files) -> Path:
    """Builds the plain delivery with more files."""
    return built(write(folder / "delivery", {**plain(), **files}), folder / "releases")


# The input of one build: each case is a stay of its own.
CASES: dict[str, Files] = {
    "days": {
        ACTS: lines("""
            CDC_ACT     | ACV_ACT | PHA_ACT | NBR_EXE_ACT | ENT_DAT_DEL
            DZQM006     | 1       | 0       | 1           | 1
            DEQP003-01  | 4       | 0       | 2           | 0
            eqqp008     | .       | .       | .           | 3
        """)
    },
    "no day": {
        ACTS: lines("""
            CDC_ACT | ACV_ACT | PHA_ACT | NBR_EXE_ACT | ENT_DAT_DEL
            DZQM006 | 1       | 0       | 1           | .
            DEQP003 | 1       | 0       | 1           | 4
            EQQP008 | 1       | 0       | 1           | 999
            YYYY001 | 1       | 0       | 1           | -1
        """)
    },
    "sums": {
        ACTS: lines("""
            CDC_ACT | ACV_ACT | PHA_ACT | NBR_EXE_ACT | ENT_DAT_DEL
            DZQM006 | 1       | 0       | 1           | 1
            DZQM006 | 1       | 0       | 2           | 1
            DZQM006 | 1       | 0       | 1           | 2
            DZQM006 | 4       | 0       | 1           | 1
        """)
    },
    "units": {
        UNITS: lines("""
            UM_ORD_NUM | DGN_PAL | DGN_REL
            1          | I50.0   | .
            2          | J18.9   | E119
            3          | J189    | .
            4          | .       | .
        """)
    },
    "drugs": {
        PUBLIC: lines("""
            UCD_UCD_COD   | ADM_NBR | DELAI
            3400892065366 | 2.5     | 1
            3400892065366 | 1       | 1
            3400892065373 | 3       | .
        """),
        PRIVATE: lines("""
            UCD_UCD_COD | QUA_COD | DEL_DAT_ENT
            9206536     | 4       | 2
        """),
    },
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    return built_together(tmp_path_factory.mktemp("stays"), CASES)


def test_an_act_is_of_its_day_and_says_activity_and_phase(many: Together) -> None:
    assert events_of(many.of("days"), "T_MCOaaA") == [
        ("procedure", "CCAM", "DEQP003", "4/0", 2.0, "2021-03-02", "2021-03-02", 1),
        ("procedure", "CCAM", "DZQM006", "1/0", 1.0, "2021-03-03", "2021-03-03", 1),
        ("procedure", "CCAM", "EQQP008", "-/-", None, "2021-03-05", "2021-03-05", 1),
    ]
    same = (
        "SELECT DISTINCT event.stay_id = stay.stay_id, event.known_date = stay.known_date, "
        "event.facility_id, event.care_setting FROM event, stay WHERE event_type = 'procedure'"
    )
    assert many.rows("days", same) == [(True, True, many.facility("days"), "mco")]


def test_an_act_of_no_day_or_of_a_day_outside_its_stay_spans_the_stay(many: Together) -> None:
    found = events_of(
        many.of("no day"), "T_MCOaaA", "code, start_date, end_date, date_precision, flags"
    )
    span = ("2021-03-02", "2021-03-05", "day")
    assert found == [
        ("DEQP003", *span, "outside_stay"),
        ("DZQM006", *span, None),
        ("EQQP008", *span, "outside_stay"),
        ("YYYY001", *span, "outside_stay"),
    ]


def test_lines_that_say_the_same_are_one_event_with_their_sum(many: Together) -> None:
    found = events_of(many.of("sums"), "T_MCOaaA", "code_role, start_date, quantity, n_source_rows")
    assert found == [
        ("1/0", "2021-03-03", 3.0, 2),
        ("1/0", "2021-03-04", 1.0, 1),
        ("4/0", "2021-03-03", 1.0, 1),
    ]
    # No line of any case is lost.
    assert fates(many.release, "T_MCOaaA") == {"kept": 11}


def test_a_unit_has_diagnoses_of_roles_of_their_own(many: Together) -> None:
    span = ("2021-03-02", "2021-03-05")
    assert events_of(many.of("units"), "T_MCOaaUM") == [
        ("diagnosis", "CIM10", "E119", "DR_UM", None, *span, 1),
        ("diagnosis", "CIM10", "I500", "DP_UM", None, *span, 1),
        ("diagnosis", "CIM10", "J189", "DP_UM", None, *span, 2),
    ]
    # The diagnoses of the stay itself are unchanged.
    own = "SELECT code, code_role FROM event WHERE code_role IN ('DP', 'DR', 'DAS') ORDER BY ALL"
    assert many.rows("units", own) == [("E119", "DAS"), ("I500", "DP")]
    assert fates(many.release, "T_MCOaaUM") == {"kept": 3, "without_code": 1}


def test_costly_drugs_of_public_and_private_hospitals_are_events(many: Together) -> None:
    drug = ("hospital_drug", "UCD")
    assert events_of(many.of("drugs"), "T_MCOaaMED") == [
        (*drug, "9206536", "on_top", 3.5, "2021-03-03", "2021-03-03", 2),
        (*drug, "9206537", "on_top", 3.0, "2021-03-02", "2021-03-05", 1),
    ]
    assert events_of(many.of("drugs"), "T_MCOaaFH") == [
        (*drug, "9206536", "on_top", 4.0, "2021-03-04", "2021-03-04", 1),
    ]


HUNG: dict[str, tuple[str, dict[str, str]]] = {
    "T_MCOaaA": (ACTS, {"CDC_ACT": "DZQM006"}),
    "T_MCOaaUM": (UNITS, {"UM_ORD_NUM": "1", "DGN_PAL": "I500"}),
    "T_MCOaaMED": (PUBLIC, {"UCD_UCD_COD": "3400892065366", "ADM_NBR": "1"}),
    "T_MCOaaFH": (PRIVATE, {"UCD_UCD_COD": "9206536", "QUA_COD": "1"}),
}


def four_stays(name: str, line: dict[str, str]) -> Files:
    """Returns a line of each of four stays: one to keep, one in error, one without a person, one not delivered."""
    numbers = [f"000000000{n}" for n in (1, 2, 3, 4)]
    own = {"ETA_NUM": "350000022"}
    return {
        "PMSI/T_MCO21B.CSV": [stay(numbers[0]), stay(numbers[1], ghm="90Z00Z"), stay(numbers[2])],
        "PMSI/T_MCO21C.CSV": [
            chaining(numbers[0], ALICE),
            chaining(numbers[1], ALICE),
            chaining(numbers[2], "x" * 17),
        ],
        name: [own | {"RSA_NUM": number} | line for number in numbers],
    }


@pytest.mark.parametrize("table", HUNG)
def test_a_stay_takes_its_lines_along_and_a_line_of_no_stay_is_an_orphan(
    tmp_path: Path, table: str
) -> None:
    release = stays(tmp_path, four_stays(*HUNG[table]))
    assert len(events(release, table)) == 1
    told = {"kept": 1, "stay.error_ghm": 1, "stay.invalid_patient_number": 1, "orphans": 1}
    assert fates(release, table) == told
    leads = json.loads((release / "manifest.json").read_text())["details"]
    assert {"table": table, "to": "T_MCOaaB", "lines": 4, "orphans": 1} in leads


@pytest.mark.parametrize("table", HUNG)
def test_lines_lost_on_the_way_stop_the_build(tmp_path: Path, table: str) -> None:
    delivery = write(tmp_path / "delivery", {**plain(), **four_stays(*HUNG[table])})
    lose = f"""
import openchronic.build.instances as instances
every = instances.files_of_year
instances.files_of_year = lambda reading, year: (
    [] if reading and reading.name == "{table}" else every(reading, year)
)
"""
    told = build(delivery, tmp_path / "releases", before=lose)
    assert told.status == 1, told.text
    assert "balance_differs" in told.err


def test_events_lost_on_the_way_stop_the_build(tmp_path: Path) -> None:
    delivery = write(tmp_path / "delivery", {**plain(), **four_stays(*HUNG["T_MCOaaA"])})
    # The release has another folder than the one to which the events of hospitals were written by
    # bucket.
    lose = (
        "from openchronic.engines.duck import Duck\n"
        "dealt = Duck.files_of_buckets\n"
        "Duck.files_of_buckets = lambda self, folder, buckets: (\n"
        "    [] if folder.name == 'hospital_event' else dealt(self, folder, buckets)\n"
        ")"
    )
    told = build(delivery, tmp_path / "releases", before=lose)
    assert told.status == 1, told.text
    assert "every event that T_MCOaaA made is in the release" in told.err


def test_a_year_of_lines_without_stays_is_a_year_of_orphans(tmp_path: Path) -> None:
    release = stays(tmp_path, {"PMSI/T_MCO19A.CSV": lines("CDC_ACT\nDZQM006")})
    assert fates(release, "T_MCOaaA") == {"orphans": 1}
    assert events(release, "T_MCOaaA") == []


def shuffled(files: dict[str, Sequence[Row]]) -> Files:
    return {name: list(reversed(one)) for name, one in files.items()}


def test_row_order_changes_nothing(tmp_path: Path) -> None:
    files: dict[str, Sequence[Row]] = {}
    for name, line in HUNG.values():
        files |= four_stays(name, line)
    files[ACTS] = [*files[ACTS], *lines("CDC_ACT | NBR_EXE_ACT\nDZQM006 | 2\nDZQM006 | 3")]
    one = stays(tmp_path / "one", files)
    other = stays(tmp_path / "other", shuffled(files))
    assert everything(one) == everything(other)


def test_events_that_were_there_before_keep_their_names(
    tmp_path: Path, plain_releases: Path
) -> None:
    named = "SELECT event_id FROM event WHERE source_table NOT IN ('T_MCOaaA', 'T_MCOaaUM')"
    before = rows(plain_releases / "snds" / "current", f"{named} ORDER BY ALL")
    more = {name: [dict(line) | lines("n\n1")[0]] for name, line in list(HUNG.values())[:2]}
    after = rows(stays(tmp_path / "after", more), f"{named} ORDER BY ALL")
    assert before == after
