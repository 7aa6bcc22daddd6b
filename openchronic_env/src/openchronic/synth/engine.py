"""Opens DuckDB for the generation: variables of the period, macros, and reference tables."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import duckdb

from openchronic.synth.law_tables import load_law
from openchronic.synth.national import load_national
from openchronic.synth.settings import Settings
from openchronic.synth.texts import sql

BLOCK_MODELS = (
    *(
        "persons",
        "exemptions",
        "law",
        "claims",
        "lines",
        "visits",
        "stays",
        "wards",
        "other_products",
    ),
    *("register", "national", "simplified"),
)
# Models of all persons, made with the first block.
_WHOLE_MODELS = ("practices",)
_POPULATION = (
    *("ages", "places", "conditions", "diagnoses", "treatments", "care", "motives", "codes"),
)
_NOMENCLATURES = ("drug", "finess_duplicates", "nir_kind", "commune")
# Enough for a block without spilling; it would not use more.
_MEMORY = "2GB"


def open_engine(settings: Settings, *, spill: Path) -> duckdb.DuckDBPyConnection:
    """Opens a connection that is ready to generate blocks, on one thread: see `generating`."""
    connection = duckdb.connect(
        config={"memory_limit": _MEMORY, "temp_directory": str(spill), "threads": 1}
    )
    connection.execute("SET enable_progress_bar = false")
    # Ages and places are found by bounds, in a few rows: sorting both sides for it takes seven times as long.
    connection.execute("SET nested_loop_join_threshold = 1000")
    variables = {
        "seed": f"{settings.seed}",
        "patients": f"{settings.patients}",
        "first_year": f"{settings.first_year}",
        "years": f"{settings.years}",
        "begin": f"DATE '{settings.first_year}-01-01'",
        "ending": f"DATE '{settings.first_year + settings.years}-01-01'",
    }
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = {value}")
    connection.execute(sql("raw"))
    for package, names in (
        ("openchronic.synth.population", _POPULATION),
        ("openchronic.nomenclatures.lists", _NOMENCLATURES),
    ):
        for name in names:
            _load(connection, package=package, name=name)
    connection.execute(sql("setup"))
    load_national(connection)
    load_law(connection, settings.law)
    return connection


def generate_block(connection: duckdb.DuckDBPyConnection, *, low: int, high: int) -> None:
    """Makes the tables of persons number `low` to `high` - 1; `low` is even, so that twins are together.

    The first block also makes the tables that are delivered once.
    """
    connection.execute(f"SET VARIABLE low = {low}")
    connection.execute(f"SET VARIABLE high = {high}")
    for model in BLOCK_MODELS if low else (*_WHOLE_MODELS, *BLOCK_MODELS):
        connection.execute(sql(model))


def _load(connection: duckdb.DuckDBPyConnection, *, package: str, name: str) -> None:
    with resources.as_file(resources.files(package).joinpath(f"{name}.csv")) as path:
        quoted = str(path).replace("'", "''")
        connection.execute(f"COPY raw_{name} FROM '{quoted}' (HEADER, DELIMITER ',')")
