"""`openchronic build --explain`: prints the SQL of either engine before anything is built."""

from __future__ import annotations

import duckdb
import pytest

from tests.openchronic.front_door import openchronic


def test_a_step_is_printed_with_the_filters_that_are_on() -> None:
    printed = openchronic("build", "--explain", "drug")
    assert printed.status == 0, printed.text
    assert "FROM er_pha_f" in printed.out
    assert "THEN 'drug.fictive_number'" in printed.out
    without = openchronic("build", "--explain", "drug", "--without-filter", "drug.fictive_number")
    assert "THEN 'drug.fictive_number'" not in without.out


def test_the_query_is_one_and_only_the_functions_are_the_engines() -> None:
    ours, theirs = (
        openchronic("build", "--explain", "claim_line", "--engine", engine).out
        for engine in ("duckdb", "spark")
    )
    query = "-- One month of what claims are made of"
    assert ours.partition(query)[2] == theirs.partition(query)[2] != ""
    assert "MACRO add_days" in ours
    assert "TEMPORARY FUNCTION add_days" in theirs
    assert "nabm" not in ours + theirs


def test_what_is_printed_is_a_script_that_the_engine_reads() -> None:
    printed = openchronic("build", "--explain", "late_care").out
    with duckdb.connect() as connection:
        statements = connection.extract_statements(printed)
        assert len(statements) == 2
        with pytest.raises(duckdb.CatalogException, match="Table with name"):
            for one in statements:
                connection.execute(one)


def test_an_unknown_model_lists_those_that_there_are() -> None:
    refused = openchronic("build", "--explain", "dragon")
    assert refused.status == 2
    assert "no such model" in refused.err
    assert "There are ace_doubled, ace_host, ace_record_judged" in " ".join(refused.err.split())


def test_a_build_without_folders_says_which_it_needs() -> None:
    refused = openchronic("build")
    assert refused.status == 2
    assert "the folder of the delivered files, then that of the releases" in refused.err
