"""Tables agree with each other: details with their claim, visits with claims, acts with stays."""

# The queries read files that the tests made.
# ruff: noqa: S608

from collections.abc import Iterator

import duckdb
import pytest

from openchronic.catalogue import Table, load_tables
from openchronic.ingest.naming import identify
from tests.openchronic.synth.conftest import Extraction
from tests.openchronic.synth.test_layout import KEY


@pytest.mark.parametrize("table", ["CAM", "BIO", "TIP", "UCD", "TRS", "ETE"])
def test_a_detail_belongs_to_one_claim(extraction: Extraction, table: str) -> None:
    claims = {tuple(row[k] for k in KEY): row for row in extraction.claims}
    rows = extraction.rows(f"DCIR_*/ER_{table}_F_*.CSV")
    assert len(rows) > 100
    quantity = {"BIO": "BIO_ACT_QSN", "TIP": "TIP_ACT_QSN", "UCD": "UCD_DLV_NBR"}.get(table)
    for row in rows:
        claim = claims[tuple(row[k] for k in KEY)]
        if quantity:
            assert row[quantity] == claim["PRS_ACT_QTE"]


def every_file(extraction: Extraction) -> Iterator[tuple[Table, int | None, str]]:
    """Yields each file with its table and year, as SQL that reads it as text."""
    tables = set()
    for path in sorted(extraction.folder.rglob("*.CSV")):
        identified = identify(path.name)
        assert identified is not None, path
        name, year = identified
        tables.add(name)
        yield (
            load_tables()[name],
            year,
            f"read_csv('{path}', delim = ';', all_varchar = true, quote = '')",
        )
    assert len(tables) == 48


def test_no_two_rows_share_a_key_that_is_unique(extraction: Extraction) -> None:
    with duckdb.connect() as connection:
        for table, _, text in every_file(extraction):
            # Packs with their count in place of a number are planted.
            if table.unique and not table.name.endswith("PHA_F"):
                key = ", ".join(table.key)
                query = f"SELECT count(*), count(DISTINCT ({key})) FROM {text}"
                rows, keys = connection.execute(query).fetchall()[0]
                assert rows == keys > 0, text


def test_required_columns_are_filled(extraction: Extraction) -> None:
    with duckdb.connect() as connection:
        for table, year, text in every_file(extraction):
            required = [
                column.name
                for column in table.columns
                # Maternity is an exemption without a diagnosis.
                if (column.required_in(year) or column.name in table.key)
                and column.name != "MED_MTF_COD"
            ]
            counts = ", ".join(f"count({name})" for name in required)
            rows, *filled = connection.execute(f"SELECT count(*), {counts} FROM {text}").fetchall()[
                0
            ]
            assert set(filled) == {rows}, text


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


@pytest.mark.parametrize(
    ("field", "described", "others", "key"),
    [
        ("SSR", "B", ("C", "D", "CCAM", "CSARR"), ("ETA_NUM", "RHA_NUM")),
        ("HAD", "B", ("C", "D", "A"), ("ETA_NUM_EPMSI", "RHAD_NUM")),
        ("RIP", "RSA", ("C",), ("ETA_NUM_EPMSI", "RIP_NUM")),
    ],
)
def test_every_stay_elsewhere_is_described_and_chained(
    extraction: Extraction,
    field: str,
    described: str,
    others: tuple[str, ...],
    key: tuple[str, ...],
) -> None:
    def stays(table: str) -> set[tuple[str, ...]]:
        rows = extraction.rows(f"PMSI/T_{field}??{table}.CSV")
        return {tuple(row[k] for k in key) for row in rows}

    assert stays("C") == stays(described) != set()
    for table in others:
        assert set() != stays(table) <= stays(described)


def test_outpatient_psychiatry_knows_patients_only_by_their_number_in_the_facility(
    extraction: Extraction,
) -> None:
    here = {(r["ETA_NUM_EPMSI"], r["IPP_IRR_CRY"]) for r in extraction.rows("PMSI/T_RIP??RSA.CSV")}
    acts = {(r["ETA_NUM_EPMSI"], r["IPP_IRR_CRY"]) for r in extraction.rows("PMSI/T_RIP??R3A.CSV")}
    assert set() != acts <= here


def test_the_cartography_is_linked_to_the_beneficiaries(extraction: Extraction) -> None:
    for year in (2016, 2017, 2018):
        mapped = {row["ID_CARTO"]: row for row in extraction.rows(f"CT_IND_G8_{year}.CSV")}
        links = extraction.rows(f"CT_IDE_G8_{year}.CSV")
        assert {row["ID_CARTO"] for row in links} == set(mapped)
        assert {(r["BEN_NIR_PSA"], r["BEN_RNG_GEM"]) for r in links} <= set(extraction.persons)
        ill = [row for row in mapped.values() if row["TOP_FDIABET_IND"] == "1"]
        assert 0.01 < len(ill) / len(mapped) < 0.12


def test_declared_doctors_are_known_professionals(extraction: Extraction) -> None:
    known = {row["PFS_PFS_NUM"] for row in extraction.rows("DA_PRA_R_2016.CSV")}
    assert {row["MTT_PFS_NUM"] for row in extraction.rows("IR_MTT_R.CSV")} <= known


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
