"""The events of a delivery, one by one: small deliveries, results by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tests.openchronic.build.case_files import DAY, case
from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    RAMIPRIL,
    Files,
    Row,
    chaining,
    claim,
    illness,
    pack,
    person,
    stay,
)

NETTED: dict[str, tuple[list[int], list[tuple[float, int, str | None]]]] = {
    "cancelled: nothing was dispensed": ([2, -2], []),
    "cancelled and billed again": ([2, -2, 1], [(1.0, 3, "regularised")]),
    "reduced": ([2, -1], [(1.0, 2, "regularised")]),
    "two true dispensings of one day are not one": ([1, 1], [(2.0, 2, None)]),
    "nothing": ([0], []),
}
UNKNOWN = {"DPN_QLF": "", "PRS_DPN_QLP": "", "CPL_MAJ_TOP": "", "CPL_AFF_COD": ""}
COUNTED: dict[str, Row] = {
    "90 inside a group is not the error group": {"GRG_GHM": "04M901"},
    "sessions for another facility's patient count": {"SEJ_TYP": "B", "GRG_GHM": "28Z04Z"},
    "no type": {"SEJ_TYP": ""},
    "years before 2015 do not have it": {"TYP_GEN_RSA": ""},
}
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
LATER_YEARS = {"COH_NAI_RET": "", "COH_SEX_RET": "", "DAT_RET": ""}
SESSION = {"SEJ_NBJ": "", "NBR_SEA": "1", "DGN_PAL": "Z491"}
IN_HOSPITAL: list[Row] = [stay("0000000001", SOR_MOD="9")]
CHILD, ADULT = "C" * 17, "D" * 17


def fluxes(quantities: list[int]) -> dict[int, str]:
    """Returns the month of each line: a later one for each."""
    return {n: f"01/{4 + n:02}/2021" for n in range(len(quantities))}


# Each case has a person of its own: its rows are those of that person.
CASES: dict[str, Files] = {
    **{
        name: case(
            claims=[claim(n, ALICE, DAY, flux=flux) for n, flux in fluxes(packs).items()],
            packs=[pack(n, METFORMIN, packs[n], flux=flux) for n, flux in fluxes(packs).items()],
        )
        for name, (packs, _) in NETTED.items()
    },
    **{name: case(stays=[stay("0000000001", **said)]) for name, said in COUNTED.items()},
    **{name: case(illnesses=records) for name, (records, _) in PERIODS.items()},
    "unknown qualifiers": case(claims=[claim(1, ALICE, DAY) | UNKNOWN]),
    "money": case(
        claims=[
            claim(1, ALICE, DAY, PRS_PAI_MNT="10.50"),
            claim(2, ALICE, DAY, PRS_PAI_MNT="0.30", DPN_QLF="71"),
        ],
        packs=[pack(1, METFORMIN, order=1), pack(1, RAMIPRIL, order=2)],
    ),
    "several numbers": case(
        people=[
            person(CHILD, identity="ONE", BEN_RES_DPT="029", MAX_TRT_DTD="01/01/2020"),
            person(ADULT, identity="ONE", BEN_RES_DPT="035", MAX_TRT_DTD="01/01/2021"),
        ],
        claims=[claim(1, CHILD, DAY), claim(2, ADULT, "11/03/2021")],
        packs=[pack(1, METFORMIN), pack(2, METFORMIN)],
        illnesses=[],
        stays=[],
        chaining=[],
    ),
    "a year without some return codes": case(
        chaining=[chaining("0000000001", ALICE, **LATER_YEARS)]
    ),
    "a session": case(stays=[stay("0000000001", ghm="28Z04Z", **SESSION)]),
    "a stay without dates": case(
        chaining=[chaining("0000000001", ALICE, EXE_SOI_DTD="", EXE_SOI_DTF="")]
    ),
    "died in hospital": case(stays=IN_HOSPITAL),
    "died by both": case(people=[person(ALICE, BEN_DCD_DTE="04/03/2021")], stays=IN_HOSPITAL),
    "died before birth": case(people=[person(ALICE, BEN_DCD_DTE="04/03/1940")]),
    "delivered twice": case(claims=[claim(1, ALICE, DAY), claim(1, ALICE, DAY)]),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Together:
    return built_together(tmp_path_factory.mktemp("cases"), CASES)


@pytest.mark.parametrize("name", NETTED)
def test_cancellations_are_netted_and_true_repeats_kept(told: Together, name: str) -> None:
    query = "SELECT quantity, n_source_rows, flags FROM event WHERE event_type = 'drug'"
    assert told.rows(name, query) == NETTED[name][1]


def test_an_unknown_qualifier_never_removes_a_line(told: Together) -> None:
    query = "SELECT * FROM event WHERE event_type = 'drug'"
    assert len(told.rows("unknown qualifiers", query)) == 1


def test_money_of_lines_for_information_stays_and_nothing_is_doubled(told: Together) -> None:
    costs = "SELECT count(*), CAST(sum(billed) AS VARCHAR) FROM cost"
    assert told.rows("money", costs) == [(2, "10.80000")]
    assert told.rows("money", "SELECT count(*) FROM event WHERE event_type = 'drug'") == [(2,)]


def test_a_person_with_several_numbers_is_one_subject(told: Together) -> None:
    patient = "SELECT residence_department, n_source_rows FROM patient"
    assert told.rows("several numbers", patient) == [("35", 2)]
    drugs = "SELECT count(DISTINCT subject_id), count(*) FROM event WHERE event_type = 'drug'"
    assert told.rows("several numbers", drugs) == [(1, 2)]


@pytest.mark.parametrize("name", COUNTED)
def test_a_stay_that_counts_is_kept(told: Together, name: str) -> None:
    assert len(told.rows(name, "SELECT * FROM stay")) == 1


def test_return_codes_that_a_year_does_not_have_are_not_failures(told: Together) -> None:
    assert len(told.rows("a year without some return codes", "SELECT * FROM stay")) == 1


def test_sessions_are_events_of_their_own_type(told: Together) -> None:
    query = "SELECT event_type, quantity FROM event WHERE code = '28Z04Z'"
    assert told.rows("a session", query) == [("session", 1.0)]


def test_an_old_stay_without_dates_is_placed_by_its_month(told: Together) -> None:
    query = "SELECT start_date, end_date, date_precision FROM stay"
    assert told.rows("a stay without dates", query) == [
        (date(2021, 2, 26), date(2021, 3, 1), "month")
    ]


@pytest.mark.parametrize("name", PERIODS)
def test_exemption_records_become_periods(told: Together, name: str) -> None:
    query = "SELECT start_date, end_date FROM ald ORDER BY start_date"
    assert told.rows(name, query) == PERIODS[name][1]


def test_death_comes_from_the_referential_then_from_hospital(told: Together) -> None:
    query = "SELECT death_date, death_source, death_before_birth FROM patient"
    assert told.rows("died in hospital", query) == [(date(2021, 3, 5), "T_MCOaaB", False)]
    assert told.rows("died by both", query) == [(date(2021, 3, 4), "IR_BEN_R", False)]
    assert told.rows("died before birth", query) == [(None, None, True)]


def test_a_claim_delivered_twice_counts_once(told: Together) -> None:
    assert told.rows("delivered twice", "SELECT count(*) FROM cost") == [(1,)]
    drugs = "SELECT quantity FROM event WHERE event_type = 'drug'"
    assert told.rows("delivered twice", drugs) == [(2.0,)]
