"""Lives of made-up subjects: their facts as rows of a release, written in a few words."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from tests.openchronic.reference.rule import Case

# The codes of the release: packs with their class and size, hospital drugs, and what is its own code.
PACKS = {
    "A10BA02": ("3400930000001", False),
    "A10BB12": ("3400930000002", True),
    "A10BX06": ("3400930000003", False),
    "A10BK01": ("3400930000004", False),
    "R03BB04": ("3400930000005", False),
    "R03AC02": ("3400930000006", True),
    "L02BB03": ("3400930000007", False),
    "L04AA06": ("3400930000008", False),
    "C09AA05": ("3400930000009", False),
}
UCD = {"L01FD01": "9000001"}
OWN = {
    "CIM10": [
        "E10",
        "E11",
        "E119",
        "E113",
        "E84",
        "H360",
        "J42",
        "J440",
        "J441",
        "J449",
        "J961",
        "J450",
        "J960",
        "J189",
        "I50",
        "I500",
        "I501",
        "I110",
        "I132",
        "J81",
        "C50",
        "C509",
        "Z08",
        "Z510",
        "Z511",
        "C787",
        "C61",
        "Z940",
        "N185",
        "R05",
        "J10",
        "J100",
        "F20",
    ],
    "GHM": ["28Z04Z", "28Z02Z", "27C061", "04M051"],
    "CCAM": ["JAEA003", "YYYY001"],
    "PRS_NAT": ["1111"],
}
CODES: list[dict[str, Any]] = [
    *(
        {
            "vocabulary": "CIP13",
            "code": cip,
            "parent_vocabulary": "ATC",
            "parent_code": atc,
            "is_large_pack": large,
        }
        for atc, (cip, large) in PACKS.items()
    ),
    *(
        {
            "vocabulary": "UCD",
            "code": ucd,
            "parent_vocabulary": "ATC",
            "parent_code": atc,
            "is_large_pack": None,
        }
        for atc, ucd in UCD.items()
    ),
    *(
        {
            "vocabulary": vocabulary,
            "code": code,
            "parent_vocabulary": None,
            "parent_code": None,
            "is_large_pack": None,
        }
        for vocabulary, some in OWN.items()
        for code in some
    ),
]
YEARS = range(2018, 2023)
numbers = count(1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def known_of_stay(end: date | None) -> date:
    """1 July of the year after the discharge."""
    return date((end or date(2022, 12, 31)).year + 1, 7, 1)


class Life:
    """A subject. Every method adds facts and returns the subject."""

    def __init__(
        self,
        *,
        sex: str | None = "F",
        born: str | None = "1950-03-01",
        died: str | None = None,
        observed: tuple[str, str] | None = ("2005-01-01", "2022-12-31"),
        seen: tuple[int, ...] = tuple(YEARS),
    ) -> None:
        self.id = next(numbers)
        self.events: list[dict[str, Any]] = []
        self.costs: list[dict[str, Any]] = []
        self.stays = 0
        self.patient = {
            "subject_id": self.id,
            "sex": sex,
            "birth_date": born and day(born),
            "death_date": died and day(died),
        }
        self.periods = [observed] if observed else []
        for year in seen:
            self.fact("visit", f"{year}-06-01", "PRS_NAT", "1111", setting="city")

    def fact(
        self,
        kind: str,
        start: str,
        vocabulary: str,
        code: str,
        *,
        end: str | None = "",
        role: str | None = None,
        setting: str | None = None,
        quantity: float | None = None,
        stay: str | None = None,
        episode: str | None = None,
        known: date | None = None,
    ) -> Life:
        begins = day(start)
        ends = begins if end == "" else end and day(end)
        self.events.append(
            {
                "subject_id": self.id,
                "start_date": begins,
                "end_date": ends,
                "known_date": known or begins + timedelta(days=45),
                "event_type": kind,
                "care_setting": setting,
                "vocabulary": vocabulary,
                "code": code,
                "code_role": role,
                "quantity": quantity,
                "stay_id": stay,
                "episode_id": episode or stay,
            }
        )
        return self

    def ald(self, code: str, start: str, end: str | None = None) -> Life:
        return self.fact("ald", start, "CIM10", code, end=end, role="listed", known=day(start))

    def stay(
        self,
        start: str,
        end: str | None = "",
        *,
        setting: str = "mco",
        episode: str | None = None,
        ghm: str = "04M051",
        **diagnoses: str | None,
    ) -> Life:
        """A stay and its diagnoses by role; several codes of a role are separated by spaces."""
        self.stays += 1
        stay = f"{self.id}-{self.stays}"
        end = start if end == "" else end
        known = known_of_stay(day(end) if end else None)
        where = {"end": end, "setting": setting, "stay": stay, "episode": episode, "known": known}
        self.fact("stay", start, "GHM", ghm, quantity=1, **where)  # type: ignore[arg-type]
        for role, codes in diagnoses.items():
            for code in (codes or "").split():
                self.fact("diagnosis", start, "CIM10", code, role=role, **where)  # type: ignore[arg-type]
        return self

    def drug(self, atc: str, *days: str) -> Life:
        for one in days:
            self.fact("drug", one, "CIP13", PACKS[atc][0], setting="city", quantity=1)
        return self

    def hospital_drug(self, atc: str, *days: str) -> Life:
        for one in days:
            self.fact("hospital_drug", one, "UCD", UCD[atc], setting="mco", quantity=1)
        return self

    def sessions(self, start: str, code: str, quantity: int) -> Life:
        return self.fact("session", start, "GHM", code, setting="mco", quantity=quantity)

    def act(self, start: str, code: str) -> Life:
        return self.fact("procedure", start, "CCAM", code, role="1/0", setting="mco", quantity=1)

    def services(self, code: str, start: str, n: int, quantity: int = 1) -> Life:
        """Claims of a service on ``n`` days in a row."""
        for one in range(n):
            begins = day(start) + timedelta(days=one)
            self.costs.append(
                {
                    "subject_id": self.id,
                    "start_date": begins,
                    "known_date": begins + timedelta(days=45),
                    "service_code": code,
                    "quantity": quantity,
                }
            )
        return self

    def case(self) -> Case:
        """Returns the subject as tables."""
        return {
            "released_event": self.events,
            "released_cost": self.costs,
            "patient": [self.patient],
            "observation_period": [
                {"subject_id": self.id, "start_date": day(begin), "end_date": day(end)}
                for begin, end in self.periods
            ],
        }
