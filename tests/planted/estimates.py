"""Estimates each planted truth from a release, by what analysts have: ``oc.exposures`` and ``oc.pathways``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import duckdb

import openchronic as oc
from openchronic.pathway import Pathways
from openchronic.releases import Release
from openchronic.synth.law import OTHER, Law
from openchronic.synth.truths import HALF_YEAR, WINDOW, YEAR
from tests.planted.intervals import Interval, mean, persisting, share

Estimates = Mapping[str, Interval]
Curve = Sequence[tuple[int, bool]]
"""For each person the days until the stop or the end of sight, and whether it is a stop."""
# Periods begin with the first purchase and end with the observation. `{least}`: days that they must have.
COHORT = """SELECT begun.subject_id, begun.first_day AS start_date, observation_period.end_date
    FROM (SELECT subject_id, min(start_date) AS first_day FROM one GROUP BY subject_id) AS begun
    JOIN observation_period ON observation_period.subject_id = begun.subject_id
        AND begun.first_day BETWEEN observation_period.start_date AND observation_period.end_date
    WHERE observation_period.end_date - begun.first_day + 1 >= {least}"""


def as_told(curve: Curve) -> Curve:
    """Returns the rows of `.persistence` as they are."""
    return curve


def estimates(release: Release, law: Law) -> Estimates:
    """Returns an interval for each truth of ``law``, by its name."""
    return {
        **persistence(release, law),
        **_switches(release, law),
        **_lines(release, law),
        **_adherence(release, law),
    }


def persistence(
    release: Release, law: Law, *, read: Callable[[Curve], Curve] = as_told
) -> Estimates:
    """Returns the intervals of persistence. ``read``: what is taken from its rows."""
    made, _ = _pathways(release, {"P": law.persistence.drug})
    curve = read(made.persistence.filter("treatment = 'P'").project("days, stopped").fetchall())
    return {f"persistence_{day}_days": persisting(curve, day) for day in (HALF_YEAR, YEAR)}


def _switches(release: Release, law: Law) -> Estimates:
    # By default a drug that is held for less than 30 days before an overlap is no step, and the first switches are lost.
    drugs = {"S": law.switch.from_, "T": law.switch.to}
    found = {}
    for day in (HALF_YEAR, YEAR):
        made, _ = _pathways(release, drugs, least=day + 1, min_part_days=0)
        days = _asked(
            made.steps,
            "SELECT min(first_day) FILTER (change = 'switch' AND held = 'T') - min(first_day) FROM one GROUP BY subject_id",
        ).fetchall()
        switched = sum(one is not None and one <= day for (one,) in days)
        found[f"switched_{day}_days"] = share(switched, len(days))
    return found


def _lines(release: Release, law: Law) -> Estimates:
    drugs = {
        "A": law.lines.first,
        "B": law.lines.added,
        "C": law.lines.second,
        "D": law.lines.third,
    }
    made, _ = _pathways(release, drugs, least=YEAR + 1)
    rows = _asked(
        made.lines,
        "SELECT any_value(regimen) FILTER (line = 1), min(first_day) FILTER (line = 2) - min(first_day), "
        "min(first_day) FILTER (line = 3) - min(first_day) FROM one GROUP BY subject_id",
    ).fetchall()
    told = {
        "first_regimen_of_two": [regimen == "A+B" for regimen, _, _ in rows],
        f"second_line_{YEAR}_days": [day is not None and day <= YEAR for _, day, _ in rows],
        f"third_line_{YEAR}_days": [day is not None and day <= YEAR for _, _, day in rows],
    }
    return {name: share(sum(whether), len(rows)) for name, whether in told.items()}


def _adherence(release: Release, law: Law) -> Estimates:
    window = {"last_anchor": "start", "last_offset": WINDOW - 1}
    made, homes = _pathways(release, {"D": law.adherence.drug}, least=WINDOW, **window)
    by_home: dict[str, list[float]] = {name: [] for name in law.adherence.most_days_late}
    for subject, covered in made.adherence.project("subject_id, pdc").fetchall():
        home = homes[int(subject)]
        if home is not None:
            by_home[home if home in by_home else OTHER].append(covered)
    return {f"pdc_{WINDOW}_days_{home}": mean(values) for home, values in by_home.items()}


def _pathways(
    release: Release, drugs: Mapping[str, str], *, least: int = 1, **parameters: object
) -> tuple[Pathways, Mapping[int, str | None]]:
    """Returns the pathways of all who take the drugs and are observed for ``least`` days, and the homes of these."""
    exposures = oc.exposures(drugs, release)
    cohort = _asked(exposures, COHORT.format(least=least))
    homes = _asked(exposures, "SELECT subject_id, residence_department FROM patient").fetchall()
    return oc.pathways(exposures, cohort, [parameters]), dict(homes)


def _asked(rows: duckdb.DuckDBPyRelation, query: str) -> duckdb.DuckDBPyRelation:
    """Returns what ``query`` finds in ``rows``, which it calls `one`, and in the tables beside them."""
    found = rows.query("one", query)
    assert found is not None, "a SELECT has rows"
    return found
