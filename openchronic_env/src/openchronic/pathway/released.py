"""The pathways that a release has, read as those of a session are, or made again with other parameters."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from openchronic.diseases import STATUSES
from openchronic.errors import SettingsError
from openchronic.pathway.dispensings import nights_of
from openchronic.pathway.given import Given
from openchronic.pathway.parameters import Parameters, parameters_of
from openchronic.pathway.session import Pathways
from openchronic.runtime.text import quoted

Entry = Mapping[str, Any]
Make = Callable[[Any, Any, Any, Parameters], Pathways]
"""Makes the pathways of exposures, a cohort and nights in hospital, with parameters."""
# What a release of before does not say: it took nights in hospital for days like others.
UNSAID = {"hospital_days": "ignore"}
# The period of a release's pathway has been moved already.
OF_PERIODS = ("first_anchor", "first_offset", "last_anchor", "last_offset", "joins_periods")
QUERIES = {
    "shares": """SELECT pathway, path, count(*) AS n_periods, count(DISTINCT subject_id) AS n_subjects,
            count(*) / sum(count(*)) OVER () AS share_of_periods
        FROM pathway WHERE pathway = {name} GROUP BY pathway, path ORDER BY n_periods DESC, path""",
    "paths": """SELECT pathway, subject_id, 1 AS period_no, path, n_steps, first_treatment_days, censored, incidence,
            start_date, end_date
        FROM pathway WHERE pathway = {name} ORDER BY subject_id""",
    "steps": """SELECT pathway, subject_id, 1 AS period_no, step, held, first_day, last_day, days, change, next_change
        FROM pathway_step WHERE pathway = {name} ORDER BY subject_id, step""",
    "adherence": """SELECT pathway, subject_id, 1 AS period_no, level, treatment, period_days, days_left_out,
            n_purchases, days_supplied, days_covered, pdc, mpr
        FROM adherence WHERE pathway = {name} ORDER BY subject_id, level DESC, treatment""",
    "persistence": """SELECT pathway, subject_id, 1 AS period_no, level, treatment, first_day, days, stopped
        FROM persistence WHERE pathway = {name}
        ORDER BY subject_id, CASE level WHEN 'all' THEN 0 WHEN 'treatment' THEN 1 ELSE 2 END, treatment""",
}


def entry_of(manifest: Mapping[str, Any], name: str, release: str) -> Entry:
    """Returns what the manifest of a release says of a pathway. Raises SettingsError where it has none of that name."""
    every: Sequence[Entry] = manifest.get("pathways", ())
    names = [str(one["name"]) for one in every]
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        listed = ", ".join(names) or "aucun"
        raise SettingsError(
            f"{name}: neither a file nor a pathway of {release}"
            + (
                f": did you mean {near[0]}?"
                if near
                else f", which has {', '.join(names) or 'none'}"
            ),
            f"« {name} » n’est ni un fichier ni un parcours de {release}"
            + (f"\u00a0: vouliez-vous dire {near[0]}\u00a0?" if near else f" (il y a {listed})."),
        )
    return every[names.index(name)]


def read_released(connection: duckdb.DuckDBPyConnection, entry: Entry, make: Make) -> Pathways:
    """Returns the pathways of ``entry`` as the release has them. ``connection``: with the tables of the release."""
    if (
        "level" not in connection.table("adherence").columns
        or "next_change" not in connection.table("pathway_step").columns
    ):
        # A release of before has no classes, or does not say what comes after a step: they are made of its exposures.
        return made_again(connection, entry, {}, make)
    name = quoted(str(entry["name"]))
    ((periods, subjects, exposures),) = connection.execute(
        f"""SELECT count(*), count(DISTINCT subject_id), (SELECT count(*) FROM exposure WHERE pathway = {name})
        FROM pathway WHERE pathway = {name}"""
    ).fetchall()
    return Pathways(
        connection,
        _parameters(entry, {}),
        Given(exposures, periods, subjects, 0),
        {one: query.format(name=name) for one, query in QUERIES.items()},
        lambda: made_again(connection, entry, {}, make).lines,
        _labels(entry),
        entry.get("classes", {}),
        _standing(entry),
    )


def made_again(
    connection: duckdb.DuckDBPyConnection,
    entry: Entry,
    changed: Mapping[str, object],
    make: Make,
) -> Pathways:
    """Returns the pathways of ``entry`` with some parameters ``changed``, from the exposures and periods of the release."""
    name = quoted(str(entry["name"]))
    classes = "".join(
        f" WHEN {quoted(one['name'])} THEN {quoted(one['class'])}"
        for one in entry["treatments"]
        if one["class"]
    )
    of_class = f"CASE treatment{classes} END" if classes else "CAST(NULL AS VARCHAR)"
    exposures = connection.sql(
        f"SELECT subject_id, treatment, start_date, end_date, {of_class} AS class FROM exposure WHERE pathway = {name}"
    )
    cohort = connection.sql(
        f"SELECT subject_id, start_date, end_date FROM pathway WHERE pathway = {name}"
    )
    made = make(exposures, cohort, nights_of(connection), _parameters(entry, changed))
    return replace(
        made,
        labels=_labels(entry),
        class_labels=entry.get("classes", {}),
        notes=_standing(entry),
    )


def _labels(entry: Entry) -> dict[str, str]:
    return {one["name"]: one["fr"] for one in entry["treatments"]}


def _standing(entry: Entry) -> tuple[str, ...]:
    """Returns how sure the lists of codes are, where they are not sourced."""
    if entry["status"] == "sourced":
        return ()
    told = STATUSES[entry["status"]]
    return (f"Parcours «\u00a0{entry['fr']}\u00a0», version {entry['version']}\u00a0: {told}.",)


def _parameters(entry: Entry, changed: Mapping[str, object]) -> Parameters:
    said: dict[str, object] = UNSAID | {
        name: value for name, value in entry["parameters"].items() if name not in OF_PERIODS
    }
    return parameters_of([said | dict(changed) | {"pathway": entry["name"]}])
