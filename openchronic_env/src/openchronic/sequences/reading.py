"""Reads the events of some examples of one bucket as of their dates, by DuckDB and Arrow, into NumPy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from openchronic.releases import Release
from openchronic.releases.pieces import by_bucket
from openchronic.runtime.database import open_engine, scan
from openchronic.runtime.limits import thread_limit
from openchronic.sequences.cohort import Cohort
from openchronic.sequences.vocabulary import SUBJECT, UNKNOWN, Vocabulary, learnt

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

# The codes of a MEDS export, so that a vocabulary means the same there.
CODE = (
    "CASE WHEN event_type = 'birth' THEN 'MEDS_BIRTH' WHEN event_type = 'death' THEN 'MEDS_DEATH' "
    "WHEN code IS NOT NULL THEN vocabulary || '//' || code "
    "ELSE upper(event_type) || coalesce('//' || upper(care_setting), '') END"
)
# What was known on the day: neither what happened later, nor what happened before and was not in the data yet. An
# event without a known date never was.
AS_OF = "event.known_date <= example.index_date AND event.start_date <= example.index_date"


@dataclass(frozen=True)
class Piece:
    """The sequences of some examples, end to end: those of example ``i`` are from ``bounds[i]`` to
    ``bounds[i + 1]``."""

    first: int
    bounds: NDArray[np.int64]
    tokens: NDArray[np.int64]
    days: NDArray[np.int32]
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Events:
    """The events of a release, by bucket. It goes to other processes: it holds no connection.

    ``numbers``: the number of each code that the vocabulary knows, itself or by its parent.
    """

    files: Mapping[int, Sequence[Path]]
    condition: str | None
    numbers: Mapping[str, int] = field(repr=False)
    length: int
    unknown: int = 1
    subject: int = 2

    @classmethod
    def of(cls, release: Release, vocabulary: Vocabulary, length: int) -> Events:
        numbers = dict(vocabulary.ids)
        for code, parent in parents_of(release).items():
            if (known := vocabulary.number(code, parent)) != vocabulary.ids[UNKNOWN]:
                numbers[code] = known
        return cls(
            by_bucket(release.files("event")),
            release.condition("event"),
            numbers,
            length,
            vocabulary.ids[UNKNOWN],
            vocabulary.ids[SUBJECT],
        )

    def open(self, readers: int = 1) -> duckdb.DuckDBPyConnection:
        """Opens an engine of one thread, with its part of the session's memory, that knows the vocabulary."""
        import pyarrow as pa

        connection = open_engine(threads=1)
        [(memory,)] = connection.execute("SELECT current_setting('memory_limit')").fetchall()
        whole, unit = str(memory).split()
        connection.execute(f"SET memory_limit = '{float(whole) / readers} {unit}'")
        table = pa.table(
            {
                "token": pa.array(list(self.numbers), pa.string()),
                "number": pa.array(list(self.numbers.values()), pa.int64()),
            }
        )
        connection.register("given_numbers", table)
        connection.execute("CREATE TEMP TABLE number AS FROM given_numbers")
        connection.unregister("given_numbers")
        return connection

    def read(
        self,
        connection: duckdb.DuckDBPyConnection,
        cohort: Cohort,
        bucket: int,
        first: int,
        end: int,
    ) -> Piece:
        """Reads the examples from ``first`` to ``end``, which are in ``bucket``: a token for the subject, then the
        last events."""
        examples = end - first
        if not self.files.get(bucket):
            return self._sequences(first, examples, {})
        _show(connection, cohort, first, end)
        low, high = int(cohort.subjects[first]), int(cohort.subjects[end - 1])
        found = connection.sql(
            f"""
            SELECT
                example.example,
                date_diff('day', DATE '1970-01-01', event.start_date) AS day,
                event.order_in_day,
                coalesce(number.number, {self.unknown}) AS token,
                CAST(CASE WHEN event.end_date > example.index_date THEN NULL ELSE event.quantity END AS REAL)
                    AS quantity
            FROM (
                SELECT
                    subject_id, start_date, end_date, known_date, order_in_day, quantity, {CODE} AS token
                FROM {scan(self.files[bucket], _both(self.condition, f"subject_id BETWEEN {low} AND {high}"))}
            ) AS event
            JOIN example ON example.subject_id = event.subject_id
            LEFT JOIN number ON number.token = event.token
            WHERE {AS_OF}
            """
        ).fetchnumpy()
        return self._sequences(first, examples, found)

    def _sequences(self, first: int, examples: int, found: Mapping[str, Any]) -> Piece:
        """Puts the events in order, keeps the last of each example, and begins each with the token of the subject."""
        example = _numbers(found, "example", np.int64)
        day, order = _numbers(found, "day", np.int32), _numbers(found, "order_in_day", np.int32)
        sorted_rows = np.lexsort((order, day, example))
        example = example[sorted_rows]
        held = np.bincount(example, minlength=examples)
        ends = np.cumsum(held)
        # The place of each event, counted from the last one of its example.
        from_last = np.repeat(ends, held) - 1 - np.arange(len(example))
        kept = sorted_rows[from_last < self.length - 1]
        held = np.minimum(held, self.length - 1)
        bounds = np.concatenate(([0], np.cumsum(held + 1)))
        begins = np.zeros(int(bounds[-1]), dtype=bool)
        begins[bounds[:-1]] = True
        tokens = np.full(len(begins), self.subject, dtype=np.int64)
        days = np.zeros(len(begins), dtype=np.int32)
        values = np.zeros(len(begins), dtype=np.float32)
        tokens[~begins] = _numbers(found, "token", np.int64)[kept]
        days[~begins] = day[kept]
        values[~begins] = _numbers(found, "quantity", np.float32)[kept]
        return Piece(first, bounds, tokens, days, values)


