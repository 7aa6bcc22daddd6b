"""What became of the lines and euros of the delivered tables, as the manifest of a release tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# Made before every table was told of: only what was read and refused is known.
UNTOLD = "not told"


@dataclass(frozen=True)
class Lines:
    """What became of the ``rows`` of a delivered table: the sum of all that follows.

    ``filtered``: by filter, that of the stay for what hangs on one, or by why a line is no event.
    ``orphans`` lead to no line of the table that they detail. ``kept`` is counted where they ended,
    and not as what is left; of lines that detail others what they made is counted there too.
    ``role``: what a table is read for of which no row of the release is made (else empty); its
    lines are all at hand then, and ``kept`` in that sense alone.
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
    def told(self) -> int:
        """The lines of which it is known what became: all, in a release that was published."""
        known = self.rejected + self.duplicates + self.regularised + self.orphans + self.kept
        return known + sum(self.filtered.values())


@dataclass(frozen=True)
class Euros:
    """What became of a delivered column, in euros: ``source`` is the sum of what follows.

    ``amount``: the column of ``cost``, of which ``kept`` is the sum. ``filtered``: by filter, that of
    the stay for what hangs on one, or ``orphan``.
    """

    table: str
    column: str
    amount: str
    source: Decimal
    duplicates: Decimal
    filtered: Mapping[str, Decimal]
    kept: Decimal

    @property
    def told(self) -> Decimal:
        """The euros of which it is known what became: all, in a release that was published."""
        return self.duplicates + self.kept + sum(self.filtered.values(), Decimal(0))

    def record(self) -> dict[str, object]:
        """As a manifest holds it: amounts are texts, to the cent."""
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
    """What became of the lines of every table that was read, those of no role first."""
    told = [Lines(**({"role": ""} | one)) for one in manifest.get("accounts", ())]
    known = {one.table for one in told}
    told += [
        Lines(name, UNTOLD, one["rows"], one["rows"] - one["kept"], 0, {}, 0, 0, one["kept"])
        for name, one in manifest["rows_read"].items()
        if name not in known
    ]
    return tuple(sorted(told, key=lambda one: (bool(one.role), one.table)))


def euros_of(manifest: Mapping[str, Any]) -> tuple[Euros, ...]:
    """What became of the amounts that ``cost`` is made of; none in a release that does not tell."""
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
