"""The specs of both engines, run on DuckDB here; tests/images runs them on Spark, in the image that has it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

from openchronic.engines.specs import DUCKDB, SPARK, Spec, functions, load_specs, query, spec_files

SPECS = [pytest.param(spec, id=spec.title) for name in spec_files() for spec in load_specs(name)]
NAME = re.compile(r"(?:MACRO|FUNCTION) (\w+)\(")


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for statement in functions(DUCKDB):
            connection.execute(statement)
        yield connection


@pytest.mark.parametrize("spec", SPECS)
def test_duckdb_answers_as_the_spec_says(spec: Spec, engine: duckdb.DuckDBPyConnection) -> None:
    answers = sorted(engine.execute(query(spec)).fetchall())
    assert tuple(answer for _, answer in answers) == spec.expected


def test_each_engine_declares_the_same_functions_and_each_has_a_spec() -> None:
    declared = {engine: NAME.findall(";".join(functions(engine))) for engine in (DUCKDB, SPARK)}
    assert declared[DUCKDB] == declared[SPARK]
    expressions = " ".join(spec.expression for name in spec_files() for spec in load_specs(name))
    assert [name for name in declared[DUCKDB] if f"{name}(" not in expressions] == []


@pytest.mark.parametrize(
    "text",
    ["# no expression\na INTEGER\n1", "no title\na INTEGER\n1\neach> a\n1"],
)
def test_a_paragraph_that_is_no_spec_is_refused(text: str) -> None:
    from openchronic.engines.specs import reading

    with pytest.raises(ValueError, match="no spec"):
        reading._read(text)


def test_too_few_answers_are_refused() -> None:
    from openchronic.engines.specs import reading

    with pytest.raises(ValueError, match="too few"):
        reading._read("# one\na INTEGER\n1\n2\neach> a\n1")
