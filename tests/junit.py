"""Reads the results of a pytest run from its JUnit file."""

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Case:
    name: str
    seconds: float
    outcome: str
    """One of passed, failed or skipped."""
    message: str


@dataclass(frozen=True)
class Outcome:
    cases: tuple[Case, ...] = ()

    def count(self, outcome: str) -> int:
        return sum(case.outcome == outcome for case in self.cases)


def read_junit(file: Path) -> Outcome:
    """Return the cases of a JUnit file. An error in setup or teardown counts as a failure of the test."""
    cases: dict[str, Case] = {}
    for element in ElementTree.parse(file).getroot().iter("testcase"):
        if not element.get("name"):
            continue  # a test that was interrupted has no outcome
        name = f"{element.get('classname', '')}.{element.get('name', '')}".lstrip(".")
        case = _case(name, element)
        # A test's own failure counts before that of its teardown, which may be its consequence.
        if name not in cases or (case.outcome == "failed" != cases[name].outcome):
            cases[name] = case
    return Outcome(tuple(cases.values()))


def _case(name: str, element: ElementTree.Element) -> Case:
    seconds = float(element.get("time") or 0)
    for tag, outcome in (("failure", "failed"), ("error", "failed"), ("skipped", "skipped")):
        if (found := element.find(tag)) is not None:
            return Case(name, seconds, outcome, found.get("message") or "")
    return Case(name, seconds, "passed", "")
