"""Gives figures the numbers of pathways: shares of paths, lengths until a stop."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import duckdb

from openchronic import figures
from openchronic.errors import SettingsError
from openchronic.figures import Figure, Share
from openchronic.figures.survival import MONTH, Followed

if TYPE_CHECKING:
    from openchronic.pathway.session import Pathways

MOST_CURVES = 6
SHARES = "SELECT path, n_periods, n_subjects FROM told ORDER BY path"
COUNTED = "SELECT count(*), count(DISTINCT subject_id) FROM told"
LEVELS = ("treatment", "class")
# All together stand beside the treatments, or beside their classes.
OF_LEVEL = "SELECT * FROM told WHERE level IN ('all', '{level}')"
LENGTHS = "SELECT treatment, days, stopped, count(*) FROM of_level GROUP BY ALL ORDER BY ALL"
# The persons of a month, each once: who stopped in it, and whose longest period ends in it.
STOPS = f"""SELECT treatment, CAST(ceil(days / {MONTH}.0) AS INTEGER), count(DISTINCT subject_id)
    FROM of_level WHERE stopped GROUP BY ALL ORDER BY ALL"""
LASTING = f"""SELECT treatment, CAST(ceil(days / {MONTH}.0) AS INTEGER), count(*)
    FROM (SELECT treatment, subject_id, max(days) AS days FROM of_level GROUP BY ALL)
    GROUP BY ALL ORDER BY ALL"""


def sankey(made: Pathways, pathway: str | None, *, steps: int, title: str) -> Figure:
    """Returns the flows between the first steps of one set of parameters."""
    shares, subjects = _shares(made, pathway)
    tree = figures.told_tree(
        shares,
        subjects=subjects,
        steps=steps,
        least_share=figures.LEAST_BAND,
        labels=made.labels,
    )
    return figures.sankey(made.connection, tree, title=title, told=made.notes)


def sunburst(made: Pathways, pathway: str | None, *, steps: int, title: str) -> Figure:
    """Returns these steps on rings."""
    shares, subjects = _shares(made, pathway)
    tree = figures.told_tree(
        shares,
        subjects=subjects,
        steps=steps,
        least_share=figures.LEAST_SECTOR,
        labels=made.labels,
    )
    return figures.sunburst(made.connection, tree, title=title, told=made.notes)


def persistence_curve(
    made: Pathways,
    treatments: Iterable[str] | None,
    pathway: str | None,
    *,
    level: str,
    title: str,
) -> Figure:
    """Returns the curves of ``treatments``, or of classes by their ``level``: by default all together and the most frequent
    ones."""
    chosen = _pathway(made, pathway)
    if level not in LEVELS:
        raise SettingsError(
            f"level: one of {', '.join(LEVELS)}", f"level\u00a0: l’un de {', '.join(LEVELS)}."
        )
    of_level = f", of_level AS ({OF_LEVEL.format(level=level)})"
    lengths, stops, lasting = (
        _by_treatment(_asked(made, made.persistence, f"{of_level} {query}", chosen))
        for query in (LENGTHS, STOPS, LASTING)
    )
    ((periods, subjects),) = _asked(made, made.paths, COUNTED, chosen)
    labels = made.labels if level == "treatment" else made.class_labels
    names = sorted(lengths, key=lambda one: (-sum(row[2] for row in lengths[one]), one))
    wanted = names[:MOST_CURVES] if treatments is None else _known(treatments, names)
    return figures.persistence_curve(
        made.connection,
        {
            labels.get(name, name): Followed(
                lengths[name],
                dict(stops.get(name, [])),
                dict(lasting[name]),
                several=periods > subjects,
            )
            for name in wanted
        },
        title=title,
        told=made.notes,
    )


def _shares(made: Pathways, pathway: str | None) -> tuple[list[Share], int]:
    chosen = _pathway(made, pathway)
    ((_, subjects),) = _asked(made, made.paths, COUNTED, chosen)
    return _asked(made, made.shares, SHARES, chosen), subjects


def _asked(
    made: Pathways, relation: duckdb.DuckDBPyRelation, query: str, pathway: str
) -> list[Any]:
    """Returns the rows of a query on those of ``relation`` (``told``) that are of one set of parameters."""
    told = f"WITH told AS (SELECT * FROM ({relation.sql_query()}) WHERE pathway = ?)"
    return made.connection.execute(f"{told} {query}", [pathway]).fetchall()


def _by_treatment(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for treatment, *values in rows:
        found.setdefault(treatment, []).append(tuple(values))
    return found


def _pathway(made: Pathways, pathway: str | None) -> str:
    names = made.parameters.pathways
    if pathway is None and len(names) == 1:
        return names[0]
    if pathway not in names:
        raise SettingsError(
            f"pathway: one of the sets of parameters: {', '.join(names)}",
            f"pathway\u00a0: un des jeux de paramètres\u00a0: {', '.join(names)}.",
        )
    return pathway


def _known(treatments: Iterable[str], names: list[str]) -> list[str]:
    wanted = [treatments] if isinstance(treatments, str) else list(dict.fromkeys(treatments))
    for one in wanted:
        if one not in names:
            near = difflib.get_close_matches(one, names, 1)
            others = ", ".join(name for name in names if name)
            raise SettingsError(
                f"{one} is no treatment that somebody has"
                + (f": did you mean {near[0]}?" if near else f"; there are {others}"),
                f"{one} n’est pas un traitement que quelqu’un a"
                + (
                    f"\u00a0: vouliez-vous dire {near[0]}\u202f?"
                    if near
                    else f"\u202f; il y a {others}."
                ),
            )
    if len(wanted) > MOST_CURVES:
        raise SettingsError(
            f"treatments: {MOST_CURVES} at most on one figure",
            f"treatments\u00a0: {MOST_CURVES} au plus sur une figure.",
        )
    return wanted
