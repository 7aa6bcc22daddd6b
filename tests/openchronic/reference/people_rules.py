"""Cases of records, ALD periods and subjects: twins, fictive numbers, changes, NULLs, ties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from openchronic.models.filters.filter import judge, load_filters
from openchronic.models.text import sql
from openchronic.nomenclatures import load_nomenclature
from tests.openchronic.reference.identity import hospital_numbers, pairs, subjects
from tests.openchronic.reference.illness import periods
from tests.openchronic.reference.rule import APART, Case, Rows, Rule, days, maybe

# -- exemption records to ALD periods ----------------------------------------------------------------

ALD_NUMBERS = {"E11": 8, "I50": 5, "I501": 13, "I5019": 14}
STARTS = [*(date(2019, 1, 1) + timedelta(days=30 * n) for n in range(8)), None]
ENDS = [
    *(None, date(2099, 12, 31), date(2098, 12, 31), date(2018, 6, 1)),
    # The second day before a start, the day before, and the day itself.
    *(date(2018, 12, 31) + timedelta(days=30 * n + m) for n in range(1, 7) for m in (-1, 0, 0, 1)),
]


# The diagnosis as written, and another spelling of the same one.
DIAGNOSES = [
    ("E11", "e11+"),
    ("I50.1", "I501"),
    ("I5019", "I50 19"),
    ("I50", "I50"),
    ("Z99", "Z99"),
    ("Z992", "Z99.2"),
    ("J441", "j44.1"),
]


@st.composite
def _illness(draw: st.DrawFn) -> dict[str, Any]:
    """Draws the person (A has twins, F is fictive, N nobody), the nature and the diagnosis."""
    return {
        "BEN_NIR_PSA": draw(st.sampled_from(["A", "A", "A", "A", "F", "N"])),
        "BEN_RNG_GEM": draw(st.integers(1, 2)),
        "IMB_ETM_NAT": draw(st.sampled_from([41, 41, 41, 43, 43, 45, 45, 10, None])),
        "MED_MTF_COD": draw(st.sampled_from([*DIAGNOSES, (None, None)])),
        "MED_NCL_IDT": draw(st.sampled_from(["CIM10", "CIM10", "CIM10 ", None, "CISP"])),
    }


@st.composite
def _record(draw: st.DrawFn, illnesses: list[dict[str, Any]]) -> dict[str, Any]:
    illness: dict[str, Any] = draw(st.sampled_from(illnesses))
    return illness | {
        "MED_MTF_COD": draw(st.sampled_from(illness["MED_MTF_COD"])),
        "IMB_ALD_DTD": draw(st.sampled_from(STARTS)),
        "IMB_ALD_DTF": draw(st.sampled_from(ENDS)),
        "IMB_ALD_NUM": draw(maybe([0, 5, 8, 32, 33])),
        "INS_DTE": draw(st.none() | days(1)),
        "UPD_DTE": draw(st.none() | days(1)),
    }


@st.composite
def _records(draw: st.DrawFn) -> Case:
    """Draws records of a few illnesses, some of them changed and delivered again."""
    illnesses = draw(st.lists(_illness(), min_size=1, max_size=2))
    records = draw(st.lists(_record(illnesses), max_size=6))
    changed = [
        record
        | {
            "IMB_ALD_DTF": draw(st.sampled_from(ENDS)),
            "UPD_DTE": draw(st.none() | days(2)),
            "IMB_ALD_NUM": draw(maybe([5, 8])),
        }
        for record in records
        if draw(st.booleans())
    ]
    people = [
        ("A", 1, "a1", False),
        ("A", 2, "a2", False),
        ("F", 1, "f1", True),
        ("F", 2, "a1", True),
    ]
    return {
        "ir_imb_r": draw(st.permutations(records + changed)),
        "known_pair": [
            {
                "BEN_NIR_PSA": psa,
                "BEN_RNG_GEM": rank,
                "natural_id": person,
                "is_fictive": fictive,
                "is_left_out": fictive,
            }
            for psa, rank, person, fictive in people
        ],
        "subject": [{"natural_id": "a1", "subject_id": 1}, {"natural_id": "a2", "subject_id": 2}],
    }


def _apart_by_name(*names: str) -> Callable[[Case, int], Case]:
    """Separates persons by the number of the case in their identifiers, text or number; one made of x stays so."""

    def apart(case: Case, number: int) -> Case:
        return {table: [row | renamed(row, number) for row in rows] for table, rows in case.items()}

    def renamed(row: Mapping[str, Any], number: int) -> dict[str, Any]:
        found = {name: row[name] for name in names if row.get(name) is not None}
        return {name: of_case(value, number) for name, value in found.items()}

    def of_case(value: Any, number: int) -> Any:
        if isinstance(value, int):
            return value + APART * number
        return f"{value}-{number}" if value.lower().startswith("x") else f"{number}-{value}"

    return apart


def _periods(case: Case) -> dict[str, Rows]:
    subject_of = {one["natural_id"]: one["subject_id"] for one in case["subject"]}
    people = {
        (one["BEN_NIR_PSA"], one["BEN_RNG_GEM"]): subject_of[one["natural_id"]]
        for one in case["known_pair"]
        if not one["is_left_out"]
    }
    return {"ald_period": periods(case["ir_imb_r"], people, ALD_NUMBERS)}


ILLNESS = Rule(
    name="illness",
    columns={
        "ir_imb_r": {
            "BEN_NIR_PSA": "STRING",
            "BEN_RNG_GEM": "BIGINT",
            "IMB_ALD_DTD": "DATE",
            "IMB_ALD_DTF": "DATE",
            "IMB_ETM_NAT": "BIGINT",
            "IMB_ALD_NUM": "BIGINT",
            "MED_MTF_COD": "STRING",
            "MED_NCL_IDT": "STRING",
            "INS_DTE": "DATE",
            "UPD_DTE": "DATE",
        },
        "known_pair": {
            "BEN_NIR_PSA": "STRING",
            "BEN_RNG_GEM": "BIGINT",
            "natural_id": "STRING",
            "is_fictive": "BOOLEAN",
            "is_left_out": "BOOLEAN",
        },
        "subject": {"natural_id": "STRING", "subject_id": "BIGINT"},
        "ald_code": {"icd10": "STRING", "number": "BIGINT"},
    },
    texts={
        "ald_judged": judge(load_filters(), "ald", sql("ald")),
        "ald_record": "SELECT * FROM ald_judged WHERE removed_by IS NULL",
        "ald_period": sql("ald_period"),
    },
    answered=("ald_period",),
    cases=_records(),
    apart=_apart_by_name("BEN_NIR_PSA", "natural_id", "subject_id"),
    reference=_periods,
    shared={"ald_code": [{"icd10": code, "number": n} for code, n in ALD_NUMBERS.items()]},
)


# -- records of the referential to subjects ----------------------------------------------------------

SITE_KEY = "the key of a site of tests"
NIR_KINDS = {
    trait: [row["code"] for row in load_nomenclature("nir_kind") if row[trait] == "1"]
    for trait in ("fictive", "provisional")
}
NO_NUMBER = "X" * 16


@st.composite
def _person(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "BEN_NIR_PSA": draw(st.sampled_from(["A", "A", "B", NO_NUMBER + "Y"])),
        "BEN_RNG_GEM": draw(st.integers(1, 2)),
        "BEN_IDT_ANO": draw(maybe(["a", "b", "A1", NO_NUMBER + "1"])),
        "BEN_NIR_ANO": draw(maybe(["a", "b", NO_NUMBER.lower()])),
        "BEN_IDT_TOP": draw(maybe([0, 1])),
        "BEN_CDI_NIR": draw(maybe(["00", "0", "1", "03", "99"])),
        "MAX_TRT_DTD": draw(st.none() | days(1)),
        "BEN_DTE_MAJ": draw(st.none() | days(1)),
    }


def _identities(case: Case) -> dict[str, Rows]:
    found = pairs(case["identity_record"], **NIR_KINDS)
    people = subjects(found, site_key=SITE_KEY)
    return {"pair": found, "subject": people, "psa": hospital_numbers(found, people)}


IDENTITY = Rule(
    name="identity",
    columns={
        "identity_record": {
            "BEN_NIR_PSA": "STRING",
            "BEN_RNG_GEM": "BIGINT",
            "BEN_IDT_ANO": "STRING",
            "BEN_NIR_ANO": "STRING",
            "BEN_IDT_TOP": "BIGINT",
            "BEN_CDI_NIR": "STRING",
            "MAX_TRT_DTD": "DATE",
            "BEN_DTE_MAJ": "DATE",
        },
        "fictive_nir": {"code": "STRING"},
        "left_out_nir": {"code": "STRING"},
        "provisional_nir": {"code": "STRING"},
        "secret": {"site_key": "STRING"},
    },
    texts={name: sql(name) for name in ("pair", "subject", "psa")},
    answered=("pair", "subject", "psa"),
    cases=st.lists(_person(), max_size=8).map(lambda records: {"identity_record": records}),
    apart=_apart_by_name("BEN_NIR_PSA", "BEN_IDT_ANO", "BEN_NIR_ANO"),
    reference=_identities,
    shared={
        "fictive_nir": [{"code": code} for code in NIR_KINDS["fictive"]],
        "left_out_nir": [{"code": code} for code in NIR_KINDS["fictive"]],
        "provisional_nir": [{"code": code} for code in NIR_KINDS["provisional"]],
        "secret": [{"site_key": SITE_KEY}],
    },
)
