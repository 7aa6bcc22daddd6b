"""Tables agree with each other: details with their claim, visits with claims, acts with stays."""

from pathlib import Path

import pytest

from openchronic.schema import load_tables
from openchronic.source.finding import find
from tests.openchronic.synth.conftest import Extraction
from tests.openchronic.synth.test_layout import KEY


@pytest.mark.parametrize("table", ["CAM", "BIO", "TIP", "UCD", "ETE"])
def test_a_detail_belongs_to_one_claim(extraction: Extraction, table: str) -> None:
    claims = {tuple(row[k] for k in KEY): row for row in extraction.claims}
    rows = extraction.rows(f"DCIR_*/ER_{table}_F_*.CSV")
    assert len(rows) > 100
    quantity = {"BIO": "BIO_ACT_QSN", "TIP": "TIP_ACT_QSN", "UCD": "UCD_DLV_NBR"}.get(table)
    for row in rows:
        claim = claims[tuple(row[k] for k in KEY)]
        if quantity:
            assert row[quantity] == claim["PRS_ACT_QTE"]


def test_no_two_rows_share_a_key_that_is_unique(extraction: Extraction) -> None:
    for name, files in find(extraction.folder).tables.items():
        table = load_tables()[name]
        if not table.unique:
            continue
        for file in files:
            rows = extraction.rows(str(Path(file.path).relative_to(extraction.folder)))
            keys = [tuple(row[column] for column in table.key) for row in rows]
            assert len(set(keys)) == len(keys), file.name


def test_required_columns_are_filled(extraction: Extraction) -> None:
    for name, files in find(extraction.folder).tables.items():
        for file in files:
            rows = extraction.rows(str(Path(file.path).relative_to(extraction.folder)))
            for column in load_tables()[name].columns:
                # Maternity is an exemption without a diagnosis.
                if column.required_in(file.year) and column.name != "MED_MTF_COD":
                    assert all(row[column.name] for row in rows), f"{file.name} {column.name}"


def test_a_visit_is_also_a_claim_for_information_or_of_a_public_hospital(
    extraction: Extraction,
) -> None:
    public = {
        tuple(row[k] for k in KEY)
        for row in extraction.rows("DCIR_*/ER_ETE_F_*.CSV")
        if row["ETE_IND_TAA"] == "1"
    }
    claims: dict[str, set[tuple[str, str]]] = {"0": set(), "1": set()}
    for row in extraction.claims:
        day = row["EXE_SOI_DTD"]
        if tuple(row[k] for k in KEY) in public:
            claims["1"].add((row["BEN_NIR_PSA"], day))
        elif row["DPN_QLF"] == "71":
            claims["0"].add((row["BEN_NIR_PSA"], day))
    undated = {psa for kind in claims.values() for psa, day in kind if day == "01/01/1600"}
    kinds = {
        (row["ETA_NUM"], row["SEQ_NUM"]): row["FIDES_TOP"]
        for row in extraction.rows("PMSI/T_MCO??FASTC.CSV")
    }
    months = dict(zip(("JAN", "FEB", "MAR", "APR", "MAY", "JUN"), range(1, 7), strict=True))
    months |= dict(zip(("JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), range(7, 13), strict=True))
    visits = extraction.rows("PMSI/T_MCO??CSTC.CSV")
    for row in visits:
        psa, moment = row["NIR_ANO_17"], row["EXE_SOI_DTD"]
        if psa == "x" * 17 or psa in undated:
            continue
        day = f"{moment[:2]}/{months[moment[2:5]]:02}/{moment[5:9]}"
        assert (psa, day) in claims[kinds[row["ETA_NUM"], row["SEQ_NUM"]]]
    assert {(row["ETA_NUM"], row["SEQ_NUM"]) for row in visits} == set(kinds)


@pytest.mark.parametrize("table", ["A", "UM", "MED", "FH", "VALO"])
def test_what_is_done_in_hospital_is_done_in_a_stay(extraction: Extraction, table: str) -> None:
    for year in (16, 17, 18):
        stays = {
            (row["ETA_NUM"], row["RSA_NUM"]): row
            for row in extraction.rows(f"PMSI/T_MCO{year}B.CSV")
        }
        rows = extraction.rows(f"PMSI/T_MCO{year}{table}.CSV")
        assert rows
        assert {(row["ETA_NUM"], row["RSA_NUM"]) for row in rows} <= set(stays)
        if table == "UM":
            assert len(rows) == sum(int(row["NBR_RUM"]) for row in stays.values())


def test_facilities_of_the_hospital_and_of_the_claims_are_joined_by_the_list(
    extraction: Extraction,
) -> None:
    listed = extraction.rows("PMSI/T_MCO16E.CSV")
    assert {row["ETA_NUM"] for row in extraction.rows("PMSI/T_MCO16B.CSV")} <= {
        row["ETA_NUM"] for row in listed
    }
    assert {row["ETB_EXE_FIN"] for row in extraction.rows("DCIR_2016/ER_ETE_F_2016.CSV")} <= {
        row["ETB_EXE_FIN"] for row in listed
    }
