"""The departments that a word names: « metropole », « outre_mer », or one of them by its code."""

from __future__ import annotations

import re
from collections.abc import Iterable

from openchronic.cohort.where import Where

METROPOLE = (
    *(f"{number:02}" for number in range(1, 96) if number != 20),
    *("20", "2A", "2B"),
)
# 97 and 98 are the overseas without more precision, as delivered.
OUTRE_MER = (
    *("97", "971", "972", "973", "974", "975", "976", "977", "978"),
    *("98", "986", "987", "988"),
)
AREAS = {"metropole": METROPOLE, "outre_mer": OUTRE_MER}
CODE = re.compile(r"\d[0-9AB]\d?")


def departments(words: Iterable[str], where: Where) -> tuple[str, ...]:
    """Returns the codes of departments that ``words`` name. Raises SettingsError for a word that names none."""
    found: list[str] = []
    for word in words:
        if word in AREAS:
            found += AREAS[word]
        elif CODE.fullmatch(word) and word in (*METROPOLE, *OUTRE_MER):
            found.append(word)
        else:
            raise where.unknown(
                "no area or department", "aucune zone ni aucun département ne s’appelle", word,
                (*AREAS, "75", "2A", "971"), "lives_in",
            )  # fmt: skip
    return tuple(sorted(set(found)))
