"""Acts, tests, devices, hospital drugs and services of claims as events: small deliveries, results by hand."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from openchronic.models.claims import KINDS
from openchronic.nomenclatures import load_nomenclature
from openchronic.runtime.sitekey import PUBLIC_KEY
from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.build.claim_lines import (
    DOCTOR,
    FLUX,
    asked_of_claims,
    delivery,
    line,
    manifest_of,
    of_claims,
    release_of,
    removed,
)
from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    Files,
    Row,
    claim,
    facility,
    pack,
    write,
)


def test_each_kind_of_line_is_an_event_that_says_what_was_done(tmp_path: Path) -> None:
    nurse = {"PRS_NAT_REF": "3111", "PRS_ACT_QTE": "4", "PSE_ACT_NAT": "24", "PSE_SPE_COD": "0"}
    release = release_of(
        tmp_path,
        [
            claim(1, ALICE, "01/03/2021") | DOCTOR,
            claim(2, ALICE, "02/03/2021", PRS_NAT_REF="1352", PSE_SPE_COD="3", PFS_PRE_NUM=""),
            claim(3, ALICE, "03/03/2021", PRS_NAT_REF="3211", PSE_ACT_NAT="30"),
            claim(4, ALICE, "04/03/2021"),
            claim(5, ALICE, "05/03/2021", PRS_NAT_REF="3317", PSE_ACT_NAT="52"),
            claim(6, ALICE, "06/03/2021", PRS_NAT_REF="3512", PSE_ACT_NAT="60"),
            claim(7, ALICE, "07/03/2021") | nurse,
            claim(8, ALICE, "08/03/2021", PRS_NAT_REF="3122", PSE_ACT_NAT="26"),
            claim(9, ALICE, "09/03/2021", PRS_NAT_REF="4213", PSE_ACT_NAT="99"),
        ],
        [
            line("CAM", 2),
            line("BIO", 3, BIO_ACT_QSN="2"),
            pack(4, METFORMIN, 3),
            line("UCD", 5, UCD_DLV_NBR="30"),
            line("TIP", 6, TIP_ACT_QSN="5"),
        ],
    )
    columns = (
        "day(start_date), event_type, vocabulary, code, code_role, quantity, provider_id, "
        "provider_specialty, source_table"
    )
    doer, asker = "35200001", "35100001"
    act = "1/0"
    assert of_claims(release, columns) == [
        (1, "visit", "PRS_NAT", "1111", None, 1, doer, "1", "ER_PRS_F"),
        (2, "procedure", "CCAM", "DEQP003", act, 1, doer, "3", "ER_CAM_F"),
        (3, "biology", "NABM", "1577", None, 2, doer, "A30", "ER_BIO_F"),
        (4, "drug", "CIP13", METFORMIN, "dispensed", 3, asker, "1", "ER_PHA_F"),
        (5, "hospital_drug", "UCD", "9261098", "retrocession", 30, asker, "1", "ER_UCD_F"),
        (6, "device", "LPP", "1130220", "purchase", 5, doer, "A60", "ER_TIP_F"),
        (7, "nursing", "PRS_NAT", "3111", None, 4, doer, "A24", "ER_PRS_F"),
        (8, "physiotherapy", "PRS_NAT", "3122", None, 1, doer, "A26", "ER_PRS_F"),
        (9, "transport", "PRS_NAT", "4213", None, 1, doer, None, "ER_PRS_F"),
    ]
    same = "end_date = start_date, known_date, care_setting, facility_id, date_precision, flags"
    assert set(of_claims(release, same)) == {(True, FLUX, "city", None, "day", None)}
    labels = rows(release, "SELECT code, label FROM code WHERE vocabulary = 'PRS_NAT' ORDER BY 1")
    assert labels[0] == ("1111", "CONSULTATION COTEE C")
    assert len(labels) == 4
    assert {
        one["table"]: one["kept"]
        for one in manifest_of(release)["reconciliation"]
        if one["kept"] and not one["role"]
    } | {"T_MCOaaB": 1} == {
        "ER_PRS_F": 9,
        "ER_PRS_F (services)": 4,
        "ER_PHA_F": 1,
        "ER_CAM_F": 1,
        "ER_BIO_F": 1,
        "ER_TIP_F": 1,
        "ER_UCD_F": 1,
        "IR_IMB_R": 1,
        "T_MCOaaB": 1,
        "T_MCOaaC": 1,
        "T_MCOaaD": 1,
    }


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


def test_a_hospital_drug_has_the_class_of_its_packs(tmp_path: Path) -> None:
    files: Files = {
        **delivery([claim(1, ALICE, "10/03/2021")], [line("UCD", 1)]),
        "IR_PHA_R.CSV": [
            {
                "PHA_CIP_C13": METFORMIN,
                "PHA_CIP_UCD": "9261098",
                "PHA_ATC_CLA": "L01XX32",
                "PHA_MED_NOM": "VELCADE",
            }
        ],
    }
    release = built(write(tmp_path / "snds", files), tmp_path / "releases")
    query = "SELECT label, parent_code, is_large_pack FROM code WHERE vocabulary = 'UCD'"
    assert rows(release, query) == [("VELCADE", "L01XX32", None)]


def test_emergency_visits_of_claims_are_visits_and_told_as_such(tmp_path: Path) -> None:
    natures = ("2238", "2216", "1099", "1111")
    claims = [
        claim(place, ALICE, f"{place:02}/03/2021", PRS_NAT_REF=nature)
        for place, nature in enumerate(natures, start=1)
    ]
    taken_back = claim(9, ALICE, "02/03/2021", PRS_NAT_REF="2216", PRS_ACT_QTE="2")
    back = claim(8, ALICE, "02/03/2021", PRS_NAT_REF="2216", PRS_ACT_QTE="-2")
    release = release_of(tmp_path, [*claims, taken_back, back], [])
    asked = "SELECT code, quantity, flags FROM event WHERE event_type = 'visit' ORDER BY start_date"
    assert rows(release, asked) == [
        ("2238", 1.0, "emergency"),
        ("2216", 1.0, "regularised,emergency"),
        ("1099", 1.0, "emergency"),
        ("1111", 1.0, None),
    ]


def test_natures_that_are_events_are_natures_once_and_say_their_source() -> None:
    known = {row["code"] for row in load_nomenclature("service")}
    listed = load_nomenclature("service_event")
    assert {row["code"] for row in listed} <= known
    assert len({row["code"] for row in listed}) == len(listed)
    assert all(row["source"] for row in listed)
    kinds = {row["event_type"] for row in listed}
    assert kinds == {"visit", "nursing", "physiotherapy", "transport"}
    assert len({kind.step for kind in KINDS}) == len(KINDS)
