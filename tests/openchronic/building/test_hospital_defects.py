"""What published code gets wrong of hospital stays, each on a table small enough to read.

``published`` is the form of the rule as it is printed, run on the same rows.
"""

from __future__ import annotations

from pathlib import Path

from tests.openchronic.building.drawn_rows import check_stays
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import ALICE, chaining, plain, stay, write

APHP, APHP_SITE = "750712184", "750100042"
HCL, HCL_SITE = "690781810", "690787460"


def test_the_type_of_an_inter_facility_stay_has_no_leading_space(tmp_path: Path) -> None:
    check_stays(
        tmp_path,
        """
        n | SEJ_TYP | GRG_GHM | kept | published
        1 | A       | 05M092  | yes  | yes
        2 | B       | 05M092  | no   | yes
        3 | .       | 05M092  | yes  | no
        4 | B       | .       | no   | yes
        """,
        published="SEJ_TYP <> ' B'",
    )


def test_sessions_for_another_facility_s_patient_are_kept_but_three_groups(tmp_path: Path) -> None:
    table = """
        n | SEJ_TYP | GRG_GHM | kept | published
        1 | B       | 28Z04Z  | yes  | no
        2 | B       | 28Z14Z  | no   | no
        3 | B       | 28Z15Z  | no   | no
        4 | B       | 28Z16Z  | no   | no
        5 | .       | 28Z14Z  | yes  | no
    """
    check_stays(tmp_path / "ours", table, published="SEJ_TYP <> 'B'")
    # The form that the CNAM prints, mended, is a switch away.
    mended = table.replace("1 | B       | 28Z04Z  | yes", "1 | B       | 28Z04Z  | no ")
    check_stays(tmp_path / "b", mended, "--with-filter", "inter_facility_type")


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
        "inter_facility_modes",
        published="ENT_MOD <> '0' AND SOR_MOD <> '0'",
    )


def test_only_groups_that_begin_with_90_are_errors(tmp_path: Path) -> None:
    check_stays(
        tmp_path,
        """
        n | GRG_GHM | kept | published
        1 | 05M092  | yes  | yes
        2 | 90Z00Z  | no   | no
        3 | 04M901  | yes  | no
        4 | 08C790  | yes  | no
        5 | .       | yes  | no
        """,
        published="GRG_GHM NOT LIKE '%90%'",
    )


def test_years_without_the_way_a_record_was_made_are_kept(tmp_path: Path) -> None:
    check_stays(
        tmp_path,
        """
        n | TYP_GEN_RSA | kept | published
        1 | 0           | yes  | yes
        2 | 4           | no   | no
        3 | .           | yes  | no
        """,
        published="TYP_GEN_RSA = '0'",
    )


def test_good_return_codes_are_zero_and_not_the_others(tmp_path: Path) -> None:
    check_stays(
        tmp_path,
        """
        n | NIR_RET | NAI_RET | SEX_RET | kept | published
        1 | 0       | 0       | 0       | yes  | no
        2 | 1       | 0       | 0       | no   | no
        3 | 9       | 9       | 9       | no   | yes
        4 | 0       | 2       | 0       | no   | no
        """,
        published="NIR_RET <> '0' AND NAI_RET <> '0' AND SEX_RET <> '0'",
    )


def test_checks_that_a_year_does_not_have_have_not_failed(tmp_path: Path) -> None:
    check_stays(
        tmp_path,
        """
        n | DAT_RET | COH_NAI_RET | COH_SEX_RET | kept | published
        1 | 0       | 0           | 0           | yes  | yes
        2 | 0       | .           | .           | yes  | no
        3 | .       | .           | .           | yes  | no
        4 | 0       | 1           | 0           | no   | no
        5 | 0       | .           | 3           | no   | no
        6 | 5       | .           | .           | no   | no
        """,
        published="DAT_RET = '0' AND COH_NAI_RET = '0' AND COH_SEX_RET = '0'",
    )


