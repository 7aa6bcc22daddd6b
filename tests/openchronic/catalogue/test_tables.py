"""The catalogue agrees with the official schemas, except for the corrections that it states."""

import csv
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from openchronic.catalogue import Table, load_tables

REPOSITORY = Path(__file__).parents[3]
REFERENCE = Path(
    os.environ.get("SNDS_REFERENCE", REPOSITORY.parent / "shared" / "reference" / "snds")
)
# Tables that are not in the official list of schemas, or under another name.
ELSEWHERE = {"IR_BEN_R_ARC": "BENEFICIAIRE/IR_BEN_R", "IR_PHA_R": None, "PASSAGE": None}
# Parts of keys that a minimised extraction may lack: the ranks of lines, sequences and weeks.
RANKS = {"BEN_RNG_GEM", "SEQ_NUM", "SSEQ_NUM", "SEQ_SEQ_NUM", "RHS_NUM", "ORD_NUM", "SEJ_IDT"} | {
    *("CER_LIG_NUM", "ECD_CAU_RNG", "UM_ORD_NUM", "ITR_ORD_NUM", "DCD_IDT_ENC"),
    *(f"{kind}_ORD_NUM" for kind in ("PHA", "CAM", "BIO", "TIP", "UCD")),
    *(f"{kind}_SEQ_NUM" for kind in ("PHA", "CAM", "BIO", "TIP", "UCD", "TRS")),
    # A change of an exemption does not always have a date or a diagnosis.
    *("INS_DTE", "UPD_DTE", "MED_MTF_COD"),
}
# The types that each official type may become.
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
# Columns for which real deliveries contradict the official schemas (SOURCES.md).
CHARACTERS = {
    "ETA_NUM", "RSA_NUM", "GHS_NUM", "TYP_GEN_RSA", "UHCD_TOP", "SEQ_RUM", "GRG_RET", "COD_SEX",
    "NIR_RET", "NAI_RET", "SEX_RET", "SEJ_RET", "FHO_RET", "PMS_RET", "DAT_RET", "IAS_RET",
    "ENT_DAT_RET", "COH_NAI_RET", "COH_SEX_RET", "BEN_CMU_TOP", "RNG_NAI",
}  # fmt: skip
MONTHS = {
    "BEN_NAI_MOI", "SOR_MOI", "SOR_MOI_SSEQ", "SEQ_FIN_MOI", "RAL_ACT_MOI", "ADM_MOIS", "DTE_MOI_FIN",
}  # fmt: skip
COUNTS = {
    "AGE_ANN", "AGE_JOU", "RHS_ANT_SEJ_ENT", "NBR_DGN", "NBR_CCAM", "NBR_CSARR",
    "CCAM_DEL_ENT_UM", "CCAM_NBR_REA", "ENT_DAT_DEL_UM", "NBR_INTERV", "NBR_PAT_INTERV",
    "CLAS_NBR_PAT_PS", "DEL_DEB_SSEQ", "DEL_DAT", "DEL_DAT_ENT",
}  # fmt: skip
AMOUNTS = re.compile(r"(TOT_)?DEP_\w*(MNT|BSE)")
# Columns of deliveries of 2019 and 2020, after the official list.
NEWER = {
    (f"T_{name}", "EXE_SOI_DTD")
    for name in ("MCOaaFB", "MCOaaFBSTC", "MCOaaFCSTC", "SSRaaFBSTC", "SSRaaFCSTC")
}
IDENTIFYING = {"IPP_IDV_NUM", "ECD_CAU_LIB", "DCD_LIE_LIB", "DCD_COM_COD", "PFS_LIB_COM"} | {
    # The driver, the companion of the patient and the plates, as they are or scrambled.
    f"TRS_{name}{scrambled}"
    for name in ("ACP_NOM", "CDR_NOM", "VEH_NUM")
    for scrambled in ("", "C")
}
NINE = (
    *("FLX_DIS_DTD", "FLX_TRT_DTD", "FLX_EMT_TYP", "FLX_EMT_NUM", "FLX_EMT_ORD"),
    *("ORG_CLE_NUM", "DCT_ORD_NUM", "PRS_ORD_NUM", "REM_TYP_AFF"),
)
DETAILS = {
    name: table for name, table in load_tables().items() if name[:3] == "ER_" and name != "ER_PRS_F"
}

needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"no official schemas in {REFERENCE} (SNDS_REFERENCE)"
)
TABLES = load_tables()


def official_path(table: Table) -> Path:
    """Returns the path of the official schema that the declaration names as its source."""
    named = re.search(r"schemas/(.+\.json)$", table.source)
    path = ELSEWHERE.get(table.name) or (named and named[1].removesuffix(".json"))
    return REFERENCE / "schema-snds" / "schemas" / f"{path}.json"


def official_fields(table: str) -> dict[str, dict[str, Any]]:
    text = official_path(TABLES[table]).read_text("utf-8")
    return {field["name"].upper(): field for field in json.loads(text)["fields"]}


