"""Puts two cohorts side by side: standardised differences of what they are at their index, and what becomes of them."""

from __future__ import annotations

import html
import importlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from openchronic.cohort.baseline import (
    VARIABLES,
    Baseline,
    Level,
    baseline_of,
    decimals,
    hidden,
)
from openchronic.cohort.result import Cohort
from openchronic.cohort.sets import refuse_strangers
from openchronic.errors import OpenChronicError
from openchronic.quality.french import HIDDEN, number, percentage

# Beyond it two groups are usually said to differ (Austin, Stat Med 2009;28:3083).
NOTABLE = 0.1


@dataclass(frozen=True, slots=True)
class Difference:
    """A level in both cohorts. ``smd``: the standardised difference, None where neither varies."""

    variable: str
    level: str
    fr: str
    n_a: int
    share_a: float
    mean_a: float | None
    n_b: int
    share_b: float
    mean_b: float | None
    smd: float | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Deux cohortes côte à côte. ``rows`` : une ligne par modalité, avec effectifs, parts et différence standardisée (``smd``).

    ``durations`` : une ligne par période, ``days`` de suivi et ``event`` (vrai si le suivi finit par ``event``, ``death`` par défaut).
    ``curves()`` et ``log_rank()`` sont calculés par lifelines.
    """

    a: Cohort
    b: Cohort
    differences: tuple[Difference, ...]
    rows: duckdb.DuckDBPyRelation
    durations: duckdb.DuckDBPyRelation
    hidden_a: frozenset[tuple[str, str]]
    hidden_b: frozenset[tuple[str, str]]

    def curves(self) -> Any:
        """Les courbes de Kaplan-Meier des deux cohortes : un tableau pandas, ``cohort`` (a, b), ``name``, ``days``,
        ``survival`` et son intervalle à 95 % (``lower``, ``upper``).

        Lève ``OpenChronicError`` si lifelines n’est pas installé.
        """
        lifelines = _lifelines()
        import pandas as pd

        parts = []
        for group, (name, days, events) in zip("ab", self._groups(), strict=True):
            if not days:
                continue
            fitted = lifelines.KaplanMeierFitter().fit(days, events)
            part = fitted.survival_function_.join(fitted.confidence_interval_).reset_index()
            part.columns = ["days", "survival", "lower", "upper"]
            part.insert(0, "name", name)
            part.insert(0, "cohort", group)
            parts.append(part)
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def log_rank(self) -> dict[str, float]:
        """Le test du log-rank : ``statistic`` et ``p_value``. Lève ``OpenChronicError`` si lifelines n’est pas installé.

        Un sujet des deux cohortes compte deux fois, ce que le test ignore.
        """
        statistics = _lifelines("lifelines.statistics")
        (_, days_a, events_a), (_, days_b, events_b) = self._groups()
        if not days_a or not days_b:
            raise OpenChronicError(
                "a cohort without a period has no survival",
                "Une cohorte sans période n’a pas de survie à comparer.",
            )
        found = statistics.logrank_test(days_a, days_b, events_a, events_b)
        return {"statistic": float(found.test_statistic), "p_value": float(found.p_value)}

    def _groups(self) -> Iterator[tuple[str, list[int], list[bool]]]:
        rows = self.durations.fetchall()
        for group, cohort in (("a", self.a), ("b", self.b)):
            own = [row for row in rows if row[0] == group]
            yield cohort.name, [row[4] for row in own], [row[5] for row in own]

    def __repr__(self) -> str:
        return "\n".join("  ".join(one) for one in _told(self))

    def _repr_html_(self) -> str:
        heads = ("variable", "modalité", self.a.name, self.b.name, "différence standardisée")
        head = "".join(f'<th scope="col">{html.escape(one)}</th>' for one in heads)
        body = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(first)}</th>'
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in others)
            + "</tr>"
            for first, *others in _told(self)
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def compared(
    a: Cohort, b: Cohort, *, diseases: list[str] | None = None, event: str = "death"
) -> Comparison:
    """Returns both cohorts side by side. Raises SettingsError where they are of two releases."""
    refuse_strangers(a, b)
    first, second = baseline_of(a, diseases), baseline_of(b, diseases)
    differences = tuple(_differences(first, second))
    table = f"compared_{a.table}_{b.table}"
    connection = a.connection
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {table} (place INTEGER, variable VARCHAR, level VARCHAR, fr VARCHAR, n_a BIGINT,
            share_a DOUBLE, mean_a DOUBLE, n_b BIGINT, share_b DOUBLE, mean_b DOUBLE, smd DOUBLE)"""
    )
    if differences:
        connection.executemany(
            f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (place, *(getattr(one, name) for name in Difference.__slots__))
                for place, one in enumerate(differences)
            ],
        )
    durations = " UNION ALL ".join(
        f"""SELECT '{group}' AS cohort, name, subject_id, period_no,
            CAST(end_date - index_date AS INTEGER) AS days, end_reason = $event AS event
        FROM {one.table}"""
        for group, one in (("a", a), ("b", b))
    )
    return Comparison(
        a,
        b,
        differences,
        connection.sql(f"SELECT * EXCLUDE (place) FROM {table} ORDER BY place"),
        connection.sql(
            f"SELECT * FROM ({durations}) ORDER BY cohort, subject_id, period_no",
            params={"event": event},
        ),
        *(frozenset(hidden(one.levels, one.n_periods)) for one in (first, second)),
    )


