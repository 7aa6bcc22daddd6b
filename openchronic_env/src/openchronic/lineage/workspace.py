"""The workspace of a trace: some rows of a release's typed tables, under the names that the build reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import duckdb

from openchronic.build.context import Context
from openchronic.build.delivery import delivery_of
from openchronic.build.filled import filled_columns, lacking_in
from openchronic.build.ingest import TableReading
from openchronic.build.keys import columns_of, read_of, settled
from openchronic.build.typed import no_row
from openchronic.catalogue import load_tables
from openchronic.engines.duck import Duck
from openchronic.engines.scans import parquet
from openchronic.ingest.emptying import EMPTIED
from openchronic.ingest.finding import Delivered
from openchronic.ingest.raw import FILE
from openchronic.ingest.shards import group_of
from openchronic.models.delivery import Delivery
from openchronic.models.filters.filter import Filter
from openchronic.runtime.sitekey import SiteKey
from openchronic.runtime.text import quoted
from openchronic.store import Entry


@dataclass(frozen=True)
class Chosen:
    """The settings of a build that its queries need."""

    key: SiteKey
    filters: tuple[Filter, ...]


@dataclass(frozen=True)
class Workspace:
    """The workspace of a trace. ``entries``: the stored files of each table, each with its delivered name.

    ``incomplete``: the files in which the key of a table is not complete (``keys``), as the build recorded
    them.
    """

    connection: duckdb.DuckDBPyConnection
    settings: Chosen
    entries: Mapping[str, tuple[tuple[str, Entry], ...]]
    incomplete: Collection[tuple[str, str]] = ()
    # The names already made, and those of them that depend on the rows left out.
    there: set[str] = field(default_factory=set)
    moving: set[str] = field(default_factory=set)

    @property
    def engine(self) -> Duck:
        """The engine of the build; no growing table is made here."""
        return Duck(self.connection, Path("/nonexistent"), memory=0)

    @property
    def readings(self) -> dict[str, TableReading]:
        """The readings of the tables, as a build has them."""
        return {
            table: TableReading(
                table,
                tuple(one.reading(Delivered(Path(name), name, one.year)) for name, one in kept),
            )
            for table, kept in self.entries.items()
        }

    @property
    def context(self) -> Context:
        """The context for those steps of a build that only run queries: they need nothing more."""
        return cast(Context, self)

    def one(self, query: str) -> tuple[int, ...]:
        """Returns what ``Context.one`` does."""
        return tuple(int(value or 0) for value in self.engine.rows(query)[0])

    @property
    def delivery(self) -> Delivery:
        """The delivery, as far as models depend on it."""
        return delivery_of(self.readings)

    def delivered(self, table: str) -> str:
        """Returns the delivered table that has the content of ``table`` of DCIR."""
        return self.delivery.delivered(table)

    def view(self, name: str, query: str) -> None:
        """Makes ``name`` as a view: each query sees the rows that are left out at that time."""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")
        self.there.add(name)

    def fix(self, name: str, query: str) -> None:
        """Makes ``name`` now, from all rows: it does not change with those that are left out."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE fixed_{name} AS {query}")
        self.view(name, f"SELECT * FROM fixed_{name}")

    def scan(self, table: str, wanted: Callable[[Entry, str], bool] | None = None) -> str:
        """Returns SQL: the good rows of the stored files of ``table`` that are ``wanted``, with their paths.

        A path ends in the place of the row's delivered file among those that share the stored one.
        """
        files = dict.fromkeys(
            entry.folder / name
            for _, entry in self.entries.get(table, ())
            for name in sorted(entry.files)
            if wanted is None or wanted(entry, name)
        )
        if not files:
            return f"(SELECT *, CAST(NULL AS VARCHAR) AS filename FROM ({no_row(table)}))"
        scan = parquet(files).replace("hive_partitioning", "filename = true, hive_partitioning")
        place = f"REPLACE (filename || '/' || {FILE} AS filename)"
        return f"(SELECT * EXCLUDE (_reject, {EMPTIED}, {FILE}) {place} FROM {scan} WHERE _reject IS NULL)"

    def lay(
        self,
        table: str,
        rows: str,
        *,
        among: str,
        keys: Iterable[str],
        once: bool = True,
    ) -> None:
        """Loads the rows of ``table`` that match ``rows``, as ``laid_<table>`` and under the name of the table.

        ``among``: the scan that they come from. ``keys``: the columns that must equal those of ``rows``, a
        table or a query. ``once``: whether lines that are delivered twice count once, as in a build.
        """
        same = " AND ".join(f"a.{one} IS NOT DISTINCT FROM b.{one}" for one in keys)
        query = f"SELECT a.* FROM {among} AS a SEMI JOIN (FROM {rows}) AS b ON {same}"
        if once:
            query = self._settled(table, query)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE laid_{table} AS SELECT nextval('place') AS source_row, "
            f"* FROM ({query})"
        )
        self.view(table.lower(), self.laid(table))

    def _settled(self, table: str, query: str) -> str:
        """Returns SQL: the rows of ``query`` that a build counts."""
        groups = {group_of(name) for name, _ in self.entries.get(table, ())}
        whole = {group_of(name) for of, name in self.incomplete if of == table}
        if not load_tables()[table].unique:
            whole = groups
        filled = self._filled(table) if len(groups) > 1 else {}
        # As in a build, the file with more columns filled is read of a line that is in two.
        fullest = sorted(sorted(groups), key=lambda name: -len(filled.get(name, ())))
        numbers = {name: number for number, name in enumerate(fullest)}

        def of(value: Callable[[str], str]) -> str:
            folders = {entry.folder: name for name, entry in self.entries.get(table, ())}
            whens = " ".join(
                f"WHEN starts_with(filename, {quoted(folder)}) THEN {value(group_of(name))}"
                for folder, name in folders.items()
            )
            return f"CASE {whens} END" if whens else "NULL"

        columns = ", ".join([*columns_of(table), "filename"])
        rows = (
            f"SELECT {columns}, {of(lambda name: str(numbers[name]))} AS file_no, "
            f"{of(lambda name: 'FALSE' if name in whole else 'TRUE')} AS is_complete "
            f"FROM ({query}) AS laid"
        )
        places = {numbers[name]: columns for name, columns in filled.items()}
        lacking = lacking_in(columns_of(table)[:-1], places)
        return read_of(table, self.engine, settled(table, rows, also=["filename"], lacking=lacking))

    def _filled(self, table: str) -> dict[str, frozenset[str]]:
        """Returns the columns that have a value in each delivered file of ``table``, whose shares are one."""
        folders: dict[str, set[Path]] = {}
        for name, entry in self.entries.get(table, ()):
            folders.setdefault(group_of(name), set()).add(entry.folder)
        return {name: filled_columns(found) for name, found in folders.items()}

    def laid(self, table: str) -> str:
        """Returns SQL: the loaded rows of ``table``, without those that are left out."""
        return (
            f"SELECT * EXCLUDE (source_row, filename) FROM laid_{table} "
            "WHERE source_row NOT IN (SELECT source_row FROM left_out)"
        )
