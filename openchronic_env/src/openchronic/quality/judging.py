"""Turns figures into verdicts, and the verdicts that stop a publish into one message."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from openchronic.quality.catalogue import Check
from openchronic.quality.measuring import Group, Measure

State = Literal["ok", "warning", "stop", "accepted", "too few", "not measured"]


@dataclass(frozen=True)
class Verdict:
    """The result of a check on a release."""

    measure: Measure
    state: State

    @property
    def check(self) -> Check:
        return self.measure.check

    @property
    def worst(self) -> Group | None:
        return self.measure.worst

    def record(self) -> dict[str, object]:
        """Returns the record for the manifest and for JSON."""
        check, worst = self.check, self.worst
        return {
            "name": check.name,
            "state": self.state,
            "value": worst.value if worst else None,
            "unit": check.unit,
            "at": worst.name if worst else None,
            "faults": worst.faults if worst else None,
            "among": worst.among if worst else None,
            "warn": check.warn,
            "stop": check.stop,
        }


def judge(measures: Iterable[Measure], *, accepted: Collection[str]) -> list[Verdict]:
    """Returns one verdict per measure. ``accepted``: names of checks whose stop the operator accepted."""
    return [Verdict(one, _state(one, one.check.name in accepted)) for one in measures]


def accepted_in(manifest: Mapping[str, Any]) -> frozenset[str]:
    """Returns the checks that the operator accepted when the release was published."""
    return frozenset(
        one["name"] for one in manifest.get("quality", []) if one["state"] == "accepted"
    )


def stopped(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Returns the verdicts that stop a publish."""
    return [one for one in verdicts if one.state == "stop"]


def refusal(verdicts: Iterable[Verdict]) -> str:
    """Returns why a build is not published: each check with its value, its threshold and what to do."""
    stops = stopped(verdicts)
    said = "; ".join(f"{sentence(one)}, above {figure(one.check, one.check.stop)}" for one in stops)
    text = f"the release was not published, its checks stop it: {said}. "
    may = [one.check.name for one in stops if one.check.may_be_accepted]
    if len(may) < len(stops):
        text += "A fault of integrity is the build's own: keep the delivery and report it. "
    if may:
        text += "Look at the delivery; if it is right, accept with " + " ".join(
            f"--accept {name}" for name in may
        )
    return text.strip()


def sentence(verdict: Verdict) -> str:
    """Returns a check, its value and its meaning."""
    worst = verdict.worst
    at = f" ({worst.name})" if worst and worst.name else ""
    value = figure(verdict.check, worst.value if worst else None)
    return f"{verdict.check.name}{at}: {value} {verdict.check.en}"


def figure(check: Check, value: float | None) -> str:
    """Returns a value or a threshold, for operators; empty when there is none."""
    if value is None:
        return ""
    if check.unit == "share":
        return f"{100 * value:.4g} %"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _state(measure: Measure, is_accepted: bool) -> State:
    worst, check = measure.worst, measure.check
    if worst is None:
        return "too few" if measure.is_known else "not measured"
    if check.stop is not None and worst.value > check.stop:
        return "accepted" if is_accepted and check.may_be_accepted else "stop"
    if check.warn is not None and worst.value > check.warn:
        return "warning"
    return "ok"
