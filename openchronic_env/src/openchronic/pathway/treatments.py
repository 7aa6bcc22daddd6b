"""The treatments of a pathway: one bit each, and the names of the sets that are held together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from openchronic.errors import OpenChronicError
from openchronic.models.pathways import MOST_TREATMENTS

WITH, THEN = "+", "-"
"""Between the treatments of a set, and between the steps of a path."""


@dataclass(frozen=True)
class Treatments:
    """The names of the treatments, in the order in which a set of them is written. ``classes``: the class of those that
    share one."""

    names: Sequence[str]
    classes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.names) > MOST_TREATMENTS:
            raise OpenChronicError(
                f"{len(self.names)} treatments: a pathway holds {MOST_TREATMENTS} at most; group them, by class for example",
                f"{len(self.names)} traitements\u00a0: un parcours en compte {MOST_TREATMENTS} au plus. Regroupez-les, par "
                "classe par exemple.",
            )
        for name in self.names:
            if not name or WITH in name or THEN in name:
                raise OpenChronicError(
                    f"the treatment {name!r}: a name is not empty, and holds neither {WITH} nor {THEN}, which join those of "
                    "a path; write _ or a space in their place",
                    f"Le traitement « {name} »\u00a0: un nom n’est pas vide et ne contient ni {WITH} ni {THEN}, qui relient "
                    "ceux d’un parcours. Écrivez _ ou une espace à leur place.",
                )

    @property
    def bits(self) -> Mapping[str, int]:
        return {name: 1 << place for place, name in enumerate(self.names)}

    def class_bits(self, name: str) -> int:
        """Returns the set of the treatments of the class of one, itself included."""
        own = self.classes.get(name)
        kin = [one for one in self.names if own and self.classes.get(one) == own]
        return sum(self.bits[one] for one in kin or [name])

    def groups(self) -> Iterator[tuple[int, int, str, str, int]]:
        """Yields the rows of ``treatment_group`` of a pathway: each treatment in those that it is looked at with."""
        every = sum(self.bits.values())
        groups = [
            ("all", "", every),
            *(("treatment", name, bit) for name, bit in self.bits.items()),
        ]
        for one in sorted(set(self.classes.values())):
            kin = [name for name in self.names if self.classes.get(name) == one]
            groups.append(("class", one, sum(self.bits[name] for name in kin)))
        for place, (level, name, bits) in enumerate(groups):
            for bit in self.bits.values():
                if bit & bits:
                    yield bit, place, level, name, bits

    def held(self, bits: int) -> str:
        """Returns the name of a set of treatments."""
        return WITH.join(name for name, bit in self.bits.items() if bits & bit)