def test_every_table_that_pathways_need_is_declared() -> None:
    assert set(TABLES) == {
        *("IR_BEN_R", "IR_BEN_R_ARC", "IR_IBA_R", "IR_IMB_R", "IR_MTT_R", "IR_PHA_R", "PASSAGE"),
        *("DA_PRA_R", "BE_IDE_R", "ER_PRS_F", "ER_PHA_F", "ER_CAM_F", "ER_BIO_F"),
        *("ER_TIP_F", "ER_UCD_F", "ER_TRS_F", "ER_ETE_F", "KI_CCI_R", "KI_ECD_R"),
        *(f"NS_{name}_F" for name in ("PRS", "PHA", "CAM", "BIO", "TIP", "UCD", "TRS")),
        *(f"T_MCOaa{name}" for name in ("B", "C", "D", "A", "UM", "MED", "FH", "FB", "VALO", "E")),
        *(f"T_MCOaa{name}STC" for name in ("C", "FA", "FB", "FC", "FM", "FL")),
        *(f"T_SSRaa{name}STC" for name in ("FB", "FC", "FM", "FL")),
        *(f"T_SSRaa{name}" for name in ("B", "C", "D", "CCAM", "CSARR", "CSTC")),
        *(f"T_HADaa{name}" for name in ("B", "GRP", "C", "D", "A")),
        *(f"T_RIPaa{name}" for name in ("RSA", "RSAD", "C", "R3A")),
        *(f"CT_{name}_AAAA_GN" for name in ("IND", "IDE", "DEP")),
    }


