"""A state of the PMSI within the year is told on the release that it made, and taken for no more than it holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from openchronic.releases import open_release
from tests.openchronic.build.claim_lines import manifest_of
from tests.openchronic.build.test_lasting_stays import chain, of_year
from tests.openchronic.build.test_public_care import kept_of, public_visits
from tests.openchronic.front_door import build, built, openchronic, rows
from tests.openchronic.small_delivery import ALICE, Files, Row, claim, outpatients, plain, write

WEEKS = """
    RHS_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE | MOR_PRP
    1       | 0               | 11111  | 11    | G811
    2       | 7               | 11111  | 11    | G811
"""
CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"
TABLES = ["T_MCOaaB", "T_MCOaaC", "T_MCOaaD"]
MAY = [{"product": "PMSI MCO", "year": 2021, "month": 5, "tables": TABLES}]
STAY = "SELECT CAST(start_date AS VARCHAR), CAST(end_date AS VARCHAR), flags FROM stay WHERE care_setting = 'ssr'"


def within(files: Files, month: str) -> dict[str, Sequence[Row]]:
    """Returns the files of hospitals of 2021 as they are in a state of that month."""
    return {
        name.replace("21", f"21_{month}", 1) if name.startswith("PMSI/") else name: lines
        for name, lines in files.items()
    }


@pytest.fixture
def of_may(tmp_path: Path, releases: Path) -> Path:
    return built(write(tmp_path / "may", within(plain(), "05")), releases)


def test_a_release_says_of_itself_which_years_are_provisional(of_may: Path, releases: Path) -> None:
    assert manifest_of(of_may)["provisional"] == MAY
    release = open_release(of_may)
    assert release.provisional == ("PMSI MCO 2021-05",)
    assert "provisoire : PMSI MCO 2021-05" in repr(release)
    assert "provisoire, jusqu’au mois dit : PMSI MCO 2021-05" in release._repr_html_()
    told = openchronic("releases", releases).out.splitlines()
    assert f"{release.name} is provisional: PMSI MCO 2021-05" in told
    assert "PMSI MCO 2021 is provisional" in openchronic("info", "--releases", releases).out


def test_a_release_of_whole_years_says_nothing_of_it(plain_base: Path, releases: Path) -> None:
    release = open_release(plain_base)
    assert manifest_of(plain_base)["provisional"] == []
    assert release.provisional == ()
    assert "provisoire" not in repr(release) + release._repr_html_()
    assert "provisional" not in openchronic("releases", releases).out


def test_the_same_lines_as_a_whole_year_are_another_release(
    of_may: Path, tmp_path: Path, releases: Path
) -> None:
    """Files are known by their content: their names must not be passed over where they say a month."""
    answer = build(write(tmp_path / "whole", plain()), releases)
    assert answer.status == 0, answer.text
    now = (releases / "snds" / "current").resolve()
    assert manifest_of(now)["provisional"] == []


@pytest.mark.parametrize(("month", "years"), [("05", []), ("12", [2021])])
def test_nobody_has_a_disease_by_the_stays_of_a_part_of_a_year(
    tmp_path: Path, releases: Path, month: str, years: list[int]
) -> None:
    files = within(plain(), month)
    # Claims of all months: the year lacks nothing but stays.
    more = (
        claim(number, ALICE, care, flux=flux)
        for number, care, flux in (
            (8, "02/01/2021", "01/02/2021"),
            (9, "20/12/2021", "01/01/2022"),
        )
    )
    files[CLAIMS] = [*files[CLAIMS], *more]
    told: dict[str, Any] = manifest_of(built(write(tmp_path / month, files), releases))["diseases"]
    # An acute stroke is a stay of the year itself.
    lacks = {one["definition"]: one["lacks"] for one in told["not_computed"] if one["year"] == 2021}
    assert told["years"]["pulmonary_embolism"] == years
    assert lacks.get("pulmonary_embolism", []) == (
        [] if years else ["stays of 2021 after month 05 (mco)"]
    )


def test_a_stay_goes_on_where_the_state_ends_before_it(tmp_path: Path, releases: Path) -> None:
    late = of_year("21", SSRB=WEEKS, SSRC=chain("17MAY2021:00:00:00"))
    early = of_year("21", SSRB=WEEKS, SSRC=chain("05APR2021:00:00:00"))
    found = {}
    for name, files in {
        "late": within(late, "05"),
        "early": within(early, "05"),
        "whole": late,
    }.items():
        people = {one: lines for one, lines in plain().items() if not one.startswith("PMSI/")}
        release = built(write(tmp_path / name, {**people, **files}), releases / name)
        found[name] = rows(release, STAY)
    assert found == {
        "late": [("2021-05-17", None, "open")],
        "early": [("2021-04-05", "2021-04-18", "end_rebuilt")],
        "whole": [("2021-05-17", "2021-05-30", "end_rebuilt")],
    }


def test_claims_of_public_care_stay_for_the_months_that_the_state_has_not(
    tmp_path: Path, releases: Path
) -> None:
    whole = public_visits("10/03/2021", "10/05/2021") | outpatients("21")
    kept = kept_of(built(write(tmp_path / "april", within(whole, "04")), releases))
    # Of March hospitals tell; of May claims alone.
    assert len(kept) == 4
    assert kept_of(built(write(tmp_path / "whole", whole), releases / "whole")) == []


def test_inspect_and_a_build_say_the_same(tmp_path: Path, releases: Path) -> None:
    source = write(tmp_path / "may", within(plain(), "05"))
    (told,) = json.loads(openchronic("inspect", source, "--json").out)["provisional"]
    assert f"warning: {told}" in build(source, releases).text
