"""The rules of patients, and what their cases are drawn from: NULLs, ties, twins, duplicates, cancellations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from openchronic.building.engine import sql
from openchronic.building.filters import load_filters, removed_by
from openchronic.schema import load_nomenclature
from tests.openchronic.reference.identity import hospital_numbers, pairs, subjects
from tests.openchronic.reference.illness import periods
from tests.openchronic.reference.netting import net
from tests.openchronic.reference.rule import APART, Case, Rows, Rule


def _days(most: int) -> st.SearchStrategy[date]:
    return st.integers(0, most).map(lambda n: date(2021, 1, 1) + timedelta(days=n))


def _maybe(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


# -- lines of claims to events -----------------------------------------------------------------------

# What the table of a line says of its kind, and roles that such lines have.
KINDS = (
    ("drug", "ER_PHA_F", "CIP13", ("dispensed",)),
    ("hospital_drug", "ER_UCD_F", "UCD", (None, "on_top", "retrocession")),
    ("procedure", "ER_CAM_F", "CCAM", ("1/0", "4/0")),
    ("device", "ER_TIP_F", "LPP", (None, "rental", "purchase")),
    ("visit", "ER_PRS_F", "PRS_NAT", (None,)),
)
QUANTITIES = [None, *map(Decimal, ("-3", "-2", "-1", "-0.5", "0", "0.5", "1", "1", "2", "3"))]


@st.composite
def _line(draw: st.DrawFn) -> dict[str, Any]:
    event_type, table, vocabulary, roles = draw(st.sampled_from(KINDS))
    begins = draw(st.none() | _days(3))
    return {
        "subject_id": draw(st.integers(1, 2)),
        "event_type": event_type,
        "source_table": table,
        "care_date": draw(_days(1)),
        "vocabulary": vocabulary,
        "code": draw(st.sampled_from(["1", "2"])),
        "code_role": draw(st.sampled_from(roles)),
        "PFS_EXE_NUM": draw(_maybe(["E1"])),
        "PFS_PRE_NUM": draw(_maybe(["P1"])),
        "quantity": draw(st.sampled_from(QUANTITIES)),
        "known_date": draw(_days(90)),
        "PSP_SPE_COD": draw(_maybe([1, 3])),
        "PSE_SPE_COD": draw(_maybe([1, 10])),
        "PSE_ACT_NAT": draw(_maybe([24, 50])),
        "care_setting": draw(st.sampled_from(["city", "private_clinic", "public_hospital"])),
        "facility_id": draw(_maybe(["35000001", "75000001"])),
        "begins": begins,
        "ends": None if begins is None else draw(st.none() | st.just(begins + timedelta(days=2))),
        "by_unit": draw(st.booleans()),
    }


@st.composite
def _lines(draw: st.DrawFn) -> Case:
    """Lines, some of them taken back or sent twice."""
    lines = draw(st.lists(_line(), max_size=6))
    again = []
    for line in lines:
        what = draw(st.sampled_from(["once", "once", "twice", "taken back", "partly"]))
        if what == "twice":
            again.append(line)
        elif what != "once" and line["quantity"] is not None:
            taken = -line["quantity"] / (1 if what == "taken back" else 2)
            again.append(line | {"quantity": taken, "known_date": draw(_days(90))})
    return {"claim_line": draw(st.permutations(lines + again))}


NETTING = Rule(
    name="netting",
    columns={
        "claim_line": {
            "subject_id": "BIGINT",
            "event_type": "STRING",
            "source_table": "STRING",
            "care_date": "DATE",
            "vocabulary": "STRING",
            "code": "STRING",
            "code_role": "STRING",
            "PFS_EXE_NUM": "STRING",
            "PFS_PRE_NUM": "STRING",
            "quantity": "DECIMAL(18, 5)",
            "known_date": "DATE",
            "PSP_SPE_COD": "BIGINT",
            "PSE_SPE_COD": "BIGINT",
            "PSE_ACT_NAT": "BIGINT",
            "care_setting": "STRING",
            "facility_id": "STRING",
            "begins": "DATE",
            "ends": "DATE",
            "by_unit": "BOOLEAN",
        }
    },
    texts={"claim_event": sql("claim_event")},
    answered=("claim_event",),
    cases=_lines(),
    apart=lambda case, number: {
        "claim_line": [
            line | {"subject_id": line["subject_id"] + APART * number}
            for line in case["claim_line"]
        ]
    },
    reference=lambda case: {"claim_event": net(case["claim_line"])},
)


# -- exemption records to ALD periods ----------------------------------------------------------------

JUDGE = removed_by(load_filters(), "ald")
ALD_NUMBERS = {"E11": 8, "I50": 5, "I501": 13, "I5019": 14}
STARTS = [*(date(2019, 1, 1) + timedelta(days=30 * n) for n in range(8)), None]
ENDS = [
    *(None, date(2099, 12, 31), date(2098, 12, 31), date(2018, 6, 1)),
    *(date(2018, 12, 31) + timedelta(days=30 * n + m) for n in range(6) for m in (-1, 0, 1)),
]


@st.composite
def _record(draw: st.DrawFn) -> dict[str, Any]:
    return {
        # Two ranks of A are twins, F is fictive, N nobody.
        "BEN_NIR_PSA": draw(st.sampled_from(["A", "A", "A", "A", "F", "N"])),
        "BEN_RNG_GEM": draw(st.integers(1, 2)),
        "IMB_ALD_DTD": draw(st.sampled_from(STARTS)),
        "IMB_ALD_DTF": draw(st.sampled_from(ENDS)),
        "IMB_ETM_NAT": draw(st.sampled_from([41, 41, 41, 43, 43, 45, 45, 10, None])),
        "IMB_ALD_NUM": draw(_maybe([0, 5, 8, 32, 33])),
        "MED_MTF_COD": draw(_maybe(["E11", "e11+", "I50.1", "I5019", "I501 8", "I50", "Z99"])),
        "INS_DTE": draw(st.none() | _days(1)),
        "UPD_DTE": draw(st.none() | _days(1)),
    }


@st.composite
def _records(draw: st.DrawFn) -> Case:
    """Records, some of them changed and sent again, of two twins, a fictive number and nobody."""
    records = draw(st.lists(_record(), max_size=6))
    changed = [
        record
        | {
            "IMB_ALD_DTF": draw(st.sampled_from(ENDS)),
            "UPD_DTE": draw(st.none() | _days(2)),
            "IMB_ALD_NUM": draw(_maybe([5, 8])),
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
        "pair": [
            {"BEN_NIR_PSA": psa, "BEN_RNG_GEM": rank, "natural_id": person, "is_fictive": fictive}
            for psa, rank, person, fictive in people
        ],
        "subject": [{"natural_id": "a1", "subject_id": 1}, {"natural_id": "a2", "subject_id": 2}],
    }


def _apart_by_name(*names: str) -> Callable[[Case, int], Case]:
    """People apart by the number of the case in what names them, text or number; one of x stays one of x."""

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
        for one in case["pair"]
        if not one["is_fictive"]
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
            "INS_DTE": "DATE",
            "UPD_DTE": "DATE",
        },
        "pair": {
            "BEN_NIR_PSA": "STRING",
            "BEN_RNG_GEM": "BIGINT",
            "natural_id": "STRING",
            "is_fictive": "BOOLEAN",
        },
        "subject": {"natural_id": "STRING", "subject_id": "BIGINT"},
        "ald_code": {"icd10": "STRING", "number": "BIGINT"},
    },
    texts={
        # The project's own text.
        "ald_judged": f"SELECT *, {JUDGE} AS removed_by FROM ({sql('ald')})",  # noqa: S608
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
        "BEN_IDT_ANO": draw(_maybe(["a", "b", "A1", NO_NUMBER + "1"])),
        "BEN_NIR_ANO": draw(_maybe(["a", "b", NO_NUMBER.lower()])),
        "BEN_IDT_TOP": draw(_maybe([0, 1])),
        "BEN_CDI_NIR": draw(_maybe(["00", "0", "1", "03", "99"])),
        "MAX_TRT_DTD": draw(st.none() | _days(1)),
        "BEN_DTE_MAJ": draw(st.none() | _days(1)),
    }


def _identities(case: Case) -> dict[str, Rows]:
    found = pairs(case["ir_ben_r"], **NIR_KINDS)
    people = subjects(found, site_key=SITE_KEY)
    return {"pair": found, "subject": people, "psa": hospital_numbers(found, people)}


IDENTITY = Rule(
    name="identity",
    columns={
        "ir_ben_r": {
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
        "provisional_nir": {"code": "STRING"},
        "secret": {"site_key": "STRING"},
    },
    texts={name: sql(name) for name in ("pair", "subject", "psa")},
    answered=("pair", "subject", "psa"),
    cases=st.lists(_person(), max_size=8).map(lambda records: {"ir_ben_r": records}),
    apart=_apart_by_name("BEN_NIR_PSA", "BEN_IDT_ANO", "BEN_NIR_ANO"),
    reference=_identities,
    shared={
        "fictive_nir": [{"code": code} for code in NIR_KINDS["fictive"]],
        "provisional_nir": [{"code": code} for code in NIR_KINDS["provisional"]],
        "secret": [{"site_key": SITE_KEY}],
    },
)

RULES = (NETTING, ILLNESS, IDENTITY)
