"""Keeps why a session was stopped (an administrator's message, or its memory), until its user opens another one.

It is in a file per user, since the user may come back after the hub has restarted.
"""

import datetime
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

ADMINISTRATOR, MEMORY = "administrator", "memory"
NO_BREAK = "\u00a0\u202f"
# In characters.
LONGEST = 300


@dataclass(frozen=True)
class Notice:
    """`why`: ADMINISTRATOR, whose message it is, or MEMORY, whose limit it is."""

    message: str
    at: datetime.datetime
    why: str


class MessageRefused(Exception):
    """The message cannot be sent; the text is for the administrator, in French."""


def cleaned(message: str) -> str:
    """Return a message on one line, without control characters. Raises MessageRefused."""
    signs = (sign if sign.isprintable() or sign in NO_BREAK else " " for sign in message)
    text = re.sub(" +", " ", "".join(signs)).strip()
    if not text:
        raise MessageRefused(
            "Écrivez un message\u00a0: la personne saura pourquoi sa session s’arrête."
        )
    if len(text) > LONGEST:
        raise MessageRefused(
            f"Le message a {len(text)}\u00a0caractères, {LONGEST} sont possibles\u00a0: raccourcissez-le."
        )
    return text


class Notices:
    """The notices of all users, in a folder of the hub's state."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def leave(
        self,
        login: str,
        message: str,
        *,
        why: str = ADMINISTRATOR,
        at: datetime.datetime | None = None,
    ) -> None:
        """Keep a message for a user, in the place of an earlier one. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self._folder / f".{login}"
        at = at or datetime.datetime.now(datetime.UTC)
        partial.write_text(json.dumps({"message": message, "at": at.isoformat(), "why": why}))
        partial.replace(self._place(login))

    def read(self, login: str) -> Notice | None:
        try:
            found = json.loads(self._place(login).read_text())
            at = datetime.datetime.fromisoformat(found["at"])
            return Notice(str(found["message"]), at, str(found.get("why", ADMINISTRATOR)))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def forget(self, login: str) -> None:
        self._place(login).unlink(missing_ok=True)

    def _place(self, login: str) -> Path:
        # The hub's pattern of logins has no slash; a name that had one would lead elsewhere.
        return self._folder / f"{login.replace(os.sep, '_')}.json"
