"""From exposures to the steps of a pathway, in plain Python, day by day.

The rule (analyses of a release, 2.3 and 2.4; TreatmentPatterns' eras, combination window and filters, SCALPEL's eras by
purchases): one subject's exposures that begin in a period become eras by treatment; each day has the treatments of its
eras; a combination that is too short gives its days to a lasting neighbour that is part of it, the later one first;
consecutive days of one set are a run; runs are steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Any

Row = Mapping[str, Any]
Era = tuple[date, date]
"""Its first day and the day after its last one."""
DAY = timedelta(days=1)
GROUPS = (
    (0, "all", "", 7),
    (1, "treatment", "A", 1),
    (2, "treatment", "B", 2),
    (3, "treatment", "C", 4),
    (4, "class", "one", 3),
)
"""What is looked at together, for the treatments A, B and C: place, level, name, and the bits of the treatments."""


@dataclass
class Stretch:
    """Consecutive days between two boundaries, with the treatments held, and those whose era begins on its first day."""

    first: date
    after: date
    held: frozenset[int]
    started: frozenset[int]
    in_overlap: bool = False

    @property
    def days(self) -> int:
        return (self.after - self.first).days


def steps_of(
    setting: Row, periods: Iterable[Row], exposures: Iterable[Row]
) -> list[dict[str, Any]]:
    """Returns the steps of one subject, as rows of ``pathway_step``. ``periods`` and ``exposures``: those of the subject."""
    told = []
    for number, spans in windows_of(setting, periods).items():
        eras = eras_of(setting, spans, list(exposures))
        runs = _runs(setting, eras)
        last = max(last for _, last in spans)
        told += [{"period_no": number, **step} for step in _steps(setting, runs, last)]
    return told


def adherence_of(
    setting: Row, periods: Iterable[Row], exposures: Iterable[Row], stays: Iterable[Row]
) -> list[dict[str, Any]]:
    """Returns the adherence of one subject, as rows of ``adherence``, by a stock that is filled and used day by day.

    ``stays``: those of the subject, from their first night to the day after the last one.
    """
    told = []
    for number, spans in windows_of(setting, periods).items():
        window = [min(first for first, _ in spans), max(last for _, last in spans)]
        whole = (window[1] - window[0]).days + 1
        away = _nights(stays, *window) if setting["hospital_days"] == "extend" else set()
        taken_of = _taken(setting, spans, list(exposures))
        used = {bit: _used(setting, taken, away) for bit, taken in taken_of.items()}
        for place, level, name, bits in GROUPS:
            own = [bit for bit in taken_of if bit & bits]
            if level == "all" or not own:
                continue
            covered = {day for bit in own for day in used[bit] if day <= window[1]}
            bought = {start for bit in own for start, _, _ in taken_of[bit]}
            supplied = sum((end - start).days + 1 for bit in own for start, end, _ in taken_of[bit])
            left = whole - len(away)
            told.append(
                {
                    "period_no": number,
                    "place": place,
                    "level": level,
                    "name": name,
                    "period_days": whole,
                    "days_left_out": len(away),
                    "n_purchases": len(bought),
                    "days_supplied": supplied,
                    "days_covered": len(covered),
                    "pdc": len(covered) / left
                    if len(bought) >= setting["min_purchases"] and left
                    else None,
                    "mpr": supplied / left if left else None,
                }
            )
    return told


def _nights(stays: Iterable[Row], first: date, last: date) -> set[date]:
    """Returns the nights of a period that are spent in hospital."""
    return {
        one["first_day"] + n * DAY
        for one in stays
        for n in range((one["day_after"] - one["first_day"]).days)
        if first <= one["first_day"] + n * DAY <= last
    }


def _used(setting: Row, taken: list[tuple[date, date, int]], away: set[date]) -> set[date]:
    """Returns the days on which a treatment was supplied: none of them in hospital."""
    used: set[date] = set()
    free, alone = date.min, None
    for start, end, _ in taken:
        if alone:
            waited = sum(alone + n * DAY not in away for n in range((start - alone).days))
            free = date.min if waited > setting["reset_days"] else free
        days = (end - start).days + 1
        found = _open_days(max(start, free) if setting["carry"] == "all" else start, days, away)
        used |= set(found)
        free = found[-1] + DAY
        alone = _open_days(start, days, away)[-1] + DAY
    return used


def _open_days(day: date, number: int, away: set[date]) -> list[date]:
    """Returns so many days out of hospital, from ``day`` on."""
    found: list[date] = []
    while len(found) < number:
        if day not in away:
            found.append(day)
        day += DAY
    return found


def persistence_of(
    setting: Row, periods: Iterable[Row], exposures: Iterable[Row]
) -> list[dict[str, Any]]:
    """Returns the persistence of one subject, as rows of ``persistence``, by looking at day after day."""
    told = []
    for number, spans in windows_of(setting, periods).items():
        last = max(last for _, last in spans)
        eras = _all_eras(setting, spans, list(exposures))
        steps = _steps(setting, _runs(setting, eras_of(setting, spans, list(exposures))), last)
        for place, level, name, bits in GROUPS:
            found = [era for bit, own in eras.items() if bit & bits for era in own]
            if not found:
                continue
            held = {first + n * DAY for first, after in found for n in range((after - first).days)}
            day = first_day = min(held)
            without = 0
            while without <= setting["stop_days"] and day <= max([*held, last]):
                without = 0 if day in held else without + 1
                day += DAY
            stopped = without > setting["stop_days"]
            # The day after the last one held; else the last day on which a stop would still show.
            sight = last - setting["stop_days"] * DAY
            after = day - without * DAY if stopped else sight
            if setting["switch_counts"]:
                left = [
                    then["covered_to"]
                    for one, then in pairwise(steps)
                    if then["change"] == "switch"
                    and (level == "all" or (one["held"] & bits and not then["held"] & bits))
                ]
                # One that would not show as a stop of days without treatment is none here either.
                if left and left[0] <= min(sight, max(end for _, end in found)):
                    stopped, after = True, min(after, left[0])
            told.append(
                {
                    "period_no": number,
                    "place": place,
                    "level": level,
                    "name": name,
                    "first_day": first_day,
                    "days": max((after - first_day).days, 0),
                    "stopped": stopped,
                }
            )
    return told


def windows_of(setting: Row, periods: Iterable[Row]) -> dict[int, list[Era]]:
    """Returns the first and last days of each period; of all together where they are joined."""
    windows: dict[int, list[Era]] = defaultdict(list)
    for period in periods:
        number = 1 if setting["joins_periods"] else period["period_no"]
        windows[number].append(
            (
                period[f"{setting['first_anchor']}_date"] + setting["first_offset"] * DAY,
                period[f"{setting['last_anchor']}_date"] + setting["last_offset"] * DAY,
            )
        )
    return windows


def _taken(
    setting: Row, spans: list[Era], exposures: list[Row]
) -> dict[int, list[tuple[date, date, int]]]:
    """Returns the exposures to each treatment that begin in one of the periods, in order; each once, in the period that ends
    last."""
    found: dict[int, set[tuple[date, date, int]]] = defaultdict(set)
    for one in exposures:
        start, end = one["start_date"], one["end_date"]
        long = (end - start).days + 1 >= setting["min_exposure_days"]
        lasts = [last for first, last in spans if first <= start <= last]
        if long and lasts:
            end = min(end, max(lasts)) if setting["clip"] else end
            found[one["treatment_bit"]].add((start, end, one["exposure_id"]))
    return {bit: sorted(taken) for bit, taken in sorted(found.items())}


def _all_eras(setting: Row, spans: list[Era], exposures: list[Row]) -> dict[int, list[Era]]:
    """Returns the eras of each treatment, in order."""
    found: dict[int, list[Era]] = {}
    for bit, taken in _taken(setting, spans, exposures).items():
        made = _KINDS[setting["era"]](setting, taken, max(last for _, last in spans))
        # An era ends where the next one of the treatment begins.
        for place, (start, after) in enumerate(made[:-1]):
            made[place] = (start, min(after, made[place + 1][0]))
        found[bit] = made
    return found


def eras_of(setting: Row, spans: list[Era], exposures: list[Row]) -> dict[int, list[Era]]:
    """Returns the eras of each treatment that last long enough."""
    return {
        bit: [era for era in made if (era[1] - era[0]).days >= setting["min_era_days"]]
        for bit, made in _all_eras(setting, spans, exposures).items()
    }


def _by_gap(setting: Row, taken: list[tuple[date, date, int]], last: date) -> list[Era]:
    del last
    eras: list[Era] = []
    for start, end, _ in taken:
        if eras and (start - eras[-1][1]).days <= setting["max_gap_days"]:
            eras[-1] = (eras[-1][0], max(eras[-1][1], end + DAY))
        else:
            eras.append((start, end + DAY))
    return eras


def _by_purchases(setting: Row, taken: list[tuple[date, date, int]], last: date) -> list[Era]:
    del last
    groups: list[list[tuple[date, date, int]]] = []
    for one in taken:
        before = groups[-1][-1] if groups else None
        if before and (one[0] - before[1]).days <= 1 + setting["grace_days"]:
            groups[-1].append(one)
        else:
            groups.append([one])
    if setting["era"] == "latest_purchase":
        return [(group[0][0], group[-1][1] + DAY) for group in groups]
    return [
        (
            group[0][0],
            group[0][0] + sum((end - start + DAY for start, end, _ in group), timedelta()),
        )
        for group in groups
    ]


def _unlimited(setting: Row, taken: list[tuple[date, date, int]], last: date) -> list[Era]:
    most = setting["era_purchases"]
    for place in range(most - 1, len(taken)):
        if (taken[place][0] - taken[place - most + 1][0]).days < setting["era_window_days"]:
            return [(taken[place][0], last + DAY)]
    return []


_KINDS = {
    "gap": _by_gap,
    "purchase_count": _by_purchases,
    "latest_purchase": _by_purchases,
    "unlimited": _unlimited,
}


def _runs(setting: Row, eras: Mapping[int, list[Era]]) -> list[Stretch]:
    every = [(bit, era) for bit, found in eras.items() for era in found]
    if not every:
        return []
    stretches: list[Stretch] = []
    day = min(era[0] for _, era in every)
    while day < max(era[1] for _, era in every):
        held = frozenset(bit for bit, (first, after) in every if first <= day < after)
        started = frozenset(bit for bit, (first, _) in every if first == day)
        ended = any(after == day for _, (_, after) in every)
        if stretches and not started and not ended and stretches[-1].after == day:
            stretches[-1].after = day + DAY
        elif held:
            stretches.append(Stretch(day, day + DAY, held, started))
        day += DAY
    return [run for block in _blocks(stretches) for run in _joined(_settled(setting, block))]


def _blocks(stretches: list[Stretch]) -> list[list[Stretch]]:
    blocks: list[list[Stretch]] = []
    for one in stretches:
        if blocks and blocks[-1][-1].after == one.first:
            blocks[-1].append(one)
        else:
            blocks.append([one])
    for block in blocks:
        for one in block:
            one.in_overlap = any(len(other.held) > 1 for other in block)
    return blocks


def _settled(setting: Row, block: list[Stretch]) -> list[Stretch]:
    """Gives the days of short combinations to a neighbour."""
    short = [len(one.held) > 1 and one.days < setting["combination_days"] for one in block]
    told = []
    for place, one in enumerate(block):
        held = one.held
        if short[place]:
            lasting = [n for n in range(len(block)) if not short[n]]
            after = next((block[n].held for n in lasting if n > place), None)
            before = next((block[n].held for n in reversed(lasting) if n < place), None)
            held = next((near for near in (after, before) if near and near <= held), held)
        told.append(Stretch(one.first, one.after, held, one.started, one.in_overlap))
    return told


def _joined(block: list[Stretch]) -> list[Stretch]:
    runs: list[Stretch] = []
    for one in block:
        if runs and runs[-1].held == one.held and not one.started & one.held:
            runs[-1].after = one.after
        else:
            runs.append(one)
    return runs


def _steps(setting: Row, runs: list[Stretch], last: date) -> list[dict[str, Any]]:
    long = [one for one in runs if not one.in_overlap or one.days >= setting["min_part_days"]]
    if setting["repeats"] == "changes":
        long = [next(group) for _, group in groupby(long, key=lambda one: one.held)]
    elif setting["repeats"] == "first":
        long = [one for n, one in enumerate(long) if one.held not in {x.held for x in long[:n]}]
    return [
        {
            "step": step,
            "held": sum(one.held),
            "first_day": one.first,
            "last_day": one.after - DAY,
            "days": one.days,
            "covered_to": max((run.after for run in runs if run.first < one.first), default=None),
            "change": _change(setting, runs, long[step - 2] if step > 1 else None, one),
            "next_change": _next_change(setting, runs, one, [*long[step:], None][0], last),
        }
        for step, one in enumerate(long[: setting["max_steps"]], start=1)
    ]


def _next_change(
    setting: Row, runs: list[Stretch], now: Stretch, then: Stretch | None, last: date
) -> str:
    held = {one.first + n * DAY for one in runs for n in range(one.days)}
    day, without = now.first, 0
    while day <= max([last, *held]) and (then is None or day < then.first):
        without = 0 if day in held else without + 1
        if without > setting["stop_days"]:
            return "stop"
        day += DAY
    return _change(setting, runs, now, then) if then else "censored"


def _change(setting: Row, runs: list[Stretch], before: Stretch | None, now: Stretch) -> str:
    if before is None:
        return "start"
    if before.held == now.held:
        return "restart"
    if before.held < now.held:
        return "add"
    if now.held < before.held:
        return "drop"
    if before.held & now.held:
        return "swap"
    covered_to = max(run.after for run in runs if run.first < now.first)
    return "switch" if (now.first - covered_to).days <= setting["switch_gap_days"] else "start"
