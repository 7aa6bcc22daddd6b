"""The rows of filters.csv one by one: their columns exist, and unknown values have a definite result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from openchronic.build.explaining import judged
from openchronic.build.keys import alone
from openchronic.build.typed import no_row
from openchronic.catalogue import load_tables
from openchronic.models.filters.filter import Filter, judge, load_filters
from openchronic.models.text import sql
from openchronic.runtime.database import engine

QUERIES = judged()
# Tables that a build makes before any filter.
MADE = {
    "known_pair": "BEN_NIR_PSA VARCHAR, BEN_RNG_GEM BIGINT, natural_id VARCHAR, is_fictive BOOLEAN, "
    "is_left_out BOOLEAN, "
    "nir_kind VARCHAR",
    "subject": "natural_id VARCHAR, subject_id BIGINT",
    "psa": "BEN_NIR_PSA VARCHAR, is_shared BOOLEAN, is_fictive BOOLEAN, subject_id BIGINT",
    "psa_span": "BEN_NIR_PSA VARCHAR, first_day DATE, last_day DATE, subject_id BIGINT, "
    "is_certain BOOLEAN",
    "mco_host": "record_key VARCHAR, removed_by VARCHAR, subject_id BIGINT, start_date DATE, "
    "known_date DATE, care_setting VARCHAR",
    "fictive_nir": "code VARCHAR",
    "service_event": "code BIGINT, event_type VARCHAR, profession BIGINT, is_emergency BOOLEAN",
    "outpatient_year": "event_type VARCHAR, care_year BIGINT, last_month BIGINT",
    "hospital_number": "eta_num VARCHAR, hospital VARCHAR, role VARCHAR",
    **dict.fromkeys(
        ("mco_doubled", "ssr_doubled", "had_doubled", "ssr_ace_doubled", "ace_doubled"),
        "eta_num VARCHAR, hospital VARCHAR, on_short_list BOOLEAN, sent_year BIGINT",
    ),
    "valuation": "ETA_NUM VARCHAR, RSA_NUM VARCHAR, file_year BIGINT, VALO VARCHAR",
}


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine in which every table exists, and is empty."""
    place = tmp_path_factory.mktemp("engine")
    with engine(place, memory=300 * 10**6, threads=1, spill=place) as connection:
        for table in load_tables():
            connection.execute(f"CREATE VIEW {table.lower()} AS {alone(table, no_row(table))}")
        for table, columns in MADE.items():
            connection.execute(f"CREATE TABLE {table} ({columns})")
        connection.execute(f"CREATE TABLE claim AS {sql('claim')}")
        yield connection


@pytest.mark.parametrize("one", load_filters(), ids=lambda one: one.name)
def test_a_row_of_which_nothing_is_known_is_kept_or_removed_as_the_filter_says(
    nothing: duckdb.DuckDBPyConnection, one: Filter
) -> None:
    unknown = nothing.sql("SELECT 1 AS one").join(
        nothing.sql(QUERIES[one.step]), "TRUE", how="left"
    )
    unknown.create_view("unknown", replace=True)
    judged = judge([replace(one, on=True)], one.step, "SELECT * FROM unknown")
    ((removed, verdict),) = (
        nothing.sql(judged).project(f"removed_by, coalesce({one.remove_when}, FALSE)").fetchall()
    )
    assert removed == (one.name if one.removes_unknown else None)
    assert verdict is one.removes_unknown


def test_names_and_orders_are_used_once_and_every_row_says_its_source() -> None:
    filters = load_filters()
    assert len({one.name for one in filters}) == len(filters)
    assert len({(one.step, one.order) for one in filters}) == len(filters)
    assert all(one.source and one.meaning and one.without for one in filters)
    assert {one.step for one in filters} == set(QUERIES)


@pytest.mark.parametrize("one", load_filters(), ids=lambda one: one.name)
def test_a_filter_says_every_delivered_column_that_it_asks_for(one: Filter) -> None:
    known = {column.name for table in load_tables().values() for column in table.columns}
    asked = {word for word in re.findall(r"[A-Z][A-Z_0-9]+", one.remove_when) if word in known}
    assert asked <= set(one.reads) <= known
    # A filter that removes a row of missing values removes only what cannot be assigned.
    assert one.without.split(":")[0].split(" ")[0].rstrip(",") in ("kept", "removed", "not")
