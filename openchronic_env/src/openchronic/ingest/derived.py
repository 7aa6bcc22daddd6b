"""Files that somebody made of a delivered table: told and left aside, never read as a part of it."""

from __future__ import annotations

import re
from pathlib import PurePath

# Words by which people name what they made of a table. A part is a number, a month or a name of its own
# (ER_PRS_F_2021_part2, ER_PRS_F_2021-03): no word of these.
WORDS = re.compile(
    r"uniq(ue)?s?|distinct|dedup|dedoublonnee?|nodups?|sansdoublons?|te?mp|temporaire|olds?"
    r"|ancien(ne)?s?|obsolet?e?|backup|ba?c?k|bkp|sauv(egarde)?|saved?|sav|cop(y|ies?)|orig(inal)?s?"
    r"|triee?|sorted|tests?|essai|brouillon|draft|filtree?|filtered|clean(ed)?|nettoyee?",
    re.IGNORECASE,
)
# Of a folder only those that say that something newer lies elsewhere.
FOLDERS = re.compile(r"old|anciens?|obsolete|backup|bak|te?mp|sauvegarde", re.IGNORECASE)
BREAKS = re.compile(r"[^A-Za-z]+")


def derived(path: PurePath, *, after: str) -> str:
    """The word that says that the file was made of another, "" when none does.

    ``path``: within the delivery. ``after``: what its name holds beyond that of its table.
    """
    told = [word for word in BREAKS.split(after) if WORDS.fullmatch(word)]
    told += [
        word
        for folder in path.parts[:-1]
        for word in BREAKS.split(folder)
        if FOLDERS.fullmatch(word)
    ]
    return told[0] if told else ""
