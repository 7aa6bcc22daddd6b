"""Acts, tests, devices, hospital drugs and services of claims as events: small deliveries, results by hand."""

from __future__ import annotations

import base64
import hashlib

import pytest

from openchronic.runtime.sitekey import PUBLIC_KEY
from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.build.claim_lines import DOCTOR, asked_of_claims, delivery, line, removed
from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.small_delivery import ALICE, METFORMIN, Files, Row, claim, facility, pack

CODES = drawn("""
    table | written         | code
    CAM   | DEQP003         | DEQP003
    CAM   | DEQP00301234    | DEQP003
    BIO   | 522             | 0522
    BIO   | 1577            | 1577
    BIO   | 0               | .
    TIP   | 201             | 0000201
    TIP   | 1130220         | 1130220
    TIP   | 0               | .
    UCD   | 0000009261098   | 9261098
    UCD   | 9261098         | 9261098
    UCD   | 3400892610985   | 9261098
    UCD   | 0000000000000   | .
""")
ROLES = drawn("""
    table | column      | said | role
    CAM   | CAM_ACT_COD | 4    | 4/0
    CAM   | CAM_ACT_COD | .    | -/0
    CAM   | CAM_TRT_PHA | 2    | 1/2
    CAM   | CAM_TRT_PHA | .    | 1/-
    TIP   | TIP_PRS_TYP | 3    | rental
    TIP   | TIP_PRS_TYP | 5    | repair
    TIP   | TIP_PRS_TYP | 9    | .
    TIP   | TIP_PRS_TYP | .    | .
    UCD   | UCD_TOP_UCD | 0    | retrocession
    UCD   | UCD_TOP_UCD | 1    | on_top
    UCD   | UCD_TOP_UCD | .    | .
""")
PROFESSIONS = drawn("""
    n | PRS_NAT_REF | PSE_ACT_NAT | event
    1 | 3112        | 24          | nursing
    2 | 3112        | .           | nursing
    3 | 3112        | 0           | nursing
    4 | 3112        | 21          | .
    5 | 3125        | 26          | physiotherapy
    6 | 3125        | 24          | .
    7 | 1191        | 50          | visit
    8 | 3303        | 24          | .
    9 | 1933        | 0           | .
""")
PLACES = drawn("""
    n | ETE_IND_TAA | ETE_MCO_DDP | PRS_PPU_SEC | setting
    1 | 2           | M           | 2           | private_clinic
    2 | 0           | S           | 1           | public_hospital
    3 | 0           | P           | 2           | private_clinic
    4 | 0           | Z           | 1           | city
    5 | .           | .           | .           | city
""")
RENTALS = drawn("""
    n | TIP_ACL_DTD | TIP_ACL_DTF | start | end
    1 | 20/02/2021  | 15/03/2021  | 02-20 | 03-15
    2 | 20/02/2021  | .           | 02-20 | 02-20
    3 | .           | 15/03/2021  | 03-10 | 03-10
    4 | 01/01/1600  | 01/01/1600  | 03-10 | 03-10
    5 | 20/02/2021  | 15/02/2021  | 03-10 | 03-10
    6 | 20/02/2011  | 15/03/2021  | 03-10 | 03-10
    7 | 20/05/2021  | 15/06/2021  | 03-10 | 03-10
    8 | 20/02/2021  | 15/03/2031  | 02-20 | 02-20
""")
WRITTEN = {"CAM": "CAM_PRS_IDE", "BIO": "BIO_PRS_IDE", "TIP": "TIP_PRS_IDE", "UCD": "UCD_UCD_COD"}
NATURES = {1: "4213", 2: "3122", 3: "3111", 4: "3303", 5: "1111"}
# A second facility of the same line multiplies nothing: the hospital is kept.
FACILITIES: list[Row] = [
    *(
        facility(int(row["n"]), **{k: v for k, v in row.items() if k not in ("n", "setting")})
        for row in PLACES
    ),
    facility(1, ETB_EXE_FIN="01000001", ETE_IND_TAA="0", ETE_MCO_DDP="Z"),
]
# The input of one build: each case is a woman of her own.
CASES: dict[str, Files] = {
    "codes": delivery(
        [claim(n, ALICE, f"{n:02}/03/2021") for n, _ in enumerate(CODES, start=1)],
        [
            line(row["table"], n) | {WRITTEN[row["table"]]: row["written"]}
            for n, row in enumerate(CODES, start=1)
        ],
    ),
    "roles": delivery(
        [claim(n, ALICE, f"{n:02}/03/2021") for n, _ in enumerate(ROLES, start=1)],
        [
            line(row["table"], n) | {row["column"]: row["said"]}
            for n, row in enumerate(ROLES, start=1)
        ],
    ),
    "professions": delivery(
        [
            claim(
                int(row["n"]),
                ALICE,
                f"0{row['n']}/03/2021",
                PRS_NAT_REF=row["PRS_NAT_REF"],
                PSE_ACT_NAT=row["PSE_ACT_NAT"],
            )
            for row in PROFESSIONS
        ],
        [],
    ),
    "places": delivery(
        [claim(n, ALICE, f"0{n}/03/2021") | DOCTOR for n in range(1, 7)],
        [line("CAM", 1)],
        FACILITIES,
    ),
    "rentals": delivery(
        [claim(int(row["n"]), ALICE, "10/03/2021") for row in RENTALS],
        [
            line(
                "TIP",
                int(row["n"]),
                TIP_PRS_IDE=f"113022{row['n']}",
                TIP_ACL_DTD=row["TIP_ACL_DTD"],
                TIP_ACL_DTF=row["TIP_ACL_DTF"],
            )
            for row in RENTALS
        ],
    ),
    "a day": delivery(
        [claim(n, ALICE, "10/03/2021", PRS_NAT_REF=one) for n, one in NATURES.items()],
        [line(table, 4) for table in ("UCD", "TIP", "BIO", "CAM")] + [pack(4, METFORMIN)],
    ),
    "identifiers": delivery([claim(1, ALICE, "10/03/2021")], [pack(1, METFORMIN), line("UCD", 1)]),
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    return built_together(tmp_path_factory.mktemp("claims"), CASES)


def test_each_code_is_written_in_one_way(many: Together) -> None:
    assert asked_of_claims(many.of("codes"), "day(start_date), code") == [
        (n, row["code"]) for n, row in enumerate(CODES, start=1) if row["code"]
    ]
    # Every line of the other cases is kept.
    assert removed(many.release) == {
        "biology.without_code": 1,
        "device.without_code": 1,
        "hospital_drug.without_code": 1,
    }


def test_roles_tell_what_an_act_a_device_or_a_hospital_drug_was(many: Together) -> None:
    assert asked_of_claims(many.of("roles"), "day(start_date), code_role") == [
        (n, row["role"] or None) for n, row in enumerate(ROLES, start=1)
    ]


def test_another_known_profession_makes_no_nursing_and_an_unknown_one_does(
    many: Together,
) -> None:
    assert asked_of_claims(many.of("professions"), "day(start_date), event_type") == [
        (int(row["n"]), row["event"]) for row in PROFESSIONS if row["event"]
    ]


def test_the_facility_is_told_and_whether_it_is_a_hospital(many: Together) -> None:
    columns = "day(start_date), event_type, care_setting, facility_id"
    assert asked_of_claims(many.of("places"), columns) == [
        (1, "visit", "private_clinic", "35000002"),
        (1, "procedure", "private_clinic", "35000002"),
        *((int(row["n"]), "visit", row["setting"], "35000002") for row in PLACES[1:]),
        (6, "visit", "city", None),
    ]


def test_a_rental_lasts_as_long_as_it_says_unless_it_contradicts_itself(many: Together) -> None:
    found = many.rows(
        "rentals",
        "SELECT substr(code, 7, 1), strftime(start_date, '%m-%d'), strftime(end_date, '%m-%d') "
        "FROM event WHERE event_type = 'device' ORDER BY code",
    )
    assert found == [(row["n"], row["start"], row["end"]) for row in RENTALS]


def test_within_a_day_events_have_an_order_of_their_own(many: Together) -> None:
    assert [kind for (kind,) in asked_of_claims(many.of("a day"), "event_type")] == [
        "visit",
        "procedure",
        "biology",
        "drug",
        "hospital_drug",
        "device",
        "nursing",
        "physiotherapy",
        "transport",
    ]


def test_drugs_keep_the_identifier_that_they_had(many: Together) -> None:
    """A study that noted identifiers finds the same dispensings in a later release: 96 bits of the hash it had."""
    query = "SELECT subject_id, event_id FROM event WHERE event_type = 'drug'"
    ((subject, found),) = many.rows("identifiers", query)
    natural = f"{subject}|2021-03-10|CIP13|{METFORMIN}|35200001|35100001"
    first = hashlib.sha256(f"{PUBLIC_KEY}|drug|{natural}".encode()).digest()[:12]
    assert found == base64.b64encode(first, altchars=b"._").decode()
