"""Shows typed tables so that no line counts twice: only lines that share a key are compared."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from openchronic.build.context import Context
from openchronic.build.figures import Counted
from openchronic.build.ingest import TableReading
from openchronic.build.keys import (
    alone,
    columns_by_file,
    columns_of,
    key_of,
    lacking_in_some,
    read_of,
    settled,
)
from openchronic.build.typed import good_rows
from openchronic.catalogue import load_tables
from openchronic.ingest.reading import FileReading

CONFLICTS = "key_conflict"


@dataclass(frozen=True)
class Conflict:
    """Lines of a delivered file that share their key with another line that counts too.

    ``unread``: those of them that are not read, since details are joined to one line per key.
    """

    table: str
    file: str
    lines: int
    unread: int


@dataclass(frozen=True)
class _Part:
    """One delivered file whose lines are compared; the shares of one writer are one part."""

    readings: tuple[FileReading, ...]
    files: tuple[Path, ...]


def conflicts(readings: Mapping[str, TableReading], counted: Counted) -> list[Conflict]:
    """Returns the conflicts found, by table and file."""
    names = {
        one.folder.name: one.file.name for reading in readings.values() for one in reading.files
    }
    sums: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for (table, typed, _), (lines, unread) in counted.conflicts.items():
        sums[table, typed][0] += lines
        sums[table, typed][1] += unread
    found = [
        Conflict(table, names[typed], lines, unread)
        for (table, typed), (lines, unread) in sums.items()
    ]
    # The order uses the delivered names: entries of the store change theirs with the code.
    return sorted(found, key=lambda one: (one.table, one.file))


def notes_on_conflicts(readings: Mapping[str, TableReading], counted: Counted) -> Iterator[str]:
    """Yields sentences on the conflicts, by table: those with details joined to one line per key are more serious."""
    found = conflicts(readings, counted)
    for table in dict.fromkeys(one.table for one in found):
        lines = sum(one.lines for one in found if one.table == table)
        names = [one.file for one in found if one.table == table]
        files = ", ".join(names[:2]) + (" …" if len(names) > 2 else "")
        joined = load_tables()[table].joined
        if joined is None:
            fate = "each counts"
        elif joined.how == "claims":
            fate = f"each counts, all but the first of a key are flagged {CONFLICTS}"
        else:
            fate = f"one of each key is read, the others are counted as {CONFLICTS}"
        yield f"{table}: {lines:,} lines share their key with another line ({files}): {fate}"


def show_unique(context: Context, table: str, files: Iterable[Path], counted: Counted) -> int:
    """Makes the view ``table`` over the lines of typed ``files`` that count (``keys``).

    Returns how many lines it leaves out as delivered twice. Few lines share a key, and only those are sorted;
    where none does, keys are counted and nothing else is done. Conflicts are noted in ``counted``.
    """
    engine, view = context.engine, table.lower()
    parts = _parts(context, table, files)
    every = [path for part in parts for path in part.files]
    engine.view(view, alone(table, good_rows(context, table, every)))
    unique = load_tables()[table].unique
    key = key_of(table, whole=not unique)
    if not unique and len(parts) > 1:
        key = [one for one in key if one not in _lacking(context, table, parts)]
    if not (_repeats(context, table) if unique else _is_in_two(context, table, parts, key)):
        return 0
    columns, same = _named(key)
    grouped = f"SELECT {columns}, count(*) AS n, TRUE AS is_shared FROM ({_delivered(context, table, parts)})"
    having = "count(*) > 1" if unique else "min(file_no) <> max(file_no)"
    keys, rows = f"shared_key_of_{view}", f"shared_{view}"
    engine.scratch(keys, f"{grouped} AS delivered GROUP BY {', '.join(key)} HAVING {having}")
    names = ", ".join(f"delivered.{one}" for one in (*columns_of(table), "file_no", "is_complete"))
    meeting = f"SELECT {names} FROM ({{}}) AS delivered INNER JOIN {keys} AS k ON {same}"
    lacking: set[str] = set()
    if len(parts) > 1:
        said = columns_by_file(engine, table, meeting.format(_delivered(context, table, parts)))
        lacking = lacking_in_some(said.values())
        # Of a line that is in two files, the one with more columns filled is read.
        order = sorted(range(len(parts)), key=lambda number: -len(said.get(number, ())))
        parts = [parts[number] for number in order]
    complete = _complete(context, table, parts, keys) if unique else {}
    met = meeting.format(_delivered(context, table, parts, complete))
    engine.scratch(rows, settled(table, met, lacking=lacking))
    good = f"SELECT *, 0 AS file_no FROM ({good_rows(context, table, every)})"
    names = ", ".join(f"delivered.{one}" for one in columns_of(table))
    others = (
        f"SELECT {names} FROM ({good}) AS delivered LEFT JOIN {keys} AS k ON {same} "
        "WHERE k.is_shared IS NULL"
    )
    shown = read_of(table, engine, f"SELECT * FROM {rows}")
    engine.view(view, f"{alone(table, others)} UNION ALL {shown}")
    if unique:
        _note(context, table, parts, rows, counted)
    (extra,) = context.one(f"SELECT (SELECT sum(n) FROM {keys}) - (SELECT count(*) FROM {rows})")
    return extra


def group_of(name: str) -> str:
    """Returns the name of the file that a delivered file is a share of, or its own name."""
    path = PurePosixPath(name)
    shared = path.suffix.lower() == ".parquet" and path.name.lower().startswith("part-")
    return str(path.parent) if shared else name


def _parts(context: Context, table: str, files: Iterable[Path]) -> list[_Part]:
    folders = {
        one.folder: one
        for one in (context.readings[table].files if table in context.readings else ())
    }
    found: defaultdict[str, list[Path]] = defaultdict(list)
    readings: defaultdict[str, list[FileReading]] = defaultdict(list)
    for path in files:
        one = next(folders[up] for up in path.parents if up in folders)
        found[group_of(one.file.name)].append(path)
    for one in folders.values():
        readings[group_of(one.file.name)].append(one)
    return [_Part(tuple(readings[name]), tuple(found[name])) for name in sorted(found)]


def _delivered(
    context: Context, table: str, parts: Iterable[_Part], complete: Mapping[int, bool] | None = None
) -> str:
    """Returns SQL: the good lines of ``parts``, with the number of their part."""
    columns = ", ".join(columns_of(table))
    return " UNION ALL ".join(
        f"SELECT {columns}, {number} AS file_no, "
        f"{'TRUE' if (complete or {}).get(number, False) else 'FALSE'} AS is_complete "
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


def _repeats(context: Context, table: str) -> bool:
    this = context.engine.distinct(key_of(table))
    (extra,) = context.one(f"SELECT count(*) - count(DISTINCT {this}) FROM {table.lower()}")
    return extra > 0


def _lacking(context: Context, table: str, parts: list[_Part]) -> set[str]:
    """Returns the columns that some of the parts have and others lack."""
    columns = columns_by_file(context.engine, table, _delivered(context, table, parts))
    return lacking_in_some(columns.values())


def _is_in_two(context: Context, table: str, parts: list[_Part], key: Iterable[str]) -> bool:
    """Returns whether some line of a table without a key is in two files."""
    if len(parts) < 2:
        return False
    this = context.engine.distinct(key)
    delivered = _delivered(context, table, parts)
    (both,) = context.one(
        f"SELECT count(*) FROM (SELECT {this} AS line FROM ({delivered}) AS delivered "
        "GROUP BY 1 HAVING min(file_no) <> max(file_no)) AS twice"
    )
    return both > 0


def _complete(context: Context, table: str, parts: list[_Part], keys: str) -> dict[int, bool]:
    """Returns in which of the parts the key is complete; only parts that repeat a key are examined."""
    columns, same = _named(key_of(table))
    delivered = _delivered(context, table, parts)
    rows = context.engine.rows(
        f"SELECT DISTINCT file_no FROM (SELECT file_no, {columns} FROM ({delivered}) AS delivered "
        f"WHERE EXISTS (SELECT 1 FROM {keys} AS k WHERE {same}) "
        f"GROUP BY file_no, {', '.join(key_of(table))} HAVING count(*) > 1) AS repeating"
    )
    return {int(number): _is_complete(context, table, parts[int(number)]) for (number,) in rows}


def _is_complete(context: Context, table: str, part: _Part) -> bool:
    """Returns whether all columns of the key are in the part, and no two different lines share one.

    Months, which never share a key, are examined one by one, so that memory holds one month at a time.
    """
    known = tuple(one.folder for one in part.readings)
    if known not in context.complete:
        context.complete[known] = _judge(context, table, part)
    return context.complete[known]


def _judge(context: Context, table: str, part: _Part) -> bool:
    engine, key = context.engine, load_tables()[table].key
    by_month: defaultdict[str, list[Path]] = defaultdict(list)
    for one in part.readings:
        for path in sorted(one.folder.rglob("*.parquet")):
            by_month[path.parent.name if path.parent != one.folder else ""].append(path)
    said = [0] * len(key)
    for month in sorted(by_month):
        lines = f"({good_rows(context, table, by_month[month])}) AS good"
        counts = ", ".join(f"count({one})" for one in key)
        this = engine.distinct(key_of(table))
        rows, keys, *here = context.one(
            f"SELECT count(*), count(DISTINCT {this}), {counts} FROM {lines}"
        )
        said = [one + more for one, more in zip(said, here, strict=True)]
        if rows != keys:
            whole = engine.distinct(key_of(table, whole=True))
            (different,) = context.one(f"SELECT count(DISTINCT {whole}) FROM {lines}")
            if different != keys:
                return False
    return all(said)


def _note(context: Context, table: str, parts: list[_Part], rows: str, counted: Counted) -> None:
    """Records how many lines of each part share their key with others that count."""
    key = ", ".join(key_of(table))
    joined = load_tables()[table].joined
    unread = "key_place > 1" if joined and joined.how == "host" else "FALSE"
    found = context.engine.rows(
        f"SELECT file_no, count(*), sum(CASE WHEN {unread} THEN 1 ELSE 0 END) FROM "
        f"(SELECT *, count(*) OVER (PARTITION BY {key}) AS n_of_key FROM {rows}) AS counted "
        "WHERE n_of_key > 1 GROUP BY file_no ORDER BY file_no"
    )
    looked_at = "\n".join("/".join(path.parts[-3:]) for part in parts for path in part.files)
    # A table that is shown twice with the same lines has each conflict once.
    name = hashlib.sha256(looked_at.encode()).hexdigest()[:16]
    for number, lines, hidden in found:
        typed = parts[int(number)].readings[0].folder.name
        counted.conflicts[table, typed, name] = (int(lines), int(hidden))
