"""Causes of death: those of the certificates that name a person, on the day of death."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.build.test_hospital_events import events, fates, stays
from tests.openchronic.front_door import everything
from tests.openchronic.small_delivery import ALICE, Files, Row, person

ALICES = person(ALICE)["BEN_IDT_ANO"]
CERTIFICATES = f"""
    DCD_IDT_ENC | BEN_IDT_ANO | BEN_DCD_DTE | BEN_DCD_AME | DCD_CIM_COD
    c1          | {ALICES}    | 20/03/2021  | 202103      | I50.0
    c2          | somebody    | 20/03/2021  | 202103      | C349
    c3          | {ALICES}    | .           | .           | C349
    c4          | {ALICES}    | 01/01/1940  | .           | C349
"""
CAUSES = """
    DCD_IDT_ENC | CER_LIG_NUM | ECD_CAU_RNG | ECD_CIM_COD
    c1          | 1           | 1           | I500
    c1          | 1           | 2           | E119
    c1          | 2           | 1           | E11.9
    c2          | 1           | 1           | C349
    c9          | 1           | 1           | C349
"""


def certified(certificates: str = CERTIFICATES, causes: str = CAUSES) -> Files:
    texts = {"KI_CCI_R.CSV": certificates, "KI_ECD_R.CSV": causes}
    return {name: list[Row](drawn(text)) for name, text in texts.items()}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stays(tmp_path_factory.mktemp("certified"), certified())


def test_causes_are_events_of_the_day_of_the_death(release: Path) -> None:
    asked = "event_type, vocabulary, code, code_role, start_date, known_date, n_source_rows"
    day, known = "2021-03-20", "2025-10-01"
    found = [row for row in events(release, "KI_CCI_R", asked) if row[0] != "death"]
    assert found == [("death_cause", "CIM10", "I500", "initial", day, known, 1)]
    assert events(release, "KI_ECD_R", asked) == [
        ("death_cause", "CIM10", "E119", "associated", day, known, 2),
        ("death_cause", "CIM10", "I500", "associated", day, known, 1),
    ]


def test_a_certificate_of_nobody_of_no_day_or_before_birth_makes_no_event(release: Path) -> None:
    assert fates(release, "KI_CCI_R") == {
        "kept": 1,
        "certificate_of_nobody": 1,
        "certificate_without_date": 1,
        "death_before_birth": 1,
    }
    assert fates(release, "KI_ECD_R") == {"kept": 3, "certificate_of_nobody": 1, "orphans": 1}


def test_a_certificate_without_day_is_of_the_end_of_its_month(tmp_path: Path) -> None:
    one = certified(CERTIFICATES.replace("20/03/2021", ". "))
    release = stays(tmp_path, {"KI_CCI_R.CSV": one["KI_CCI_R.CSV"]})
    asked = "code, start_date, date_precision"
    found = [row for row in events(release, "KI_CCI_R", asked) if row[0]]
    assert found == [("I500", "2021-03-31", "month")]


def test_a_certificate_sent_twice_counts_once_and_row_order_changes_nothing(
    tmp_path: Path, release: Path
) -> None:
    files = certified()
    twice: Files = {name: [*one, one[0]] for name, one in files.items()}
    turned: Files = {name: list(reversed(one)) for name, one in twice.items()}
    one = stays(tmp_path / "one", twice)
    assert fates(one, "KI_CCI_R")["duplicates"] == fates(one, "KI_ECD_R")["duplicates"] == 1
    assert everything(one) == everything(stays(tmp_path / "other", turned))
    # The release of each of them once needs a build of its own.
    assert everything(one) == everything(release)
