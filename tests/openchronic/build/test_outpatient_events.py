"""Outpatient visits to public hospitals: consultations, emergencies, acts, laboratory tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from openchronic.catalogue import load_tables
from openchronic.nomenclatures import load_nomenclature
from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.build.other_products import GOOD
from tests.openchronic.build.test_hospital_events import events, fates, stays
from tests.openchronic.front_door import everything, rows
from tests.openchronic.small_delivery import Files, Row

VISITS = "SEQ_NUM\n00000001"
OWN = {"SEQ_NUM": "00000001", "EXE_SOI_DTD": "", "EXE_SOI_DTF": ""}


def lines(name: str, text: str, *, product: str = "MCO") -> list[Row]:
    """Returns drawn lines of Alice's visit of 2 March 2021, unless they have another number."""
    declared = {column.name for column in load_tables()[f"T_{product}aa{name}"].columns}
    good = GOOD if name == "CSTC" else GOOD | OWN
    return [{k: v for k, v in (good | row).items() if k in declared} for row in drawn(text)]


def visits(product: str = "MCO", **tables: str) -> Files:
    """Returns drawn files of outpatients of 2021 by table."""
    return {
        f"PMSI/T_{product}21{name}.CSV": lines(name, text, product=product)
        for name, text in tables.items()
    }


def test_fees_and_services_are_visits_where_the_list_says_so(tmp_path: Path) -> None:
    fees = """
        ACT_COD | ACT_NBR | EXE_SPE | DEL_DAT_ENT
        CS      | 1       | 03      | 0
        c       | 1       | 1       | 3
        ADE     | 1       | 09      | .
        CS      | 1       | .       | -2
    """
    services = """
        ACT_COD | ACT_NBR | EXE_SOI_DTD
        ATU     | 1       | 04MAR2021
        FFM     | 2       | .
        SE1     | 1       | 01JAN1600
    """
    files = visits(CSTC=VISITS, FCSTC=fees, FBSTC=services)
    fee, service = files["PMSI/T_MCO21FCSTC.CSV"], files["PMSI/T_MCO21FBSTC.CSV"]
    padded = {
        **files,
        "PMSI/T_MCO21FCSTC.CSV": [{**row, "ACT_COD": row["ACT_COD"].ljust(5)} for row in fee],
        "PMSI/T_MCO21FBSTC.CSV": [{**row, "ACT_COD": row["ACT_COD"].ljust(5)} for row in service],
    }
    release = stays(tmp_path, padded)
    asked = "event_type, code, start_date, end_date, quantity, provider_specialty, flags"
    came, left = "2021-03-02", "2021-03-05"
    assert events(release, "T_MCOaaFCSTC", asked) == [
        ("hospital_service", "ADE", came, left, 1.0, "9", None),
        ("visit", "C", left, left, 1.0, "1", None),
        ("visit", "CS", came, came, 1.0, "3", None),
        ("visit", "CS", came, left, 1.0, None, "outside_stay"),
    ]
    assert events(release, "T_MCOaaFBSTC", asked) == [
        ("hospital_service", "FFM", came, left, 2.0, None, None),
        ("hospital_service", "SE1", came, left, 1.0, None, None),
        ("visit", "ATU", "2021-03-04", "2021-03-04", 1.0, None, "emergency"),
    ]
    same = (
        "SELECT DISTINCT care_setting, vocabulary, CAST(known_date AS VARCHAR), facility_id "
        "FROM event WHERE event_type IN ('visit', 'hospital_service')"
    )
    assert rows(release, same) == [("outpatient_hospital", "ACT_COD", "2022-07-01", "350000022")]
    of_one = "SELECT count(DISTINCT stay_id) FROM event WHERE vocabulary = 'ACT_COD'"
    assert rows(release, of_one) == [(1,)]
    labels = "SELECT code, label FROM code WHERE code IN ('ATU', 'FFM') ORDER BY code"
    assert rows(release, labels) == [
        ("ATU", "FORFAIT D ACCUEIL ET DE TRAITEMENT DES URGENCES"),
        ("FFM", "FORFAIT PETIT MATERIEL"),
    ]


def test_acts_and_tests_of_a_visit_are_events(tmp_path: Path) -> None:
    acts = """
        CCAM_COD | ACV_ACT | PHA_ACT | DEL_DAT_ENT
        GLQP012  | 1       | 0       | 0
        GLQP012  | 1       | 0       | 0
    """
    tests = """
        NABM_COD | ACT_NBR | DEL_DAT_ENT
        0592     | 1       | 0
        592      | 1       | 0
        1577     | .       | .
    """
    release = stays(tmp_path, visits(CSTC=VISITS, FMSTC=acts, FLSTC=tests))
    asked = "event_type, vocabulary, code, code_role, quantity, end_date, n_source_rows"
    day = "2021-03-02"
    assert events(release, "T_MCOaaFMSTC", asked) == [
        ("procedure", "CCAM", "GLQP012", "1/0", 2.0, day, 2)
    ]
    assert events(release, "T_MCOaaFLSTC", asked) == [
        ("biology", "NABM", "0592", None, 2.0, day, 2),
        ("biology", "NABM", "1577", None, None, "2021-03-05", 1),
    ]


