"""Deaths that hospitals or certificates record: in any care setting, known to the day or to the month, after other sources."""

from __future__ import annotations

from typing import Any

import pytest

from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.build.test_lasting_stays import chain, of_year
from tests.openchronic.small_delivery import ALICE, Files, chaining, claim, person, stay

NO_DAY = {"EXE_SOI_DTD": "", "EXE_SOI_DTF": ""}
NUMBER = "0000000001"
WEEKS = """
    RHS_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE | SOR_MOD
    1       | 0               | 11111  | 11    | .
    2       | 7               | 11000  | 00    | 9
"""
AT_HOME = "SEQ_NUM | SSEQ_NUM | SSEQ_NBJ | SOR_MOD\n1 | 1 | 5 | 9"
IN_PSYCHIATRY = "SEQ_SEQ_NUM | DEL_DAT | SEQ_COU_NBJ | SOR_MOD\n1 | 0 | 8 | 9"
ENTERED, LEFT = "01FEB2021:00:00:00", "20FEB2021:00:00:00"


def certified(**said: str) -> Files:
    return {
        "KI_CCI_R.CSV": [
            {"DCD_IDT_ENC": "one", "BEN_IDT_ANO": f"{ALICE}1", "DCD_CIM_COD": "I500"} | said
        ]
    }


def month_only(**said: str) -> Files:
    return {
        "PMSI/T_MCO21B.CSV": [stay(NUMBER, SOR_MOD="9", SOR_MOI="2") | said],
        "PMSI/T_MCO21C.CSV": [chaining(NUMBER, ALICE) | NO_DAY],
    }


# Each case is a person of its own; then the death, its source, and its precision.
LIVES: dict[str, tuple[Files, tuple[Any, ...]]] = {
    "rehabilitation": (
        of_year("21", SSRB=WEEKS, SSRC=chain(ENTERED, LEFT)),
        ("2021-02-20", "T_SSRaaB", "day"),
    ),
    "rehabilitation, exit untold": (
        of_year("21", SSRB=WEEKS, SSRC=chain(ENTERED)),
        ("2021-02-09", "T_SSRaaB", "day"),
    ),
    "at home": (
        of_year("21", HADB=AT_HOME, HADC=chain(ENTERED, LEFT)),
        ("2021-02-20", "T_HADaaB", "day"),
    ),
    "psychiatry": (
        of_year("21", RIPRSA=IN_PSYCHIATRY, RIPC=chain(ENTERED)),
        ("2021-02-08", "T_RIPaaRSA", "day"),
    ),
    "month of discharge": (month_only(), ("2021-02-28", "T_MCOaaB", "month")),
    "a day before a month": (
        {**month_only(), **of_year("21", SSRB=WEEKS, SSRC=chain(ENTERED, LEFT))},
        ("2021-02-20", "T_SSRaaB", "day"),
    ),
    "month of a certificate": (
        certified(BEN_DCD_AME="202102"),
        ("2021-02-28", "KI_CCI_R", "month"),
    ),
    "day of a certificate": (
        certified(BEN_DCD_DTE="03/02/2021", BEN_DCD_AME="202102"),
        ("2021-02-03", "KI_CCI_R", "day"),
    ),
    "told by the referential": (
        {
            "IR_BEN_R.CSV": [person(ALICE, BEN_DCD_DTE="25/02/2021")],
            **of_year("21", HADB=AT_HOME, HADC=chain(ENTERED, LEFT)),
        },
        ("2021-02-25", "IR_BEN_R", "day"),
    ),
    "told by a claim": (
        {
            "DCIR_2021/ER_PRS_F_2021.CSV": [
                claim(1, ALICE, "10/01/2021", BEN_DCD_DTE="25/02/2021")
            ],
            **of_year("21", SSRB=WEEKS, SSRC=chain(ENTERED, LEFT)),
        },
        ("2021-02-25", "ER_PRS_F", "day"),
    ),
    "before a certificate": (
        {
            **certified(BEN_DCD_DTE="03/02/2021"),
            **of_year("21", RIPRSA=IN_PSYCHIATRY, RIPC=chain(ENTERED)),
        },
        ("2021-02-08", "T_RIPaaRSA", "day"),
    ),
    "the first of two exits": (
        {
            **of_year("21", RIPRSA=IN_PSYCHIATRY, RIPC=chain(ENTERED)),
            **of_year("21", HADB=AT_HOME, HADC=chain(ENTERED, LEFT)),
        },
        ("2021-02-08", "T_RIPaaRSA", "day"),
    ),
    "alive": (
        of_year("21", SSRB=WEEKS.replace("| 9", "| 8"), SSRC=chain(ENTERED, LEFT)),
        (None, None, None),
    ),
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    cases = {name: files for name, (files, _) in LIVES.items()}
    for place, name in enumerate(cases):
        # Each certificate has its own number.
        cases[name] = {
            file: [
                {**row, "DCD_IDT_ENC": f"e{place}"} if "DCD_IDT_ENC" in row else row for row in rows
            ]
            for file, rows in cases[name].items()
        }
    return built_together(tmp_path_factory.mktemp("deaths"), cases)


@pytest.mark.parametrize("life", LIVES)
def test_an_exit_by_death_is_a_death_to_the_day_or_to_the_end_of_its_month(
    many: Together, life: str
) -> None:
    asked = "SELECT CAST(death_date AS VARCHAR), death_source, death_precision FROM patient"
    assert many.rows(life, asked) == [LIVES[life][1]]
