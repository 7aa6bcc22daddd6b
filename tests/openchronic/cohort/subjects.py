"""Subjects of a few facts, all with the same index day, for one step each."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.images.inside.three_ways import InDuckDB, answers
from tests.openchronic.reference.cohort_rules import rule_of
from tests.openchronic.reference.rule import Case

INDEX = date(2021, 2, 1)
EVERYONE = """
name = "essai"
[index]
from = "everyone"
on = "date:2021-02-01"
"""


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


class Subject:
    """A woman born in 1960 without a fact. Every method adds one and returns the subject."""

    def __init__(self, **patient: Any) -> None:
        told: dict[str, Any] = {
            "sex": "F",
            "birth_date": "1960-02-01",
            "death_date": None,
            "is_twin": False,
        }
        told |= patient
        for name in ("birth_date", "death_date"):
            told[name] = day(told[name])
        self.tables: Case = {"patient": [told]}

    def _add(self, table: str, **cells: Any) -> Subject:
        self.tables.setdefault(table, []).append(cells)
        return self

    def observed(self, start: str, end: str) -> Subject:
        return self._add("observation_period", start_date=day(start), end_date=day(end))

    def lives(
        self, department: str | None, start: str | None = None, end: str | None = None
    ) -> Subject:
        return self._add(
            "residence", department=department, start_date=day(start), end_date=day(end)
        )

    def event(
        self, kind: str, start: str, vocabulary: str, code: str, *, end: str | None = "",
        role: str | None = None, setting: str | None = None,
    ) -> Subject:  # fmt: skip
        return self._add(
            "event",
            start_date=day(start),
            end_date=day(start) if end == "" else day(end),
            event_type=kind,
            care_setting=setting,
            vocabulary=vocabulary,
            code=code,
            code_role=role,
        )

    def drug(self, *days: str, code: str = "3400930000001") -> Subject:
        for one in days:
            self.event("drug", one, "CIP13", code, setting="city")
        return self

    def stay(
        self, start: str, end: str | None, *, code: str = "I500", role: str = "DP", setting: str = "mco"
    ) -> Subject:  # fmt: skip
        return self.event("diagnosis", start, "CIM10", code, end=end, role=role, setting=setting)

    def dialysed(self, first: str, last: str) -> Subject:
        return self._add(
            "cohort_disease",
            definition="dialysis",
            state="case",
            met_on=day(first),
            last_on=day(last),
        )

    def ill(self, onset: str, incidence: str = "incident") -> Subject:
        return self._add(
            "disease_onset", definition="failure", onset_date=day(onset), incidence=incidence
        )


def kept(text: str, subjects: list[Subject]) -> list[bool]:
    """Returns for each subject whether the cohort of ``text`` has it."""
    rows = answer(text, subjects)["cohort"]
    found = {row["subject_id"] for row in rows}
    return [number in found for number in range(len(subjects))]


def answer(text: str, subjects: list[Subject]) -> dict[str, list[dict[str, Any]]]:
    """Returns the rows of the cohort of ``text``, and its steps."""
    rule = rule_of(text, more=("cohort_step",))
    cases = [
        {
            table: [{**row, "subject_id": number} for row in rows]
            for table, rows in one.tables.items()
        }
        for number, one in enumerate(subjects)
    ]
    engine = InDuckDB()
    try:
        found = answers(engine, rule.asked(cases))
        found["cohort"].sort(key=lambda row: (row["subject_id"], row["period_no"]))
        found["cohort_step"].sort(key=lambda row: int(row["step"]))
        return found
    finally:
        engine.connection.close()
