"""Days of acute stays: entry or exit is derived from the other and the nights; contradictions are flagged."""

from __future__ import annotations

import pytest

from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.small_delivery import ALICE, Files, chaining, stay

# One stay per row: its delivered cells, then the expected ones.
DRAWN = """
    what                | EXE_SOI_DTD | EXE_SOI_DTF | SEJ_NBJ | SOR_MOI | GRG_GHM | from       | to         | precision | end_precision | flags
    both days           | 10MAR2021   | 14MAR2021   | 4       | 3       | 05M092  | 2021-03-10 | 2021-03-14 | day       | day           | .
    no entry            | .           | 23MAR2021   | 3       | 3       | 05M092  | 2021-03-20 | 2021-03-23 | day       | day           | start_rebuilt
    no exit             | 10MAR2021   | .           | 20      | 3       | 05M092  | 2021-03-10 | 2021-03-30 | day       | day           | end_rebuilt
    no exit, no month   | 10MAR2021   | .           | 20      | .       | 05M092  | 2021-03-10 | 2021-03-30 | day       | day           | end_rebuilt
    the same day        | 10MAR2021   | .           | 0       | 3       | 05M092  | 2021-03-10 | 2021-03-10 | day       | day           | end_rebuilt
    no day              | .           | .           | 3       | 3       | 05M092  | 2021-02-26 | 2021-03-01 | month     | month         | .
    no nights           | 10FEB2021   | .           | .       | 3       | 05M092  | 2021-02-10 | 2021-03-01 | day       | month         | .
    sessions            | .           | 23MAR2021   | .       | 3       | 28Z04Z  | 2021-03-01 | 2021-03-23 | month     | day           | .
    swapped             | 14MAR2021   | 10MAR2021   | 4       | 3       | 05M092  | 2021-03-10 | 2021-03-14 | day       | day           | inverted_dates
    wrong entry         | 14SEP2021   | 10MAR2021   | 4       | 3       | 05M092  | 2021-03-06 | 2021-03-10 | day       | day           | inverted_dates
    wrong exit          | 10MAR2021   | 14JAN2021   | 4       | 3       | 05M092  | 2021-03-10 | 2021-03-14 | day       | day           | inverted_dates
    wrong, nobody knows | 10MAR2021   | 14JAN2021   | .       | .       | 05M092  | 2021-03-10 | 2021-03-10 | day       | month         | inverted_dates
    nothing of the exit | 10MAR2021   | .           | .       | .       | 05M092  | 2021-03-10 | .          | day       | .             | end_unknown
"""
NUMBER = "0000000001"
CASES = drawn(DRAWN)


def delivered(row: dict[str, str]) -> Files:
    days = {name: f"{row[name]}:00:00:00" for name in ("EXE_SOI_DTD", "EXE_SOI_DTF") if row[name]}
    told = {name: row[name] for name in ("SEJ_NBJ", "SOR_MOI", "GRG_GHM")}
    none = {"EXE_SOI_DTD": "", "EXE_SOI_DTF": ""}
    return {
        "PMSI/T_MCO21B.CSV": [stay(NUMBER) | told],
        "PMSI/T_MCO21C.CSV": [chaining(NUMBER, ALICE) | none | days],
    }


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    files = {row["what"]: delivered(row) for row in CASES}
    return built_together(tmp_path_factory.mktemp("nights"), files)


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["what"])
def test_entry_and_exit_are_those_that_nights_speak_for(
    many: Together, row: dict[str, str]
) -> None:
    asked = (
        "SELECT CAST(start_date AS VARCHAR), CAST(end_date AS VARCHAR), date_precision, "
        "end_precision, flags FROM stay"
    )
    wanted = tuple(
        row[name] or None for name in ("from", "to", "precision", "end_precision", "flags")
    )
    assert many.rows(row["what"], asked) == [wanted]
    said = "SELECT flags FROM event WHERE event_type IN ('stay', 'session')"
    assert many.rows(row["what"], said) == [(row["flags"] or None,)]
