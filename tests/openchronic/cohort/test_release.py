"""Cohorts of a release in a session: files and Python agree, sets and matching keep their laws, recipes are kept."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.cohort import Cohort
from openchronic.cohort.rows import digest_of
from openchronic.diseases import load_library
from openchronic.errors import OpenChronicError
from openchronic.models.cohorts import DISEASE
from openchronic.models.query import query_of
from openchronic.quality.disease_trial import evaluated
from tests.openchronic.front_door import openchronic

TOML = """
name = "diabete"
[index]
from = "diabetes"
on = "onset"
between = [2016-01-01, 2018-12-31]
[follow]
until = "death or end_of_observation or 365 days"
[[step]]
observed_before = 30
[[step]]
ages = [40, 130]
[[step]]
without = { definition = "heart_failure", days = [-730, -1] }
[[step]]
with = { events = { type = "visit" }, days = [-365, 0], at_least = 2 }
"""


@pytest.fixture(autouse=True)
def session(many_releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(many_releases))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(pinning, "_pinned", {})
    yield
    # The next test has its own releases.
    oc.api.duck.shared.cache_clear()


def plan() -> Any:
    return (
        oc.onset("diabetes")
        .between("2016-01-01", "2018-12-31")
        .observed(before=30)
        .aged(40)
        .without(oc.disease("heart_failure"), (-730, -1))
        .count(oc.events("visit"), (-365, 0), at_least=2)
        .follow("death or end_of_observation or 365 days")
        .named("diabete")
    )


def subjects(cohort: Cohort) -> set[int]:
    return {row[1] for row in cohort.rows.fetchall()}


def test_a_file_python_and_words_give_the_same_rows(tmp_path: Path) -> None:
    file = tmp_path / "diabete.toml"
    file.write_text(TOML)
    steps = [
        {"observed_before": 30},
        {"ages": [40.0, 130.0]},
        {"without": {"definition": "heart_failure", "days": [-730, -1]}},
        {"with": {"events": {"type": "visit"}, "days": [-365, 0], "at_least": 2}},
    ]
    told: dict[str, Any] = {
        "between": ["2016-01-01", "2018-12-31"],
        "steps": steps,
        "name": "diabete",
    }
    every = [
        oc.cohort(str(file)),
        oc.cohort(plan()),
        oc.cohort("diabetes", on="onset", follow="death or end_of_observation or 365 days", **told),
    ]
    assert len({digest_of(one.rows.fetchall()) for one in every}) == 1
    assert len({digest_of(one.steps.fetchall()) for one in every}) == 1
    assert every[0].n_periods > 5
    removed = [row[5] for row in every[0].steps.fetchall()]
    assert sum(one > 0 for one in removed) >= 2, removed


def test_a_file_that_a_windows_editor_saved_is_read(tmp_path: Path) -> None:
    file = tmp_path / "d\u00e9but \u00e9t\u00e9.toml"
    file.write_bytes(b"\xef\xbb\xbf" + TOML.replace("\n", "\r\n").encode())
    assert digest_of(oc.cohort(str(file)).rows.fetchall()) == digest_of(
        oc.cohort(plan()).rows.fetchall()
    )


def test_everyone_is_each_year_where_no_day_is_said() -> None:
    said = oc.cohort("everyone", name="tous")
    assert said.rows.fetchall() == oc.cohort(oc.everyone().named("tous")).rows.fetchall()
    assert said.n_periods > said.n_subjects > 0
    with pytest.raises(OpenChronicError, match="deux jours"):
        oc.cohort("everyone", between=2018)  # type: ignore[arg-type]


def test_the_first_day_of_a_disease_by_day_is_its_onset() -> None:
    release = oc.release()
    connection = oc.connect(release)
    names = [one.name for one in load_library().definitions]
    evaluated(connection, release.manifest, names, ("disease_met", "every_state"))
    connection.execute(f"CREATE TEMP TABLE cohort_disease AS {query_of(DISEASE, judge='')}")
    rows = connection.execute(
        """SELECT count(*), count(DISTINCT definition), count(CASE WHEN first_day = onset_date THEN 1 END)
        FROM (SELECT definition, subject_id, min(met_on) AS first_day FROM cohort_disease GROUP BY ALL)
        FULL JOIN disease_onset USING (definition, subject_id)"""
    ).fetchall()
    n, definitions, same = rows[0]
    assert n == same > 500
    assert definitions > 20


def test_sets_of_cohorts_are_sets_of_subjects() -> None:
    a, b = oc.cohort("diabetes"), oc.cohort("hypertension_treated")
    both, either, only = a & b, a | b, a - b
    assert subjects(both) == subjects(a) & subjects(b) != set()
    assert subjects(either) == subjects(a) | subjects(b)
    assert subjects(only) == subjects(a) - subjects(b) != set()
    assert [len(a), len(either)] == [len(both) + len(only), len(a) + len(b - a)]
    index = {row[1]: row[3] for row in a.rows.fetchall()}
    assert all(index[row[1]] == row[3] for row in both.rows.fetchall())
    last = both.steps.fetchall()[-1]
    assert (last[3], last[5]) == (len(both), len(a) - len(both))
    assert subjects(a & a) == subjects(a)
    assert len(a - a) == 0
    with pytest.raises(oc.OpenChronicError, match="la même version"):
        a | oc.cohort("diabetes", oc.release(sample=0.5))


def pairs(*, seed: int = 1, **asked: Any) -> tuple[Cohort, Cohort, list[tuple[Any, ...]]]:
    cases = oc.cohort("diabetes", on="each_year", keep="first")
    pool = oc.cohort("everyone", on="each_year")
    return cases, pool, cases.match(pool, seed=seed, **asked).pairs.fetchall()


def test_a_matched_pair_is_alike_and_a_subject_serves_once() -> None:
    cases, _, found = pairs(ratio=2, age_width=10)
    assert len(found) > 50
    born = dict(oc.table("patient").project("subject_id, birth_date").fetchall())
    sex = dict(oc.table("patient").project("subject_id, sex").fetchall())
    assert {row[3] for row in found} & subjects(cases) == set()
    assert len({row[3] for row in found}) == len(found)
    per_case: dict[int, int] = {}
    for case, _, case_day, subject, _, day, _ in found:
        ages = [
            on.year - one.year - ((on.month, on.day) < (one.month, one.day))
            for on, one in ((case_day, born[case]), (day, born[subject]))
        ]
        assert ages[0] // 10 == ages[1] // 10
        assert sex[case] == sex[subject]
        assert case_day.year == day.year
        per_case[case] = per_case.get(case, 0) + 1
    assert set(per_case.values()) <= {1, 2}


def test_a_match_of_what_is_no_whole_number_is_refused() -> None:
    cases, pool = oc.cohort("diabetes"), oc.cohort("everyone")
    for asked, said in (
        ({"ratio": 1.5}, "match.: ratio est un nombre entier"),
        ({"ratio": 0}, "match.: ratio est un nombre entier, de 1 à 50"),
        ({"age_width": 2.5}, "age_width est un nombre entier"),
        ({"seed": "x"}, "seed est un nombre entier"),
    ):
        with pytest.raises(OpenChronicError, match=said):
            cases.match(pool, on=["sex"], **asked)
    with pytest.raises(OpenChronicError, match="en fait une d’un plan"):
        cases.match(oc.everyone())  # type: ignore[arg-type]
    assert cases.match(pool, on=["sex"], ratio=2.0).pairs.columns  # type: ignore[arg-type]


def test_a_draw_is_that_of_its_seed() -> None:
    first, again, other = (pairs(seed=seed, age_width=10)[2] for seed in (1, 1, 2))
    assert first == again != other
    twice = pairs(ratio=3, age_width=10, replace=True)[2]
    assert max(sum(row[:2] == one[:2] for row in twice) for one in twice) == 3
    assert len({(row[0], row[1], row[3], row[4]) for row in twice}) == len(twice)


def test_matched_groups_are_cohorts_that_can_be_compared() -> None:
    cases = oc.cohort("diabetes", on="each_year", keep="first")
    found = cases.match(oc.cohort("everyone", on="each_year"), age_width=10)
    assert len(found.cases) == len(found.controls) > 0
    told = oc.compare(found.cases, found.controls)
    by = {(one.variable, one.level): one for one in told.differences}
    assert by["sex", "F"].smd == 0
    assert by["disease", "diabetes"].share_a == 1
    rows = told.durations.fetchall()
    assert len(rows) == len(found.cases) + len(found.controls)
    days = {(row[1], row[2]): (row[4] - row[3]).days for row in found.cases.rows.fetchall()}
    assert {(row[2], row[3]): row[4] for row in rows if row[0] == "a"} == days
    died = found.cases.rows.filter("end_reason = 'death'").fetchall()
    assert sum(row[5] for row in rows if row[0] == "a") == len(died)


def test_the_log_rank_and_the_curves_are_those_of_their_definitions() -> None:
    """Mantel's sum over the days of death; the product-limit estimator of Kaplan and Meier."""
    pytest.importorskip("lifelines")
    men, women = (
        oc.cohort(
            "everyone",
            name=sex,
            on="date:2016-06-01",
            follow="death or end_of_observation",
            steps=[{"sex": sex}],
        )
        for sex in "MF"
    )
    told = oc.compare(men, women)
    rows = [(row[0], row[4], row[5]) for row in told.durations.fetchall()]
    deaths = sorted({days for _, days, died in rows if died})
    assert len(deaths) > 3
    surprise = variance = 0.0
    alive = {"a": 1.0, "b": 1.0}
    for day in deaths:
        at_risk = {group: sum(g == group and d >= day for g, d, _ in rows) for group in "ab"}
        died = {group: sum(g == group and d == day and e for g, d, e in rows) for group in "ab"}
        n, d = sum(at_risk.values()), sum(died.values())
        surprise += died["a"] - d * at_risk["a"] / n
        if n > 1:
            variance += d * at_risk["a"] * at_risk["b"] * (n - d) / (n * n * (n - 1))
        for group in "ab":
            alive[group] *= 1 - died[group] / at_risk[group] if at_risk[group] else 1
    assert told.log_rank()["statistic"] == pytest.approx(surprise**2 / variance)
    curves = told.curves()
    assert {
        group: curves[curves["cohort"] == group]["survival"].min() for group in "ab"
    } == pytest.approx(alive)