def _numbers(found: Mapping[str, Any], name: str, kind: type) -> NDArray[Any]:
    """Returns a column; zero stands for a missing value."""
    values = found.get(name, ())
    filled = values.filled(0) if isinstance(values, np.ma.MaskedArray) else np.asarray(values)
    return filled.astype(kind)


def _both(*conditions: str | None) -> str:
    return " AND ".join(f"({one})" for one in conditions if one)


def _show(connection: duckdb.DuckDBPyConnection, cohort: Cohort, first: int, end: int) -> None:
    """Makes the table ``example`` of these examples, numbered from zero."""
    import pyarrow as pa

    table = pa.table(
        {
            "example": pa.array(np.arange(end - first, dtype=np.int64)),
            "subject_id": pa.array(cohort.subjects[first:end]),
            "index_date": pa.array(cohort.days[first:end]).cast(pa.date32()),
        }
    )
    connection.register("example", table)


def parents_of(release: Release) -> dict[str, str | None]:
    """Returns the parent of each code of the release, or None."""
    with open_engine(threads=1) as connection:
        rows = connection.execute(
            "SELECT vocabulary || '//' || code, parent_vocabulary || '//' || parent_code "
            f"FROM {scan(release.files('code'))} ORDER BY ALL"
        ).fetchall()
    return dict(rows)


def learn(release: Release, cohort: Cohort, min_subjects: int) -> Vocabulary:
    """Returns the vocabulary of what was known of the cohort: it learns nothing from after an index date.

    Codes of too few subjects are counted again under their parents.
    """
    codes: Counter[str] = Counter()
    for rows in _counted(
        release, cohort, "SELECT token, count(DISTINCT subject_id) FROM ({known}) GROUP BY token"
    ):
        codes.update(dict(rows))
    rare = {code for code, held in codes.items() if held < min_subjects}
    parents = {
        code: parent for code, parent in parents_of(release).items() if parent and code in rare
    }
    held_by: Counter[str] = Counter()
    if parents:
        query = "SELECT parent, count(DISTINCT subject_id) FROM ({known}) JOIN rare USING (token) GROUP BY parent"
        for rows in _counted(release, cohort, query, parents):
            held_by.update(dict(rows))
    return learnt(
        codes,
        held_by,
        release=release.name,
        subjects=len(np.unique(cohort.subjects)),
        min_subjects=min_subjects,
    )


def _counted(
    release: Release, cohort: Cohort, query: str, parents: Mapping[str, str] | None = None
) -> Iterator[list[tuple[str, int]]]:
    """Yields what ``query`` counts in each bucket, where all rows of a subject are."""
    import pyarrow as pa

    files, condition = by_bucket(release.files("event")), release.condition("event")
    with open_engine(threads=thread_limit()) as connection:
        if parents:
            connection.register(
                "rare", pa.table({"token": list(parents), "parent": list(parents.values())})
            )
        for bucket, first, end in cohort.buckets:
            if not files.get(bucket):
                continue
            _show(connection, cohort, first, end)
            known = (
                f"SELECT event.subject_id, {CODE} AS token FROM (SELECT * FROM {scan(files[bucket], condition)}) "
                f"AS event JOIN example ON example.subject_id = event.subject_id WHERE {AS_OF}"
            )
            yield connection.execute(query.format(known=known)).fetchall()
