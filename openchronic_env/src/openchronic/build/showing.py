"""Shows delivered tables as the models read them: each line once, and in the shape of DCIR."""

from __future__ import annotations

from openchronic.build.context import Context
from openchronic.build.figures import Counted
from openchronic.build.instances import Instance
from openchronic.build.money import sums_of, sums_of_rows
from openchronic.build.shared import show_unique
from openchronic.build.typed import good_rows, type_of
from openchronic.catalogue import load_tables
from openchronic.engines import Engine
from openchronic.models.model import Source

RANK = "BEN_RNG_GEM"


def show_source(context: Context, source: Source, instance: Instance, counted: Counted) -> None:
    """Makes the view of ``source``; counts the lines that are delivered twice, and their amounts."""
    files = instance.files(context, source)
    if source.every:
        context.engine.view(source.name, good_rows(context, source.table, files))
    else:
        extra = show_unique(context, source.table, files, counted)
        if extra:
            counted.add(("duplicates", source.table), extra)
        if extra and source.amounts:
            once = sums_of_rows(context, source.name, source.amounts)
            for amount, euros in sums_of(context, files, source.amounts).items():
                counted.add(("duplicate euros", source.table, amount), euros - once[amount])
    if source.unranked:
        _forget_ranks(context, source.name)


def in_shape(engine: Engine, table: str, query: str) -> str:
    """Returns SQL: ``query`` with every column of ``table``, of its type; missing columns are NULL."""
    there = list(engine.columns(query))
    declared = load_tables()[table].columns
    columns = [
        f"CAST({column.name if column.name in there else 'NULL'} AS {type_of(column)}) "
        f"AS {column.name}"
        for column in declared
    ]
    others = [name for name in there if name not in {column.name for column in declared}]
    return f"SELECT {', '.join([*columns, *others])} FROM ({query})"


def _forget_ranks(context: Context, view: str) -> None:
    """Sets the ranks of a view to NULL where the referential has none: the number alone is then the key."""
    context.engine.scratch(
        f"{view}_unranked",
        f"SELECT {context.engine.all_except(RANK)}, CAST(NULL AS BIGINT) AS {RANK} FROM {view}",
    )
    context.engine.view(view, f"SELECT * FROM {view}_unranked")
