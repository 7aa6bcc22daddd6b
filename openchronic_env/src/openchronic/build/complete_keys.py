"""Tells in which delivered files the key of a table is complete: all its columns are there, and no two different lines
share it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from openchronic.build.context import Context
from openchronic.build.keys import key_of
from openchronic.build.typed import good_rows
from openchronic.catalogue import load_tables


def judge(context: Context, table: str, parts: Iterable[tuple[Path, ...]]) -> None:
    """Notes for each of ``parts``, delivered files by their typed folders, whether its key is complete.

    Months, which never share a key, are examined one by one, so that memory holds one month at a time; an engine that
    waits answers for all parts at once.
    """
    unknown = [one for one in dict.fromkeys(parts) if one not in context.complete]
    if not context.engine.waits:
        for one in unknown:
            context.complete[one] = _is_complete(context, table, one)
        return
    whole = context.engine.distinct(key_of(table, whole=True))
    asked = [
        _counting(context, table, [path for paths in _by_month(one).values() for path in paths])
        for one in unknown
    ]
    answers = context.engine.answers(
        [f"{one[0]}, count(DISTINCT {whole}) {one[1]}" for one in asked]
    )
    for one, (found,) in zip(unknown, answers, strict=True):
        _rows, keys, *said, different = (int(number) for number in found)
        context.complete[one] = different == keys and all(said)


def _is_complete(context: Context, table: str, part: tuple[Path, ...]) -> bool:
    by_month = _by_month(part)
    said = [0] * len(load_tables()[table].key)
    for month in sorted(by_month):
        counting, lines = _counting(context, table, by_month[month])
        rows, keys, *here = context.one(f"{counting} {lines}")
        said = [one + more for one, more in zip(said, here, strict=True)]
        if rows != keys:
            whole = context.engine.distinct(key_of(table, whole=True))
            (different,) = context.one(f"SELECT count(DISTINCT {whole}) {lines}")
            if different != keys:
                return False
    return all(said)


def _by_month(part: Iterable[Path]) -> dict[str, list[Path]]:
    by_month: defaultdict[str, list[Path]] = defaultdict(list)
    for folder in part:
        for path in sorted(folder.rglob("*.parquet")):
            by_month[path.parent.name if path.parent != folder else ""].append(path)
    return by_month


def _counting(context: Context, table: str, files: Sequence[Path]) -> tuple[str, str]:
    """Returns SQL, in two parts: the lines of typed ``files``, their keys, and how many lines fill each column of it."""
    counts = ", ".join(f"count({one})" for one in load_tables()[table].key)
    this = context.engine.distinct(key_of(table))
    return (
        f"SELECT count(*), count(DISTINCT {this}), {counts}",
        f"FROM ({good_rows(context, table, files)}) AS good",
    )
