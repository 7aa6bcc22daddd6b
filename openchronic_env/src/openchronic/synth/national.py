"""Loads the diseases of the national cartography, for the models that assign them to persons."""

from __future__ import annotations

import duckdb

from openchronic.cartography import load_diseases

SEXES = {"": 0, "M": 1, "F": 2}


def load_national(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes `national_disease` and `national_rule`: the rules that are applied to synthetic patients."""
    connection.execute(
        "CREATE TABLE national_disease (disease VARCHAR, sex INTEGER, tops VARCHAR[]);"
        "CREATE TABLE national_rule (disease VARCHAR, kind VARCHAR, prefix VARCHAR, years INTEGER)"
    )
    for one in load_diseases():
        connection.execute(
            "INSERT INTO national_disease VALUES (?, ?, ?)",
            [one.name, SEXES[one.sex], list(one.tops)],
        )
        for kind, prefixes in (("ald", one.ald), ("main", one.main)):
            for prefix in prefixes:
                connection.execute(
                    "INSERT INTO national_rule VALUES (?, ?, ?, ?)",
                    [one.name, kind, prefix, one.main_years],
                )