def test_survival_says_what_is_missing_where_lifelines_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("lifelines", "lifelines.statistics"):
        monkeypatch.setitem(sys.modules, module, None)
    told = oc.compare(oc.cohort("diabetes"), oc.cohort("hypertension_treated"))
    for ask in (told.curves, told.log_rank):
        with pytest.raises(oc.OpenChronicError, match="lifelines n’est pas installé"):
            ask()


def test_a_definition_that_is_not_sourced_says_so_wherever_it_is_used() -> None:
    failure, diabetes = oc.cohort("heart_failure"), oc.cohort("diabetes")
    said = "Insuffisance cardiaque\u00a0», version 1\u00a0: à valider"
    lists = "règle sourcée, codes à valider\u00a0: hf, hf_ald\u202f; à valider\u00a0: congestion"
    for one in (failure, failure & diabetes, diabetes | failure):
        assert said in repr(one)
        assert lists in repr(one)
    assert all(part in failure.flow._repr_html_() for part in ("à valider", "congestion"))
    assert "valider" not in repr(diabetes)
    labels = {one.level: one.fr for one in failure.baseline().levels}
    assert labels["heart_failure"] == "Insuffisance cardiaque (à valider)"
    told = {row[2] for row in oc.compare(diabetes, failure).rows.fetchall()}
    assert "Insuffisance cardiaque (à valider)" in told


