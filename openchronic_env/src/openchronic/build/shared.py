"""Shows typed tables so that no line counts twice: only lines that share a key are compared."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from openchronic.build.complete_keys import judge
from openchronic.build.context import Context
from openchronic.build.figures import Counted
from openchronic.build.filled import filled_columns, lacking_in
from openchronic.build.keys import (
    alone,
    columns_of,
    key_of,
    read_of,
    settled,
)
from openchronic.build.money import summing
from openchronic.build.typed import good_rows
from openchronic.catalogue import load_tables
from openchronic.ingest.reading import FileReading
from openchronic.ingest.shards import group_of


@dataclass(frozen=True)
class _Part:
    """One delivered file whose lines are compared; the shares of one writer are one part."""

    readings: tuple[FileReading, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True)
class LeftOut:
    """Lines that are delivered twice. ``euros``: how much more all lines hold than those that are read, by amount."""

    lines: int = 0
    euros: Mapping[str, Decimal] = field(default_factory=dict)


def show_unique(
    context: Context,
    table: str,
    files: Iterable[Path],
    amounts: Mapping[str, str],
    counted: Counted,
    *,
    among: str = "TRUE",
) -> LeftOut:
    """Makes the view ``table`` over the lines of typed ``files`` that count (``keys``), and hold the condition ``among``.

    Returns what it leaves out as delivered twice, with the sums of the columns of ``amounts``. Few lines share a key:
    a first pass over the keys finds a number of 64 bits for each of these, a second one takes the lines of such
    numbers apart, and only those are compared and sorted, by the whole key. Where no line shares its key, there is
    no second pass. Conflicts are noted in ``counted``.
    """
    engine, view = context.engine, table.lower()
    parts = _parts(context, table, files)
    every = [path for part in parts for path in part.files]
    counting = f"SELECT * FROM ({{}}) AS counting WHERE {among}"
    engine.view(view, counting.format(alone(table, good_rows(context, table, every))))
    unique = load_tables()[table].unique
    key = key_of(table, whole=not unique)
    if not unique:
        if len(parts) < 2:
            return LeftOut()
        lacking = lacking_in(columns_of(table)[:-1], _filled(context, parts))
        key = [one for one in key if one not in lacking]
    having = "count(*) > 1" if unique else "min(file_no) <> max(file_no)"
    routes, near, keys, rows = (
        f"{one}_{view}" for one in ("routed", "near", "shared_key_of", "shared")
    )
    route = engine.route(key)
    # The number of the file is read only where it tells something.
    routed = good_rows(context, table, every) if unique else _delivered(context, table, parts)
    engine.scratch(
        routes, f"SELECT {route} AS route FROM ({routed}) AS delivered GROUP BY 1 HAVING {having}"
    )
    # An engine that waits was told before that lines of this table share a key (``repeats``).
    is_known = engine.waits and unique
    if not is_known and not context.one(f"SELECT count(*) FROM {routes}")[0]:
        engine.drop(routes)
        return LeftOut()
    delivered = _delivered(context, table, parts)
    engine.scratch(
        near,
        f"SELECT * FROM ({delivered}) AS delivered SEMI JOIN {routes} AS r ON r.route = {route}",
    )
    columns, same = _named(key)
    engine.scratch(
        keys,
        f"SELECT {columns}, count(*) AS n, TRUE AS is_shared FROM {near} AS delivered "
        f"GROUP BY {', '.join(key)} HAVING {having}",
    )
    names = ", ".join(f"delivered.{one}" for one in columns_of(table))
    among = f"FROM {near} AS delivered"
    meeting = f"SELECT {names}, file_no {among} INNER JOIN {keys} AS k ON {same}"
    lacking = {}
    order = list(range(len(parts)))
    if len(parts) > 1:
        filled = _filled(context, parts)
        # Of a line that is in two files, the one with more columns filled is read.
        order.sort(key=lambda number: -len(filled[number]))
        places = {place: filled[number] for place, number in enumerate(order)}
        lacking = lacking_in(columns_of(table)[:-1], places)
    complete = _complete(context, table, parts, near) if unique else set()
    met = f"SELECT {names}, {_placed(order, complete)} {among} INNER JOIN {keys} AS k ON {same}"
    engine.scratch(rows, settled(table, met, lacking=lacking))
    shown = read_of(table, engine, f"SELECT * FROM {rows}")
    (numbers,), sharing = engine.answers(
        [
            f"SELECT (SELECT count(*) FROM {near}), (SELECT sum(n) FROM {keys}), (SELECT count(*) FROM {rows})",
            _sharing(table, rows) if unique else "SELECT 0 WHERE FALSE",
        ]
    )
    n_near, n_met, n_kept = (int(one or 0) for one in numbers)
    # Only by chance have lines of different keys the same number.
    others = f"SELECT {names} {among} LEFT JOIN {keys} AS k ON {same} WHERE k.is_shared IS NULL"
    apart = f" UNION ALL {alone(table, others)}" if n_near > n_met else ""
    good = (
        f"SELECT * FROM ({good_rows(context, table, every)}) AS delivered "
        f"ANTI JOIN {routes} AS r ON r.route = {route}"
    )
    engine.view(view, counting.format(f"{alone(table, good)} UNION ALL {shown}{apart}"))
    if unique:
        _note(table, [parts[number] for number in order], sharing, counted)
    return LeftOut(
        n_met - n_kept, _more(context, amounts, meeting, shown) if n_met > n_kept else {}
    )


def _more(
    context: Context, amounts: Mapping[str, str], rows: str, others: str
) -> dict[str, Decimal]:
    """Returns how much more each amount of ``rows`` is than that of ``others``."""
    if not amounts:
        return {}
    every, once = context.engine.answers(
        [summing(f"({rows}) AS met", amounts), summing(f"({others}) AS shown", amounts)]
    )
    return {
        amount: Decimal(euros or 0) - Decimal(read or 0)
        for amount, euros, read in zip(amounts, every[0], once[0], strict=True)
    }


def _placed(order: list[int], complete: Collection[int]) -> str:
    """Returns SQL: the place of the file of a row in ``order``, and whether its key is complete in that file."""
    places = " ".join(f"WHEN {number} THEN {place}" for place, number in enumerate(order))
    is_complete = (
        f"delivered.file_no IN ({', '.join(map(str, sorted(complete)))})" if complete else "FALSE"
    )
    return f"CASE delivered.file_no {places} END AS file_no, {is_complete} AS is_complete"


def _parts(context: Context, table: str, files: Iterable[Path]) -> list[_Part]:
    folders = {
        one.folder: one
        for one in reversed(context.readings[table].files if table in context.readings else ())
    }
    found: defaultdict[str, list[Path]] = defaultdict(list)
    readings: defaultdict[str, list[FileReading]] = defaultdict(list)
    for path in files:
        one = next(folders[up] for up in path.parents if up in folders)
        found[group_of(one.file.name)].append(path)
    for one in reversed(folders.values()):
        readings[group_of(one.file.name)].append(one)
    return [_Part(tuple(readings[name]), tuple(found[name])) for name in sorted(found)]


def _delivered(context: Context, table: str, parts: Iterable[_Part]) -> str:
    """Returns SQL: the good lines of ``parts``, with the number of their part."""
    columns = ", ".join(columns_of(table))
    return " UNION ALL ".join(
        f"SELECT {columns}, {number} AS file_no "
        f"FROM ({good_rows(context, table, part.files)}) AS part_{number}"
        for number, part in enumerate(parts)
    )


def _named(key: Iterable[str]) -> tuple[str, str]:
    """Returns SQL: the parts of a key under own names, and the condition that a row has those of ``k``."""
    parts = list(enumerate(key))
    columns = ", ".join(f"{one} AS k{number}" for number, one in parts)
    return columns, " AND ".join(
        f"k.k{number} IS NOT DISTINCT FROM {one.replace('file_year', 'delivered.file_year')}"
        if "file_year" in one
        else f"k.k{number} IS NOT DISTINCT FROM delivered.{one}"
        for number, one in parts
    )


def _filled(context: Context, parts: Iterable[_Part]) -> dict[int, frozenset[str]]:
    """Returns the columns that have a value in each of the parts, by its number."""
    found = {}
    for number, part in enumerate(parts):
        known = tuple(one.folder for one in part.readings)
        if known not in context.filled:
            context.filled[known] = filled_columns(known)
        found[number] = context.filled[known]
    return found


def _complete(context: Context, table: str, parts: list[_Part], near: str) -> set[int]:
    """Returns in which of the parts the key is complete; only parts that repeat a key are examined.

    ``near``: all lines that share their key with another line, and perhaps others.
    """
    rows = context.engine.rows(
        f"SELECT DISTINCT file_no FROM (SELECT file_no FROM {near} "
        f"GROUP BY file_no, {', '.join(key_of(table))} HAVING count(*) > 1) AS repeating"
    )
    folders = {
        int(number): tuple(one.folder for one in parts[int(number)].readings) for (number,) in rows
    }
    judge(context, table, folders.values())
    return {number for number, part in folders.items() if context.complete[part]}


def _sharing(table: str, rows: str) -> str:
    """Returns SQL: by file, how many of ``rows`` share their key with others that count, and how many are not read."""
    key = ", ".join(key_of(table))
    joined = load_tables()[table].joined
    unread = "key_place > 1" if joined and joined.how == "host" else "FALSE"
    return (
        f"SELECT file_no, count(*), sum(CASE WHEN {unread} THEN 1 ELSE 0 END) FROM "
        f"(SELECT *, count(*) OVER (PARTITION BY {key}) AS n_of_key FROM {rows}) AS counted "
        "WHERE n_of_key > 1 GROUP BY file_no"
    )


def _note(
    table: str, parts: list[_Part], sharing: Iterable[Sequence[Any]], counted: Counted
) -> None:
    """Records how many lines of each part share their key with others that count."""
    looked_at = "\n".join("/".join(path.parts[-3:]) for part in parts for path in part.files)
    # A table that is shown twice with the same lines has each conflict once.
    name = hashlib.sha256(looked_at.encode()).hexdigest()[:16]
    for number, lines, hidden in sorted(map(tuple, sharing)):
        typed = parts[int(number)].readings[0].folder.name
        counted.conflicts[table, typed, name] = (int(lines), int(hidden))
