"""Where a recipe says what is wrong: the line of a file, or the step of a call; and what was perhaps meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from openchronic.errors import SettingsError

NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Where:
    """A section of a recipe: ``file`` and ``text`` are empty where it was written in Python. ``step``: from 1; 0: none."""

    file: str = ""
    text: str = ""
    section: str = ""
    step: int = 0

    def within(self, section: str, step: int = 0) -> Where:
        """Returns the place of a section, or of one step."""
        return replace(self, section=section, step=step)

    def wrong(self, english: str, french: str, key: str = "") -> SettingsError:
        """Returns the error of what is wrong with ``key``, or with the section itself."""
        if self.file:
            line = self._line(key)
            return SettingsError(
                f"{self.file}, line {line}: {english}",
                f"{self.file}, ligne {line}{NBSP}: {french}",
            )
        english_place = f"step {self.step}" if self.step else self.section or "cohort"
        french_place = f"étape {self.step}" if self.step else self.section or "cohorte"
        return SettingsError(f"{english_place}: {english}", f"{french_place}{NBSP}: {french}")

    def unknown(
        self, english: str, french: str, word: str, known: Iterable[str], key: str = ""
    ) -> SettingsError:
        """Returns the error of a ``word`` that is none of ``known``, with the nearest of them, else all."""
        every = [*known]
        near = get_close_matches(word, every, n=1)
        if near:
            return self.wrong(
                f"{english} {word!r}; did you mean {near[0]!r}?",
                f"{french} « {word} »{NBSP}; vouliez-vous dire « {near[0]} »{NBSP}?",
                key or word,
            )
        listed = ", ".join(every) or "-"
        return self.wrong(
            f"{english} {word!r}: there are {listed}",
            f"{french} « {word} ». Sont possibles{NBSP}: {listed}.",
            key or word,
        )

    def _line(self, key: str) -> int:
        heads, section, found = 0, "", 1
        for number, line in enumerate(self.text.splitlines(), 1):
            head = re.match(r"\s*(\[+)\s*([^\]]+?)\s*\]+\s*(#.*)?$", line)
            if head:
                section = head[2]
                heads += head[1] == "[[" and section == "step"
            here = section == self.section and (not self.step or heads == self.step)
            if here and head:
                found = number
            elif here and key and re.search(rf'(^|[{{,\s])"?{re.escape(key)}"?\s*[.=]', line):
                return number
        return found
