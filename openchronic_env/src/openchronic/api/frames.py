"""Reads a table of the release into another library: Arrow, pandas, Polars, Dask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openchronic import extras
from openchronic.api.duck import shared
from openchronic.api.pinning import pinned
from openchronic.errors import OpenChronicError
from openchronic.releases import Release
from openchronic.releases.pieces import together
from openchronic.runtime.database import open_engine, scan
from openchronic.runtime.decimals import nearest_doubles

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from dask.dataframe import DataFrame as DaskFrame

INSTALLED_BY: dict[str, Callable[[], str]] = {
    "pandas": lambda: "pip install 'pandas<3'",
    "polars": lambda: "pip install polars",
    "dask.dataframe": lambda: extras.command("dask"),
}


def arrow(
    name: str, release: Release | str | None = None, *, columns: Iterable[str] | None = None
) -> pa.Table:
    """Lit en mémoire une table de la version, comme table Arrow ; ``columns`` : celles-là seulement.

    Pour n'en lire qu'une partie : ``oc.table(name).filter("event_type = 'drug'").to_arrow_table()``. Lève
    ``OpenChronicError`` si la table ou une colonne n'existe pas.
    """
    chosen = pinned(release)
    wanted = _columns(chosen, name, columns)
    return shared(chosen).table(name).project(_listed(wanted)).to_arrow_table()


def pandas(
    name: str, release: Release | str | None = None, *, columns: Iterable[str] | None = None
) -> pd.DataFrame:
    """Lit en mémoire une table de la version, avec pandas ; ``columns`` : celles-là seulement.

    Un entier qui peut manquer reste un entier (``Int64``), un texte est ``string``, une date ``datetime64``, un
    montant ``float64`` (en euros). Pour n'en lire qu'une partie : ``oc.table(name).filter(…)``. Lève
    ``OpenChronicError`` si la table ou une colonne n'existe pas.
    """
    _library("pandas")
    return frame(arrow(name, release, columns=columns))


def polars(
    name: str, release: Release | str | None = None, *, columns: Iterable[str] | None = None
) -> pl.LazyFrame:
    """Donne une table de la version à Polars, à la demande : rien n'est lu avant ``.collect()``.

    ``columns`` : celles-là seulement. Lève ``OpenChronicError`` si la table ou une colonne n'existe pas.
    """
    library = _library("polars")
    chosen = pinned(release)
    wanted = _columns(chosen, name, columns)
    files = [str(path) for path in chosen.files(name)]
    rows = library.scan_parquet(files, glob=False, hive_partitioning=False)
    condition = chosen.condition(name)
    return (rows.filter(library.sql_expr(condition)) if condition else rows).select(wanted)


def dask(
    name: str, release: Release | str | None = None, *, columns: Iterable[str] | None = None
) -> DaskFrame:
    """Donne une table de la version à Dask, à la demande : rien n'est lu avant ``.compute()``.

    Pour ``event``, ``cost`` et ``residence`` une partition par lot de sujets : toutes les lignes d'un sujet
    sont dans la même (``map_partitions``). Pour les autres, une par fichier. Types de ``oc.pandas``. Lève
    ``OpenChronicError`` si la table ou une colonne n'existe pas.
    """
    library = _library("dask.dataframe")
    _library("pandas")
    chosen = pinned(release)
    wanted = _columns(chosen, name, columns)
    pieces = list(together(chosen.files(name)))
    empty = shared(chosen).table(name).project(_listed(wanted)).limit(0).to_arrow_table()
    return library.from_map(
        partition,
        pieces,
        columns=wanted,
        condition=chosen.condition(name),
        meta=frame(empty),
        label=f"openchronic-{name}",
    )


def partition(files: list[Path], *, columns: list[str], condition: str | None) -> pd.DataFrame:
    """Reads the files of one partition where Dask computes: with one thread, since Dask reads several at a time."""
    with open_engine(threads=1) as connection:
        query = f"SELECT {_listed(columns)} FROM {scan(files, condition)}"
        return frame(connection.sql(query).to_arrow_table())


def frame(table: pa.Table) -> pd.DataFrame:
    """Returns a pandas frame whose column types do not depend on the rows: a missing value changes none."""
    import pandas
    import pyarrow

    types = {
        pyarrow.int32(): pandas.Int32Dtype(),
        pyarrow.int64(): pandas.Int64Dtype(),
        pyarrow.bool_(): pandas.BooleanDtype(),
        pyarrow.string(): pandas.StringDtype("pyarrow"),
    }
    # Python's decimals are objects, a hundred times slower to add.
    for place, field in enumerate(table.schema):
        if pyarrow.types.is_decimal(field.type):
            doubles = [nearest_doubles(chunk) for chunk in table[field.name].chunks]
            column = pyarrow.chunked_array(doubles, pyarrow.float64())
            table = table.set_column(place, field.name, column)
    return table.to_pandas(types_mapper=types.get, date_as_object=False)


def _columns(release: Release, name: str, wanted: Iterable[str] | None) -> list[str]:
    """Returns the columns asked for, in that order. Raises OpenChronicError where a table or column does not
    exist."""
    release.files(name)  # raises in French where there is no such table
    relation: duckdb.DuckDBPyRelation = shared(release).table(name)
    if wanted is None:
        return list(relation.columns)
    asked = [wanted] if isinstance(wanted, str) else list(wanted)
    for column in asked:
        if column not in relation.columns:
            raise OpenChronicError(
                f"the table {name} has no column {column}; it has {', '.join(relation.columns)}",
                f"La table « {name} » n'a pas de colonne « {column} ». "
                f"Colonnes : {', '.join(relation.columns)}.",
            )
    if not asked:
        raise OpenChronicError(
            "columns names no column: without columns all are read",
            "columns ne nomme aucune colonne : sans columns, toutes sont lues.",
        )
    return asked


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise OpenChronicError(
            f"{package} is not in this environment; {INSTALLED_BY[name]()}",
            f"{package} n'est pas installé dans cet environnement : {INSTALLED_BY[name]()}.",
        ) from None
