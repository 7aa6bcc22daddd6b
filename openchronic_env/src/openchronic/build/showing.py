"""Shows delivered tables as the models read them: each line once, and in the shape of DCIR."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from openchronic.build.context import Context
from openchronic.build.figures import Counted
from openchronic.build.foreign_keys import shared_key
from openchronic.build.instances import Instance
from openchronic.build.keys import alone
from openchronic.build.shared import LeftOut, show_unique
from openchronic.build.typed import good_rows, type_of
from openchronic.catalogue import load_tables
from openchronic.catalogue.claims import CLAIMS
from openchronic.engines import Engine
from openchronic.models.delivery import delivered
from openchronic.models.model import Source

RANK = "BEN_RNG_GEM"


def show_source(
    context: Context,
    source: Source,
    instance: Instance,
    counted: Counted,
    *,
    apart: Collection[str] = (),
) -> None:
    """Makes the view of ``source``; counts the lines that are delivered twice, and their amounts.

    ``apart``: the tables of which no two lines share a key, as far as that is known.
    """
    engine = context.engine
    files = instance.files(context, source)
    among = _of_share(context, source.table, instance)
    if source.every:
        rows = good_rows(context, source.table, files)
        engine.view(source.name, f"SELECT * FROM ({rows}) AS good WHERE {among}")
    elif source.table in apart:
        rows = alone(source.table, good_rows(context, source.table, files))
        engine.view(source.name, f"SELECT * FROM ({rows}) AS apart WHERE {among}")
    else:
        twice = _show_unique(context, source, instance, files, counted, among=among)
        # The first share counts for the whole month.
        counts = not instance.share[0]
        if counts and twice.lines:
            counted.add(("duplicates", source.table), twice.lines)
        for amount, euros in twice.euros.items() if counts else ():
            counted.add(("duplicate euros", source.table, amount), euros)
    if source.unranked:
        _forget_ranks(context, source.name)


def _of_share(context: Context, table: str, instance: Instance) -> str:
    """Returns SQL: whether a line of ``table`` is in the share of an instance. All lines of a claim are in one share."""
    number, shares = instance.share
    if shares == 1:
        return "TRUE"
    claims = delivered(context.readings, CLAIMS)
    return f"{context.engine.route(shared_key(table, claims))} % {shares} = {number}"


def _show_unique(
    context: Context,
    source: Source,
    instance: Instance,
    files: Iterable[Path],
    counted: Counted,
    *,
    among: str,
) -> LeftOut:
    """Makes the view of the lines of ``source`` that count, year by year where it has the files of several: what one
    year lacks changes nothing in another."""
    if len(instance.years) < 2:
        return show_unique(context, source.table, files, source.amounts, counted, among=among)
    engine = context.engine
    lines = 0
    euros: dict[str, Decimal] = {}
    of_years = []
    for year in instance.years:
        own = replace(instance, years=(year,)).files(context, source)
        twice = show_unique(context, source.table, own, source.amounts, counted, among=among)
        lines += twice.lines
        for amount, more in twice.euros.items():
            euros[amount] = euros.get(amount, Decimal(0)) + more
        of_years.append(f"{source.name}_of_{year}")
        engine.view(of_years[-1], f"SELECT * FROM {source.name}")
    engine.view(source.name, " UNION ALL ".join(f"SELECT * FROM {one}" for one in of_years))
    return LeftOut(lines, euros)


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
