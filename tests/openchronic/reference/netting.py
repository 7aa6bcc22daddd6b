"""Lines of claims to events, in plain Python.

The rule (Documentation-SNDS, on regularisations): a cancellation is a line with a negative quantity.
The quantities of all lines of one person, day, code (with its role), executor and prescriber are
added; what remains above zero is an event, what does not is none. What another line says of the
same event is taken from the first in alphabetical or numerical order, so that no order of delivery counts.
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
SETTINGS = ("city", "private_clinic", "public_hospital")


def net(lines: Iterable[Row]) -> list[dict[str, Any]]:
    """The events of the lines that the filters kept, those that vanish among them (``is_kept``)."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for line in lines:
        groups[tuple(line[name] for name in SAME)].append(line)
    return [_event(group) for group in groups.values()]


def _event(lines: list[Row]) -> dict[str, Any]:
    one = lines[0]
    quantities = [line["quantity"] for line in lines if line["quantity"] is not None]
    total = sum(quantities, Decimal(0)) if quantities else None
    done = [line for line in lines if (line["quantity"] or 0) > 0]
    begins, ends = _of(done, "begins"), _of(done, "ends")
    start = min(begins, default=one["care_date"])
    taken_back = sum(quantity < 0 for quantity in quantities)
    by_unit = any(line["by_unit"] for line in lines)
    flags = [name for name, is_so in (("regularised", taken_back), ("by_unit", by_unit)) if is_so]
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
        # Where a transport went, which is not a part of what it is.
        "code_role": one["code_role"] or _first(done, "route"),
        "quantity": None if total is None else float(total),
        "stay_id": None,
        # Of drugs who prescribed them, of all else who did it.
        "provider_id": one["PFS_PRE_NUM" if is_drug else "PFS_EXE_NUM"],
        "provider_specialty": _specialty(lines, is_drug=is_drug),
        "facility_id": _first(lines, "facility_id"),
        "date_precision": "day",
        "source_table": one["source_table"],
        "natural_key": _natural_key(one),
        "n_source_rows": len(lines),
        "n_cancelling": taken_back,
        "flags": ",".join(flags) or None,
        "is_kept": total is not None and total > 0,
    }


def _specialty(lines: list[Row], *, is_drug: bool) -> str | None:
    """A physician's specialty, else the letter A and the profession of who is none."""
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
