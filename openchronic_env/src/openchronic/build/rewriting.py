"""Writes a bucket of a table of the release from its files in the last one: those of years that did not change are linked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from openchronic.build.cells import EARLIER, cell_of, empty, folder_of, link, write_cell
from openchronic.build.context import Context
from openchronic.build.differences import among
from openchronic.models.model import Written

Files = Mapping[str, Path]


def rewrite_days(
    context: Context, written: Written, buckets: range, before: Files, *, days: str, come: str
) -> None:
    """Writes the rows of ``before`` but those of the table ``days``, and those of the table ``come``, which are all of
    these days."""

    def stays(old: str) -> str:
        return among(old, days, "start_date", within=False)

    changed = f"SELECT day AS start_date FROM {days}"
    _rewrite(context, written, buckets, before, changed=changed, come=come, stays=stays)


def rewrite_rows(
    context: Context, written: Written, buckets: range, before: Files, *, come: str, gone: str
) -> None:
    """Writes the rows of ``before`` without those of the table ``gone``, each as often as it is there, and with those of
    the table ``come``."""
    ((is_any,),) = context.engine.rows(f"SELECT count(*) > 0 FROM {gone}")

    def stays(old: str) -> str:
        return f"{old} EXCEPT ALL SELECT * FROM {gone}" if is_any else old

    changed = f"SELECT start_date FROM {come} UNION ALL SELECT start_date FROM {gone}"
    _rewrite(context, written, buckets, before, changed=changed, come=come, stays=stays)


def _rewrite(
    context: Context,
    written: Written,
    buckets: range,
    before: Files,
    *,
    changed: str,
    come: str,
    stays: Callable[[str], str],
) -> None:
    """Links the files of ``before``, and writes those of the days ``changed``: what of them ``stays``, and what has ``come``."""
    engine = context.engine
    folder = folder_of(context, written.table, buckets)
    empty(folder)
    cell = cell_of(context)
    cells = {name for (name,) in engine.rows(f"SELECT DISTINCT {cell} FROM ({changed})")}
    filled = {name for (name,) in engine.rows(f"SELECT DISTINCT {cell} FROM {come}")}
    for name, file in before.items():
        if name not in cells:
            link(file, folder / file.name)
    for name in sorted(cells):
        fresh = f"SELECT * FROM {come} WHERE {cell} = '{name}'"
        old = f"SELECT * FROM {engine.scan([before[name]])}" if name in before else ""
        rows = f"({stays(old)}) UNION ALL ({fresh})" if old else fresh
        if name in filled or any(engine.rows(f"SELECT 1 FROM ({rows}) LIMIT 1")):
            write_cell(context, written.table, name, rows, written.order, buckets)
    if not any(folder.iterdir()):
        nothing = f"SELECT * FROM {come} WHERE FALSE"
        write_cell(context, written.table, EARLIER, nothing, written.order, buckets)
