"""Errors of published code on hospital stays, each on a table small enough to read.

``published`` is the rule in its published form, run on the same rows.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.build.drawn_rows import check_stays, compare_stays, drawn_stays
from tests.openchronic.small_delivery import ALICE, Files, chaining, stay

APHP, APHP_SITE = "750712184", "750100042"
HCL, HCL_SITE = "690781810", "690787460"
DIAGNOSES: Files = {
    "PMSI/T_MCO21D.CSV": [
        {"ETA_NUM": "350000022", "RSA_NUM": "0000000001", "ASS_DGN": code}
        for code in ("E119", "I10 ", "N18.9")
    ]
}
NUMBER = "0000000001"
NUMBERS: Files = {
    "PMSI/T_MCO20B.CSV": [stay(NUMBER, SEJ_NBJ="5", SOR_ANN="2020")],
    "PMSI/T_MCO20C.CSV": [
        chaining(NUMBER, ALICE, EXE_SOI_DTD="02MAR2020:00:00:00", EXE_SOI_DTF="07MAR2020:00:00:00")
    ],
    "PMSI/T_MCO21B.CSV": [
        stay(NUMBER),
        stay(NUMBER, facility="2A0000014", SEJ_NBJ="4"),
        stay(NUMBER, facility="010000024", SEJ_NBJ="6"),
    ],
    "PMSI/T_MCO21C.CSV": [
        chaining(NUMBER, ALICE),
        chaining(NUMBER, ALICE, facility="2A0000014"),
        chaining(NUMBER, ALICE, facility="010000024"),
    ],
}
# Tables for one build, each with the stays of a woman of her own.
TABLES = {
    "types": """
        n | SEJ_TYP | GRG_GHM | kept | published
        1 | A       | 05M092  | yes  | yes
        2 | B       | 05M092  | no   | yes
        3 | .       | 05M092  | yes  | no
        4 | B       | .       | no   | yes
    """,
    "groups": """
        n | GRG_GHM | kept | published
        1 | 05M092  | yes  | yes
        2 | 90Z00Z  | no   | no
        3 | 04M901  | yes  | no
        4 | 08C790  | yes  | no
        5 | .       | yes  | no
    """,
    "ways": """
        n | TYP_GEN_RSA | kept | published
        1 | 0           | yes  | yes
        2 | 4           | no   | no
        3 | .           | yes  | no
    """,
    "returns": """
        n | NIR_RET | NAI_RET | SEX_RET | kept | published
        1 | 0       | 0       | 0       | yes  | no
        2 | 1       | 0       | 0       | no   | no
        3 | 9       | 9       | 9       | no   | yes
        4 | 0       | 2       | 0       | no   | no
    """,
    "checks": """
        n | DAT_RET | COH_NAI_RET | COH_SEX_RET | kept | published
        1 | 0       | 0           | 0           | yes  | yes
        2 | 0       | .           | .           | yes  | no
        3 | .       | .           | .           | yes  | no
        4 | 0       | 1           | 0           | no   | no
        5 | 0       | .           | 3           | no   | no
        6 | 5       | .           | .           | no   | no
    """,
    "numbers": f"""
        n | NIR_ANO_17        | kept | published
        1 | {ALICE}           | yes  | yes
        2 | xxxxxxxxxxxxxxxxx | no   | no
        3 | XXXXXXXXXXXXXXXXD | no   | yes
        4 | XXXXXXXXXXXXXXXXS | no   | yes
    """,
    "sessions": """
        n | SEJ_TYP | GRG_GHM | kept | published
        1 | B       | 28Z04Z  | yes  | no
        2 | B       | 28Z14Z  | no   | no
        3 | B       | 28Z15Z  | no   | no
        4 | B       | 28Z16Z  | no   | no
        5 | .       | 28Z14Z  | yes  | no
    """,
    "misprint": f"""
        n | ETA_NUM    | kept | published
        1 | {HCL}      | yes  | yes
        2 | {HCL_SITE} | no   | yes
    """,
    "abortions": """
        n | GRG_GHM | GHS_NUM | kept
        1 | 14Z08Z  | 5300    | yes
        2 | 05M092  | 9999    | yes
        3 | 05M092  | 1800    | yes
        4 | .       | .       | yes
    """,
}


OTHERS = {"diagnoses": DIAGNOSES, "same numbers": NUMBERS}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    # Hospitals declared their stays twice up to 2017.
    years = {"misprint": "17"}
    cases = {name: drawn_stays(text, year=years.get(name, "21")) for name, text in TABLES.items()}
    return built_together(tmp_path_factory.mktemp("stays"), cases | OTHERS)


def check(many: Together, name: str, *, published: str = "") -> None:
    compare_stays(many.of(name), TABLES[name], published=published)


def test_the_type_of_an_inter_facility_stay_has_no_leading_space(many: Together) -> None:
    check(many, "types", published="SEJ_TYP <> ' B'")


def test_sessions_for_another_facility_s_patient_are_kept_but_three_groups(
    many: Together, tmp_path: Path
) -> None:
    check(many, "sessions", published="SEJ_TYP <> 'B'")
    # A switch selects the corrected form of the CNAM's published rule.
    kept = "1 | B       | 28Z04Z  | yes"
    assert kept in TABLES["sessions"]
    mended = TABLES["sessions"].replace(kept, "1 | B       | 28Z04Z  | no ")
    check_stays(tmp_path, mended, "--with-filter", "stay.inter_facility_type")


def test_a_transfer_is_no_inter_facility_stay(tmp_path: Path) -> None:
    check_stays(
        tmp_path,
        """
        n | ENT_MOD | SOR_MOD | kept | published
        1 | 8       | 8       | yes  | yes
        2 | 0       | 0       | no   | no
        3 | 0       | 8       | yes  | no
        4 | 8       | 0       | yes  | no
        5 | .       | 8       | yes  | no
        6 | 7       | 9       | yes  | yes
        """,
        "--with-filter",
        "stay.inter_facility_modes",
        published="ENT_MOD <> '0' AND SOR_MOD <> '0'",
    )


def test_only_groups_that_begin_with_90_are_errors(many: Together) -> None:
    check(many, "groups", published="GRG_GHM NOT LIKE '%90%'")


def test_years_without_the_way_a_record_was_made_are_kept(many: Together) -> None:
    check(many, "ways", published="TYP_GEN_RSA = '0'")


def test_good_return_codes_are_zero_and_not_the_others(many: Together) -> None:
    check(many, "returns", published="NIR_RET <> '0' AND NAI_RET <> '0' AND SEX_RET <> '0'")


def test_checks_that_a_year_does_not_have_have_not_failed(many: Together) -> None:
    check(many, "checks", published="DAT_RET = '0' AND COH_NAI_RET = '0' AND COH_SEX_RET = '0'")


def test_a_number_made_of_x_is_nobody_s_whatever_its_end(many: Together) -> None:
    check(many, "numbers", published="NIR_ANO_17 <> 'xxxxxxxxxxxxxxxxx'")


def test_of_a_doubled_facility_one_side_stays(tmp_path: Path) -> None:
    check_stays(
        tmp_path,
        f"""
        n | ETA_NUM     | kept | published
        1 | {APHP}      | yes  | no
        2 | {APHP_SITE} | no   | no
        3 | {HCL_SITE}  | yes  | no
        4 | 350000022   | yes  | yes
        """,
        published=f"ETA_NUM NOT IN ('{APHP}', '{APHP_SITE}', '{HCL}', '{HCL_SITE}')",
        year="17",
    )


def test_from_2018_on_a_site_declares_its_own_stays(tmp_path: Path) -> None:
    check_stays(
        tmp_path,
        f"""
        n | ETA_NUM     | kept
        1 | {APHP}      | yes
        2 | {APHP_SITE} | yes
        """,
        year="18",
    )


def test_the_facility_that_the_long_list_misprints_is_known(many: Together) -> None:
    check(many, "misprint", published="ETA_NUM NOT IN ('90787460')")


def test_the_short_list_of_facilities_is_a_switch_away(tmp_path: Path) -> None:
    # 690787478 is on both lists, 690787460 on the long one only.
    check_stays(
        tmp_path,
        f"""
        n | ETA_NUM    | kept
        1 | {HCL}      | yes
        2 | {HCL_SITE} | yes
        3 | 690787478  | no
        """,
        "--with-filter",
        "stay.finess_sent_again_short",
        "--without-filter",
        "stay.finess_sent_again",
        year="17",
    )


def test_abortions_and_stays_not_paid_are_left_out_only_on_demand(
    many: Together, tmp_path: Path
) -> None:
    check(many, "abortions")
    theirs = TABLES["abortions"]
    for paid in ("5300    | yes", "9999    | yes"):
        assert paid in theirs
        theirs = theirs.replace(paid, paid.replace("yes", "no"))
    options = ("--with-filter", "stay.abortion", "--with-filter", "stay.not_reimbursed")
    check_stays(tmp_path, theirs, *options)


def test_a_stay_is_counted_once_however_many_diagnoses_it_has(many: Together) -> None:
    assert many.rows("diagnoses", "SELECT count(*), sum(nights) FROM stay") == [(1, 3)]
    roles = "SELECT code FROM event WHERE code_role = 'DAS' ORDER BY code"
    assert many.rows("diagnoses", roles) == [("E119",), ("I10",), ("N189",)]


def test_a_number_of_a_stay_is_its_year_s_and_its_facility_s(many: Together) -> None:
    """The same RSA_NUM in another year, or in another facility, is another stay."""
    found = many.rows("same numbers", "SELECT year, facility_id, nights FROM stay ORDER BY ALL")
    assert found == [
        (2020, many.facility("same numbers"), 5),
        (2021, "010000024", 6),
        (2021, "2A0000014", 4),
        (2021, many.facility("same numbers"), 3),
    ]
