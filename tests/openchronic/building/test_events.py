"""What a delivery becomes, event by event: small deliveries and answers written by hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    RAMIPRIL,
    TWINS,
    Row,
    chaining,
    claim,
    illness,
    pack,
    person,
    plain,
    stay,
    write,
)

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
ILLNESSES, STAYS, CHAINING = "IR_IMB_R.CSV", "PMSI/T_MCO21B.CSV", "PMSI/T_MCO21C.CSV"
FLUX, MARCH = date(2021, 4, 1), date(2021, 3, 10)


def deliver(tmp_path: Path, **files: list[Row]) -> Path:
    """The plain delivery with some files replaced, built."""
    names = {
        "people": "IR_BEN_R.CSV",
        "claims": CLAIMS,
        "packs": PACKS,
        "illnesses": ILLNESSES,
        "stays": STAYS,
        "chaining": CHAINING,
    }
    delivery = write(
        tmp_path / "delivery", plain() | {names[name]: one for name, one in files.items()}
    )
    return built(delivery, tmp_path / "releases")


def test_the_plain_delivery_gives_these_events_and_no_others(tmp_path: Path) -> None:
    release = deliver(tmp_path)
    born, opened = date(1950, 5, 1), date(2020, 2, 15)
    came, left, sealed = date(2021, 3, 2), date(2021, 3, 5), date(2022, 7, 1)
    events = rows(
        release,
        "SELECT start_date, end_date, known_date, order_in_day, event_type, vocabulary, code, "
        "code_role, quantity, date_precision, source_table, n_source_rows, flags FROM event",
    )
    # One subject: the file's own order is the order of the pathway.
    assert events == [
        (born, born, born, 1, "birth", None, None, None, None, "month", "IR_BEN_R", 1, None),
        (
            opened,
            None,
            opened,
            1,
            "ald",
            "CIM10",
            "E11",
            "listed",
            None,
            "day",
            "IR_IMB_R",
            1,
            "open",
        ),
        (came, left, sealed, 1, "stay", "GHM", "05M092", None, 3, "day", "T_MCOaaB", 1, None),
        (
            came,
            left,
            sealed,
            2,
            "diagnosis",
            "CIM10",
            "E119",
            "DAS",
            None,
            "day",
            "T_MCOaaD",
            1,
            None,
        ),
        (
            came,
            left,
            sealed,
            3,
            "diagnosis",
            "CIM10",
            "I500",
            "DP",
            None,
            "day",
            "T_MCOaaB",
            1,
            None,
        ),
        (
            MARCH,
            MARCH,
            FLUX,
            1,
            "drug",
            "CIP13",
            METFORMIN,
            "dispensed",
            2,
            "day",
            "ER_PHA_F",
            1,
            None,
        ),
    ]
    assert rows(
        release,
        "SELECT vocabulary, code, label, parent_vocabulary, parent_code "
        "FROM code WHERE vocabulary = 'CIP13'",
    ) == [("CIP13", METFORMIN, "METFORMINE", "ATC", "A10BA02")]
    assert rows(
        release,
        "SELECT birth_date, sex, death_date, residence_department, scheme, is_twin FROM patient",
    ) == [(born, "F", None, "35", "01C", False)]
    assert rows(release, "SELECT ald_number, icd10, start_date, end_date, kind FROM ald") == [
        (8, "E11", opened, None, "listed")
    ]
    assert rows(release, "SELECT billed, reimbursed, service_code FROM cost")[0][2] == "3303"


def test_identifiers_are_numbers_that_r_holds_and_stay_the_same(tmp_path: Path) -> None:
    release = deliver(tmp_path)
    # Computed by hand: SHA-256 of key|subject|identity, its first 53 bits.
    assert rows(release, "SELECT DISTINCT subject_id < 9007199254740992 FROM event") == [(True,)]
    again = built(tmp_path / "delivery", tmp_path / "other")
    query = "SELECT subject_id, event_id FROM event"
    assert rows(release, query) == rows(again, query)
    key = tmp_path / "key"
    key.write_text("k" * 64)
    keyed = built(tmp_path / "delivery", tmp_path / "keyed", "--key", key)
    assert not set(rows(release, query)) & set(rows(keyed, query))


@pytest.mark.parametrize(
    ("packs", "expected"),
    [
        ([2, -2], []),  # cancelled: nothing was dispensed
        ([2, -2, 1], [(1.0, 3, "regularised")]),  # cancelled and billed again
        ([2, -1], [(1.0, 2, "regularised")]),
        ([1, 1], [(2.0, 2, None)]),  # two true dispensings of one day are not one
        ([0], []),
    ],
)
def test_cancellations_are_netted_and_true_repeats_kept(
    tmp_path: Path, packs: list[int], expected: list[tuple[float, int, str | None]]
) -> None:
    release = deliver(
        tmp_path,
        claims=[
            claim(n, ALICE, "10/03/2021", flux=f"01/{4 + n:02}/2021") for n in range(len(packs))
        ],
        packs=[
            pack(n, METFORMIN, quantity, flux=f"01/{4 + n:02}/2021")
            for n, quantity in enumerate(packs)
        ],
    )
    assert (
        rows(release, "SELECT quantity, n_source_rows, flags FROM event WHERE event_type = 'drug'")
        == expected
    )


@pytest.mark.parametrize(
    ("change", "filter_name"),
    [
        ({"DPN_QLF": "71"}, "for_information"),
        ({"PRS_DPN_QLP": "71"}, "for_information"),
        ({"CPL_MAJ_TOP": "2"}, "surcharge"),
        ({"CPL_AFF_COD": "16"}, "copayment_line"),
        ({"EXE_SOI_DTD": "01/01/1600"}, "drug_without_date"),
        ({"BEN_NIR_PSA": "Z" * 17}, "drug_unknown_beneficiary"),
        ({"DCT_ORD_NUM": "999"}, "orphan_detail"),
    ],
)
def test_a_line_that_does_not_count_is_removed_by_the_filter_that_says_why(
    tmp_path: Path, change: dict[str, str], filter_name: str
) -> None:
    release = deliver(tmp_path, claims=[claim(1, ALICE, "10/03/2021") | change])
    assert rows(release, "SELECT * FROM event WHERE event_type = 'drug'") == []
    assert removed(release) == {filter_name: 1} | (
        {"cost_unknown_beneficiary": 1} if "BEN_NIR_PSA" in change else {}
    )


def test_an_unknown_qualifier_never_removes_a_line(tmp_path: Path) -> None:
    empty = {"DPN_QLF": "", "PRS_DPN_QLP": "", "CPL_MAJ_TOP": "", "CPL_AFF_COD": ""}
    release = deliver(tmp_path, claims=[claim(1, ALICE, "10/03/2021") | empty])
    assert len(rows(release, "SELECT * FROM event WHERE event_type = 'drug'")) == 1


def test_money_of_lines_for_information_stays_and_nothing_is_doubled(tmp_path: Path) -> None:
    release = deliver(
        tmp_path,
        claims=[
            claim(1, ALICE, "10/03/2021", PRS_PAI_MNT="10.50"),
            claim(2, ALICE, "10/03/2021", PRS_PAI_MNT="0.30", DPN_QLF="71"),
        ],
        packs=[pack(1, METFORMIN, order=1), pack(1, RAMIPRIL, order=2)],
    )
    assert rows(release, "SELECT count(*), CAST(sum(billed) AS VARCHAR) FROM cost") == [
        (2, "10.80000")
    ]
    assert rows(release, "SELECT count(*) FROM event WHERE event_type = 'drug'") == [(2,)]


def test_a_person_with_several_numbers_is_one_subject(tmp_path: Path) -> None:
    child, adult = "C" * 17, "D" * 17
    release = deliver(
        tmp_path,
        people=[
            person(child, identity="ONE", BEN_RES_DPT="029", MAX_TRT_DTD="01/01/2020"),
            person(adult, identity="ONE", BEN_RES_DPT="035", MAX_TRT_DTD="01/01/2021"),
        ],
        claims=[claim(1, child, "10/03/2021"), claim(2, adult, "11/03/2021")],
        packs=[pack(1, METFORMIN), pack(2, METFORMIN)],
        illnesses=[],
        stays=[],
        chaining=[],
    )
    assert rows(release, "SELECT residence_department, n_source_rows FROM patient") == [("35", 2)]
    assert rows(
        release, "SELECT count(DISTINCT subject_id), count(*) FROM event WHERE event_type = 'drug'"
    ) == [(1, 2)]


def test_twins_are_two_in_town_and_nobody_in_hospital(tmp_path: Path) -> None:
    release = deliver(
        tmp_path,
        people=[person(TWINS, 1), person(TWINS, 2), person(ALICE)],
        claims=[claim(1, TWINS, "10/03/2021", rank=1), claim(2, TWINS, "11/03/2021", rank=2)],
        packs=[pack(1, METFORMIN), pack(2, RAMIPRIL)],
        illnesses=[],
        stays=[stay("0000000001"), stay("0000000002")],
        chaining=[chaining("0000000001", TWINS), chaining("0000000002", ALICE)],
    )
    assert rows(release, "SELECT is_twin, count(*) FROM patient GROUP BY ALL ORDER BY ALL") == [
        (False, 1),
        (True, 2),
    ]
    assert rows(
        release, "SELECT count(DISTINCT subject_id), count(*) FROM event WHERE event_type = 'drug'"
    ) == [(2, 2)]
    assert rows(release, "SELECT is_twin FROM stay JOIN patient USING (subject_id)") == [(False,)]
    assert removed(release) == {"stay_of_twins": 1}


def test_fictive_numbers_are_nobody(tmp_path: Path) -> None:
    release = deliver(
        tmp_path,
        people=[
            person(ALICE),
            person("F" * 17, BEN_CDI_NIR="05"),
            person("G" * 17, BEN_CDI_NIR="03"),
        ],
        claims=[claim(1, "F" * 17, "10/03/2021"), claim(2, "G" * 17, "10/03/2021")],
        packs=[pack(1, METFORMIN), pack(2, METFORMIN)],
    )
    assert rows(release, "SELECT count(*) FROM patient") == [(2,)]
    assert removed(release) == {"drug_fictive_number": 1, "cost_fictive_number": 1}


STAY_FILTERS: dict[str, tuple[Row, Row]] = {
    "error_ghm": ({"GRG_GHM": "90Z00Z"}, {}),
    "inter_facility": ({"SEJ_TYP": "B"}, {}),
    "generated_record": ({"TYP_GEN_RSA": "4"}, {}),
    "invalid_number": ({}, {"NIR_ANO_17": "x" * 17}),
    "return_codes": ({}, {"NAI_RET": "9"}),
    "stay_unknown_beneficiary": ({}, {"NIR_ANO_17": "Q" * 17}),
    "stay_without_chaining": ({}, {"RSA_NUM": "0000000999"}),
    "stay_without_date": ({"SOR_ANN": "", "SOR_MOI": ""}, {"EXE_SOI_DTD": "", "EXE_SOI_DTF": ""}),
}


@pytest.mark.parametrize("name", STAY_FILTERS)
def test_a_stay_that_does_not_count_is_removed_by_the_filter_that_says_why(
    tmp_path: Path, name: str
) -> None:
    description, chain = STAY_FILTERS[name]
    release = deliver(
        tmp_path,
        stays=[stay("0000000001", **description)],
        chaining=[chaining("0000000001", ALICE, **chain)],
    )
    assert rows(release, "SELECT * FROM stay") == []
    assert removed(release) == {name: 1}


@pytest.mark.parametrize(
    "description",
    [
        {"GRG_GHM": "04M901"},  # 90 inside a group is not the error group
        {"SEJ_TYP": "B", "GRG_GHM": "28Z04Z"},  # sessions for another facility's patient count
        {"SEJ_TYP": ""},
        {"TYP_GEN_RSA": ""},  # years before 2015 do not have it
    ],
)
def test_a_stay_that_counts_is_kept(tmp_path: Path, description: Row) -> None:
    release = deliver(tmp_path, stays=[stay("0000000001", **description)])
    assert len(rows(release, "SELECT * FROM stay")) == 1


def test_return_codes_that_a_year_does_not_have_are_not_failures(tmp_path: Path) -> None:
    release = deliver(
        tmp_path,
        chaining=[chaining("0000000001", ALICE, COH_NAI_RET="", COH_SEX_RET="", DAT_RET="")],
    )
    assert len(rows(release, "SELECT * FROM stay")) == 1


def test_a_geographic_finess_is_dropped_only_beside_its_juridical_one(tmp_path: Path) -> None:
    juridical, geographic = "750712184", "750100042"
    both = deliver(
        tmp_path / "both",
        stays=[stay("0000000001", facility=juridical), stay("0000000002", facility=geographic)],
        chaining=[
            chaining("0000000001", ALICE, facility=juridical),
            chaining("0000000002", ALICE, facility=geographic),
        ],
    )
    assert rows(both, "SELECT facility_id FROM stay") == [(juridical,)]
    assert removed(both) == {"finess_duplicate": 1}
    alone = deliver(
        tmp_path / "alone",
        stays=[stay("0000000002", facility=geographic)],
        chaining=[chaining("0000000002", ALICE, facility=geographic)],
    )
    assert rows(alone, "SELECT facility_id FROM stay") == [(geographic,)]


def test_sessions_are_events_of_their_own_type(tmp_path: Path) -> None:
    release = deliver(
        tmp_path, stays=[stay("0000000001", ghm="28Z04Z", SEJ_NBJ="", NBR_SEA="1", DGN_PAL="Z491")]
    )
    assert rows(release, "SELECT event_type, quantity FROM event WHERE code = '28Z04Z'") == [
        ("session", 1.0)
    ]


def test_an_old_stay_without_dates_is_placed_by_its_month(tmp_path: Path) -> None:
    release = deliver(
        tmp_path, chaining=[chaining("0000000001", ALICE, EXE_SOI_DTD="", EXE_SOI_DTF="")]
    )
    assert rows(release, "SELECT start_date, end_date, date_precision FROM stay") == [
        (date(2021, 2, 26), date(2021, 3, 1), "month")
    ]


PERIODS: dict[str, tuple[list[Row], list[tuple[date, date | None]]]] = {
    "a renewed row": (
        [
            illness(ALICE, "01/01/2015", "31/12/2017", "E11", INS_DTE="01/01/2015"),
            illness(ALICE, "01/01/2015", "31/12/2019", "E11", INS_DTE="01/06/2017"),
        ],
        [(date(2015, 1, 1), date(2019, 12, 31))],
    ),
    "periods that touch": (
        [
            illness(ALICE, "01/01/2015", "31/12/2017", "E11"),
            illness(ALICE, "01/01/2018", "31/12/2019", "E11"),
        ],
        [(date(2015, 1, 1), date(2019, 12, 31))],
    ),
    "a gap": (
        [
            illness(ALICE, "01/01/2015", "31/12/2016", "E11"),
            illness(ALICE, "01/01/2018", "31/12/2019", "E11"),
        ],
        [(date(2015, 1, 1), date(2016, 12, 31)), (date(2018, 1, 1), date(2019, 12, 31))],
    ),
    "open by 1600": (
        [illness(ALICE, "01/01/2015", "01/01/1600", "E11")],
        [(date(2015, 1, 1), None)],
    ),
    "open by 2099": (
        [illness(ALICE, "01/01/2015", "31/12/2099", "E11")],
        [(date(2015, 1, 1), None)],
    ),
    "open swallows what follows": (
        [
            illness(ALICE, "01/01/2015", "01/01/1600", "E11"),
            illness(ALICE, "01/01/2018", "31/12/2019", "E11"),
        ],
        [(date(2015, 1, 1), None)],
    ),
    "padded code": (
        [illness(ALICE, "01/01/2015", "31/12/2016", "E11  ")],
        [(date(2015, 1, 1), date(2016, 12, 31))],
    ),
    "ends before it starts": ([illness(ALICE, "01/01/2015", "31/12/2014", "E11")], []),
    "a work accident": ([illness(ALICE, "01/01/2015", "31/12/2016", "", IMB_ETM_NAT="11")], []),
}


@pytest.mark.parametrize("case", PERIODS)
def test_exemption_records_become_periods(tmp_path: Path, case: str) -> None:
    records, expected = PERIODS[case]
    release = deliver(tmp_path, illnesses=records)
    assert rows(release, "SELECT start_date, end_date FROM ald ORDER BY start_date") == expected


def test_death_comes_from_the_referential_then_from_hospital(tmp_path: Path) -> None:
    in_hospital = {"SOR_MOD": "9"}
    release = deliver(tmp_path / "hospital", stays=[stay("0000000001", **in_hospital)])
    assert rows(release, "SELECT death_date, death_source FROM patient") == [
        (date(2021, 3, 5), "T_MCOaaB")
    ]
    release = deliver(
        tmp_path / "both",
        people=[person(ALICE, BEN_DCD_DTE="04/03/2021")],
        stays=[stay("0000000001", **in_hospital)],
    )
    assert rows(release, "SELECT death_date, death_source FROM patient") == [
        (date(2021, 3, 4), "IR_BEN_R")
    ]
    release = deliver(tmp_path / "before birth", people=[person(ALICE, BEN_DCD_DTE="04/03/1940")])
    assert rows(release, "SELECT death_date, death_before_birth FROM patient") == [(None, True)]


def test_a_claim_delivered_twice_counts_once(tmp_path: Path) -> None:
    line = claim(1, ALICE, "10/03/2021")
    release = deliver(tmp_path, claims=[line, line])
    assert rows(release, "SELECT count(*) FROM cost") == [(1,)]
    assert rows(release, "SELECT quantity FROM event WHERE event_type = 'drug'") == [(2.0,)]


def removed(release: Path) -> dict[str, int]:
    """What each filter removed, by the manifest."""
    manifest = json.loads((release / "manifest.json").read_text())
    return {one["name"]: one["removed"] for one in manifest["filters"] if one["removed"]}
