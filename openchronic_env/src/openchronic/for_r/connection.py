"""A connection of R to a release: one query at a time, whose rows are given by Arrow's C stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from openchronic.api import connect
from openchronic.for_r.exact import Whole, for_r
from openchronic.releases import Release

# DuckDB makes rows by groups of this size.
BATCH_ROWS = 122_880


class Connection:
    """One connection to DuckDB, where each table of the release is a view."""

    def __init__(self, release: Release | str | None = None, *, whole: Whole = "numeric") -> None:
        self.duck = connect(release)
        self.whole = whole
        self._open: Rows | None = None

    def query(self, statement: str, values: Any = None) -> Rows:
        """Runs a statement: a query is read row by row, anything else is done when this returns."""
        # DuckDB has one open result per connection: the rest of an earlier one is kept in memory.
        if self._open is not None:
            self._open.keep()
        found = self.duck.sql(statement, params=_values(values))
        self._open = Rows(found, whole=self.whole)
        return self._open

    def asks(self, statement: str) -> int:
        """Returns how many values a statement asks for (``?``, ``$1``, ``$name``)."""
        parsed = self.duck.extract_statements(statement)
        return len(parsed[0].named_parameters) if len(parsed) == 1 else 0

    def lend(self, name: str, address: str) -> None:
        """Makes the rows of R's stream a view of that name, until they are taken back."""
        table = pa.RecordBatchReader._import_from_c(int(address, 16)).read_all()
        self.duck.register(name, table)

    def take_back(self, name: str) -> None:
        self.duck.unregister(name)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
        self.duck.close()


class Rows:
    """The result of a statement, given to R by pieces."""

    def __init__(self, relation: duckdb.DuckDBPyRelation | None, *, whole: Whole) -> None:
        self.changed = 0
        self.columns: list[str] = []
        self.types: list[str] = []
        self._whole = whole
        self._reader: Any = None
        # Nothing comes of an empty statement.
        if relation is not None and not self._done(relation):
            self.columns = list(relation.columns)
            self.types = [str(one) for one in relation.types]
            self._reader = relation.to_arrow_reader(BATCH_ROWS)
        self._schema = self._reader.schema if self._reader else pa.schema([])
        self._read: list[pa.RecordBatch] = []

    def _done(self, relation: duckdb.DuckDBPyRelation) -> bool:
        """Whether a statement was no query: DuckDB answers with what it did, which is no row of a table."""
        if relation.type == "QUERY_RELATION" or relation.columns not in (["Count"], ["Success"]):
            return False
        if relation.columns == ["Count"]:
            self.changed = int(sum(row[0] for row in relation.fetchall()))
        return True

    def give(self, address: str, wanted: int | None) -> int:
        """Writes the next rows (all: None) to the stream at that address, and returns how many."""
        while self._reader and (wanted is None or self._ready() <= wanted):
            self._more()
        table = pa.Table.from_batches(self._read, self._schema)
        given = table.slice(0, wanted)
        self._read = table.slice(given.num_rows).to_batches()
        # Without rows there is still a schema.
        batches = given.to_batches() or [pa.RecordBatch.from_pylist([], self._schema)]
        exact = pa.Table.from_batches([for_r(one, whole=self._whole) for one in batches])
        exact.to_reader()._export_to_c(int(address, 16))
        return int(given.num_rows)

    @property
    def finished(self) -> bool:
        """Whether all rows were given."""
        return self._reader is None and not self._ready()

    def keep(self) -> None:
        """Reads the remaining rows into memory, so that the connection can be used for something else."""
        while self._reader:
            self._more()

    def close(self) -> None:
        """Drops the remaining rows."""
        if self._reader:
            self._reader.close()
        self._reader = None
        self._read = []

    def _ready(self) -> int:
        return sum(batch.num_rows for batch in self._read)

    def _more(self) -> None:
        assert self._reader is not None
        try:
            self._read.append(self._reader.read_next_batch())
        except StopIteration:
            self._reader = None
        except BaseException:
            self.close()
            raise


def _values(given: Any) -> Any:
    """Returns R's values as those of a prepared statement: a pair (class, value) each."""
    if isinstance(given, Mapping):
        return {name: _value(*pair) for name, pair in given.items()}
    if isinstance(given, Sequence):
        return [_value(*pair) for pair in given]
    return None


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "Date":
        return date.fromisoformat(value)
    if kind == "POSIXct":
        return datetime.fromisoformat(value)
    if kind == "numeric" and float(value).is_integer() and abs(value) <= 2**53:
        # A whole number finds its rows by the statistics of the files.
        return int(value)
    return value
