"""The plain delivery gives known events, under identifiers that stay the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.openchronic.build.case_files import case
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import METFORMIN, Row, plain, write

FLUX, MARCH = date(2021, 4, 1), date(2021, 3, 10)


def deliver(tmp_path: Path, **files: list[Row]) -> Path:
    """Builds the plain delivery with some files replaced."""
    return built(write(tmp_path / "delivery", {**plain(), **case(**files)}), tmp_path / "releases")


def test_the_plain_delivery_gives_these_events_and_no_others(plain_releases: Path) -> None:
    release = plain_releases / "snds" / "current"
    born, opened = date(1950, 5, 1), date(2020, 2, 15)
    came, left, sealed = date(2021, 3, 2), date(2021, 3, 5), date(2022, 7, 1)
    events = rows(
        release,
        "SELECT start_date, end_date, known_date, order_in_day, event_type, vocabulary, code, "
        "code_role, quantity, date_precision, source_table, n_source_rows, flags FROM event",
    )
    # There is one subject: the order of the file is the order of the pathway.
    assert events == [
        (born, born, born, 1, "birth", None, None, None, None, "month", "IR_BEN_R", 1, None),
        (
            opened,
            None,
            opened,
            1,
            "ald",
            "CIM10",
            "E11",
            "listed",
            None,
            "day",
            "IR_IMB_R",
            1,
            "open",
        ),
        (came, left, sealed, 1, "stay", "GHM", "05M092", None, 3, "day", "T_MCOaaB", 1, None),
        (
            came,
            left,
            sealed,
            2,
            "diagnosis",
            "CIM10",
            "E119",
            "DAS",
            None,
            "day",
            "T_MCOaaD",
            1,
            None,
        ),
        (
            came,
            left,
            sealed,
            3,
            "diagnosis",
            "CIM10",
            "I500",
            "DP",
            None,
            "day",
            "T_MCOaaB",
            1,
            None,
        ),
        (
            MARCH,
            MARCH,
            FLUX,
            1,
            "drug",
            "CIP13",
            METFORMIN,
            "dispensed",
            2,
            "day",
            "ER_PHA_F",
            1,
            None,
        ),
    ]
    assert rows(
        release,
        "SELECT vocabulary, code, label, parent_vocabulary, parent_code "
        "FROM code WHERE vocabulary = 'CIP13'",
    ) == [("CIP13", METFORMIN, "METFORMINE", "ATC", "A10BA02")]
    assert rows(
        release,
        "SELECT birth_date, sex, death_date, residence_department, scheme, is_twin FROM patient",
    ) == [(born, "F", None, "35", "01C", False)]
    assert rows(release, "SELECT ald_number, icd10, start_date, end_date, kind FROM ald") == [
        (8, "E11", opened, None, "listed")
    ]
    assert rows(release, "SELECT billed, reimbursed, service_code FROM cost")[0][2] == "3303"


def test_identifiers_are_numbers_that_r_holds_and_stay_the_same(tmp_path: Path) -> None:
    release = deliver(tmp_path)
    # Computed by hand: SHA-256 of key|subject|identity, its first 53 bits.
    assert rows(release, "SELECT DISTINCT subject_id < 9007199254740992 FROM event") == [(True,)]
    again = built(tmp_path / "delivery", tmp_path / "other")
    query = "SELECT subject_id, event_id FROM event"
    assert rows(release, query) == rows(again, query)
    key = tmp_path / "key"
    key.write_text("k" * 64)
    keyed = built(tmp_path / "delivery", tmp_path / "keyed", "--key", key)
    assert not set(rows(release, query)) & set(rows(keyed, query))