def test_a_visit_that_ends_before_it_begins_is_of_its_first_day_and_told(tmp_path: Path) -> None:
    visit = "SEQ_NUM | EXE_SOI_DTF\n00000001 | 01FEB2021:00:00:00"
    for product in ("MCO", "SSR"):
        files = visits(product, CSTC=visit, FCSTC="ACT_COD | ACT_NBR\nCS | 1")
        release = stays(tmp_path / product, files)
        day = "2021-03-02"
        asked = "code, start_date, end_date, flags"
        assert events(release, f"T_{product}aaFCSTC", asked) == [("CS", day, day, "inverted_dates")]


EMERGENCIES = ("ATU", "FU0", "FU1", "FU2", "FU3", "FU4", "FPU")


def test_emergency_visits_are_visits_before_and_after_the_reform_of_2022(tmp_path: Path) -> None:
    services = "ACT_COD | ACT_NBR\n" + "\n".join(f"{one} | 1" for one in EMERGENCIES)
    release = stays(tmp_path, visits(CSTC=VISITS, FBSTC=services))
    found = events(release, "T_MCOaaFBSTC", "event_type, code, flags")
    assert found == [("visit", one, "emergency") for one in sorted(EMERGENCIES)]


def test_emergency_visits_of_clinics_are_visits_and_the_rest_bills_a_stay(tmp_path: Path) -> None:
    declared = {column.name for column in load_tables()["T_MCOaaFB"].columns}
    own = {"ETA_NUM": "350000022", "RSA_NUM": "0000000001", "ACT_NBR": "1"}
    codes = ("ATU", "GHS", "", "ATU")
    services = [own | {"ACT_COD": code.ljust(5).rstrip()} for code in codes]
    services[3]["RSA_NUM"] = "0000000009"
    services[0] |= {"ACT_COD": "ATU  ", "DEL_DAT_ENT": "1"}
    assert set(own) < declared
    release = stays(tmp_path, {"PMSI/T_MCO21FB.CSV": services})
    asked = "event_type, code, start_date, end_date, flags"
    day = "2021-03-03"
    assert events(release, "T_MCOaaFB", asked) == [("visit", "ATU", day, day, "emergency")]
    told = fates(release, "T_MCOaaFB")
    # A service without a code is rejected.
    assert told == {"kept": 1, "billed_with_stay": 1, "orphans": 1, "rejected": 1}


def test_outpatients_of_rehabilitation_have_their_fees_acts_and_tests(tmp_path: Path) -> None:
    release = stays(
        tmp_path,
        {
            **visits(CSTC=VISITS, FCSTC="ACT_COD | ACT_NBR | EXE_SPE\nCS | 1 | 31"),
            **visits(
                "SSR",
                CSTC=VISITS,
                FCSTC="ACT_COD | ACT_NBR | EXE_SPE | DEL_DAT_ENT\nCS | 1 | 31 | 1",
                FBSTC="ACT_COD | ACT_NBR\nSE1 | 1",
                FMSTC="CCAM_COD | DEL_DAT_ENT\nGLQP012 | 0",
                FLSTC="NABM_COD | ACT_NBR\n1577 | 1",
            ),
        },
    )
    asked = "event_type, code, provider_specialty, start_date, care_setting"
    place = "outpatient_hospital"
    assert events(release, "T_SSRaaFCSTC", asked) == [("visit", "CS", "31", "2021-03-03", place)]
    assert events(release, "T_SSRaaFBSTC", asked) == [
        ("hospital_service", "SE1", None, "2021-03-02", place)
    ]
    assert events(release, "T_SSRaaFMSTC", asked) == [
        ("procedure", "GLQP012", None, "2021-03-02", place)
    ]
    assert events(release, "T_SSRaaFLSTC", asked) == [
        ("biology", "1577", None, "2021-03-02", place)
    ]
    # A visit with the same number in acute care is another visit.
    ids = "SELECT count(DISTINCT stay_id), count(*) - count(DISTINCT event_id) FROM event "
    assert rows(release, ids + "WHERE code = 'CS'") == [(2, 0)]


HUNG = {
    "FBSTC": "ACT_COD\nATU",
    "FCSTC": "ACT_COD\nCS",
    "FMSTC": "CCAM_COD\nGLQP012",
    "FLSTC": "NABM_COD\n0592",
}


def three_visits() -> Files:
    """Returns a line of every table for each of three visits: one to keep, one without a person, one not
    delivered."""
    numbers = ("00000001", "00000002", "00000003")
    files = visits(
        CSTC=f"SEQ_NUM | NIR_ANO_17\n{numbers[0]} | {'A' * 17}\n{numbers[1]} | {'x' * 17}"
    )
    more = {
        f"PMSI/T_MCO21{name}.CSV": [
            {**lines(name, text)[0], "SEQ_NUM": number} for number in numbers
        ]
        for name, text in HUNG.items()
    }
    return {**files, **more}


def test_a_visit_takes_its_lines_along_and_a_line_of_no_visit_is_an_orphan(tmp_path: Path) -> None:
    release = stays(tmp_path / "one", three_visits())
    for name in HUNG:
        told = {"kept": 1, "ace.invalid_patient_number": 1, "orphans": 1}
        assert fates(release, f"T_MCOaa{name}") == told
        assert len(events(release, f"T_MCOaa{name}")) == 1
    turned: Files = {name: list(reversed(one)) for name, one in three_visits().items()}
    assert everything(release) == everything(stays(tmp_path / "other", turned))


@pytest.mark.parametrize("letter", ["C", "CS", "CSC", "CNP", "G", "GS", "CCX", "TCG", "TC", "ATU"])
def test_the_list_of_visits_has_what_published_lists_have(letter: str) -> None:
    assert letter in {row["code"] for row in load_nomenclature("hospital_visit")}
