"""Reads the label selectors of Spark's Kubernetes client: `a=b`, `a!=b`, `a in (b,c)`, joined by commas."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Labels that Spark gives its executors. The broker's own (owner, project, component) cannot be selected: they are fixed.
NAMES = frozenset(
    {
        *("spark-app-selector", "spark-app-name", "spark-exec-id", "spark-exec-inactive"),
        *("spark-exec-resourceprofile-id", "spark-role", "spark-version"),
    }
)
VALUE = r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
TERM = re.compile(
    rf"(?P<name>[a-z-]+) *(?:(?P<sign>!=|==?) *(?P<value>{VALUE})|"
    rf"(?P<set>in|notin) *\((?P<values>{VALUE}( *, *{VALUE})*)\))"
)


class SelectorRefused(Exception):
    """The selector is not of the form that Spark writes."""


@dataclass(frozen=True)
class Condition:
    name: str
    values: frozenset[str]
    inside: bool

    def holds(self, labels: Mapping[str, str]) -> bool:
        # As Kubernetes reads it, a label that is absent is different from any value.
        return (labels.get(self.name) in self.values) == self.inside


def is_label_value(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch(VALUE, text) is not None


def parse(selector: str) -> Callable[[Mapping[str, str]], bool]:
    """Return the test of a pod's labels; of an empty selector, one that all labels pass. Raises SelectorRefused."""
    conditions = [_condition(term) for term in re.split(r",(?![^(]*\))", selector) if selector]
    return lambda labels: all(one.holds(labels) for one in conditions)


def _condition(term: str) -> Condition:
    read = TERM.fullmatch(term.strip())
    if read is None or read["name"] not in NAMES:
        raise SelectorRefused(f"not a selector of Spark's executors: {term[:100]!r}")
    values = re.split(r" *, *", read["values"]) if read["set"] else [read["value"]]
    return Condition(
        read["name"], frozenset(values), read["set"] == "in" or read["sign"] in {"=", "=="}
    )