def test_the_baseline_of_few_does_not_tell_how_few_they_are() -> None:
    few = oc.cohort("diabetes", steps=[{"ages": [85, 130]}])
    assert 0 < few.n_subjects < 11
    assert repr(few.baseline()).startswith("diabetes\u00a0: masqué périodes\n")
    assert repr(oc.cohort("diabetes").baseline()).startswith(
        f"diabetes\u00a0: {oc.cohort('diabetes').n_periods} périodes\n"
    )


def test_the_baseline_counts_what_the_tables_hold() -> None:
    cohort = oc.cohort("hypertension_treated", on="date:2018-06-30")
    told = {(one.variable, one.level): one for one in cohort.baseline().levels}
    [(women, mean)] = (
        cohort.rows.join(oc.table("patient"), "subject_id")
        .aggregate(
            "count(*) FILTER (sex = 'F'), avg(CAST(date_diff('month', birth_date, index_date) // 12 AS DOUBLE))"
        )
        .fetchall()
    )
    assert told["sex", "F"].n_periods == women > 0
    assert told["age", "mean"].mean == pytest.approx(mean)
    onset = oc.table("disease_onset").filter("definition = 'diabetes'")
    ill = cohort.rows.join(onset, "subject_id").filter("onset_date <= index_date")
    assert told["disease", "diabetes"].n_periods == len(ill.fetchall()) > 0
    assert told["disease", "hypertension_treated"].share_of_periods == 1
    for variable in ("age", "sex", "residence"):
        own = [one for key, one in told.items() if key[0] == variable and key[1] != "mean"]
        assert sum(one.n_periods for one in own) == len(cohort)
    only = cohort.baseline(["diabetes"]).levels
    assert {one.level for one in only if one.variable == "disease"} == {"diabetes"}


