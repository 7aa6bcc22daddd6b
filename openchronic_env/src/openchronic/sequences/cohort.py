"""The examples of a dataset: a subject and the day as of which their events are read, and what came after it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from openchronic.errors import OpenChronicError
from openchronic.releases import Release
from openchronic.runtime.database import open_engine, scan
from openchronic.runtime.limits import thread_limit

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from numpy.typing import NDArray

NO_LABEL = -1
SUBJECT, INDEX, OUTCOME = "subject_id", "index_date", "outcome_date"


@dataclass(frozen=True)
class Outcome:
    """An outcome to predict: its dates, and the days after the index date between which it counts.

    ``dates`` has the columns ``subject_id`` and ``outcome_date``. It counts in ``(gap, gap + horizon]``; whoever
    has it before is left out.
    """

    dates: Any
    horizon: int
    gap: int = 0


@dataclass(frozen=True)
class Cohort:
    """The examples, in the order of their buckets, subjects and days; about 18 bytes of memory each."""

    subjects: NDArray[np.int64]
    days: NDArray[np.int32]
    ages: NDArray[np.int32]
    sexes: NDArray[np.int8]
    labels: NDArray[np.int8]
    buckets: tuple[tuple[int, int, int], ...]
    """Each bucket with examples: its number, its first example, and the one after its last."""
    already: int
    """How many were left out: they have the outcome at the index date, or before the end of the gap."""

    def __len__(self) -> int:
        return len(self.subjects)

    def pieces(self, first: int, end: int, size: int) -> Iterator[tuple[int, int]]:
        """Yields the examples from ``first`` to ``end``, cut into pieces of at most ``size``."""
        for start in range(first, end, size):
            yield start, min(start + size, end)


def cohort_of(release: Release, index: Any, outcome: Outcome | None = None) -> Cohort:
    """Returns the examples of ``index``: one date for every subject, or a table with a date for each.

    Raises OpenChronicError for a table that is none of these, subjects that the release does not have, an example
    given twice, and an outcome that the data cannot yet show.
    """
    buckets = int(release.manifest["settings"]["buckets"])
    with open_engine(threads=thread_limit()) as connection:
        _show_examples(connection, release, index)
        if outcome is not None:
            _refuse_unseen(connection, release, outcome)
            connection.register("given_outcome", _table(outcome.dates, OUTCOME, "outcome"))
        else:
            connection.execute(
                f"CREATE TEMP VIEW given_outcome AS SELECT 0 AS {SUBJECT}, DATE '0001-01-01' AS {OUTCOME} LIMIT 0"
            )
        connection.execute(_EXAMPLES.format(buckets=buckets), _bounds(outcome))
        already = connection.execute("SELECT count(*) FROM example WHERE already").fetchall()
        found = connection.sql(
            "SELECT * EXCLUDE (already) FROM example WHERE NOT already ORDER BY bucket, subject_id, day"
        ).fetchnumpy()
    columns = {name: np.asarray(values) for name, values in found.items()}
    return Cohort(
        columns["subject_id"].astype(np.int64),
        columns["day"].astype(np.int32),
        columns["age"].astype(np.int32),
        columns["sex"].astype(np.int8),
        columns["label"].astype(np.int8),
        tuple(_runs(columns["bucket"])),
        int(already[0][0]),
    )


# Days are counted from 1970, as Arrow and NumPy do. The outcome that counts is the first one ever: a later one
# of somebody who has it already is not what is predicted.
_EXAMPLES = f"""
CREATE TEMP TABLE example AS
WITH first_outcome AS (
    SELECT {SUBJECT}, min({OUTCOME}) AS first_date FROM given_outcome GROUP BY {SUBJECT}
)
SELECT
    one.subject_id,
    CAST(one.subject_id % {{buckets}} AS INTEGER) AS bucket,
    date_diff('day', DATE '1970-01-01', one.index_date) AS day,
    coalesce(date_diff('day', patient.birth_date, one.index_date), -1) AS age,
    CASE patient.sex WHEN 'M' THEN 1 WHEN 'F' THEN 2 ELSE 0 END AS sex,
    CASE
        WHEN NOT $is_labelled THEN {NO_LABEL}
        WHEN first_date <= one.index_date + CAST($gap + $horizon AS INTEGER) THEN 1
        ELSE 0
    END AS label,
    coalesce(first_date <= one.index_date + CAST($gap AS INTEGER), false) AS already
