"""Tells together, of the tables of a step, those in which no two lines share a key: their views need no other look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openchronic.build.context import Context
from openchronic.build.instances import instances_of
from openchronic.build.keys import key_of
from openchronic.build.typed import good_rows
from openchronic.catalogue import load_tables
from openchronic.ingest.shards import group_of
from openchronic.models.graph import Graph
from openchronic.models.model import Source


def without_repeats(context: Context, files: Mapping[str, Sequence[Path]]) -> set[str]:
    """Returns the tables of which no two lines in the typed ``files`` share a key; all are asked by one query.

    Lines of a table without a key can be equal only where several delivered files hold one year.
    """
    unique = [table for table in files if load_tables()[table].unique]
    asked = {one: _repeated(context, one, files[one]) for one in unique}
    context.foresee(asked.values())
    alone = {one for one, query in asked.items() if not context.one(query)[0]}
    return alone | {
        one for one in files if one not in unique and not _is_cut(context, one, files[one])
    }


def foresee_repeats(context: Context, graph: Graph) -> None:
    """Asks for the tables of all stages at once what ``without_repeats`` asks for those of one step.

    The years of the cartography are known later.
    """
    context.foresee(
        _repeated(context, source.table, source_files)
        for stage in graph.stages
        if stage.scope != "mapped years"
        for source in stage.nodes
        if isinstance(source, Source) and not source.every and load_tables()[source.table].unique
        for instance in instances_of(context, stage)
        for source_files in [instance.files(context, source)]
    )


def _repeated(context: Context, table: str, files: Sequence[Path]) -> str:
    this = context.engine.distinct(key_of(table))
    return f"SELECT count(*) - count(DISTINCT {this}) FROM ({good_rows(context, table, files)}) AS good"


def _is_cut(context: Context, table: str, files: Iterable[Path]) -> bool:
    """Returns whether some year of ``table`` is in several delivered files."""
    here = set(files)
    names = {
        (one.file.year or 0, group_of(one.file.name))
        for one in (context.readings[table].files if table in context.readings else ())
        if any(one.folder in path.parents for path in here)
    }
    return any(n > 1 for n in Counter(year for year, _ in names).values())
