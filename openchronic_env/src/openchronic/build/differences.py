"""Which rows of a bucket came and went since the last build: those of parts that were made again, compared one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from openchronic.build.buckets import rows_of_files
from openchronic.build.run import Run
from openchronic.build.standing import Part
from openchronic.engines import Engine


@dataclass(frozen=True)
class Difference:
    """What changed of the rows of a table. ``same``: the files of the parts that both builds have; ``old`` and ``new``: those
    of the other parts; ``come``, ``gone``: SQL of the rows that only one has; ``share``: how many of all rows they are."""

    same: tuple[Path, ...]
    old: tuple[Path, ...]
    new: tuple[Path, ...]
    come: str
    gone: str
    share: float

    def changed(self, columns: str) -> str:
        """Returns SQL: the ``columns`` of the rows that came or went."""
        return f"SELECT {columns} FROM ({self.come}) UNION ALL SELECT {columns} FROM ({self.gone})"


def difference_of(
    run: Run, table: str, before: Mapping[str, Part], now: Mapping[str, Part]
) -> Difference:
    """Returns what changed of the rows of ``table`` from the parts ``before`` to those of ``now``."""

    def is_same(name: str) -> bool:
        return name in before and name in now and before[name].digest == now[name].digest

    same = _files(part for name, part in now.items() if is_same(name))
    old = _files(part for name, part in before.items() if not is_same(name))
    new = _files(part for name, part in now.items() if not is_same(name))
    come, gone = rows_of_files(run, table, new), rows_of_files(run, table, old)
    if not old and not new:
        return Difference(same, old, new, come, gone, 0.0)
    engine = run.context.engine
    if old and new:
        names = engine.columns(come)
        if _sums(engine, come, names) == _sums(engine, gone, names):
            none = rows_of_files(run, table, ())
            return Difference(same + new, (), (), none, none, 0.0)
        columns = ", ".join(names)
        gone = f"SELECT {columns} FROM ({gone})"
        engine.scratch(f"{table}_come", f"{come} EXCEPT ALL {gone}")
        engine.scratch(f"{table}_gone", f"{gone} EXCEPT ALL {come}")
        come, gone = f"SELECT * FROM {table}_come", f"SELECT * FROM {table}_gone"
    every = rows_of_files(run, table, same + new)
    counts = ", ".join(f"(SELECT count(*) FROM ({rows}))" for rows in (come, gone, every))
    ((n_come, n_gone, n_every),) = engine.rows(f"SELECT {counts}")
    return Difference(same, old, new, come, gone, (n_come + n_gone) / max(n_every, 1))


def _sums(engine: Engine, rows: str, columns: Iterable[str]) -> list[tuple[object, ...]]:
    """Returns the number of ``rows`` and two sums of their hashes: parts that were made again are most often what they were,
    and this costs less than to compare their rows."""
    names = list(columns)
    this, again = engine.distinct(names), engine.distinct([*names, "1"])
    return engine.rows(f"SELECT count(*), sum({this}), sum({again}) FROM ({rows})")


def among(rows: str, days: str, day: str, *, within: bool = True) -> str:
    """Returns SQL: the ``rows`` whose subject and ``day`` are in the table ``days``, or the others."""
    join = "SEMI" if within else "ANTI"
    return (
        f"SELECT one.* FROM ({rows}) AS one {join} JOIN {days} AS those "
        f"ON one.subject_id = those.subject_id AND one.{day} IS NOT DISTINCT FROM those.day"
    )


def _files(parts: Iterable[Part]) -> tuple[Path, ...]:
    return tuple(file for part in parts for file in part.files)
