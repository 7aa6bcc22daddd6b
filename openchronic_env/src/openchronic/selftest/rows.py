"""``python -m openchronic.selftest rows``: one question to every engine of the session, whose rows must have one digest.

What counts: a line a row, in the order of their bytes; its values separated by U+001F, each after ``=``; ``-`` where there
is none; dates as ``2021-12-31``, whole numbers in decimal. The digest is the SHA-256 of these lines in UTF-8, joined by
newlines. R answers too, by its own package (``openchronic:::rows_digest()``): it asks ``SQL``, and writes these lines itself.

Exit status: 0 all engines that are installed agree; 1 they do not, or the release cannot be read; 2 a wrong call.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import openchronic as oc
from openchronic import extras

if TYPE_CHECKING:
    import pandas as pd

SEPARATOR = "\x1f"
KEY = ["event_type", "year"]
# A row per type of event and year. Text, dates, whole numbers, and values that are missing: what engines write alike.
SQL = """
    SELECT
        event_type,
        CAST(extract(year FROM start_date) AS INTEGER) AS year,
        count(*) AS events,
        count(DISTINCT subject_id) AS subjects,
        sum(order_in_day) AS orders,
        min(code) AS first_code,
        max(known_date) AS last_known
    FROM event
    GROUP BY event_type, extract(year FROM start_date)
"""
Rows = list[tuple[object, ...]]


def digest(rows: Iterable[Sequence[object]]) -> str:
    """Returns the digest of an answer, in whatever order its rows come."""
    lines = sorted(SEPARATOR.join(map(_text, row)).encode() for row in rows)
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def _text(value: object) -> str:
    # What pandas calls missing (NaN, NaT, NA) is not equal to itself, or neither true nor false.
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
        return "-"
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date | str):
        return f"={value}"
    return f"={int(value)}"  # type: ignore[call-overload]


def by_duckdb(release: oc.Release) -> Rows:
    return oc.connect(release).execute(SQL).fetchall()


def by_spark(release: oc.Release) -> Rows:
    return [tuple(row) for row in oc.spark(release).sql(SQL).collect()]


def by_dask(release: oc.Release) -> Rows:
    """By Dask's data frames, on the cluster that is open, if there is one. All rows of a subject are in one partition, so
    that the partitions' counts of subjects add up."""
    columns = ["event_type", "start_date", "subject_id", "order_in_day", "code", "known_date"]
    frame = oc.dask("event", release, columns=columns)
    parts = frame.map_partitions(partial, meta=partial(frame._meta_nonempty).iloc[:0]).compute()
    whole = parts.groupby(KEY, dropna=False, as_index=False).agg(
        {
            "events": "sum",
            "subjects": "sum",
            "orders": "sum",
            "first_code": "min",
            "last_known": "max",
        }
    )
    return list(whole.itertuples(index=False, name=None))


def partial(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns what one partition knows of each type and year."""
    years = frame.assign(year=frame["start_date"].dt.year.astype("Int32"))
    return years.groupby(KEY, dropna=False, as_index=False).agg(
        events=("subject_id", "size"),
        subjects=("subject_id", "nunique"),
        orders=("order_in_day", "sum"),
        first_code=("code", "min"),
        last_known=("known_date", "max"),
    )


def by_pytorch(release: oc.Release) -> Rows:
    """Raises OpenChronicError where PyTorch is not installed."""
    try:
        from openchronic.selftest import tensors
    except ImportError:
        raise oc.OpenChronicError(
            f"PyTorch is not in this environment; {extras.command('torch')}",
            f"PyTorch n’est pas installé dans cet environnement\u00a0: {extras.command('torch')}.",
        ) from None
    return tensors.answer(release)


ENGINES: dict[str, Callable[[oc.Release], Rows]] = {
    "duckdb": by_duckdb,
    "dask": by_dask,
    "spark": by_spark,
    "pytorch": by_pytorch,
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", nargs="?", help="base ou base@identifiant")
    parser.add_argument(
        "--engine", action="append", choices=tuple(ENGINES), help="celui-là seulement (répétable)"
    )
    parser.add_argument("--json", action="store_true", help="le résultat en JSON")


def run(arguments: argparse.Namespace) -> int:
    try:
        release = oc.release(arguments.release)
    except oc.OpenChronicError as error:
        print(error, file=sys.stderr)
        return 1
    digests: dict[str, str] = {}
    for name in arguments.engine or ENGINES:
        try:
            digests[name] = digest(ENGINES[name](release))
        except oc.OpenChronicError as absent:
            # An engine that was asked for by name must answer.
            if arguments.engine:
                print(absent, file=sys.stderr)
                return 1
            print(f"{name}\u00a0: {absent}", file=sys.stderr)
    agree = len(set(digests.values())) == 1
    if arguments.json:
        print(json.dumps({"release": release.name, "digests": digests, "ok": agree}))
    else:
        for name, one in digests.items():
            print(f"{name:<8}{one}")
        print(
            f"{release.name}\u00a0: les moteurs s’accordent."
            if agree
            else f"{release.name}\u00a0: les moteurs ne s’accordent pas."
        )
    return 0 if agree else 1
