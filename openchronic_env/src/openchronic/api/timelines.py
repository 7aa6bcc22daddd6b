"""Shows what a release holds of one subject."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from importlib import resources
from typing import Any

import duckdb

from openchronic.api.duck import shared
from openchronic.api.pinning import pinned
from openchronic.errors import SettingsError
from openchronic.figures import Figure
from openchronic.figures import timeline as drawn_timeline
from openchronic.figures.lanes import Fact
from openchronic.figures.timeline import Period
from openchronic.releases import Release
from openchronic.runtime.database import scan

ROWS = resources.files("openchronic.figures").joinpath("timeline.sql").read_text("utf-8")
FOLLOWED = (
    "SELECT start_date, end_date FROM observation_period WHERE subject_id = $subject ORDER BY 1"
)
OF_SUBJECT = ("patient", "observation_period", "event")
# The birth is before everything else, and would push it together.
NOT_DRAWN = ("birth",)


def timeline(
    subject: int,
    release: Release | str | None = None,
    *,
    since: date | str | None = None,
    until: date | str | None = None,
) -> Figure:
    """Le parcours d'un sujet, fait par fait : une frise, et ses lignes (``.data``, à lire par ``.df()`` ou ``.pl()``).

    Ce sont des **données individuelles** : la frise et ses lignes se regardent dans la session, et ne sortent pas du
    serveur, même dans un carnet. ``.save()`` ne l'écrit que si on le demande (``individual=True``).

    ``subject`` : un ``subject_id``. ``since``, ``until`` : les jours, inclus, entre lesquels elle est dessinée ; sans eux,
    toute la période sous observation. Un fait d'un jour est un point, un séjour ou une affection une barre ; les
    médicaments de ville ont une ligne par classe ATC (quatre caractères), pour les huit plus délivrées. La naissance
    n'est pas dessinée. Lève ``OpenChronicError`` si la version n'a pas ce sujet, ou si un jour n'en est pas un.
    """
    chosen = pinned(release)
    connection = shared(chosen)
    number = _number(subject)
    own = _own(chosen, number)
    asked = {"subject": number}
    if not connection.execute(
        f"{own} SELECT 1 FROM patient WHERE subject_id = $subject", asked
    ).fetchall():
        raise SettingsError(
            f"the release {chosen.name} has no subject {number}",
            f"La version {chosen.name} n’a pas de sujet {number}\u00a0: donnez un subject_id de patient.",
        )
    data = connection.sql(f"{own}\n{ROWS}", params=asked)
    facts = list(_facts(data))
    followed: list[Period] = connection.execute(f"{own} {FOLLOWED}", asked).fetchall()
    span = _span(followed, facts, since=_day(since, "since"), until=_day(until, "until"))
    return drawn_timeline(data, facts, followed, subject=number, span=span)


def _own(release: Release, subject: int) -> str:
    """Returns SQL, before a query: the tables with rows of the subject, as its bucket alone has them. A view opens the files
    of all buckets, since no file says which subjects it lacks."""
    parts = (
        f"{table} AS (SELECT * FROM {scan(files, release.condition(table))})"
        for table in OF_SUBJECT
        # Where its bucket has no file, the view has no row of it either.
        if (files := release.files(table, subject=subject))
    )
    return f"WITH {', '.join(parts)}"


def _facts(data: duckdb.DuckDBPyRelation) -> Iterable[Fact]:
    columns = "event_type, care_setting, start_date, end_date, code, label, atc"
    for kind, setting, first, last, code, label, atc in data.project(columns).fetchall():
        if first is None or kind in NOT_DRAWN:
            continue
        said = " ".join(filter(None, (code, label))) or kind
        # An illness without an end goes on.
        ends = last or (date.max if kind in ("ald", "stay") else first)
        yield Fact(kind, setting or "", first, max(first, ends), said, atc or "")


def _span(
    followed: Iterable[Period], facts: Iterable[Fact], *, since: date | None, until: date | None
) -> Period:
    days = [day for period in followed for day in period]
    days = days or [day for one in facts for day in (one.first, one.last) if day != date.max]
    first = since or min(days, default=until or date(2000, 1, 1))
    last = until or max(days, default=first)
    if last < first:
        raise SettingsError(
            f"until ({last}) is before the first day ({first})",
            f"until ({last}) est avant le premier jour ({first}).",
        )
    return first, last


def _number(subject: Any) -> int:
    try:
        number = int(subject)
    except (TypeError, ValueError):
        number = -1
    if number < 0 or number != subject:
        raise SettingsError(
            f"subject: a subject_id, which is a whole number, and not {subject!r}",
            f"subject\u00a0: un subject_id, qui est un nombre entier, et non « {subject} ».",
        )
    return number


def _day(given: date | str | None, name: str) -> date | None:
    if isinstance(given, datetime):
        return given.date()
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise SettingsError(
            f"{name}: a day such as 2020-01-31, and not {given!r}",
            f"{name}\u00a0: un jour comme 2020-01-31, et non « {given} ».",
        ) from None
