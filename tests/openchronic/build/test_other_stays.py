"""Rehabilitation, hospital at home and psychiatry: records become stays, with their detail lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.build.drawn_stays import delivered
from tests.openchronic.build.test_hospital_events import events, events_of, fates, stays
from tests.openchronic.front_door import everything, rows
from tests.openchronic.small_delivery import ALICE, Files, Row, plain

STAYS = (
    "SELECT care_setting, CAST(start_date AS VARCHAR), CAST(end_date AS VARCHAR), n_records, days, "
    "main_diagnosis, entry_mode, exit_mode, care_form FROM stay WHERE care_setting <> 'mco' "
    "ORDER BY ALL"
)
CAME, LEFT = "2021-03-02", "2021-03-20"
WEEKS = """
    RHS_NUM | FP_PEC | MOR_PRP | ETL_AFF | ENT_MOD | SOR_MOD | JP_HWE | JP_WE | HOS_TYP_UM
    10      | Z501   | I50.0   | .       | .       | 8       | 11100  | 00    | 1
    2       | Z501   | J449    | J44.9   | 7       | .       | 11111  | 10    | 1
    9       | Z501   | I500    | .       | .       | .       | .      | .     | 2
"""

VISITED = """
    RHS_NUM | RHS_ANT_SEJ_ENT
    1       | 0
    2       | 6
    3       | .
"""
ACTED = """
    RHS_NUM | CSARR_COD | TYP_INTERV | NBR_CSARR | ENT_DAT_DEL_UM
    1       | DKR+016   | 26         | 2         | 3
    2       | DKR+016   | 26         | 1         | 3
    2       | DKR+016   | 26         | 1         | 8
    3       | DKR+016   | .          | 1         | 14
    3       | DKR+016   | .          | 1         | 99
"""
ACTED_CCAM = """
    RHS_NUM | CCAM_ACT | CCAM_COD_ACT | CCAM_PHA_ACT | CCAM_NBR_REA | CCAM_DEL_ENT_UM
    1       | GLQP012  | 1            | 0            | 1            | .
"""
PARTS = """
    SEQ_NUM | SSEQ_NUM | DGN_PAL | SEQ_SEJ_NBJ | SSEQ_SEQ_NBJ | SSEQ_NBJ | ENT_MOD | SOR_MOD
    1       | 1        | Z515    | 0           | 0            | 5        | 8       | .
    2       | 1        | C349    | 5           | 0            | 14       | .       | 9
"""
PARTS_ACTED = """
    SEQ_NUM | SSEQ_NUM | CCAM_COD | ACT_COD | PHA_COD | REAL_NBR | DEL_DEB_SSEQ
    2       | 1        | GLLD017  | 1       | 0       | 1        | 2
    2       | 1        | GLLD017  | 1       | 0       | 1        | 40
    1       | 1        | GLLD017  | 1       | 0       | 3        | .
    3       | 1        | GLLD017  | 1       | 0       | 1        | 0
"""
PARTS_ASSOCIATED = "SEQ_NUM | SSEQ_NUM | DGN_ASS\n1 | 1 | E119\n2 | 1 | E11.9"
UNPLACED = """
    SEQ_NUM | SSEQ_NUM | DGN_PAL | SEQ_SEJ_NBJ | SSEQ_SEQ_NBJ
    1       | 1        | Z515    | .           | .
    2       | 1        | Z515    | .           | .
"""
UNPLACED_ACTED = """
    SEQ_NUM | SSEQ_NUM | CCAM_COD | DEL_DEB_SSEQ
    1       | 1        | GLLD017  | 2
    2       | 1        | GLLD017  | 2
"""
SEQUENCES = """
    SEQ_SEQ_NUM | DGN_PAL | FOR_ACT | PRE_JOU_NBJ | DEL_DAT | SEQ_COU_NBJ
    1           | F20.0   | 1       | 10          | 0       | 10
    2           | F200    | 2       | 4           | 10      | 9
"""
ASSOCIATED = """
    RHS_NUM | DGN_COD
    1       | E11.9
    2       | E119
    4       | I10
