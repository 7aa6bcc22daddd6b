"""The logical schema says what the official schemas say, but for the corrections it states."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from openchronic.schema import Column, Table, load_tables

REPOSITORY = Path(__file__).parents[3]
REFERENCE = Path(
    os.environ.get("SNDS_REFERENCE", REPOSITORY.parent / "shared" / "reference" / "snds")
)
OFFICIAL = {
    "IR_BEN_R": "BENEFICIAIRE/IR_BEN_R",
    "IR_BEN_R_ARC": "BENEFICIAIRE/IR_BEN_R",
    "IR_IMB_R": "DCIR_DCIRS/IR_IMB_R",
    "ER_PRS_F": "DCIR/ER_PRS_F",
    "ER_PHA_F": "DCIR/ER_PHA_F",
    "T_MCOaaB": "PMSI/PMSI MCO/T_MCOaaB",
    "T_MCOaaC": "PMSI/PMSI MCO/T_MCOaaC",
    "T_MCOaaD": "PMSI/PMSI MCO/T_MCOaaD",
    "NS_PRS_F": "DCIRS/NS_PRS_F",
    "NS_PHA_F": "DCIRS/NS_PHA_F",
}
# What each official type may become.
SAME = {
    "string": {"string"},
    "integer": {"integer"},
    "number": {"decimal"},
    "date": {"date"},
    "datetime": {"date"},
    "year": {"integer"},
    "yearmonth": {"string"},
    "boolean": {"integer"},
}
# Where the real deliveries contradict the official schemas (SOURCES.md).
CHARACTERS = {
    "ETA_NUM", "RSA_NUM", "GHS_NUM", "TYP_GEN_RSA", "UHCD_TOP", "SEQ_RUM", "GRG_RET",
    "NIR_RET", "NAI_RET", "SEX_RET", "SEJ_RET", "FHO_RET", "PMS_RET", "DAT_RET",
    "COH_NAI_RET", "COH_SEX_RET", "COD_SEX",
}  # fmt: skip
MONTHS = {"BEN_NAI_MOI", "SOR_MOI"}

needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"no official schemas in {REFERENCE} (SNDS_REFERENCE)"
)
TABLES = load_tables()


def official_fields(table: str) -> dict[str, dict[str, Any]]:
    path = REFERENCE / "schema-snds" / "schemas" / f"{OFFICIAL[table]}.json"
    return {field["name"]: field for field in json.loads(path.read_text("utf-8"))["fields"]}


def test_the_tables_of_this_version_are_declared_in_order() -> None:
    assert list(TABLES) == [
        *("IR_BEN_R", "IR_BEN_R_ARC", "IR_IMB_R", "IR_PHA_R", "ER_PRS_F", "ER_PHA_F"),
        *("T_MCOaaB", "T_MCOaaC", "T_MCOaaD", "NS_PRS_F", "NS_PHA_F"),
    ]


@pytest.mark.parametrize("table", TABLES.values(), ids=str)
def test_a_table_is_whole(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert set(table.key) <= set(names)
    assert any(column.required for column in table.columns)
    assert table.meaning
    assert table.source
    assert all(column.meaning for column in table.columns)
    assert all(re.fullmatch(r"[\w{}*]+\.CSV", pattern) for pattern in table.patterns)
    dated = any("{yyyy}" in pattern or "{aa}" in pattern for pattern in table.patterns)
    assert dated == (table.period != "none")


def test_archived_beneficiaries_have_the_same_layout() -> None:
    assert TABLES["IR_BEN_R"].columns == TABLES["IR_BEN_R_ARC"].columns


def test_detail_lines_join_on_the_nine_columns() -> None:
    key = TABLES["ER_PRS_F"].key
    assert len(key) == 9
    assert TABLES["ER_PHA_F"].key == (*key, "PHA_ORD_NUM")
    for table in ("ER_PRS_F", "ER_PHA_F"):
        types = [TABLES[table].column(name).type for name in key]
        assert (types.count("date"), types.count("integer"), types.count("string")) == (2, 6, 1)


def test_a_column_is_required_from_its_first_year_on() -> None:
    admission = TABLES["T_MCOaaC"].column("EXE_SOI_DTD")
    assert not admission.required_in(2008)
    assert admission.required_in(2009)
    assert admission.required_in(None)
    assert not TABLES["T_MCOaaC"].column("RNG_BEN").required_in(2018)


def test_an_unknown_column_is_an_error() -> None:
    with pytest.raises(KeyError, match="ER_PRS_F has no column NUM_ENQ"):
        TABLES["ER_PRS_F"].column("NUM_ENQ")


def test_the_pseudonym_of_extractions_is_an_alias() -> None:
    assert TABLES["ER_PRS_F"].column("BEN_NIR_PSA").aliases == ("NUM_ENQ",)


@needs_reference
@pytest.mark.parametrize(
    ("table", "column"),
    [(name, column) for name in OFFICIAL for column in TABLES[name].columns],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_column_agrees_with_the_official_schema(table: str, column: Column) -> None:
    official = official_fields(table)
    assert column.name in official
    field = official[column.name]
    if column.name in CHARACTERS:
        assert column.type == "string"
    elif column.name in MONTHS:
        assert column.type == "integer"
    elif column.type not in SAME[field["type"]]:
        assert field.get("type_oracle") in ("string", "number")
        pytest.fail(f"{column.type} for {field['type']}")
    if column.since is not None and field["dateCreated"]:
        assert str(column.since) == field["dateCreated"]


@needs_reference
def test_drug_columns_are_those_of_the_official_table() -> None:
    path = REFERENCE / "schema-snds" / "nomenclatures" / "DREES" / "IR_PHA_R.json"
    official = {field["name"] for field in json.loads(path.read_text("utf-8"))["fields"]}
    assert {column.name for column in TABLES["IR_PHA_R"].columns} <= official
