"""The reconciliation of delivered lines and euros, as the manifest of a release holds it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# Releases made before all tables were reconciled: only the lines read and rejected are known.
UNRECONCILED = "not reconciled"


@dataclass(frozen=True)
class Lines:
    """The lines of a delivered table by their outcome: ``rows`` is the sum of all other counts.

    ``filtered``: by filter (a detail line has the filter of its stay), or by the reason why a line makes no
    event. ``orphans`` have no line in the table that they detail. ``kept`` is counted in the release, not as a
    remainder; for detail lines it counts what they made there. ``role``: what a reference table is read for
    (else empty); all its lines are then ``kept``.
    """

    table: str
    role: str
    rows: int
    rejected: int
    duplicates: int
    filtered: Mapping[str, int]
    regularised: int
    orphans: int
    kept: int

    @property
    def accounted(self) -> int:
        """The lines whose outcome is known: all of them, in a published release."""
        known = self.rejected + self.duplicates + self.regularised + self.orphans + self.kept
        return known + sum(self.filtered.values())

    @property
    def told(self) -> int:
        """The name that ``accounted`` had."""
        warnings.warn("« told » s'appelle « accounted ».", FutureWarning, stacklevel=2)
        return self.accounted


@dataclass(frozen=True)
class Euros:
    """The euros of a delivered column by their outcome: ``source`` is the sum of all other amounts.

    ``amount``: the column of ``cost`` whose sum is ``kept``. ``filtered``: by filter (a detail line has the
    filter of its stay), or ``orphan``.
    """

    table: str
    column: str
    amount: str
    source: Decimal
    duplicates: Decimal
    filtered: Mapping[str, Decimal]
    kept: Decimal

    @property
    def accounted(self) -> Decimal:
        """The euros whose outcome is known: all of them, in a published release."""
        return self.duplicates + self.kept + sum(self.filtered.values(), Decimal(0))

    def record(self) -> dict[str, object]:
        """Returns the record for a manifest: amounts are texts, to the cent."""
        return {
            "table": self.table,
            "column": self.column,
            "amount": self.amount,
            "source": f"{self.source:.2f}",
            "duplicates": f"{self.duplicates:.2f}",
            "filtered": {name: f"{one:.2f}" for name, one in sorted(self.filtered.items())},
            "kept": f"{self.kept:.2f}",
        }


def lines_of(manifest: Mapping[str, Any]) -> tuple[Lines, ...]:
    """Returns the outcome of the lines of every table that was read, tables without a role first."""
    lines = [Lines(**({"role": ""} | one)) for one in manifest.get("reconciliation", ())]
    known = {one.table for one in lines}
    lines += [
        Lines(name, UNRECONCILED, one["rows"], one["rows"] - one["kept"], 0, {}, 0, 0, one["kept"])
        for name, one in manifest["rows_read"].items()
        if name not in known
    ]
    return tuple(sorted(lines, key=lambda one: (bool(one.role), one.table)))


def euros_of(manifest: Mapping[str, Any]) -> tuple[Euros, ...]:
    """Returns the outcome of the amounts that make ``cost``; empty where the release has none."""
    return tuple(
        Euros(
            table=one["table"],
            column=one["column"],
            amount=one["amount"],
            source=Decimal(one["source"]),
            duplicates=Decimal(one["duplicates"]),
            filtered={name: Decimal(euros) for name, euros in one["filtered"].items()},
            kept=Decimal(one["kept"]),
        )
        for one in manifest.get("euros", ())
    )
