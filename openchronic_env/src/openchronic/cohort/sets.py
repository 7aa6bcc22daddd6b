"""Combines two cohorts of one release by their subjects."""

from __future__ import annotations

from typing import Literal

from openchronic.cohort.flow import Line
from openchronic.cohort.result import Cohort, kept
from openchronic.errors import SettingsError
from openchronic.runtime.text import quoted

Way = Literal["union", "intersection", "minus"]
WORDS: dict[Way, str] = {"union": "ou", "intersection": "et", "minus": "sauf"}
TOLD: dict[Way, str] = {
    "intersection": "Sujets aussi dans la cohorte {}",
    "minus": "Sujets qui ne sont pas dans la cohorte {}",
    "union": "Cohorte {}, puis les sujets de {} qui n’y sont pas",
}


def combined(way: Way, one: Cohort, other: Cohort, name: str | None) -> Cohort:
    """Returns the cohort; its periods are those of ``one``, and for a union those of subjects of ``other`` alone."""
    refuse_strangers(one, other)
    name = name or f"{one.name}_{WORDS[way]}_{other.name}"
    known = "" if way == "intersection" else "NOT "
    first, second = one.table, other.table
    if way == "union":
        query = (
            f"SELECT * FROM {first} UNION ALL SELECT * FROM {second} "
            f"WHERE subject_id NOT IN (SELECT subject_id FROM {first})"
        )
    else:
        query = (
            f"SELECT * FROM {first} WHERE subject_id {known}IN (SELECT subject_id FROM {second})"
        )
    rows = one.connection.sql(f"SELECT * REPLACE ({quoted(name)} AS name) FROM ({query})")
    found = rows.to_arrow_table()
    n_subjects = len(found["subject_id"].unique())
    lines: tuple[Line, ...]
    if way == "union":
        lines = (Line(0, TOLD[way].format(one.name, other.name), found.num_rows, n_subjects, 0),)
    else:
        last = one.flow.lines[-1]
        told = TOLD[way].format(other.name)
        removed = last.n_periods - found.num_rows
        lines = (*one.flow.lines, Line(last.step + 1, told, found.num_rows, n_subjects, removed))
    return kept(
        one.connection,
        one.release,
        name=name,
        rows=found,
        lines=lines,
        notes=tuple(dict.fromkeys([*one.flow.notes, *other.flow.notes])),
        said={"name": name, "set": way, "left": one.said, "right": other.said},
        definitions={**one.definitions, **other.definitions},
        allow_future=one.allow_future or other.allow_future,
        sql=f"{one.sql}\n\n{other.sql}\n\n{query}",
    )


def refuse_strangers(one: Cohort, other: Cohort) -> None:
    """Refuses cohorts of two releases, whose subjects are not told from the same data."""
    if not isinstance(other, Cohort):
        raise SettingsError(
            "a cohort is combined with a cohort: oc.cohort(…) makes one of a plan, a file or a name",
            "Une cohorte se combine avec une cohorte\u00a0: oc.cohort(…) en fait une d’un plan, d’un fichier ou d’un nom.",
        )
    if one.release != other.release or one.connection is not other.connection:
        raise SettingsError(
            f"{one.name} is of {one.release.name}, {other.name} of {other.release.name}: make both on one release",
            f"La cohorte {one.name} vient de la version {one.release.name}, {other.name} de {other.release.name}\u00a0: "
            "faites les deux sur la même version (ou le même échantillon).",
        )