def _differences(a: Baseline, b: Baseline) -> Iterator[Difference]:
    first, second = ({(one.variable, one.level): one for one in side.levels} for side in (a, b))
    order = [*VARIABLES]
    for key in sorted(
        {*first, *second}, key=lambda key: (order.index(key[0]), key[1] != "mean", key[1])
    ):
        one, other = first.get(key), second.get(key)
        n_a, share_a, mean_a = _figures(one)
        n_b, share_b, mean_b = _figures(other)
        yield Difference(
            key[0],
            key[1],
            next(side.fr for side in (one, other) if side is not None),
            n_a,
            share_a,
            mean_a,
            n_b,
            share_b,
            mean_b,
            _smd(one, other, is_mean=key[1] == "mean"),
        )


def _figures(one: Level | None) -> tuple[int, float, float | None]:
    """Returns the number of periods, their share, and the mean."""
    return (0, 0.0, None) if one is None else (one.n_periods, one.share_of_periods or 0.0, one.mean)


def _smd(one: Level | None, other: Level | None, *, is_mean: bool) -> float | None:
    """Returns the standardised difference of means, or of shares; None where it is not defined."""
    if is_mean:
        if one is None or other is None or one.mean is None or other.mean is None:
            return None
        spread = ((one.standard_deviation or 0) ** 2 + (other.standard_deviation or 0) ** 2) / 2
        return (one.mean - other.mean) / math.sqrt(spread) if spread else None
    first, second = (_figures(part)[1] for part in (one, other))
    spread = (first * (1 - first) + second * (1 - second)) / 2
    return (first - second) / math.sqrt(spread) if spread > 0 else None


def _told(one: Comparison) -> Iterator[tuple[str, ...]]:
    for each in one.differences:
        cells = []
        for n, share, mean, away in (
            (each.n_a, each.share_a, each.mean_a, one.hidden_a),
            (each.n_b, each.share_b, each.mean_b, one.hidden_b),
        ):
            if (each.variable, each.level) in away:
                cells.append(HIDDEN)
            elif each.level == "mean":
                cells.append("-" if mean is None else decimals(mean))
            else:
                cells.append(f"{number(n)} ({percentage(share)})")
        # The difference would tell what is hidden.
        smd = "-" if each.smd is None else decimals(each.smd, 2)
        if HIDDEN in cells:
            smd = HIDDEN
        elif each.smd is not None and abs(each.smd) > NOTABLE:
            smd += " *"
        yield VARIABLES[each.variable], each.fr, *cells, smd


def _lifelines(module: str = "lifelines") -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise OpenChronicError(
            "lifelines is not installed here: pip install lifelines (sessions of the server have it)",
            "lifelines n’est pas installé ici\u00a0: pip install lifelines (les sessions du serveur l’ont).",
        ) from None
