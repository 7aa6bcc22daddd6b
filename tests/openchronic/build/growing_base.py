"""A delivery that grows and changes step by step, as the SNDS's do, drawn from a seed."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from random import Random

FLUX = "FLX_DIS_DTD"
# The flux months of a year's care: all, so that the year is compared with the national cartography, or those with most of
# its claims, of which each step then has many. Each month is made in every build from nothing.
ALL, BUSY = slice(None), slice(4, 12)
# The last of them, which come one by one.
LATE_MONTHS = 4
# The tables of which a file may be withdrawn.
WITHDRAWN = ("ER_BIO_F", "ER_CAM_F", "ER_PHA_F", "ER_UCD_F", "T_MCOaaUM")
FILTERS = ("drug.fictive_number", "only_surcharge")


class Growing:
    """``folder``: the delivered files; ``options``: of a build of them. ``seed`` decides what each step changes."""

    def __init__(self, source: Path, folder: Path, key: Path, seed: int) -> None:
        self.folder = folder
        self.random = Random(seed)  # noqa: S311
        self.key = key
        self.aside: dict[str, list[tuple[Path, str]]] = {}
        self.withdrawn: list[tuple[Path, str]] = []
        self.off: set[str] = set()
        self.keyed = False
        self.buckets = 1 + seed % 2
        shutil.copytree(source, folder)
        by_month = self._cut()
        months = sorted(by_month)[BUSY if seed % 2 else ALL]
        self.to_come = months[-LATE_MONTHS:]
        first: dict[Path, list[str]] = {}
        for month in months:
            for path, head, lines in by_month[month]:
                if month in self.to_come:
                    text = "\n".join([head, *lines]) + "\n"
                    self.aside.setdefault(month, []).append(
                        (path.with_name(_named(path, month)), text)
                    )
                else:
                    first[path] = [*(first.get(path) or [head]), *lines]
        for path, lines in first.items():
            path.write_text("\n".join(lines) + "\n")
        # Half of the claims of one month come late.
        first_to_come = self.aside[self.to_come[0]]
        self.late = max(first_to_come, key=lambda one: ("ER_PRS_F" in one[0].name, len(one[1])))
        path, text = self.late
        lines = text.splitlines()
        first_to_come.remove(self.late)
        first_to_come.append((path, "\n".join(lines[: len(lines) // 2]) + "\n"))
        self.month()

    @property
    def options(self) -> list[object]:
        """The options of a build of what is delivered now."""
        key = ["--key", self.key] if self.keyed else []
        off = (word for one in sorted(self.off) for word in ("--without-filter", one))
        # A table may have had one file.
        missing = (word for one in WITHDRAWN for word in ("--accept-missing", one))
        return [*key, *off, *missing, "--buckets", self.buckets]

    def month(self) -> None:
        """Delivers the next month of flux."""
        if self.to_come:
            for path, text in self.aside.pop(self.to_come.pop(0)):
                path.write_text(text)

    def late_claims(self) -> None:
        """Delivers the claims of a month that a file lacked."""
        path, text = self.late
        path.write_text(text)

    def identities(self) -> None:
        """Gives one person the identity of another: two become one."""
        path = self.folder / "IR_BEN_R.CSV"
        head, *lines = path.read_text().splitlines()
        columns = head.split(";")
        one, other = (lines[at].split(";") for at in self.random.sample(range(len(lines)), 2))
        at = lines.index(";".join(other))
        for name in ("BEN_NIR_ANO", "BEN_IDT_ANO", "BEN_IDT_TOP"):
            other[columns.index(name)] = one[columns.index(name)]
        lines[at] = ";".join(other)
        path.write_text("\n".join([head, *lines]) + "\n")

    def withdrawal(self) -> None:
        """Takes a file of details of a month, or a year of a hospital's, or gives the last one back."""
        if self.withdrawn:
            path, text = self.withdrawn.pop()
            path.write_text(text)
            return
        files = [
            *self.folder.rglob("ER_[CPUB]??_F_20????.CSV"),
            *self.folder.rglob("T_MCO??UM.CSV"),
        ]
        files = [one for one in sorted(files) if "ER_PRS" not in one.name]
        path = self.random.choice(files)
        self.withdrawn.append((path, path.read_text()))
        path.unlink()

    def switched(self) -> None:
        """Switches a filter."""
        self.off ^= {self.random.choice(FILTERS)}

    def other_key(self) -> None:
        """Takes another site key, or the one before."""
        self.keyed = not self.keyed

    def change(self) -> str:
        """Changes the delivery in one or two ways, and says in which."""
        every: list[Callable[[], None]] = [
            *(self.month, self.month, self.late_claims, self.identities, self.withdrawal),
            *(self.switched, self.other_key),
        ]
        chosen = self.random.sample(every, self.random.choice((1, 1, 2)))
        for one in chosen:
            one()
        return ", ".join(one.__name__ for one in chosen)

    def _cut(self) -> dict[str, list[tuple[Path, str, list[str]]]]:
        """Returns the lines of the files of claims by month of flux."""
        found: defaultdict[str, list[tuple[Path, str, list[str]]]] = defaultdict(list)
        for path in sorted(self.folder.rglob("ER_*_F_*.CSV")):
            head, *lines = path.read_text().splitlines()
            at = head.split(";").index(FLUX)
            months: defaultdict[str, list[str]] = defaultdict(list)
            for line in lines:
                day = line.split(";")[at]
                months[day[6:] + day[3:5]].append(line)
            for month, those in months.items():
                found[month].append((path, head, those))
            path.unlink()
        return found


def _named(path: Path, month: str) -> str:
    return f"{path.stem.rpartition('_')[0]}_{month}.CSV"
