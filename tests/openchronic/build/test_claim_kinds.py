"""Each kind of line of a claim is an event of its own: small deliveries, results by hand."""

from __future__ import annotations

from pathlib import Path

from openchronic.models.claims import KINDS
from openchronic.nomenclatures import load_nomenclature
from tests.openchronic.build.claim_lines import (
    DOCTOR,
    FLUX,
    delivery,
    line,
    manifest_of,
    of_claims,
    release_of,
)
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import ALICE, METFORMIN, Files, claim, pack, write


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
