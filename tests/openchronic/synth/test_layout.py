"""The files are those of a delivery: names, columns, order, dates, keys."""

import re
from pathlib import Path

import pytest

from openchronic.catalogue import load_tables
from tests.openchronic.synth.conftest import Extraction

DATE = re.compile(r"(0[1-9]|[12]\d|3[01])/(0[1-9]|1[0-2])/\d{4}")
SAS_DATE = re.compile(r"\d\d(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)20\d\d:00:00:00")
MCO = (
    *("A", "B", "C", "D", "E", "UM", "MED", "FH", "VALO"),
    *("CSTC", "FASTC", "FBSTC", "FCSTC", "FMSTC", "FLSTC"),
)
OTHER = {
    "SSR": ("B", "C", "D", "CCAM", "CSARR"),
    "HAD": ("A", "B", "C", "D"),
    "RIP": ("C", "RSA", "RSAD", "R3A"),
}
KEY = (
    *("FLX_DIS_DTD", "FLX_TRT_DTD", "FLX_EMT_TYP", "FLX_EMT_NUM", "FLX_EMT_ORD"),
    *("ORG_CLE_NUM", "DCT_ORD_NUM", "PRS_ORD_NUM", "REM_TYP_AFF"),
)


def test_one_file_by_table_and_year_and_one_more_year_of_claims(extraction: Extraction) -> None:
    files = {str(p.relative_to(extraction.folder)) for p in extraction.folder.rglob("*.*")}
    assert files == {
        *(
            "IR_BEN_R.CSV",
            "IR_BEN_R_ARC.CSV",
            "IR_IMB_R.CSV",
            "IR_PHA_R.CSV",
            "IR_MTT_R.CSV",
            "BE_IDE_R.CSV",
        ),
        *("KI_CCI_R.CSV", "KI_ECD_R.CSV", "synth.json"),
        *(
            f"{table}_{y}.CSV"
            for y in (2016, 2017, 2018)
            for table in ("DA_PRA_R", "CT_IND_G8", "CT_IDE_G8", "CT_DEP_G8")
        ),
        *(
            f"DCIR_{y}/ER_{table}_F_{y}.CSV"
            for y in (2016, 2017, 2018, 2019)
            for table in ("PRS", "PHA", "CAM", "BIO", "TIP", "UCD", "TRS", "ETE")
        ),
        *(f"PMSI/T_MCO{y}{table}.CSV" for y in (16, 17, 18) for table in MCO),
        *(
            f"PMSI/T_{field}{y}{table}.CSV"
            for y in (16, 17, 18)
            for field, tables in OTHER.items()
            for table in tables
        ),
    }


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("IR_BEN_R.CSV", "IR_BEN_R"),
        ("IR_IMB_R.CSV", "IR_IMB_R"),
        ("IR_PHA_R.CSV", "IR_PHA_R"),
        ("DCIR_2017/ER_PRS_F_2017.CSV", "ER_PRS_F"),
        ("DCIR_2019/ER_PHA_F_2019.CSV", "ER_PHA_F"),
        ("PMSI/T_MCO16B.CSV", "T_MCOaaB"),
        ("PMSI/T_MCO17C.CSV", "T_MCOaaC"),
        ("PMSI/T_MCO18D.CSV", "T_MCOaaD"),
    ],
)
def test_headers_are_the_schema(extraction: Extraction, path: str, table: str) -> None:
    with (extraction.folder / path).open() as lines:
        header = lines.readline().rstrip("\n").split(";")
    assert header == [column.name for column in load_tables()[table].columns]


def test_dates_are_french_in_claims_and_english_in_the_hospital(extraction: Extraction) -> None:
    for row in extraction.claims[::50]:
        for column in ("FLX_DIS_DTD", "FLX_TRT_DTD", "EXE_SOI_DTD", "PRE_PRE_DTD", "BEN_DCD_DTE"):
            assert DATE.fullmatch(row[column]), row[column]
    for row in extraction.rows("PMSI/T_MCO??C.CSV"):
        assert SAS_DATE.fullmatch(row["EXE_SOI_DTD"])
        assert SAS_DATE.fullmatch(row["EXE_SOI_DTF"])
        assert re.fullmatch(r"\d{8}", row["ENT_DAT"])
        assert row["SOR_DAT"][4:] == row["EXE_SOI_DTF"][5:9]


