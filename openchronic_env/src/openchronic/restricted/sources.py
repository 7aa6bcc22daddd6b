"""Reads the typed delivered tables of a release, where the restricted zone may be read."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from openchronic.catalogue import Table, load_tables
from openchronic.errors import OpenChronicError, RefusedError, ReleaseError
from openchronic.ingest.line_query import TYPES
from openchronic.ingest.typed_files import MONTH
from openchronic.releases import Release, closed_tables, project_of
from openchronic.store.entry import Entry, read_entry
from openchronic.store.places import STORE, beside_releases

# Each year's file numbers its stays from one: the year is part of the key.
YEAR = "file_year"


def delivered(release: Release) -> list[str]:
    """Returns the names of the tables that the release was made from."""
    return sorted({str(one["table"]) for one in release.manifest["inputs"]})


def scan(table: str, release: Release, *, years: int | Iterable[int] | None = None) -> str:
    """Returns the query of ``source``, for the caller's own connection."""
    declared = _declared(table, release)
    files = _files(declared, _entries(declared, release), _wanted(declared, years))
    names = ", ".join(f'"{name}"' for name in _columns(declared))
    return f"SELECT {names} FROM {_scan(declared, files)}"


def _declared(name: str, release: Release) -> Table:
    tables = {table.name.upper(): table for table in load_tables().values()}
    table = tables.get(name.upper())
    if table is None or table.name not in delivered(release):
        there = ", ".join(delivered(release))
        raise ReleaseError(
            f"{release.name} was made without a table {name}; delivered were {there}",
            f"La version {release.name} n'a pas été faite avec une table « {name} ». "
            f"Tables livrées : {there}.",
        )
    return table


def _wanted(table: Table, years: int | Iterable[int] | None) -> set[int] | None:
    if years is None:
        return None
    if table.period == "none":
        raise OpenChronicError(
            f"{table.name} is not delivered by year: ask for it without years",
            f'{table.name} n\'est pas livrée par année : appelez oc.source("{table.name}") sans years.',
        )
    return {years} if isinstance(years, int) else set(years)


def _entries(table: Table, release: Release) -> list[Entry]:
    store = release.path.parent / beside_releases(STORE)
    inputs = [one for one in release.manifest["inputs"] if one["table"] == table.name]
    try:
        # A server hides the store from sessions that may not read it: the link then has no target.
        if store.is_dir():
            # Files that were read together share a folder.
            return [
                read_entry(store / name)
                for name in dict.fromkeys(str(one.get("typed")) for one in inputs)
            ]
    except PermissionError:
        pass
    except ValueError:
        raise ReleaseError(
            f"the typed files of {release.name} are not kept any more: a newer build has replaced them. Take "
            "the release in service, or build again",
            f"Les tables livrées dont la version {release.name} a été faite ne sont plus gardées : une "
            "construction plus récente les a remplacées. Prenez la version en service "
            "(oc.release()), ou demandez à l'administrateur de reconstruire la base.",
        ) from None
    # A release of another folder is not the project's: its own zone says who reads it.
    project = project_of(release.path.parent.parent)
    if project and not project.source_tables:
        raise closed_tables(release.base, project)
    raise RefusedError(
        f"the restricted zone of the base {release.base} is not open to this account: "
        "use the account that builds it, or one of the group of its --store-group",
        f"Les tables livrées de la base « {release.base} » sont dans la zone restreinte, qui n'est "
        "pas ouverte à votre session. Demandez l'accès à l'administrateur du serveur, qui l'ouvre à "
        "un groupe de comptes, puis arrêtez votre session et démarrez-en une autre. "
        "Les tables de la version (oc.table) restent à vous.",
    )


def _files(table: Table, entries: Iterable[Entry], years: set[int] | None) -> list[Path]:
    if years is None:
        return [entry.folder / name for entry in entries for name in sorted(entry.files)]
    if table.period == "year":
        return [path for one in entries if one.year in years for path in _files(table, [one], None)]
    months = tuple(f"{MONTH}{year}-" for year in years)
    return [
        entry.folder / name
        for entry in entries
        for name in sorted(entry.files)
        if name.startswith(months)
    ]


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns] + [YEAR] * (table.period == "year")


def _scan(table: Table, files: list[Path]) -> str:
    if files:
        names = ", ".join("'" + glob.escape(str(path)).replace("'", "''") + "'" for path in files)
        return f"read_parquet([{names}], hive_partitioning = false) WHERE _reject IS NULL"
    columns = ", ".join(
        f'CAST(NULL AS {TYPES[column.type]}) AS "{column.name}"' for column in table.columns
    )
    return f"(SELECT {columns}, CAST(NULL AS INTEGER) AS {YEAR}) WHERE FALSE"
