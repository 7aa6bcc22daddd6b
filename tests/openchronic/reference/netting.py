"""From claim lines to events, in plain Python.

The rule (Documentation-SNDS, on regularisations; Health Data Hub forum, 1113): a cancellation is a line with a
negative quantity. The quantities of all lines of one person, day, code (with its role), executor and prescriber
are added. A sum below zero is subtracted from the sums above zero of the same person, day, code and role, the
earliest known first; if it stays below zero and has no role, from the sums of any role. A sum that remains
above zero is an event, any other is none: so the total of a person, day and code is the sum of its lines. Other
values of an event come from the first line in alphabetical or numerical order, so that the order of delivery
does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]

SAME = (
    "subject_id",
    "event_type",
    "source_table",
    "care_date",
    "vocabulary",
    "code",
    "code_role",
    "PFS_EXE_NUM",
    "PFS_PRE_NUM",
)
# The columns of a person, day and code, whatever the executor and the role.
CODE = SAME[: SAME.index("code_role")]
# The flags of an event, with the column of a line that sets each.
FLAGS = {
    "by_unit": "by_unit",
    "units_missing": "units_missing",
    "quantity_assumed": "quantity_assumed",
    "emergency": "is_emergency",
    "public_t2a": "is_public_t2a",
    "key_conflict": "is_conflict",
}
SETTINGS = ("city", "private_clinic", "public_hospital")


def net(lines: Iterable[Row]) -> list[dict[str, Any]]:
    """Returns the events of the lines that the filters kept, dropped sums included (``is_kept``)."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for line in lines:
        groups[tuple(line[name] for name in SAME)].append(line)
    sums = [_Sum(group) for group in groups.values()]
    for some in _by(sums, (*CODE, "code_role")):
        _cancel([one for one in some if one.left > 0], [one for one in some if one.left < 0])
    for some in _by(sums, CODE):
        nameless = [one for one in some if one.said["code_role"] in (None, "-/-")]
        _cancel([one for one in some if one.left > 0], [one for one in nameless if one.left < 0])
    return [_event(one) for one in sums]


class _Sum:
    """Lines that are added, and the part ``left`` of their total."""

    def __init__(self, lines: list[Row]) -> None:
        self.lines = lines
        self.said = lines[0]
        self.total = sum((line["quantity"] for line in lines), Decimal(0))
        self.left = self.total

    @property
    def turn(self) -> list[tuple[bool, Any]]:
        """Returns the order in which sums cancel or are cancelled; missing values come last."""
        order = [
            _first(self.lines, "known_date"),
            *(self.said[name] for name in ("code_role", "PFS_EXE_NUM", "PFS_PRE_NUM")),
        ]
        return [(value is None, value or "") for value in order]


def _by(sums: Iterable[_Sum], names: Iterable[str]) -> list[list[_Sum]]:
    groups: dict[tuple[Any, ...], list[_Sum]] = defaultdict(list)
    names = list(names)
    for one in sums:
        groups[tuple(one.said[name] for name in names)].append(one)
    return list(groups.values())


def _cancel(done: list[_Sum], undone: list[_Sum]) -> None:
    """Subtracts each of ``undone`` from the sums in ``done``."""
    for one in sorted(undone, key=lambda each: each.turn):
        for other in sorted(done, key=lambda each: each.turn):
            taken = min(other.left, -one.left)
            other.left -= taken
            one.left += taken


def _event(summed: _Sum) -> dict[str, Any]:
    lines, one = summed.lines, summed.said
    done = [line for line in lines if line["quantity"] > 0]
    begins, ends = _of(done, "begins"), _of(done, "ends")
    start = min(begins, default=one["care_date"])
    taken_back = sum(line["quantity"] < 0 for line in lines)
    is_reduced = summed.left < summed.total
    told = {"regularised": bool(taken_back) or is_reduced}
    told |= {flag: any(line[name] for line in lines) for flag, name in FLAGS.items()}
    is_drug = one["event_type"] in ("drug", "hospital_drug")
    return {
        "subject_id": one["subject_id"],
        "start_date": start,
        "end_date": max(ends, default=start),
        "known_date": _first(lines, "known_date"),
        "event_type": one["event_type"],
        "care_setting": max((line["care_setting"] for line in lines), key=SETTINGS.index),
        "vocabulary": one["vocabulary"],
        "code": one["code"],
        # What details add to a role does not identify the event.
        "code_role": one["code_role"] or _first(done, "said_role"),
        "quantity": float(summed.left),
        "stay_id": None,
        # The provider of a drug is its prescriber, that of any other event its executor.
        "provider_id": one["PFS_PRE_NUM" if is_drug else "PFS_EXE_NUM"],
        "provider_specialty": _specialty(lines, is_drug=is_drug),
        "facility_id": _first(lines, "facility_id"),
        "date_precision": "day",
        "source_table": one["source_table"],
        "natural_key": _natural_key(one),
        "n_source_rows": len(lines),
        "n_cancelling": taken_back,
        "flags": ",".join(name for name, is_so in told.items() if is_so) or None,
        "is_reduced": is_reduced,
        "is_kept": summed.left > 0,
    }


def _specialty(lines: list[Row], *, is_drug: bool) -> str | None:
    """Returns a physician's specialty, else the letter A and the profession."""
    specialty = _first(lines, "PSP_SPE_COD" if is_drug else "PSE_SPE_COD")
    if is_drug or specialty is not None:
        return None if specialty is None else str(specialty)
    profession = _first(lines, "PSE_ACT_NAT")
    return None if profession is None else f"A{profession}"


def _natural_key(one: Row) -> str:
    parts = [one[name] for name in ("subject_id", "care_date", "vocabulary", "code")]
    parts += [one["PFS_EXE_NUM"] or "", one["PFS_PRE_NUM"] or ""]
    # Drugs have one role only.
    parts += [] if one["event_type"] == "drug" else [one["code_role"] or ""]
    return "|".join(map(str, parts))


def _of(lines: Iterable[Row], name: str) -> list[Any]:
    return [line[name] for line in lines if line[name] is not None]


def _first(lines: Iterable[Row], name: str) -> Any:
    return min(_of(lines, name), default=None)
