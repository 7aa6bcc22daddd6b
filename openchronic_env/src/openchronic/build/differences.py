"""Which rows of a bucket came and went since the last build: those of parts that were made again, compared one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from openchronic.build.buckets import rows_of_files
from openchronic.build.run import Run
from openchronic.build.standing import Part


@dataclass(frozen=True)
class Difference:
    """What changed of the rows of a table. ``same``: the files of the parts that both builds have; ``old`` and ``new``: those
    of the other parts; ``come``, ``gone``: scratch tables of the rows that only one has; ``share``: of the rows."""

    same: tuple[Path, ...]
    old: tuple[Path, ...]
    new: tuple[Path, ...]
    come: str
    gone: str
    share: float

    @property
    def is_any(self) -> bool:
        """Whether some row came or went."""
        return self.share > 0

    def changed(self, columns: str) -> str:
        """Returns SQL: the ``columns`` of the rows that came or went."""
        return f"SELECT {columns} FROM {self.come} UNION ALL SELECT {columns} FROM {self.gone}"


def difference_of(
    run: Run, table: str, before: Mapping[str, Part], now: Mapping[str, Part]
) -> Difference:
    """Returns what changed of the rows of ``table`` from the parts ``before`` to those of ``now``."""
    engine = run.context.engine

    def is_same(name: str) -> bool:
        return name in before and name in now and before[name].digest == now[name].digest

    same = _files(part for name, part in now.items() if is_same(name))
    old = _files(part for name, part in before.items() if not is_same(name))
    new = _files(part for name, part in now.items() if not is_same(name))
    rows = rows_of_files(run, table, new or old or same)
    columns = ", ".join(engine.columns(rows))
    come, gone = (f"SELECT {columns} FROM ({rows_of_files(run, table, one)})" for one in (new, old))
    if old and new:
        come, gone = f"{come} EXCEPT ALL {gone}", f"{gone} EXCEPT ALL {come}"
    engine.scratch(f"{table}_come", come)
    engine.scratch(f"{table}_gone", gone)
    ((changed,),) = engine.rows(
        f"SELECT (SELECT count(*) FROM {table}_come) + (SELECT count(*) FROM {table}_gone)"
    )
    ((every,),) = engine.rows(f"SELECT count(*) FROM ({rows_of_files(run, table, same + new)})")
    share = changed / max(every, 1)
    return Difference(same, old, new, f"{table}_come", f"{table}_gone", share)


def among(rows: str, days: str, day: str, *, within: bool = True) -> str:
    """Returns SQL: the ``rows`` whose subject and ``day`` are in the table ``days``, or the others."""
    join = "SEMI" if within else "ANTI"
    return (
        f"SELECT one.* FROM ({rows}) AS one {join} JOIN {days} AS those "
        f"ON one.subject_id = those.subject_id AND one.{day} IS NOT DISTINCT FROM those.day"
    )


def _files(parts: Iterable[Part]) -> tuple[Path, ...]:
    return tuple(file for part in parts for file in part.files)
