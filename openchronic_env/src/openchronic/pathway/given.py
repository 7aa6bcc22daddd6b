"""Reads the tables that somebody gives: exposures to treatments, the periods of a cohort, and nights in hospital where there are
any. Bad rows are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import duckdb

from openchronic.errors import OpenChronicError
from openchronic.pathway.sources import Source, source_of
from openchronic.pathway.treatments import Treatments

SUBJECT, TREATMENT, START, END = "subject_id", "treatment", "start_date", "end_date"
# A column that exposures may have.
CLASS = "class"
EXPOSURES, PERIODS = (SUBJECT, TREATMENT, START, END), (SUBJECT, START, END)
# A day as ISO 8601 writes it, or its midnight.
DAY = r"\d{4}-\d{2}-\d{2}([ T]00:00(:00(\.0+)?)?Z?)?"
ROW = "row_of_source"
# How DuckDB begins the line that says why a line of a CSV cannot be read.
REASONS = ("Expected Number of Columns", "Invalid unicode")


@dataclass(frozen=True)
class Given:
    """What was read: rows of each table, and the subjects of exposures who are in the cohort or are not."""

    exposures: int
    periods: int
    subjects: int
    strangers: int


def load_given(
    connection: duckdb.DuckDBPyConnection, exposures: Any, cohort: Any, hospital: Any = None
) -> tuple[Treatments, Given]:
    """Makes ``given_exposure``, ``given_period``, ``given_night`` and ``given_subject`` (the name of each number) from tables:
    files, or tables of a session. ``hospital``: empty where there is none.

    Raises OpenChronicError that names the table, and the row where one is wrong.
    """
    source = source_of(connection, exposures, "exposures")
    load_table(connection, source, EXPOSURES, "read_exposure", more=CLASS)
    load_table(connection, source_of(connection, cohort, "cohort"), PERIODS, "read_period")
    names = connection.execute(
        f"SELECT DISTINCT {TREATMENT} FROM read_exposure ORDER BY ALL"
    ).fetchall()
    try:
        treatments = Treatments([name for (name,) in names], _classes(connection, source))
    except OpenChronicError as error:
        raise _about(source, error.english, str(error)) from None
    connection.execute(f"CREATE TEMP TABLE treatment_bit ({TREATMENT} VARCHAR, bit BIGINT)")
    bits = treatments.bits
    connection.execute(
        "INSERT INTO treatment_bit SELECT unnest(?), unnest(?)", [[*bits], [*bits.values()]]
    )
    # Windows over numbers are cheaper than those over names. Numbers have the order of the names.
    connection.execute(
        f"""CREATE TEMP TABLE given_subject AS
        SELECT row_number() OVER (ORDER BY {SUBJECT}) AS {SUBJECT}, {SUBJECT} AS name
        FROM (SELECT DISTINCT {SUBJECT} FROM read_period)"""
    )
    # Equal rows are alike, so that any order of them numbers them rightly.
    connection.execute(
        f"""CREATE TEMP TABLE given_exposure AS
        SELECT given_subject.{SUBJECT}, bit AS treatment_bit, {START}, {END}, row_number() OVER (
            PARTITION BY given_subject.{SUBJECT} ORDER BY bit, {START}, {END}) AS exposure_id
        FROM read_exposure JOIN treatment_bit USING ({TREATMENT})
        JOIN given_subject ON given_subject.name = read_exposure.{SUBJECT}"""
    )
    connection.execute(
        f"""CREATE TEMP TABLE given_period AS
        SELECT given_subject.{SUBJECT}, {START}, {END}, row_number() OVER (
            PARTITION BY given_subject.{SUBJECT} ORDER BY {START}, {END}) AS period_no
        FROM read_period JOIN given_subject ON given_subject.name = read_period.{SUBJECT}"""
    )
    _load_nights(connection, hospital)
    counted = connection.execute(
        f"""SELECT (SELECT count(*) FROM read_exposure), (SELECT count(*) FROM read_period),
            (SELECT count(DISTINCT {SUBJECT}) FROM read_period),
            (SELECT count(DISTINCT {SUBJECT}) FROM read_exposure ANTI JOIN read_period USING ({SUBJECT}))"""
    ).fetchall()[0]
    connection.execute("DROP TABLE read_exposure; DROP TABLE read_period")
    return treatments, Given(*counted)


def _load_nights(connection: duckdb.DuckDBPyConnection, hospital: Any) -> None:
    if hospital is None:
        connection.execute(
            f"CREATE TEMP TABLE given_night ({SUBJECT} BIGINT, {START} DATE, {END} DATE)"
        )
        return
    load_table(connection, source_of(connection, hospital, "hospital"), PERIODS, "read_night")
    connection.execute(
        f"""CREATE TEMP TABLE given_night AS SELECT given_subject.{SUBJECT}, {START}, {END}
        FROM read_night JOIN given_subject ON given_subject.name = read_night.{SUBJECT}"""
    )
    connection.execute("DROP TABLE read_night")


def _classes(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[str, str]:
    """Returns the class of each treatment that has one. Raises OpenChronicError where one has several."""
    found = connection.execute(
        f"SELECT DISTINCT {TREATMENT}, {CLASS} FROM read_exposure WHERE {CLASS} IS NOT NULL ORDER BY ALL"
    ).fetchall()
    for (name, one), (after, other) in pairwise(found):
        if name == after:
            raise _about(
                source,
                f"the treatment {name} has the classes {one} and {other}: one is needed",
                f"le traitement {name} a les classes {one} et {other}\u00a0: il en faut une.",
            )
    return dict(found)


def load_table(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    columns: Sequence[str],
    name: str,
    *,
    more: str = "",
) -> None:
    """Reads ``columns``, which are needed, and the column ``more``, which is NULL where there is none."""
    try:
        there = {
            column.lower(): kind
            for column, kind, *_ in connection.execute(f"DESCRIBE FROM {source.rows}").fetchall()
        }
        if missing := [column for column in columns if column not in there]:
            raise _about(
                source,
                f"no column {', '.join(missing)}; it needs {', '.join(columns)}, and has {', '.join(there) or 'none'}",
                f"il manque {', '.join(missing)}. Les colonnes attendues sont {', '.join(columns)}\u00a0; il y a "
                f"{', '.join(there) or 'aucune colonne'}.",
            )
        typed = ", ".join(_typed(column, there[column]) for column in columns)
        if more:
            text = f"nullif(trim(CAST({more} AS VARCHAR)), '')" if more in there else "NULL"
            typed += f", CAST({text} AS VARCHAR) AS {more}"
        connection.execute(
            f"CREATE TEMP TABLE {name} AS SELECT {typed}, {source.number} AS {ROW} FROM {source.rows}"
        )
    except duckdb.Error as error:
        why = _why(error)
        raise _about(source, f"cannot be read: {why}", f"lecture impossible ({why}).") from None
    _refuse_bad_rows(connection, source, columns, name)


def _why(error: duckdb.Error) -> str:
    """Returns what is wrong, without the line that shows the row, which is data."""
    first, *others = str(error).splitlines()
    return ": ".join([first, *(one for one in others if one.startswith(REASONS))][:2])


def _typed(column: str, kind: str) -> str:
    """Returns SQL: a column of text without spaces around it, or a day and whether nothing is written there."""
    text = f"trim(CAST({column} AS VARCHAR))"
    if column in (SUBJECT, TREATMENT):
        if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
            # A whole number is the same subject in any type: pandas makes 1.0 of 1 where another value is missing.
            whole = f"CASE WHEN {column} = trunc({column}) THEN TRY_CAST({column} AS HUGEINT) END"
            text = f"coalesce(CAST({whole} AS VARCHAR), {text})"
        return f"{text} AS {column}"
    if kind == "DATE":
        return f"{column}, {column} IS NULL AS no_{column}"
    return (
        f"CASE WHEN regexp_full_match({text}, '{DAY}') THEN TRY_CAST(left({text}, 10) AS DATE) END AS {column}, "
        f"coalesce({text}, '') = '' AS no_{column}"
    )


def _refuse_bad_rows(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: Sequence[str], name: str
) -> None:
    wrong = {
        f"coalesce({column}, '') = ''": (f"no {column}", f"n’a pas de {column}")
        for column in columns
        if column in (SUBJECT, TREATMENT)
    }
    for column in (START, END):
        wrong[f"no_{column}"] = (
            f"no {column}: a period has a first and a last day",
            f"n’a pas de {column}\u00a0: une période a un premier et un dernier jour",
        )
        wrong[f"{column} IS NULL"] = (
            f"a {column} that is no day such as 2020-12-31",
            f"a un {column} qui n’est pas un jour, comme 2020-12-31",
        )
    wrong[f"{END} < {START}"] = (
        f"an {END} before its {START}",
        f"a un {END} avant son {START}",
    )
    cases = " ".join(f"WHEN {test} THEN {place}" for place, test in enumerate(wrong))
    found = connection.execute(
        f"SELECT problem, min({ROW}), count(*) FROM (SELECT *, CASE {cases} END AS problem FROM {name}) "
        "WHERE problem IS NOT NULL GROUP BY problem ORDER BY 2"
    ).fetchall()
    if found:
        problem, row, rows = found[0]
        english, french = list(wrong.values())[problem]
        raise _about(
            source,
            f"row {row} has {english}" + (f" ({rows} rows have this)" if rows > 1 else ""),
            f"la ligne {row} {french}" + (f" ({rows} lignes de même)." if rows > 1 else "."),
        )


def _about(source: Source, english: str, french: str) -> OpenChronicError:
    return OpenChronicError(f"{source.name}: {english}", f"{source.name}\u00a0: {french}")
