"""Opens DuckDB on a release: one view per table, memory and threads sized to the session."""

from __future__ import annotations

from functools import cache

import duckdb

from openchronic.api.pinning import pinned
from openchronic.releases import Release
from openchronic.runtime.database import open_engine, scan
from openchronic.runtime.limits import thread_limit


def connect(release: Release | str | None = None) -> duckdb.DuckDBPyConnection:
    """Ouvre une connexion DuckDB où chaque table de la version est une vue.

    Sans argument : la version en service au premier appel de la session, et la même ensuite. Lève
    ``OpenChronicError`` si la version n'existe pas.
    """
    chosen = pinned(release)
    connection = open_engine(threads=thread_limit())
    for name in chosen.tables:
        rows = scan(chosen.files(name), chosen.condition(name))
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {rows}")
    return connection


def table(name: str, release: Release | str | None = None) -> duckdb.DuckDBPyRelation:
    """Donne une table de la version, à la demande : rien n'est lu avant ``.df()``, ``.show()``…

    Les colonnes, leurs types et leurs unités : ``oc.describe(name)``. Lève ``OpenChronicError`` si la version
    ou la table n'existe pas.
    """
    chosen = pinned(release)
    chosen.files(name)  # raises in French where there is no such table
    return shared(chosen).table(name)


@cache
def shared(release: Release) -> duckdb.DuckDBPyConnection:
    """Returns the session's own connection to a release: relations of one connection can be joined."""
    return connect(release)
