"""Groups months that are made together: as many as memory allows, and those of earlier builds where they still fit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

# Groups of less than half of what memory allows are joined as soon as there are so many: each new month makes one.
MOST_SMALL = 4
NOTED = "groups.json"
Group = list[str]


def groups_of(sizes: Mapping[str, int], most: int, before: Sequence[Group]) -> list[Group]:
    """Returns the months of ``sizes`` (their lines) in groups of ``most`` lines, or of one month.

    The groups ``before`` stay where all their months are still there and memory holds them, so that their parts
    need not be made again; other months come into new groups.
    """

    def size(group: Group) -> int:
        return sum(sizes[month] for month in group)

    kept = [
        group
        for group in before
        if all(month in sizes for month in group) and (size(group) <= most or len(group) == 1)
    ]
    known = {month for group in kept for month in group}
    fresh = [month for month in sorted(sizes) if month not in known]
    small = [group for group in kept if 2 * size(group) < most]
    if (fresh and len(small) >= MOST_SMALL) or len(small) > MOST_SMALL:
        joined = _together([*fresh, *(month for group in small for month in group)], sizes, most)
        if len(joined) < len(small) + len(_together(fresh, sizes, most)):
            return sorted([*(group for group in kept if group not in small), *joined])
    return sorted([*kept, *_together(fresh, sizes, most)])


def _together(months: Sequence[str], sizes: Mapping[str, int], most: int) -> list[Group]:
    groups: list[Group] = []
    size = 0
    for month in sorted(months):
        if not groups or size + sizes[month] > most:
            groups.append([])
            size = 0
        groups[-1].append(month)
        size += sizes[month]
    return groups


def groups_before(folder: Path) -> list[Group]:
    """Returns the groups that an earlier build noted in ``folder``; none where it noted no such thing."""
    with suppress(OSError, ValueError):
        return [list(group) for group in json.loads((folder / NOTED).read_text(encoding="utf-8"))]
    return []


def note_groups(folder: Path, groups: Sequence[Group]) -> None:
    """Notes the groups of this build, in one step."""
    fresh = folder / f"{NOTED}.new"
    fresh.write_text(json.dumps(groups), encoding="utf-8")
    fresh.replace(folder / NOTED)
