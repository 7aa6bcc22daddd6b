"""Births and deaths: which source is used, with which precision, and what contradicts it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import Row, chaining, claim, person, plain, stay, write

NEVER, UNBORN = {"BEN_DCD_DTE": "01/01/1600"}, {"BEN_NAI_ANN": "0", "BEN_NAI_MOI": ""}
CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
STAYS, CHAINING = "PMSI/T_MCO21B.CSV", "PMSI/T_MCO21C.CSV"


@dataclass(frozen=True)
class Life:
    """The values of each source on one woman."""

    record: Row = field(default_factory=dict)
    claims: tuple[Row, ...] = ()
    stays: tuple[Row, ...] = ()
    certificate: Row | None = None


def died(day: str) -> dict[str, str]:
    """Returns a discharge by death, as in T_MCOaaB and T_MCOaaC."""
    return {"SOR_MOD": "9", "EXE_SOI_DTD": f"{day}:00:00:00", "EXE_SOI_DTF": f"{day}:00:00:00"}


def released(tmp_path: Path, lives: Mapping[str, Life]) -> Path:
    """Builds a release of these women, each identified by the commune of residence."""
    people: list[Row] = []
    claims: list[Row] = [claim(999, "Z" * 17, "10/03/2021")]
    stays: list[Row] = []
    chained: list[Row] = []
    certificates: list[Row] = [{"DCD_IDT_ENC": "nobody's", "BEN_DCD_DTE": "01/02/2021"}]
    for place, life in enumerate(lives.values(), start=1):
        psa = f"{place:017}"
        people.append(person(psa, BEN_RES_COM=f"{place:03}") | dict(life.record))
        for one in life.claims:
            claims.append(claim(len(claims), psa, "10/01/2021") | dict(one))
        for one in life.stays:
            number = f"{len(stays):010}"
            stays.append(stay(number) | dict(one))
            chained.append(chaining(number, psa) | dict(one))
        if life.certificate is not None:
            matched = {"DCD_IDT_ENC": f"e{place}", "BEN_IDT_ANO": f"{psa}1", "DCD_CIM_COD": "I500"}
            certificates.append(matched | dict(life.certificate))
    files = plain() | {"IR_BEN_R.CSV": people, CLAIMS: claims, "KI_CCI_R.CSV": certificates}
    files |= {STAYS: stays or plain()[STAYS], CHAINING: chained or plain()[CHAINING]}
    del files[PACKS], files["PMSI/T_MCO21D.CSV"]
    return built(write(tmp_path / "delivery", files), tmp_path / "releases")


def found(release: Path, lives: Mapping[str, Life], columns: str) -> dict[str, tuple[Any, ...]]:
    names = {f"35{place:03}": name for place, name in enumerate(lives, start=1)}
    query = f"SELECT residence_commune, {columns} FROM patient"  # noqa: S608
    return {names[commune]: tuple(values) for commune, *values in rows(release, query)}


def counted(release: Path, *words: str) -> dict[str, int]:
    identity = json.loads((release / "manifest.json").read_text())["identity"]
    return {name: n for name, n in identity.items() if n and any(word in name for word in words)}


BIRTHS = {
    "referential": Life({"BEN_NAI_ANN": "1950"}, ({"BEN_NAI_ANN": "1951"},)),
    "claims": Life(
        UNBORN,
        (
            {"BEN_NAI_ANN": "1949", "FLX_DIS_DTD": "01/03/2021"},
            {"BEN_NAI_ANN": "1951", "FLX_DIS_DTD": "01/05/2021"},
            {"BEN_NAI_ANN": "1600", "FLX_DIS_DTD": "01/06/2021"},
        ),
        ({"AGE_ANN": "30"},),
    ),
    # The age is 70 in March and in December: born in 1950, between the two days of the year.
    "hospital": Life(UNBORN, (), ({"AGE_ANN": "70"}, {"AGE_ANN": "71"})),
    "certificate": Life(UNBORN, (), (), {"BEN_DCD_DTE": "01/02/2021", "BEN_NAI_ANN": "1948"}),
    "nobody": Life(UNBORN),
    "off by thirty": Life({}, (), ({"AGE_ANN": "40"},)),
    "off by a birthday": Life({}, (), ({"AGE_ANN": "70"},)),
    "another on the certificate": Life(
        {}, (), (), {"BEN_DCD_DTE": "01/02/2021", "BEN_NAI_ANN": "1951"}
    ),
}


def test_a_birth_is_the_referential_s_then_the_claims_the_hospital_s_the_certificate_s(
    tmp_path: Path,
) -> None:
    release = released(tmp_path, BIRTHS)
    may = (date(1950, 5, 1), "month", "IR_BEN_R")
    assert found(release, BIRTHS, "birth_date, birth_precision, birth_source") == {
        "referential": may,
        "claims": (date(1951, 1, 1), "year", "ER_PRS_F"),
        "hospital": (date(1950, 1, 1), "year", "T_MCOaaB"),
        "certificate": (date(1948, 1, 1), "year", "KI_CCI_R"),
        "nobody": (None, None, None),
        "off by thirty": may,
        "off by a birthday": may,
        "another on the certificate": may,
    }
    assert counted(release, "birth") == {
        "without_birth": 4,
        "births_known_in_claims_only": 1,
        "births_known_in_hospital_only": 1,
        "births_known_from_certificates_only": 1,
        "birth_differs_in_claims": 1,
        "birth_differs_in_hospital": 2,
        "birth_differs_in_certificate": 1,
    }
    sources = "SELECT source_table, count(*) FROM event WHERE event_type = 'birth' GROUP BY ALL"
    assert dict(rows(release, sources)) == {
        "IR_BEN_R": 4,
        "ER_PRS_F": 1,
        "T_MCOaaB": 1,
        "KI_CCI_R": 1,
    }


DEATHS = {
    "everywhere": Life(
        {"BEN_DCD_DTE": "05/03/2021"},
        ({"BEN_DCD_DTE": "06/05/2021"},),
        (died("07MAR2021"),),
        {"BEN_DCD_DTE": "08/06/2021"},
    ),
    "claims": Life(
        NEVER,
        ({"BEN_DCD_DTE": "05/03/2021", "FLX_DIS_DTD": "01/06/2021"},),
        (died("07MAY2021"),),
        {"BEN_DCD_DTE": "06/03/2021"},
    ),
    "claims, twice": Life(NEVER, ({"BEN_DCD_DTE": "05/03/2021"}, {"BEN_DCD_DTE": "04/03/2021"})),
    "a month in the referential": Life(NEVER | {"BEN_DCD_AME": "202112"}),
    "a month in claims": Life(NEVER, ({"BEN_DCD_AME": "202102"},)),
    "hospital": Life(NEVER, (), (died("07MAR2021"),), {"BEN_DCD_DTE": "09/03/2021"}),
    "certificate": Life(NEVER, (), (), {"BEN_DCD_DTE": "09/03/2021"}),
    "alive": Life(NEVER | {"BEN_DCD_AME": "160001"}, ({"BEN_DCD_AME": "160001"},)),
    "no month": Life(NEVER | {"BEN_DCD_AME": "202113"}, ({"BEN_DCD_AME": "2021"},)),
    "before birth in claims": Life(NEVER, ({"BEN_DCD_DTE": "05/03/1949"},)),
    "before birth on the certificate": Life(NEVER, (), (), {"BEN_DCD_DTE": "05/03/1949"}),
}


def test_a_death_is_the_referential_s_then_the_claims_the_hospital_s_the_certificate_s(
    tmp_path: Path,
) -> None:
    release = released(tmp_path, DEATHS)
    columns = "death_date, death_precision, death_source, death_before_birth"
    none = (None, None, None, False)
    assert found(release, DEATHS, columns) == {
        "everywhere": (date(2021, 3, 5), "day", "IR_BEN_R", False),
        "claims": (date(2021, 3, 5), "day", "ER_PRS_F", False),
        "claims, twice": (date(2021, 3, 4), "day", "ER_PRS_F", False),
        "a month in the referential": (date(2021, 12, 31), "month", "IR_BEN_R", False),
        "a month in claims": (date(2021, 2, 28), "month", "ER_PRS_F", False),
        "hospital": (date(2021, 3, 7), "day", "T_MCOaaB", False),
        "certificate": (date(2021, 3, 9), "day", "KI_CCI_R", False),
        "alive": none,
        "no month": none,
        "before birth in claims": (None, None, None, True),
        "before birth on the certificate": (None, None, None, True),
    }
    assert counted(release, "deaths_known", "death_differs", "death_before", "deaths") == {
        "deaths": 7,
        "deaths_known_in_claims_only": 3,
        "deaths_known_in_hospital_only": 1,
        "deaths_known_from_certificates_only": 1,
        "deaths_known_to_the_month": 2,
        "death_differs_in_claims": 1,
        "death_differs_in_hospital": 1,
        "death_differs_in_certificate": 1,
        "death_before_birth": 2,
    }
    known = (
        "SELECT residence_commune, known_date, date_precision FROM event "
        "JOIN patient ON patient.subject_id = event.subject_id WHERE event_type = 'death'"
    )
    names = {f"35{place:03}": name for place, name in enumerate(DEATHS, start=1)}
    assert {names[commune]: (day, kind) for commune, day, kind in rows(release, known)} == {
        "everywhere": (date(2021, 6, 1), "day"),
        "claims": (date(2021, 6, 1), "day"),
        "claims, twice": (date(2021, 4, 1), "day"),
        "a month in the referential": (date(2021, 12, 31), "month"),
        "a month in claims": (date(2021, 4, 1), "month"),
        "hospital": (date(2022, 7, 1), "day"),
        "certificate": (date(2025, 10, 1), "day"),
    }
