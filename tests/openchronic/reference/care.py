"""Sequences of care in plain Python, fact by fact and day by day.

The rule (analyses of a release, 2.7): a fact has the first node whose conditions it meets; neighbouring facts of one node
are one contact; a graph tells which contact directly follows which; a day has the first state that holds, a month that of
most of its days.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from statistics import median
from typing import Any

from openchronic.models.care import STATES
from tests.openchronic.reference.rule import Case, Rows

DAY = timedelta(days=1)


def contacts_of(case: Case, nodes: Rows, codes: Rows, *, collapse_repeats: bool) -> Rows:
    """Returns the rows of ``care_step``."""
    told: Rows = []
    for period in case["care_period"]:
        facts = [
            (event, node)
            for event in case["event"]
            if event["subject_id"] == period["subject_id"]
            and period["start_date"] <= event["start_date"] <= period["end_date"]
            and (node := _node(event, nodes, codes))
        ]
        facts.sort(
            key=lambda one: (one[0]["start_date"], one[0]["order_in_day"], one[0]["event_id"])
        )
        own: Rows = []
        for event, node in facts:
            begins = event["start_date"]
            ends = event["end_date"] or begins
            last = own[-1] if own else None
            if last and last["node"] == node and (collapse_repeats or last["last_start"] == begins):
                last["last_start"] = begins
                last["last_day"] = max(last["last_day"], ends)
                last["n_facts"] += 1
                continue
            own.append(
                {key: period[key] for key in ("subject_id", "period_no")}
                | {"step": len(own) + 1, "node": node, "first_day": begins, "last_start": begins}
                | {"last_day": ends, "n_facts": 1}
            )
        told += own
    return told


def flow_of(case: Case, contacts: Rows) -> Rows:
    """Returns the rows of ``flow``."""
    edges: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for period in case["care_period"]:
        key = (period["subject_id"], period["period_no"])
        own = [one for one in contacts if (one["subject_id"], one["period_no"]) == key]
        names = ["START", *(one["node"] for one in own), "END"]
        left = [period["start_date"], *(one["last_start"] for one in own)]
        reached = [*(one["first_day"] for one in own), period["end_date"]]
        for place, (since, until) in enumerate(zip(left, reached, strict=True)):
            edges[names[place], names[place + 1]].append((key[0], (until - since).days))
    return [
        {
            "source": source,
            "target": target,
            "n": len(found),
            "n_subjects": len({subject for subject, _ in found}),
            "median_days": float(median(days for _, days in found)),
        }
        for (source, target), found in edges.items()
    ]


def states_of(case: Case) -> Rows:
    """Returns the rows of ``setting_state``."""
    told: Rows = []
    for period in case["care_period"]:
        first, day = period["start_date"], period["start_date"]
        days: dict[int, Counter[str]] = defaultdict(Counter)
        while day <= period["end_date"]:
            months = (day.year - first.year) * 12 + day.month - first.month
            number = months + 1 - (1 if day.day < first.day else 0)
            days[number][_state(case, period["subject_id"], day)] += 1
            day += DAY
        for number, found in days.items():
            state = max(found, key=lambda one: (found[one], -STATES.index(one)))
            own = {key: period[key] for key in ("subject_id", "period_no")}
            told.append(own | {"month_no": number, "state": state})
    return told


def _state(case: Case, subject: int, day: date) -> str:
    dead = [one["death_date"] for one in case["patient"] if one["subject_id"] == subject]
    if any(one and one <= day for one in dead):
        return "death"
    held = {
        one["care_setting"]
        for one in case["stay"]
        if one["subject_id"] == subject
        and not one["is_session"]
        and (one["care_form"] in (None, "1") or one["care_form"].startswith("0"))
        and one["start_date"] <= day <= (one["end_date"] or one["last_seen_date"])
    }
    return next((one for one in STATES if one in held), "home")


def _node(event: Mapping[str, Any], nodes: Iterable[Mapping[str, Any]], codes: Rows) -> str:
    for one in sorted(nodes, key=lambda node: node["place"]):
        same = all(
            one[name] in ("", event[name])
            for name in ("event_type", "care_setting", "provider_specialty")
        )
        flagged = one["flag"] == "" or one["flag"] in (event["flags"] or "").split(",")
        if same and flagged and _coded(event, one, codes):
            return str(one["node"])
    return ""


def _coded(event: Mapping[str, Any], node: Mapping[str, Any], codes: Rows) -> bool:
    if not node["vocabulary"]:
        return True
    own = [(event["vocabulary"], event["code"])] + [
        (one["parent_vocabulary"], one["parent_code"])
        for one in codes
        if (one["vocabulary"], one["code"]) == (event["vocabulary"], event["code"])
    ]
    return any(
        vocabulary == node["vocabulary"] and (code or "").startswith(node["prefix"])
        for vocabulary, code in own
    )
