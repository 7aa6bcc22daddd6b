"""Recognises files that somebody derived from a delivered table: reported and left aside, never read."""

from __future__ import annotations

import re
from pathlib import PurePath

# Words that people put in the names of derived files. The name of a part has a number, a month or
# another name (ER_PRS_F_2021_part2, ER_PRS_F_2021-03), and none of these words.
WORDS = re.compile(
    r"uniq(ue)?s?|distinct|dedup|dedoublonnee?|nodups?|sansdoublons?|te?mp|temporaire|olds?"
    r"|ancien(ne)?s?|obsolet?e?|backup|ba?c?k|bkp|sauv(egarde)?|saved?|sav|cop(y|ies?)|orig(inal)?s?"
    r"|triee?|sorted|tests?|essai|brouillon|draft|filtree?|filtered|clean(ed)?|nettoyee?",
    re.IGNORECASE,
)
# Only the names of folders that hold an older version.
FOLDERS = re.compile(r"old|anciens?|obsolete|backup|bak|te?mp|sauvegarde", re.IGNORECASE)
BREAKS = re.compile(r"[^A-Za-z]+")


def derived(path: PurePath, *, after: str) -> str:
    """Returns the word that marks the file as derived, "" when there is none.

    ``path``: within the delivery. ``after``: the part of its name after that of the table.
    """
    found = [word for word in BREAKS.split(after) if WORDS.fullmatch(word)]
    found += [
        word
        for folder in path.parts[:-1]
        for word in BREAKS.split(folder)
        if FOLDERS.fullmatch(word)
    ]
    return found[0] if found else ""
