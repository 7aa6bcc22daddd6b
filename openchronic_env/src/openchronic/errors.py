"""What can go wrong, in words that the reader can act on: each is printed without a traceback.

Operators read English and analysts French. Here alone it is decided which: the command line asks an error for its
``english``; whatever else shows one, a session first of all, shows its text, which is the French where there is any.
"""

from __future__ import annotations

import errno


class OpenChronicError(Exception):
    """Something that the user, the operator or the supplier of the data can put right.

    ``french`` is left out only by what no function of a session can meet.
    """

    def __init__(self, english: str, french: str | None = None) -> None:
        super().__init__(english, french)
        self.english = english
        self.french = french

    def __str__(self) -> str:
        return self.english if self.french is None else self.french


class SourceError(OpenChronicError):
    """The delivered files cannot be trusted: what is wrong, in which file, at which line."""


class LockError(OpenChronicError):
    """Somebody else is at it, such as another build of the same base: later it may go."""


class SettingsError(OpenChronicError):
    """A wrong call: an option, its value, or a name in it that cannot be used, whatever is tried again."""


class _ToldToBoth(OpenChronicError):
    """What commands and sessions meet alike."""

    def __init__(self, english: str, french: str) -> None:
        super().__init__(english, french)


class ReleaseError(_ToldToBoth):
    """A release that does not exist, or that this version cannot read."""


class SchemaError(_ToldToBoth):
    """A table that the dictionary does not know."""


class RefusedError(_ToldToBoth):
    """What somebody may not do, or cannot here."""


class DiskFullError(OpenChronicError):
    """A disk has no room for the build: which, and about how much is missing."""


def is_disk_full(problem: BaseException) -> bool:
    """Whether the system, or an engine that asked it, says that a disk or a quota is full."""
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return "No space left on device" in str(problem) or "Disk quota exceeded" in str(problem)