@pytest.mark.parametrize("table", TABLES.values(), ids=str)
def test_a_table_is_whole(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert set(table.key) <= set(names)
    assert any(column.required for column in table.columns) == any(
        column.read for column in table.columns
    )
    for column in table.columns:
        assert column.read or not column.required, column.name
        assert set(column.instead) <= set(names)
    assert table.meaning
    assert table.source
    assert all(column.meaning for column in table.columns)
    assert all(column.meaning_fr != "" for column in table.columns)
    assert table.used_for
    assert table.meaning_fr != table.meaning
    assert table.used_for_fr != table.used_for
    for name in table.key:
        column = table.column(name)
        # The rank of a visit is its number in one table, that of a sub-sequence in another.
        assert column.required or name in RANKS or not column.read, name
    for column in table.columns:
        assert column.since is None or column.until is None or column.since <= column.until
        assert column.since is None or table.since is None or column.since > table.since
    assert not IDENTIFYING & set(names)
    assert all(re.fullmatch(r"[\w{}*]+\.CSV", pattern) for pattern in table.patterns)
    dated = any("{yyyy}" in pattern or "{aa}" in pattern for pattern in table.patterns)
    assert dated == (table.period != "none")


def test_archived_beneficiaries_have_the_same_layout() -> None:
    assert TABLES["IR_BEN_R"].columns == TABLES["IR_BEN_R_ARC"].columns


def test_detail_lines_join_on_the_nine_columns() -> None:
    assert TABLES["ER_PRS_F"].key == NINE
    orders = {name: table.key[9:] for name, table in DETAILS.items()}
    assert orders.pop("ER_ETE_F") == ()
    assert orders.pop("ER_TRS_F") == ("ITR_ORD_NUM",)
    assert orders == {name: (f"{name[3:6]}_ORD_NUM",) for name in orders}
    for table in (TABLES["ER_PRS_F"], *DETAILS.values()):
        assert table.key[:9] == NINE
        types = [table.column(name).type for name in NINE]
        assert (types.count("date"), types.count("integer"), types.count("string")) == (2, 6, 1)


def test_the_simplified_product_joins_on_its_own_key() -> None:
    for name in TABLES:
        if name.startswith("NS_"):
            sequence = () if name == "NS_PRS_F" else (f"{name[3:6]}_SEQ_NUM",)
            assert TABLES[name].key == ("FLX_DIS_DTD", "CLE_DCI_JNT", *sequence)
            assert TABLES[name].column("BEN_IDT_ANO").aliases == ("NUM_ENQ", "NUM_ENQ_IDT")


@pytest.mark.parametrize("year", [None, 2004, 2007, 2009, 2016])
def test_what_joins_tables_has_one_type_everywhere(year: int | None) -> None:
    keys = {name for table in TABLES.values() for name in table.key}
    links = {
        "NIR_ANO_17",
        "BEN_NIR_ANO",
        "BEN_IDT_ANO",
        "ETB_EXE_FIN",
        "PFS_EXE_NUM",
        "PFS_PRE_NUM",
    }
    for name in keys | links:
        types = {
            column.type
            for table in TABLES.values()
            for column in table.columns
            if column.name == name and column.delivered_in(year)
        }
        assert len(types) <= 1, name
    assert {TABLES["ER_PHA_F"].column("PHA_PRS_C13").type} == {
        TABLES["IR_PHA_R"].column("PHA_CIP_C13").type
    }
    assert TABLES["DA_PRA_R"].column("PFS_PFS_NUM").type == "string"
    assert TABLES["BE_IDE_R"].column("IDE_ETA_NU8").type == "string"


def test_every_patient_number_is_known_under_its_name_of_extractions() -> None:
    expected = {"BEN_NIR_PSA": "NUM_ENQ", "NIR_ANO_17": "NUM_ENQ", "BEN_NIR_ANO": "NUM_ENQ_ANO"}
    expected["BEN_IDT_ANO"] = "NUM_ENQ_IDT"
    for table in TABLES.values():
        for column in table.columns:
            if column.name in expected:
                assert expected[column.name] in column.aliases, table.name
        given = [alias for column in table.columns for alias in column.aliases]
        assert len(set(given)) == len(given)


def test_a_column_is_required_from_its_first_year_on() -> None:
    visited = TABLES["T_MCOaaCSTC"].column("EXE_SOI_DTD")
    assert not visited.required_in(2008)
    assert visited.required_in(2009)
    assert visited.required_in(None)
    assert visited.instead == ("ENT_DAT",)
    assert not TABLES["T_MCOaaC"].column("RNG_BEN").required_in(2018)


def test_a_column_that_ended_is_not_awaited_later() -> None:
    kind = TABLES["T_MCOaaUM"].column("UM_TYP")
    assert kind.delivered_in(2009)
    assert not kind.delivered_in(2010)
    assert kind.delivered_in(None)


def test_an_unknown_column_is_an_error() -> None:
    with pytest.raises(KeyError, match="ER_PRS_F has no column NUM_ENQ"):
        TABLES["ER_PRS_F"].column("NUM_ENQ")


def test_the_pseudonym_of_extractions_is_an_alias() -> None:
    assert TABLES["ER_PRS_F"].column("BEN_NIR_PSA").aliases == ("NUM_ENQ",)


@needs_reference
@pytest.mark.parametrize("table", [one for one in TABLES if one not in ("IR_PHA_R", "PASSAGE")])
def test_columns_agree_with_the_official_schema(table: str) -> None:
    official = official_fields(table)
    for column in TABLES[table].columns:
        if (table, column.name) in NEWER:
            assert column.name not in official
            continue
        assert column.name in official
        field = official[column.name]
        if column.name in CHARACTERS:
            assert column.type == "string", column.name
        elif column.name in MONTHS | COUNTS:
            assert column.type == "integer", column.name
        elif AMOUNTS.fullmatch(column.name):
            assert column.type == "decimal", column.name
        else:
            assert column.type in SAME[field["type"]], column.name
        if column.since is not None and field.get("dateCreated"):
            assert str(column.since) == field["dateCreated"], column.name
        if column.until is not None:
            assert str(column.until + 1) == field["dateDeleted"], column.name


@needs_reference
def test_first_and_last_years_are_those_of_real_deliveries() -> None:
    path = REFERENCE / "derived" / "pmsi_columns_by_year_2005_2014.csv"
    with path.open(encoding="utf-8") as lines:
        real = {(row["table"], row["column"]): row for row in csv.DictReader(lines)}
    seen = 0
    for name, table in TABLES.items():
        for column in table.columns:
            row = real.get((name, column.name))
            if row is None:
                continue
            seen += 1
            if column.until is not None:
                assert int(row["last_year"]) == column.until, (name, column.name)
            if column.since is not None:
                assert int(row["first_year"]) == column.since, (name, column.name)
    assert seen > 300


@needs_reference
@pytest.mark.parametrize(
    "listing", ["dcir_columns_by_archive_year.csv", "pmsi_columns_by_year_2005_2014.csv"]
)
def test_types_are_those_that_real_deliveries_store(listing: str) -> None:
    with (REFERENCE / "derived" / listing).open(encoding="utf-8") as lines:
        stored = {(row["table"], row["column"]): row for row in csv.DictReader(lines)}
    seen = 0
    for table in TABLES.values():
        for column in table.columns:
            kind = stored.get((table.name, column.name), {}).get("oracle_sas_type")
            if kind is None:
                continue
            seen += 1
            texts = {one.startswith("char") for one in kind.split("|")}
            # Years, months and days are written as text, and typed as what they are.
            written = column.name in ("ENT_DAT", "SOR_DAT") or re.search("ANN|MOI", column.name)
            if len(texts) == 1 and not written:
                assert (column.type == "string") == texts.pop(), (table.name, column.name)
            if "DATETIME" in kind:
                assert column.type == "date", (table.name, column.name)
    assert seen > 150


@needs_reference
def test_drug_columns_are_those_of_the_official_table() -> None:
    path = REFERENCE / "schema-snds" / "nomenclatures" / "DREES" / "IR_PHA_R.json"
    official = {field["name"] for field in json.loads(path.read_text("utf-8"))["fields"]}
    assert {column.name for column in TABLES["IR_PHA_R"].columns} <= official