def test_a_number_made_of_x_is_nobody_s_whatever_its_end(tmp_path: Path) -> None:
    check_stays(
        tmp_path,
        f"""
        n | NIR_ANO_17        | kept | published
        1 | {ALICE}           | yes  | yes
        2 | xxxxxxxxxxxxxxxxx | no   | no
        3 | XXXXXXXXXXXXXXXXD | no   | yes
        4 | XXXXXXXXXXXXXXXXS | no   | yes
        """,
        published="NIR_ANO_17 <> 'xxxxxxxxxxxxxxxxx'",
    )


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
    )


def test_the_facility_that_the_long_list_misprints_is_known(tmp_path: Path) -> None:
    check_stays(
        tmp_path,
        f"""
        n | ETA_NUM    | kept | published
        1 | {HCL}      | yes  | yes
        2 | {HCL_SITE} | no   | yes
        """,
        published="ETA_NUM NOT IN ('90787460')",
    )


def test_the_short_list_of_facilities_is_a_switch_away(tmp_path: Path) -> None:
    # 690787478 is on both lists, 690787460 on the long one alone.
    check_stays(
        tmp_path,
        f"""
        n | ETA_NUM    | kept
        1 | {HCL}      | yes
        2 | {HCL_SITE} | yes
        3 | 690787478  | no
        """,
        "--with-filter",
        "finess_duplicate_short",
        "--without-filter",
        "finess_duplicate",
    )


def test_abortions_and_stays_not_paid_are_left_out_only_on_demand(tmp_path: Path) -> None:
    table = """
        n | GRG_GHM | GHS_NUM | kept
        1 | 14Z08Z  | 5300    | yes
        2 | 05M092  | 9999    | yes
        3 | 05M092  | 1800    | yes
        4 | .       | .       | yes
    """
    check_stays(tmp_path / "ours", table)
    theirs = table.replace("5300    | yes", "5300    | no").replace("9999    | yes", "9999    | no")
    options = ("--with-filter", "abortion", "--with-filter", "not_reimbursed")
    check_stays(tmp_path / "theirs", theirs, *options)


def test_a_stay_is_counted_once_however_many_diagnoses_it_has(tmp_path: Path) -> None:
    associated = [
        {"ETA_NUM": "350000022", "RSA_NUM": "0000000001", "ASS_DGN": code}
        for code in ("E119", "I10 ", "N18.9")
    ]
    release = built(
        write(tmp_path / "delivery", {**plain(), "PMSI/T_MCO21D.CSV": associated}),
        tmp_path / "releases",
    )
    assert rows(release, "SELECT count(*), sum(nights) FROM stay") == [(1, 3)]
    assert rows(release, "SELECT code FROM event WHERE code_role = 'DAS' ORDER BY code") == [
        ("E119",),
        ("I10",),
        ("N189",),
    ]


def test_a_number_of_a_stay_is_its_year_s_and_its_facility_s(tmp_path: Path) -> None:
    """The same RSA_NUM in another year, or in another facility, is another stay."""
    number = "0000000001"
    files = {
        "PMSI/T_MCO20B.CSV": [stay(number, SEJ_NBJ="5", SOR_ANN="2020")],
        "PMSI/T_MCO20C.CSV": [
            chaining(
                number, ALICE, EXE_SOI_DTD="02MAR2020:00:00:00", EXE_SOI_DTF="07MAR2020:00:00:00"
            )
        ],
        "PMSI/T_MCO21B.CSV": [
            stay(number),
            stay(number, facility="2A0000014", SEJ_NBJ="4"),
            stay(number, facility="010000024", SEJ_NBJ="6"),
        ],
        "PMSI/T_MCO21C.CSV": [
            chaining(number, ALICE),
            chaining(number, ALICE, facility="2A0000014"),
            chaining(number, ALICE, facility="010000024"),
        ],
    }
    release = built(write(tmp_path / "delivery", {**plain(), **files}), tmp_path / "releases")
    assert rows(release, "SELECT year, facility_id, nights FROM stay ORDER BY ALL") == [
        (2020, "350000022", 5),
        (2021, "010000024", 6),
        (2021, "2A0000014", 4),
        (2021, "350000022", 3),
    ]