def test_pathways_take_a_cohort() -> None:
    cohort = oc.cohort("diabetes", on="date:2018-01-01")
    exposures = oc.exposures({"metformine": "A10BA02"})
    shares = oc.pathways(exposures, cohort).shares.fetchall()
    assert shares == oc.pathways(exposures, cohort.periods).shares.fetchall()
    assert sum(row[2] for row in shares) == len(cohort)


def test_a_recipe_is_kept_without_rows_and_made_again_elsewhere() -> None:
    cohort = oc.cohort("diabetes") - oc.cohort(oc.stays("I50").between("2016-01-01", "2018-12-31"))
    file = oc.save(cohort, "sans_ic")
    text = file.read_text()
    assert not any(str(one) in text for one in subjects(cohort))
    assert {"release", "author", "sql", "definitions"} <= json.loads(text).keys()
    again = oc.load_cohort("sans_ic")
    assert again.rows.fetchall() == cohort.rows.fetchall()
    assert again.changes == ()
    half = oc.load_cohort("sans_ic", oc.release(sample=0.5))
    assert [one.what for one in half.changes][:1] == ["échantillon"]
    assert half.changes[1].before > half.changes[1].now
    assert subjects(half) < subjects(cohort)
    with pytest.raises(oc.OpenChronicError, match="existe déjà"):
        oc.save(cohort, "sans_ic")


def test_what_looks_ahead_says_so_in_every_result() -> None:
    steps = [{"observed_after": 10}]
    cohort = oc.cohort("diabetes", steps=steps, allow_future=True)
    for said in (
        repr(cohort),
        cohort._repr_html_(),
        cohort.flow._repr_svg_(),
        repr(cohort & cohort),
    ):
        assert "allow_future" in said


def test_a_code_that_nothing_has_is_told() -> None:
    cohort = oc.cohort(oc.stays("Z998"))
    assert len(cohort) == 0
    assert "CIM10:Z998" in repr(cohort)


def test_the_verb_prints_the_flow_chart_and_writes_the_rows(
    many_releases: Path, tmp_path: Path
) -> None:
    file = tmp_path / "diabete.toml"
    file.write_text(TOML)
    out = tmp_path / "out"
    answer = openchronic(
        "cohort", file, "--releases", many_releases, "--hide-below", 1, "--output", out
    )
    assert answer.status == 0, answer.text
    assert answer.err.splitlines() == ["definition heart_failure: to_validate"]
    cohort = oc.cohort(plan())
    told = list(csv.reader(io.StringIO(answer.out)))[1:]
    assert [row[:2] + row[3:] for row in told] == [
        [str(cell) for place, cell in enumerate(row) if place != 2]
        for row in cohort.steps.fetchall()
    ]
    with (out / "cohort.csv").open() as lines:
        rows = list(csv.reader(lines))
    assert rows[0] == ["name", "subject_id", "period_no", "index_date", "end_date", "end_reason"]
    assert rows[1:] == [[str(cell) for cell in row] for row in cohort.rows.fetchall()]
    hidden = openchronic("cohort", file, "--releases", many_releases, "--hide-below", 1000).out
    shown = {cell for row in csv.reader(io.StringIO(hidden)) for cell in row[3:]}
    assert shown <= {"n_periods", "n_subjects", "removed", "", "0"}
