"""Finds the rows of an event on demand, by making the event again from one person's rows."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb

from openchronic.errors import RefusedError
from openchronic.lineage import claims, hospital, persons
from openchronic.lineage.masking import masked
from openchronic.lineage.narrowing import deciding
from openchronic.lineage.people import identify
from openchronic.lineage.workspace import Chosen, Workspace
from openchronic.models.filters.switching import switched
from openchronic.models.products import PRODUCTS
from openchronic.releases import Release
from openchronic.restricted import Zone, note, zone_of
from openchronic.runtime.database import open_engine, scan
from openchronic.runtime.ids import hex_of_id, is_id, of_today
from openchronic.runtime.limits import thread_limit
from openchronic.runtime.sitekey import SiteKey
from openchronic.runtime.text import sql
from openchronic.store import Entry
from openchronic.store.entry import read_entry

DOUBLED = ("mco", *(product.step for product in PRODUCTS if product.doubles))


@dataclass(frozen=True)
class Row:
    """A delivered row: its table, the file that it came in, and its columns as typed."""

    table: str
    file: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Trace:
    """An event of a release, and the delivered rows that it was made from.

    Typed tables keep no line numbers: a row is identified by its columns and its file.
    """

    release: str
    event: Mapping[str, object]
    rows: tuple[Row, ...]

    @property
    def concluded_from(self) -> str | None:
        """The table that a birth or a death was derived from, where no record of the person states it."""
        source = str(self.event["source_table"])
        person = self.event["event_type"] in ("birth", "death")
        return source if person and source not in {row.table for row in self.rows} else None

    def __repr__(self) -> str:
        lines = [f"{self.event['event_id']} ({self.release}) : {len(self.rows)} ligne(s)"]
        for row in self.rows:
            lines.append(f"{row.table}, {row.file}")
            lines += [
                f"    {name} = {value}" for name, value in row.values.items() if value is not None
            ]
        if self.concluded_from:
            lines.append(f"La date vient de {self.concluded_from}, que ces fiches ne disent pas.")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        tables = []
        for row in self.rows:
            cells = "".join(
                f"<tr><td>{html.escape(name)}</td><td>{html.escape(str(value))}</td></tr>"
                for name, value in row.values.items()
                if value is not None
            )
            title = f"{html.escape(row.table)}, {html.escape(row.file)}"
            tables.append(f"<p>{title}</p><table>{cells}</table>")
        return "".join(tables)


def trace(release: Release, event_id: str, *, key: SiteKey, pseudonyms: bool = False) -> Trace:
    """Returns the rows of ``event_id``. The access journal of the zone records the call before anything is
    read.

    ``event_id``: a current one or one of manifest format 1, whichever the release has. ``pseudonyms``: whether
    they are shown; otherwise the columns that identify a person hold an ellipsis. Raises RefusedError: no such
    event, another key, a zone that is closed or no longer has the files.
    """
    if not is_id(event_id):
        raise RefusedError(
            f"{event_id!r}: an event_id has 16 letters, digits, '.' or '_' "
            "(32 hexadecimal digits before manifest format 2)",
            f"{event_id!r} : un event_id compte 16 lettres, chiffres, « . » ou « _ » "
            "(32 chiffres hexadécimaux dans les versions d'avant).",
        )
    zone = zone_of(release)
    if key.fingerprint != release.manifest["key"]["fingerprint"]:
        raise RefusedError(
            f"{release.name} was made with another site key: name its file with --key",
            f"La version {release.name} a été faite avec une clé de site que votre session n'a pas : "
            "elle est gardée dans la zone restreinte. Demandez à l'administrateur du serveur de "
            "chercher ces lignes pour vous.",
        )
    note(zone, "trace", release=release.name, event_id=event_id, pseudonyms=pseudonyms)
    with _workspace(release, zone, key) as workspace:
        event = _event(workspace.connection, release, event_id)
        tables = _make(workspace, release, event)
        found = _rows(workspace, tables, event)
    if not pseudonyms:
        found = [Row(one.table, one.file, masked(dict(one.values))) for one in found]
    return Trace(release.name, event, tuple(found))


@contextmanager
def _workspace(release: Release, zone: Zone, key: SiteKey) -> Iterator[Workspace]:
    written = release.manifest["settings"]["filters"]
    filters = switched(
        on=[name for name, on in written.items() if on],
        off=[name for name, on in written.items() if not on],
    )
    with open_engine(threads=thread_limit()) as connection:
        connection.execute(sql("duckdb_functions"))
        nothing = resources.files("openchronic.lineage") / "nothing.sql"
        connection.execute(nothing.read_text(encoding="utf-8"))
        conflicts = release.manifest.get("key_conflicts", ())
        incomplete = {(str(one["table"]), str(one["file"])) for one in conflicts}
        workspace = Workspace(connection, Chosen(key, filters), _entries(release, zone), incomplete)
        # The tables of ``nothing.sql`` are not made again, since an existing event does not depend on them.
        views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal")
        workspace.there.update(name for (name,) in views.fetchall())
        for step in DOUBLED:
            workspace.view(f"{step}_doubled", "SELECT * FROM doubled_number")
        yield workspace


def _entries(release: Release, zone: Zone) -> dict[str, tuple[tuple[str, Entry], ...]]:
    kept: dict[str, list[tuple[str, Entry]]] = {}
    try:
        for one in release.manifest["inputs"]:
            entry = read_entry(zone.store / str(one["typed"]), one["sha256"])
            kept.setdefault(str(one["table"]), []).append((str(one["file"]), entry))
    except (OSError, ValueError):
        raise RefusedError(
            f"the typed files of {release.name} are not kept any more: a newer build has replaced "
            "them. Take the release in service",
            f"Les tables livrées dont la version {release.name} a été faite ne sont plus gardées : "
            "une construction plus récente les a remplacées. Prenez la version en service.",
        ) from None
    if not all(entry.keys for files in kept.values() for _, entry in files):
        raise RefusedError(
            f"the typed files of {release.name} were written by an earlier version of openchronic: "
            "build again, and trace in the new release",
            f"Les tables livrées dont la version {release.name} a été faite ont été écrites par un "
            "openchronic plus ancien. Demandez à l'administrateur de reconstruire la base.",
        )
    return {table: tuple(files) for table, files in kept.items()}


def _event(
    connection: duckdb.DuckDBPyConnection, release: Release, event_id: str
) -> dict[str, Any]:
    short = of_today(event_id)
    is_old = "length(event_id) = 32 AND starts_with(event_id, ?)"
    found = connection.execute(
        f"SELECT * FROM {scan(release.files('event'))} WHERE event_id = ? OR ({is_old})",
        [short, event_id if event_id != short else hex_of_id(short)],
    )
    names = [one[0] for one in found.description]
    rows = found.fetchall()
    if not rows:
        raise RefusedError(
            f"{release.name} has no event {event_id}",
            f"La version {release.name} n'a pas d'événement {event_id}.",
        )
    return dict(zip(names, rows[0], strict=True))


def _make(workspace: Workspace, release: Release, event: Mapping[str, Any]) -> list[str]:
    """Makes ``event`` again; returns the delivered tables whose rows may be left out."""
    identify(workspace, int(event["subject_id"]))
    kind, table = str(event["event_type"]), str(event["source_table"])
    if kind in ("birth", "death"):
        return persons.make_person(workspace, release.files("patient"))
    if kind == "ald":
        return persons.make_illness(workspace)
    if table in claims.BY_TABLE:
        return claims.make(workspace, table, known=event["known_date"])
    if kind == "death_cause":
        return hospital.make_causes(workspace, table)
    if table in hospital.acute_tables():
        return hospital.make_acute(workspace, table)
    product = hospital.product_of(table)
    if product is None:
        raise NotImplementedError(table)
    return hospital.make_product_stays(workspace, *product, event_type=kind)


def _rows(workspace: Workspace, tables: Sequence[str], event: Mapping[str, Any]) -> list[Row]:
    connection = workspace.connection
    wanted = int(event["n_source_rows"])
    whole = _count(workspace, event)
    numbers = [
        number
        for table in tables
        for (number,) in connection.execute(
            f"SELECT source_row FROM laid_{table} ORDER BY source_row"
        ).fetchall()
    ]

    def changes(without: Sequence[int]) -> bool:
        connection.execute("DELETE FROM left_out")
        connection.execute("INSERT INTO left_out SELECT unnest(?)", [list(without)])
        return _count(workspace, event) != whole

    found = deciding(numbers, changes) if whole == wanted else []
    if len(found) != wanted:
        raise RefusedError(
            f"the event {event['event_id']} is made of {wanted} rows, and here of {whole}: its "
            "release was made by another version of openchronic. Take the one in service",
            f"L'événement {event['event_id']} est fait de {wanted} ligne(s), et ici de {whole} : la "
            "version a été faite par un autre openchronic. Prenez la version en service.",
        )
    return [row for table in tables for row in _delivered(workspace, table, found)]


def _count(workspace: Workspace, event: Mapping[str, Any]) -> int:
    """Returns how many of the loaded rows the event is made from; 0 when they make no event."""
    rows = workspace.connection.execute(
        "SELECT n_source_rows FROM event WHERE event_id = ?", [of_today(str(event["event_id"]))]
    ).fetchall()
    return int(rows[0][0]) if rows else 0


def _delivered(workspace: Workspace, table: str, numbers: Sequence[int]) -> Iterator[Row]:
    names = {
        (str(entry.folder), str(entry.place)): name
        for name, entry in workspace.entries.get(table, ())
    }
    found = workspace.connection.execute(
        f"SELECT * EXCLUDE (source_row) FROM laid_{table} "
        "WHERE source_row IN (SELECT unnest(?)) ORDER BY source_row",
        [list(numbers)],
    )
    columns = [one[0] for one in found.description]
    for row in found.fetchall():
        values = dict(zip(columns, row, strict=True))
        path = Path(values.pop("filename"))
        file = next(
            names[str(up), path.name] for up in path.parents if (str(up), path.name) in names
        )
        yield Row(table, file, values)
