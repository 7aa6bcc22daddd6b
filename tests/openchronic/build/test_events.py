"""The events of a delivery, one by one: small deliveries, results by hand."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.build.cases import Together, built_together, weights
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    RAMIPRIL,
    TWINS,
    Files,
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


def case(**files: list[Row]) -> Files:
    """Returns the files of a case that differ from the plain delivery."""
    names = {
        "people": "IR_BEN_R.CSV",
        "claims": CLAIMS,
        "packs": PACKS,
        "illnesses": ILLNESSES,
        "stays": STAYS,
        "chaining": CHAINING,
    }
    return {names[name]: one for name, one in files.items()}


def deliver(tmp_path: Path, **files: list[Row]) -> Path:
    """Builds the plain delivery with some files replaced."""
    return built(write(tmp_path / "delivery", {**plain(), **case(**files)}), tmp_path / "releases")


def test_the_plain_delivery_gives_these_events_and_no_others(plain_releases: Path) -> None:
    release = plain_releases / "snds" / "current"
    born, opened = date(1950, 5, 1), date(2020, 2, 15)
    came, left, sealed = date(2021, 3, 2), date(2021, 3, 5), date(2022, 7, 1)
    events = rows(
        release,
        "SELECT start_date, end_date, known_date, order_in_day, event_type, vocabulary, code, "
        "code_role, quantity, date_precision, source_table, n_source_rows, flags FROM event",
    )
    # There is one subject: the order of the file is the order of the pathway.
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


NETTED: dict[str, tuple[list[int], list[tuple[float, int, str | None]]]] = {
    "cancelled: nothing was dispensed": ([2, -2], []),
    "cancelled and billed again": ([2, -2, 1], [(1.0, 3, "regularised")]),
    "reduced": ([2, -1], [(1.0, 2, "regularised")]),
    "two true dispensings of one day are not one": ([1, 1], [(2.0, 2, None)]),
    "nothing": ([0], []),
}
DAY = "10/03/2021"
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


# The values of a case, and the filters that remove one line of it each.
CLAIM_FILTERS: dict[str, tuple[Row, str]] = {
    "qualifier": ({"DPN_QLF": "71"}, "drug.sent_for_information"),
    "qualifier of the sender": ({"PRS_DPN_QLP": "71"}, "drug.sent_for_information"),
    "surcharge": ({"CPL_MAJ_TOP": "2"}, "drug.only_surcharge"),
    "copayment": ({"CPL_AFF_COD": "16"}, "drug.only_copayment"),
    "no day": ({"EXE_SOI_DTD": "01/01/1600"}, "drug.without_date"),
    "nobody": ({"BEN_NIR_PSA": "Z" * 17}, "drug.unknown_beneficiary"),
    "no claim": ({"DCT_ORD_NUM": "999"}, "drug.orphan"),
}
STAY_FILTERS: dict[str, tuple[Row, Row]] = {
    "stay.error_ghm": ({"GRG_GHM": "90Z00Z"}, {}),
    "stay.inter_facility": ({"SEJ_TYP": "B"}, {}),
    "stay.generated_otherwise": ({"TYP_GEN_RSA": "4"}, {}),
    "stay.invalid_patient_number": ({}, {"NIR_ANO_17": "x" * 17}),
    "stay.return_code_error": ({}, {"NAI_RET": "9"}),
    "stay.unknown_beneficiary": ({}, {"NIR_ANO_17": "Q" * 17}),
    "stay.without_chaining": ({}, {"RSA_NUM": "0000000999"}),
    "stay.without_date": ({"SOR_ANN": "", "SOR_MOI": ""}, {"EXE_SOI_DTD": "", "EXE_SOI_DTF": ""}),
}
JURIDICAL, GEOGRAPHIC, ALONE = "750712184", "750100042", "690787460"


def of_2017(files: Files) -> Files:
    """Returns the same stays in the files of 2017, the last year in which one number repeats another."""
    moved = {
        name.replace("21", "17"): [
            {column: value.replace("2021", "2017") for column, value in row.items()} for row in rows
        ]
        for name, rows in files.items()
    }
    return {**{name: [] for name in (*files, "PMSI/T_MCO21D.CSV")}, **moved}


TAKEN: dict[str, tuple[Files, list[str]]] = {
    "twins": (
        case(
            people=[person(TWINS, 1), person(TWINS, 2), person(ALICE)],
            claims=[claim(1, TWINS, DAY, rank=1), claim(2, TWINS, "11/03/2021", rank=2)],
            packs=[pack(1, METFORMIN), pack(2, RAMIPRIL)],
            illnesses=[],
            stays=[stay("0000000001"), stay("0000000002")],
            chaining=[chaining("0000000001", TWINS), chaining("0000000002", ALICE)],
        ),
        ["stay.of_twins"],
    ),
    "fictive numbers": (
        case(
            people=[
                person(ALICE),
                person("F" * 17, BEN_CDI_NIR="05"),
                person("G" * 17, BEN_CDI_NIR="03"),
            ],
            claims=[claim(1, "F" * 17, DAY), claim(2, "G" * 17, DAY)],
            packs=[pack(1, METFORMIN), pack(2, METFORMIN)],
        ),
        ["drug.fictive_number", "cost.fictive_number"],
    ),
    "two numbers of a facility": (
        of_2017(
            case(
                stays=[
                    stay("0000000001", facility=JURIDICAL),
                    stay("0000000002", facility=GEOGRAPHIC),
                ],
                chaining=[
                    chaining("0000000001", ALICE, facility=JURIDICAL),
                    chaining("0000000002", ALICE, facility=GEOGRAPHIC),
                ],
            )
        ),
        ["stay.finess_sent_again"],
    ),
    **{
        name: (
            case(claims=[{**claim(1, ALICE, DAY), **said}]),
            [taken, "cost.unknown_beneficiary"] if "BEN_NIR_PSA" in said else [taken],
        )
        for name, (said, taken) in CLAIM_FILTERS.items()
    },
    **{
        name: (
            case(
                stays=[stay("0000000001", **said)],
                chaining=[chaining("0000000001", ALICE, **chain)],
            ),
            [name],
        )
        for name, (said, chain) in STAY_FILTERS.items()
    },
}
# A facility whose juridical number is not in the delivery.
ONE_NUMBER = of_2017(
    case(
        stays=[stay("0000000002", facility=ALONE)],
        chaining=[chaining("0000000002", ALICE, facility=ALONE)],
    )
)


@dataclass(frozen=True)
class Takings:
    """Releases in which filters removed lines: those left of a case, and the number removed from all cases."""

    of: dict[str, tuple[Together, dict[str, int]]]

    def rows(self, name: str, query: str) -> list[tuple[Any, ...]]:
        """Returns the rows left of a case, after checking that each filter removed its lines and no others."""
        together, taken = self.of[name]
        assert removed(together.release) == taken
        return together.rows(name, query)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Takings:
    """A release has 1, 2, 4… copies of each case: a sum shows whose lines a filter removed."""
    of: dict[str, tuple[Together, dict[str, int]]] = {}
    claims, stays = ["fictive numbers", *CLAIM_FILTERS], ["twins", "two numbers of a facility"]
    stays += STAY_FILTERS
    for part in (0, 1):
        copies = weights(claims[part::2]) | weights(stays[part::2])
        cases = {name: TAKEN[name][0] for name in copies}
        taken: Counter[str] = Counter()
        for name, several in copies.items():
            taken += Counter(dict.fromkeys(TAKEN[name][1], several))
        folder = tmp_path_factory.mktemp("takings")
        together = built_together(folder, cases | {"one number": ONE_NUMBER}, copies=copies)
        of |= dict.fromkeys([*cases, "one number"], (together, dict(taken)))
    return Takings(of)


@pytest.mark.parametrize("name", CLAIM_FILTERS)
def test_a_line_that_does_not_count_is_removed_by_the_filter_that_says_why(
    left: Takings, name: str
) -> None:
    assert left.rows(name, "SELECT * FROM event WHERE event_type = 'drug'") == []


@pytest.mark.parametrize("name", STAY_FILTERS)
def test_a_stay_that_does_not_count_is_removed_by_the_filter_that_says_why(
    left: Takings, name: str
) -> None:
    assert left.rows(name, "SELECT * FROM stay") == []


def test_twins_are_two_in_town_and_nobody_in_hospital(left: Takings) -> None:
    twins = "SELECT is_twin, count(*) FROM patient GROUP BY ALL ORDER BY ALL"
    assert left.rows("twins", twins) == [(False, 1), (True, 2)]
    drugs = "SELECT count(DISTINCT subject_id), count(*) FROM event WHERE event_type = 'drug'"
    assert left.rows("twins", drugs) == [(2, 2)]
    whose = "SELECT is_twin FROM stay JOIN patient USING (subject_id)"
    assert left.rows("twins", whose) == [(False,)]


def test_fictive_numbers_are_nobody(left: Takings) -> None:
    assert left.rows("fictive numbers", "SELECT count(*) FROM patient") == [(2,)]


def test_a_geographic_finess_is_dropped_only_beside_its_juridical_one(left: Takings) -> None:
    kept = "SELECT facility_id FROM stay"
    assert left.rows("two numbers of a facility", kept) == [(JURIDICAL,)]
    assert left.rows("one number", kept) == [(ALONE,)]


def removed(release: Path) -> dict[str, int]:
    """Returns the number of rows that each filter removed, by the manifest."""
    manifest = json.loads((release / "manifest.json").read_text())
    return {one["name"]: one["removed"] for one in manifest["filters"] if one["removed"]}