"""


def without_days() -> Files:
    """Returns a stay of two weeks, of which only the months are known."""
    files = {**delivered(SSRB="RHS_NUM | MOI_ANN\n1 | 022008\n2 | 032008", SSRC="n\n1")}
    (chain,) = files["PMSI/T_SSR21C.CSV"]
    return files | {"PMSI/T_SSR21C.CSV": [{**chain, "EXE_SOI_DTD": "", "EXE_SOI_DTF": ""}]}


# The input of one build: each case is a stay of its own.
CASES: dict[str, Files] = {
    "weeks": delivered(SSRB=WEEKS, SSRC="n\n1"),
    "acts": delivered(
        SSRB=VISITED, SSRC="n\n1", SSRCSARR=ACTED, SSRCCAM=ACTED_CCAM, SSRD=ASSOCIATED
    ),
    "parts": delivered(HADB=PARTS, HADC="n\n1", HADA=PARTS_ACTED, HADD=PARTS_ASSOCIATED),
    "unplaced": delivered(HADB=UNPLACED, HADC="n\n1", HADA=UNPLACED_ACTED),
    "sequences": delivered(RIPRSA=SEQUENCES, RIPC="n\n1"),
    "without days": without_days(),
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    return built_together(tmp_path_factory.mktemp("stays"), CASES)


def test_weeks_of_rehabilitation_are_one_stay_with_its_diagnoses(many: Together) -> None:
    # The first week is the one with the lowest number, whatever its text.
    stay = ("ssr", CAME, LEFT, 3, 9, "J449", "7", "8", "1")
    assert many.rows("weeks", STAYS) == [stay]
    kinds = "event_type, vocabulary, code, code_role, quantity, start_date, end_date, n_source_rows"
    assert events_of(many.of("weeks"), "T_SSRaaB", kinds) == [
        ("diagnosis", "CIM10", "I500", "MMP", None, CAME, LEFT, 2),
        ("diagnosis", "CIM10", "J449", "AE", None, CAME, LEFT, 1),
        ("diagnosis", "CIM10", "J449", "MMP", None, CAME, LEFT, 1),
        ("diagnosis", "CIM10", "Z501", "FPP", None, CAME, LEFT, 3),
        ("stay", "GME", "0872A0", None, 9.0, CAME, LEFT, 3),
    ]
    own = "SELECT DISTINCT stay.stay_id = event.stay_id, event.known_date = stay.known_date, facility_id"
    query = f"{own} FROM event JOIN stay USING (facility_id) WHERE source_table = 'T_SSRaaB' "
    assert many.rows("weeks", query + "AND stay.care_setting = 'ssr'") == [
        (True, True, many.facility("weeks"))
    ]
    # No record of any case is lost.
    assert fates(many.release, "T_SSRaaB") == {"kept": 8}


def test_acts_of_rehabilitation_are_of_a_day_of_their_week_or_of_the_week(many: Together) -> None:
    found = events_of(
        many.of("acts"), "T_SSRaaCSARR", "start_date, end_date, code_role, quantity, flags"
    )
    assert found == [
        ("2021-03-02", "2021-03-20", None, 1.0, "outside_stay"),
        ("2021-03-05", "2021-03-05", "26", 2.0, None),
        ("2021-03-08", "2021-03-14", "26", 1.0, "outside_stay"),
        ("2021-03-10", "2021-03-10", "26", 1.0, None),
        ("2021-03-16", "2021-03-16", None, 1.0, None),
    ]
    asked = "event_type, vocabulary, code, code_role, start_date, end_date, care_setting"
    assert events_of(many.of("acts"), "T_SSRaaCCAM", asked) == [
        ("procedure", "CCAM", "GLQP012", "1/0", CAME, "2021-03-08", "ssr")
    ]
    assert events_of(many.of("acts"), "T_SSRaaD", asked) == [
        ("diagnosis", "CIM10", "E119", "DAS", CAME, LEFT, "ssr"),
    ]
    assert fates(many.release, "T_SSRaaD") == {"kept": 2, "orphans": 1}


def test_a_week_in_error_takes_its_lines_along_and_the_stay_goes_on(tmp_path: Path) -> None:
    weeks = """
        RHS_NUM | MOR_PRP | GRG_GME
        1       | J449    | 9001A0
        2       | I500    | 0872A0
    """
    release = stays(tmp_path, delivered(SSRB=weeks, SSRC="n\n1", SSRD=ASSOCIATED))
    assert [one[3:6] for one in rows(release, STAYS)] == [(1, 0, "I500")]
    assert fates(release, "T_SSRaaD") == {"kept": 1, "ssr.error_gme": 1, "orphans": 1}
    codes = "SELECT DISTINCT code FROM event WHERE care_setting = 'ssr' AND code <> '0872A0'"
    assert sorted(rows(release, codes)) == [("E119",), ("I500",)]


def test_hospital_at_home_is_a_stay_and_acts_count_from_their_sub_sequence(many: Together) -> None:
    assert many.rows("parts", STAYS) == [("had", CAME, LEFT, 2, 19, "Z515", "8", "9", None)]
    asked = "code, start_date, end_date, quantity, flags"
    assert events_of(many.of("parts"), "T_HADaaA", asked) == [
        ("GLLD017", "2021-03-02", "2021-03-06", 3.0, None),
        ("GLLD017", "2021-03-07", "2021-03-20", 1.0, "outside_stay"),
        ("GLLD017", "2021-03-09", "2021-03-09", 1.0, None),
    ]
    # Two of the kept ones belong to sub-sequences without dates.
    assert fates(many.release, "T_HADaaA") == {"kept": 5, "orphans": 1}
    said = "SELECT code, code_role, n_source_rows FROM event WHERE event_type = 'diagnosis' "
    assert many.rows("parts", said + "AND care_setting = 'had' ORDER BY ALL") == [
        ("C349", "DP", 1),
        ("E119", "DAS", 2),
        ("Z515", "DP", 1),
    ]
    # An exit by death is evidence of a death, in any care setting.
    died = "SELECT CAST(death_date AS VARCHAR), death_source, death_precision FROM patient"
    assert many.rows("parts", died) == [(LEFT, "T_HADaaB", "day")]


def test_acts_at_home_without_the_days_before_count_from_the_first_sub_sequence(
    many: Together,
) -> None:
    assert events_of(many.of("unplaced"), "T_HADaaA", "start_date, end_date, flags") == [
        (CAME, LEFT, None),
        ("2021-03-04", "2021-03-04", None),
    ]


def test_sequences_of_psychiatry_are_one_stay(many: Together) -> None:
    assert many.rows("sequences", STAYS) == [("psy", CAME, LEFT, 2, 14, "F200", None, None, "1")]
    asked = "event_type, code, code_role, quantity, care_setting, n_source_rows"
    assert events_of(many.of("sequences"), "T_RIPaaRSA", asked) == [
        ("diagnosis", "F200", "DP", None, "psy", 2),
        ("stay", None, None, 14.0, "psy", 2),
    ]


def test_outpatient_psychiatry_is_of_whom_the_facility_had_in_a_stay(tmp_path: Path) -> None:
    sequences = """
        RIP_NUM | SEQ_SEQ_NUM | DGN_PAL | IPP_IRR_CRY
        1       | 1           | F200    | alice
        2       | 1           | F200    | nobody
    """
    chains = f"RIP_NUM | NIR_ANO_17\n1 | {ALICE}\n2 | {'x' * 17}"
    acts = """
        ORD_NUM | IPP_IRR_CRY | RAL_ACT_ANN | RAL_ACT_MOI | ACT_NAT | PRO_CAT
        1       | alice       | 2021        | 5           | E       | M
        2       | alice       | 2021        | 5           | E       | M
        3       | alice       | 2021        | 6           | G       | I
        4       | alice       | 2021        | 6           | .       | I
        5       | alice       | 2021        | 13          | E       | M
        6       | nobody      | 2021        | 5           | E       | M
        7       | a stranger  | 2021        | 5           | E       | M
    """
    files = delivered(RIPRSA=sequences, RIPC=chains, RIPR3A=acts)
    turned: Files = {name: list(reversed(rows)) for name, rows in files.items()}
    release = stays(tmp_path / "one", files)
    asked = "event_type, code, code_role, start_date, date_precision, quantity, n_source_rows"
    assert events(release, "T_RIPaaR3A", asked) == [
        ("hospital_service", "E", "M", "2021-05-01", "month", 2.0, 2),
        ("hospital_service", "G", "I", "2021-06-01", "month", 1.0, 1),
    ]
    assert fates(release, "T_RIPaaR3A") == {
        "kept": 3,
        "without_code": 2,
        "rip.invalid_patient_number": 1,
        "orphans": 1,
    }
    assert everything(release) == everything(stays(tmp_path / "other", turned))


def test_a_stay_without_days_is_placed_by_its_months(many: Together) -> None:
    asked = (
        "SELECT CAST(start_date AS VARCHAR), CAST(end_date AS VARCHAR), date_precision FROM stay"
    )
    assert many.rows("without days", f"{asked} WHERE care_setting = 'ssr'") == [
        ("2008-02-01", "2008-03-01", "month")
    ]


@pytest.fixture
def every() -> dict[str, Sequence[Row]]:
    """Returns all products at once, with lines to keep and lines without a record."""
    return {
        **plain(),
        **delivered(
            SSRB=WEEKS,
            SSRC="n\n1",
            SSRD=ASSOCIATED,
            HADB="SEQ_NUM | SSEQ_NUM | DGN_PAL\n1 | 1 | Z515\n1 | 2 | C349",
            HADC="n\n1",
            RIPRSA="SEQ_SEQ_NUM | DGN_PAL\n1 | F200\n2 | F201",
            RIPC="n\n1",
        ),
    }


def test_the_order_of_rows_changes_nothing(tmp_path: Path, every: dict[str, Sequence[Row]]) -> None:
    one = stays(tmp_path / "one", every)
    turned: Files = {name: list(reversed(rows)) for name, rows in every.items()}
    assert everything(one) == everything(stays(tmp_path / "other", turned))


def test_stays_of_acute_care_are_what_they_were(
    tmp_path: Path, plain_releases: Path, every: dict[str, Sequence[Row]]
) -> None:
    def acute(release: Path) -> list[tuple[Any, ...]]:
        # Of the acute stays, only the episode depends on stays of other products.
        found = rows(
            release,
            "SELECT * EXCLUDE (episode_id, episode_order, episode_stays, days_since_episode, "
            "is_readmission) FROM stay WHERE care_setting = 'mco'",
        )
        ids = "SELECT event_id FROM event WHERE care_setting = 'mco' ORDER BY ALL"
        return found + rows(release, ids) + rows(release, "SELECT * FROM patient")

    assert acute(plain_releases / "snds" / "current") == acute(stays(tmp_path / "beside", every))
