"""Drug events as one set of rows, whoever made them: what is compared before anything is timed."""

from pathlib import Path

import duckdb

from openchronic.runtime.sitekey import PUBLIC_KEY

# All that the floors make too; not the identifier of the event and its place in the day.
COLUMNS = (
    "start_date, known_date, care_setting, vocabulary, code, quantity, provider_id, provider_specialty, "
    "facility_id, n_source_rows, flags"
)
# As subject.sql has it, for a person whose first 53 bits are nobody else's.
SUBJECT = f"CAST('0x' || substr(sha256('{PUBLIC_KEY}|subject|' || identity), 1, 14) AS BIGINT) >> 3"

# How many rows, and the sum of the hashes of all of them.
Rows = tuple[int, int]


def of_release(release: Path) -> Rows:
    """The drug events of a built release."""
    events = f"read_parquet('{release}/event/*/*.parquet', hive_partitioning = false)"
    return _rows(f"SELECT subject_id, {COLUMNS} FROM {events} WHERE event_type = 'drug'")  # noqa: S608


def of_floor(target: Path) -> Rows:
    """Those that a floor wrote, with its own numbers of persons."""
    return _rows(
        f"SELECT {SUBJECT} AS subject_id, {COLUMNS} FROM '{target}/drug.parquet' "  # noqa: S608
        f"JOIN '{target}/person.parquet' USING (person)"
    )


def _rows(query: str) -> Rows:
    names = f"subject_id, {COLUMNS}"
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT count(*), coalesce(sum(CAST(hash({names}) AS HUGEINT)), 0) FROM ({query})"  # noqa: S608
        ).fetchall()
    return int(found[0][0]), int(found[0][1])