@pytest.mark.parametrize("year", [2016, 2017, 2018, 2019])
def test_a_file_of_claims_holds_what_arrived_that_year(extraction: Extraction, year: int) -> None:
    for table in ("ER_PRS_F", "ER_PHA_F"):
        again = []
        for row in extraction.rows(f"DCIR_{year}/{table}_{year}.CSV"):
            assert row["FLX_DIS_DTD"].startswith("01/")
            if row["FLX_DIS_DTD"] == f"01/12/{year - 1}":
                again.append(tuple(row.values()))
            else:
                assert row["FLX_DIS_DTD"].endswith(f"/{year}")
        # Some lines of the last December are repeated exactly.
        assert bool(again) == (year > 2016)
        if again:
            before = extraction.rows(f"DCIR_{year - 1}/{table}_{year - 1}.CSV")
            assert set(again) <= {tuple(row.values()) for row in before}


@pytest.mark.parametrize("year", [16, 17, 18])
def test_a_file_of_stays_holds_the_discharges_of_that_year(
    extraction: Extraction, year: int
) -> None:
    stays = [(r["ETA_NUM"], r["RSA_NUM"]) for r in extraction.rows(f"PMSI/T_MCO{year}B.CSV")]
    assert len(set(stays)) == len(stays)
    chained = [(r["ETA_NUM"], r["RSA_NUM"]) for r in extraction.rows(f"PMSI/T_MCO{year}C.CSV")]
    assert sorted(chained) == sorted(stays)
    for row in extraction.rows(f"PMSI/T_MCO{year}C.CSV"):
        assert row["SOR_ANN"] == f"20{year}" == row["EXE_SOI_DTF"][5:9]
    associated = [tuple(r.values()) for r in extraction.rows(f"PMSI/T_MCO{year}D.CSV")]
    assert len(set(associated)) == len(associated)
    assert {(a, b) for a, b, _ in associated} <= set(stays)


def test_keys_are_unique_and_drugs_belong_to_a_claim(extraction: Extraction) -> None:
    claims = {tuple(row[k] for k in KEY): row for row in extraction.claims}
    assert len(claims) == len(extraction.claims)
    detail = [tuple(row[k] for k in KEY) for row in extraction.dispensings]
    # A claim may have two packs, with their count in place of a number.
    alone = [row["PHA_ORD_NUM"] == "1" for row in extraction.dispensings]
    assert len(set(detail)) == sum(alone) + alone.count(False) // 2
    packs = {row["PHA_CIP_C13"] for row in extraction.rows("IR_PHA_R.CSV")}
    for key, row in zip(detail, extraction.dispensings, strict=True):
        assert claims[key]["PRS_ACT_QTE"] == row["PHA_ACT_QSN"]
        assert row["PHA_PRS_C13"] in packs


def test_facilities_of_corsica_keep_their_letter(extraction: Extraction) -> None:
    numbers = {row["ETA_NUM"] for row in extraction.rows("PMSI/T_MCO??B.CSV")}
    assert all(len(number) == 9 for number in numbers)
    assert any(number[:2] in ("2A", "2B") for number in numbers)
    assert any(number.startswith("0") for number in numbers)


def test_nothing_else_is_left_beside(extraction: Extraction) -> None:
    beside: list[Path] = list(extraction.folder.parent.iterdir())
    assert beside == [extraction.folder]
    assert not list(extraction.folder.rglob("*.part"))


def test_no_value_of_a_person_has_a_quote_or_a_separator(extraction: Extraction) -> None:
    # Their lines are joined as they are; labels of reference tables are quoted by DuckDB.
    for path in extraction.folder.rglob("*.CSV"):
        text = path.read_bytes()
        if path.stem == "IR_PHA_R":
            assert b'"' in text
            continue
        assert b'"' not in text, path.name
        header, *lines = text.splitlines()
        assert {line.count(b";") for line in lines} <= {header.count(b";")}, path.name
