"""Tests of the tables whose lines have one code each, and of the keys that join lines to their record."""

from __future__ import annotations

import csv
import re
from importlib import resources

import duckdb
import pytest

from openchronic.catalogue import load_tables
from openchronic.models.acute import DETAILS
from openchronic.models.hospital import Detail
from openchronic.models.hospital.record_key import line_key, record_key, stay_key
from openchronic.models.products import PRODUCTS, diagnoses_of

FILE = resources.files("openchronic.models.hospital") / "coded_lines.csv"
ROWS = list(csv.DictReader(FILE.read_text("utf-8").splitlines(), delimiter=";", strict=True))


def details() -> list[Detail]:
    of_products = [one for product in PRODUCTS for one in product.details]
    of_records = [diagnoses_of(product) for product in PRODUCTS if product.care_setting]
    return [*DETAILS, *of_products, *of_records]


def test_each_table_of_coded_lines_has_one_row() -> None:
    asked = {one.table for one in details() if one.query == "coded_line"}
    assert sorted(row["table"] for row in ROWS) == sorted(asked)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["table"])
def test_a_row_reads_columns_of_its_table(row: dict[str, str]) -> None:
    said = " ".join(row[name] for name in ("code", "code_role", "quantity", "delay"))
    # What is in quotes is a value.
    named = set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", re.sub(r"'[^']*'", "", said)))
    assert named
    assert named <= {column.name for column in load_tables()[row["table"]].columns}
    assert row["meaning"].startswith("One row per ")


def test_the_keys_of_a_product_have_as_many_parts_as_the_key_of_its_records() -> None:
    for one in PRODUCTS:
        parts = len(load_tables()[one.records].key)
        for key in (record_key(one.records), stay_key(one.records), line_key(one.records)):
            assert key.count("'|'") == parts
            assert key.endswith("CAST(coalesce(file_year, 0) AS STRING)")


def test_a_line_belongs_to_its_record_or_where_no_record_numbers_its_parts_to_the_stay() -> None:
    assert line_key("T_MCOaaB") == record_key("T_MCOaaB")
    # The records of one year number their weeks, those of the next do not.
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE judged AS SELECT * FROM (VALUES (2020, '1'), (2020, NULL), (2021, NULL)) AS r(file_year, RHS_NUM)"
        )
        line = "(VALUES ('E', 'A', '3', 2020), ('E', 'A', '3', 2021)) AS l(ETA_NUM, RHA_NUM, RHS_NUM, file_year)"
        key = line_key("T_SSRaaB").replace("STRING", "VARCHAR")
        found = connection.execute(f"SELECT {key} FROM {line}").fetchall()  # noqa: S608
    assert found == [("E|A|3|2020",), ("E|A||2021",)]
    assert record_key("T_MCOaaB", of="valo").startswith("valo.ETA_NUM || '|' || valo.RSA_NUM || ")
