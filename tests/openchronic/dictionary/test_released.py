"""The dictionary of a release: every table and column that a build makes, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

import openchronic as oc
from openchronic.catalogue import load_tables
from openchronic.dictionary.released import event_types, load_release_tables, sources_of, steps_of
from openchronic.models.filters.filter import load_filters
from tests.openchronic.front_door import openchronic

TABLES = load_release_tables()
TYPES = {
    "BIGINT": "integer",
    "INTEGER": "integer",
    "VARCHAR": "string",
    "DATE": "date",
    "BOOLEAN": "boolean",
    "DOUBLE": "decimal",
    "BIGINT[]": "list",
}


@pytest.fixture
def release(many_releases: Path) -> Path:
    """A release of a delivery with every table, the national cartography included; read only."""
    return (many_releases / "snds" / "current").resolve()


def test_tables_columns_and_types_are_those_that_a_build_makes(release: Path) -> None:
    made = {}
    for folder in (path for path in release.iterdir() if path.is_dir()):
        found = duckdb.read_parquet(f"{folder}/**/*.parquet", hive_partitioning=False)
        types = (str(one).split("(")[0] for one in found.types)
        made[folder.name] = [
            (name, "decimal" if kind == "DECIMAL" else TYPES[kind])
            for name, kind in zip(found.columns, types, strict=True)
        ]
    told = {
        name: [(column.name, column.type) for column in table.columns]
        for name, table in TABLES.items()
    }
    assert told == made, "add it to, or take it out of, dictionary/release_columns.csv"


def test_types_of_events_are_told_once_and_alike(release: Path) -> None:
    """The types are the same in the list, in the column's meaning, and in a synthetic base, which has all of them."""
    meaning = TABLES["event"].columns
    (told,) = (column.meaning for column in meaning if column.name == "event_type")
    words = re.sub(r" \([^)]*\)", "", told.partition(" : ")[2]).split(", ")
    assert sorted(words) == sorted(event_types())
    found = duckdb.read_parquet(f"{release}/event/**/*.parquet", hive_partitioning=False)
    assert {row[0] for row in found.project("event_type").distinct().fetchall()} == set(words)


def test_every_key_names_one_row(release: Path) -> None:
    for name, table in TABLES.items():
        if table.key:
            found = duckdb.read_parquet(f"{release}/{name}/**/*.parquet", hive_partitioning=False)
            keys = found.project(", ".join(table.key))
            assert keys.distinct().count("*").fetchall() == keys.count("*").fetchall(), name


@pytest.mark.parametrize("name", TABLES)
def test_sources_and_filters_are_declared_ones(name: str) -> None:
    table, tables = TABLES[name], load_tables()
    assert set(table.sources) <= set(sources_of(name)), "no model of a build leads from it"
    assert set(table.steps) <= set(steps_of(name)) <= {one.step for one in load_filters()}
    assert set(table.key) <= {column.name for column in table.columns}
    for column in table.columns:
        for source in column.sources:
            origin, _, part = source.partition(".")
            assert tables[origin].column(part).name == part, source
        assert column.meaning
        assert all(one == one.strip() for one in (column.meaning, column.unit))


def test_an_event_is_of_every_table_whose_lines_become_events() -> None:
    made = {one.name for one in load_tables().values() if one.lines.role == "events"}
    assert {one for one in made if not one.startswith("NS_")} <= set(TABLES["event"].sources)


@pytest.mark.parametrize("name", TABLES)
def test_a_description_holds_all_that_is_declared(name: str) -> None:
    table, text = TABLES[name], str(oc.describe(name))
    assert text.startswith(f"{name} : {table.row}")
    for fact in (table.use, " ".join(table.key), " ".join(table.sources), ", ".join(table.filters)):
        assert fact in text
    lines = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    for column in table.columns:
        for fact in (column.unit, column.meaning, " ".join(column.sources)):
            assert fact in lines[column.name]


def test_the_command_the_page_and_a_notebook_say_the_same(tmp_path: Path) -> None:
    assert openchronic("describe", "event").out == f"{oc.describe('event')}\n"
    assert repr(oc.describe(" EVENT ")) == repr(oc.describe("event"))
    assert openchronic("describe", "--html", tmp_path / "page.html").status == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    for name in TABLES:
        assert f'<section id="{name}">{oc.describe(name)._repr_html_()}</section>' in page


def test_a_near_name_or_a_column_leads_to_its_table() -> None:
    with pytest.raises(oc.OpenChronicError, match="Noms proches : event"):
        oc.describe("events")
    with pytest.raises(oc.OpenChronicError, match="« known_date » est une colonne, de ald, event"):
        oc.describe("known_date")