FROM one
JOIN patient USING (subject_id)
LEFT JOIN first_outcome USING (subject_id)
"""


def _bounds(outcome: Outcome | None) -> dict[str, Any]:
    if outcome is None:
        return {"is_labelled": False, "gap": 0, "horizon": 0}
    return {"is_labelled": True, "gap": outcome.gap, "horizon": outcome.horizon}


def _show_examples(connection: duckdb.DuckDBPyConnection, release: Release, index: Any) -> None:
    """Makes the tables ``patient`` and ``one``: the examples, of whom nobody is a stranger and none comes twice."""
    rows = scan(release.files("patient"), release.condition("patient"))
    connection.execute(
        f"CREATE TEMP VIEW patient AS SELECT subject_id, sex, birth_date FROM {rows}"
    )
    if (day := _day(index)) is not None:
        connection.execute(
            "CREATE TEMP TABLE one AS SELECT subject_id, CAST(? AS DATE) AS index_date FROM patient",
            [day],
        )
        return
    connection.register("given_index", _table(index, INDEX, "index"))
    connection.execute(f"CREATE TEMP TABLE one AS SELECT {SUBJECT}, {INDEX} FROM given_index")
    strangers, twice = connection.execute(
        "SELECT (SELECT count(DISTINCT subject_id) FROM one ANTI JOIN patient USING (subject_id)), "
        "(SELECT count(*) FROM (FROM one GROUP BY ALL HAVING count(*) > 1))"
    ).fetchall()[0]
    if strangers:
        raise OpenChronicError(
            f"{strangers} subjects of index are not in {release.name}",
            f"{strangers} sujets de index ne sont pas dans la version {release.name} (ou son échantillon) : "
            "le tableau vient-il d'une autre ?",
        )
    if twice:
        raise OpenChronicError(
            f"{twice} rows of index come more than once",
            f"{twice} couples (subject_id, index_date) de index sont répétés : chacun est un exemple, "
            "donné une seule fois.",
        )


def _day(index: Any) -> datetime.date | None:
    """Returns the date that ``index`` is; None for a table. Raises OpenChronicError for a text that is no date."""
    if isinstance(index, datetime.datetime):
        return index.date()
    if isinstance(index, datetime.date):
        return index
    if not isinstance(index, str):
        return None
    try:
        return datetime.date.fromisoformat(index)
    except ValueError:
        raise OpenChronicError(
            f"{index!r} is no date: write 2021-01-31",
            f"{index!r} n'est pas une date : écrivez par exemple « 2021-01-31 ».",
        ) from None


def _table(given: Any, date: str, name: str) -> pa.Table:
    """Returns the subjects and dates of a table of any library. Raises OpenChronicError where it has none."""
    import pyarrow as pa

    wanted = pa.schema([pa.field(SUBJECT, pa.int64()), pa.field(date, pa.date32())])
    try:
        if hasattr(given, "collect"):  # Polars reads nothing before
            given = given.collect()
        whole = given.to_arrow_table() if hasattr(given, "to_arrow_table") else pa.table(given)
        found = whole.select(wanted.names).cast(wanted)
    except (KeyError, TypeError, ValueError, pa.ArrowException):
        found = None
    if found is None or any(column.null_count for column in found.columns):
        raise OpenChronicError(
            f"{name}: a table with {SUBJECT} (whole numbers) and {date} (dates), none missing",
            f"{name} : un tableau (DuckDB, Arrow, pandas, Polars) avec les colonnes {SUBJECT} (entiers) et "
            f"{date} (dates), sans valeur manquante.",
        )
    return found


def _refuse_unseen(
    connection: duckdb.DuckDBPyConnection, release: Release, outcome: Outcome
) -> None:
    """Refuses a horizon that ends after the data do: whoever has the outcome then would count as without it."""
    if outcome.horizon < 1 or outcome.gap < 0:
        raise OpenChronicError(
            "horizon: a number of days from 1; gap: from 0",
            "horizon : un nombre de jours, 1 au moins ; gap : 0 au moins.",
        )
    years = release.manifest["years"]
    last = datetime.date(int(years[-1]), 12, 31) if years else datetime.date.min
    [(latest,)] = connection.execute("SELECT max(index_date) FROM one").fetchall()
    if latest is not None and latest > last - datetime.timedelta(outcome.gap + outcome.horizon):
        raise OpenChronicError(
            f"{latest} + {outcome.gap + outcome.horizon} days is after {last}, the last day of {release.name}",
            f"{latest} + {outcome.gap + outcome.horizon} jours dépasse le {last}, dernier jour des données de "
            f"{release.name} : qui a l'événement ensuite compterait comme ne l'ayant pas. Avancez l'index ou "
            "réduisez l'horizon.",
        )


def _runs(buckets: NDArray[Any]) -> Iterator[tuple[int, int, int]]:
    """Yields each bucket of a sorted column, with its first row and the row after its last."""
    starts = np.flatnonzero(np.diff(buckets, prepend=-1))
    ends = [*starts[1:], len(buckets)]
    for start, end in zip(starts, ends, strict=True):
        yield int(buckets[start]), int(start), int(end)
