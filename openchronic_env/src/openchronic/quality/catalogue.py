"""Reads ``checks.csv`` strictly: one row per check, no unknown and no missing value."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast, get_args

from openchronic.errors import SettingsError

Kind = Literal[
    "integrity",
    "completeness",
    "plausibility",
    "series",
    "orphan",
    "chaining",
    "previous",
    "identity",
    "cartography",
]
Unit = Literal["share", "rows", "months"]
COLUMNS = (
    "name",
    "table",
    "kind",
    "unit",
    "by",
    "faults",
    "among",
    "at_least",
    "warn",
    "stop",
    "source",
    "fr",
    "en",
)
MAY_BE_EMPTY = {"by", "warn", "stop"}
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Check:
    """One check of ``table``: ``faults`` over ``among`` (unit ``share``), or ``faults`` alone.

    Both are SQL aggregates; ``by`` (SQL, empty: none) makes groups, of which the worst counts. Groups with
    fewer than ``at_least`` in ``among`` are not judged. A value above ``warn`` is a warning, one above ``stop``
    stops a publish (None: never). Faults of ``integrity`` are errors of the build, not of the data.
    """

    name: str
    table: str
    kind: Kind
    unit: Unit
    by: str
    faults: str
    among: str
    at_least: int
    warn: float | None
    stop: float | None
    source: str
    fr: str
    en: str

    @property
    def may_be_accepted(self) -> bool:
        """Returns whether an operator may publish in spite of the check: where its faults are of the data, not
        of the build."""
        return self.kind != "integrity"


@cache
def load_checks() -> tuple[Check, ...]:
    """Returns the checks of the package, in the order in which they are reported."""
    file = resources.files("openchronic.quality") / "checks.csv"
    return read_checks(file.read_text(encoding="utf-8"))


def read_checks(text: str) -> tuple[Check, ...]:
    """Returns the checks of a CSV. Raises ValueError where a column or a value is not valid."""
    lines = csv.reader(io.StringIO(text), delimiter=";", strict=True)
    header = next(lines, [])
    unknown = sorted(set(header) - set(COLUMNS))
    if unknown:
        raise ValueError(
            f"checks.csv: no such column: {', '.join(unknown)} (there are: {', '.join(COLUMNS)})"
        )
    if header != list(COLUMNS):
        raise ValueError(f"checks.csv: its columns must be {';'.join(COLUMNS)}")
    checks: dict[str, Check] = {}
    for cells in lines:
        check = _check(lines.line_num, cells)
        if check.name in checks:
            raise _wrong(lines.line_num, f"{check.name} is there twice")
        checks[check.name] = check
    return tuple(checks.values())


def known_names(names: frozenset[str]) -> frozenset[str]:
    """Returns ``names`` where each is a check that may be accepted. Raises SettingsError."""
    may = [one.name for one in load_checks() if one.may_be_accepted and one.stop is not None]
    wrong = sorted(names - set(may))
    if wrong:
        raise SettingsError(
            f"--accept {', '.join(wrong)}: no check that can be accepted (there are: "
            f"{', '.join(sorted(may))})"
        )
    return names


def _check(line: int, cells: list[str]) -> Check:
    if len(cells) != len(COLUMNS):
        raise _wrong(line, f"{len(cells)} values, {len(COLUMNS)} are needed")
    row = {name: cell.strip() for name, cell in zip(COLUMNS, cells, strict=True)}
    for name, cell in row.items():
        if not cell and name not in MAY_BE_EMPTY:
            raise _wrong(line, f"{name} is empty")
    if not NAME.fullmatch(row["name"]):
        raise _wrong(line, f"name {row['name']!r}: small letters, digits and _ only")
    for name, allowed in (("kind", get_args(Kind)), ("unit", get_args(Unit))):
        if row[name] not in allowed:
            raise _wrong(line, f"{name} {row[name]!r} is not one of {', '.join(allowed)}")
    if not row["at_least"].isdecimal():
        raise _wrong(line, f"at_least {row['at_least']!r} is not a whole number")
    warn, stop = _threshold(line, "warn", row["warn"]), _threshold(line, "stop", row["stop"])
    if warn is None and stop is None:
        raise _wrong(line, "neither warn nor stop: nothing would be checked")
    if warn is not None and stop is not None and warn >= stop:
        raise _wrong(line, "warn must be below stop")
    return Check(
        name=row["name"],
        table=row["table"],
        kind=cast(Kind, row["kind"]),
        unit=cast(Unit, row["unit"]),
        by=row["by"],
        faults=row["faults"],
        among=row["among"],
        at_least=int(row["at_least"]),
        warn=warn,
        stop=stop,
        source=row["source"],
        fr=row["fr"],
        en=row["en"],
    )


def _threshold(line: int, name: str, text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise _wrong(line, f"{name} {text!r} is not a number") from None
    if not math.isfinite(value) or value < 0:
        raise _wrong(line, f"{name} {text}: 0 or more")
    return value


def _wrong(line: int, what: str) -> ValueError:
    return ValueError(f"checks.csv, line {line}: {what}")
