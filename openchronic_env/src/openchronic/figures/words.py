"""Numbers and names as a French text has them."""

from __future__ import annotations

from collections.abc import Mapping

from openchronic.figures.threshold import LEAST_SUBJECTS

WIDE, NARROW = "\u00a0", "\u202f"
GROUPED = f"Les suites de moins de {LEAST_SUBJECTS} personnes sont réunies avec d’autres."


def whole(number: int) -> str:
    """Returns 12345 as « 12 345 »."""
    return f"{number:,}".replace(",", NARROW)


def percent(share: float) -> str:
    """Returns 0.4567 as « 46 % », and a share of less than 10 % with a decimal."""
    digits = 0 if share >= 0.0995 else 1
    return f"{share * 100:.{digits}f}".replace(".", ",") + f"{NARROW}%"


def several(number: int, one: str, many: str) -> str:
    """Returns a number with its noun: zero and one are singular."""
    return f"{whole(number)}{WIDE}{many if number > 1 else one}"


def held(name: str, labels: Mapping[str, str]) -> str:
    """Returns treatments that are held together (``A+B``) as « A + B », by their labels where they have some."""
    return f"{WIDE}+ ".join(labels.get(one, one) for one in name.split("+"))


def populated(periods: int, subjects: int) -> str:
    """Returns what shares are shares of: « 120 personnes », or « 150 périodes de 120 personnes »."""
    if 0 < subjects < LEAST_SUBJECTS:
        return f"moins de {LEAST_SUBJECTS}{WIDE}personnes"
    people = several(subjects, "personne", "personnes")
    return (
        people if periods == subjects else f"{several(periods, 'période', 'périodes')} de {people}"
    )
