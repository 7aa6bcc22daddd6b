"""Loads a law of treatments into the engine: rows that `law.sql` draws purchases from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from openchronic.errors import SettingsError
from openchronic.synth.inserting import insert
from openchronic.synth.law import Law

LATER = 2**31 - 1
"""No refill has this number."""
TABLES = {
    "law_part": "part VARCHAR, number INTEGER, share DOUBLE, refill_days INTEGER, first_days INTEGER",
    "law_drug": "part VARCHAR, stage INTEGER, number INTEGER, atc VARCHAR, share DOUBLE, after_days INTEGER",
    "law_move": "part VARCHAR, stage INTEGER, since INTEGER, until INTEGER, hazard DOUBLE",
    "law_late": "part VARCHAR, pmsi VARCHAR, most_days INTEGER",
}


def load_law(connection: duckdb.DuckDBPyConnection, law: Law | None) -> None:
    """Makes the tables of TABLES, empty without a law, and `law_pack`. Raises SettingsError for a drug without a pack."""
    rows = _rows(law) if law else {}
    for table, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {table} ({columns})")
        insert(connection, table, rows.get(table, ()))
    # A large pack would be three months of treatment.
    connection.execute(
        """CREATE TABLE law_pack AS
        SELECT atc, cip13, rate, price, row_number() OVER (PARTITION BY atc ORDER BY cip13) - 1 AS number,
            count(*) OVER (PARTITION BY atc) AS packs
        FROM pack WHERE NOT large AND atc IN (SELECT atc FROM law_drug)"""
    )
    lacking = connection.execute(
        "SELECT DISTINCT atc FROM law_drug WHERE atc NOT IN (SELECT atc FROM law_pack) OR atc IN "
        "(SELECT atc FROM raw_treatments) ORDER BY ALL"
    ).fetchall()
    if lacking:
        raise SettingsError(
            f"--treatment-law: {', '.join(atc for (atc,) in lacking)}: no small pack is known, or others take it too; "
            "choose another class"
        )


def _rows(law: Law) -> dict[str, list[Sequence[object]]]:
    return {
        "law_part": [
            (name, number, law.share, law.refill_days, law.first_days)
            for number, name in enumerate(Law.PARTS)
        ],
        "law_drug": [
            (part, stage, number, atc, share, after)
            for number, (part, stage, atc, share, after) in enumerate(_drugs(law))
        ],
        "law_move": [
            ("persistence", 1, 1, 1, law.persistence.first_refill),
            ("persistence", 1, 2, LATER, law.persistence.later_refill),
            ("switch", 1, 1, LATER, law.switch.hazard),
            ("lines", 1, 1, LATER, law.lines.to_second),
            ("lines", 2, 1, LATER, law.lines.to_third),
        ],
        "law_late": [
            ("adherence", department, days)
            for department, days in law.adherence.most_days_late.items()
        ],
    }


def _drugs(law: Law) -> Iterator[tuple[str, int, str, float, int]]:
    """Yields the drugs of each stage of each part: share of persons, days after the purchase is due."""
    yield ("persistence", 1, law.persistence.drug, 1.0, 0)
    yield ("switch", 1, law.switch.from_, 1.0, 0)
    yield ("switch", 2, law.switch.to, 1.0, -law.switch.early_days)
    yield ("lines", 1, law.lines.first, 1.0, 0)
    yield ("lines", 1, law.lines.added, law.lines.together, law.lines.added_after_days)
    yield ("lines", 2, law.lines.second, 1.0, 0)
    yield ("lines", 3, law.lines.third, 1.0, 0)
    yield ("adherence", 1, law.adherence.drug, 1.0, 0)
