"""The errors of the package, each a sentence that the reader can act on, printed without a traceback.

Operators read English and analysts French. The choice is made here alone: the command line prints the
``english`` of an error; everything else, sessions above all, prints its text, which is in French where there is
one.
"""

from __future__ import annotations

import errno


class OpenChronicError(Exception):
    """Something that the user, the operator or the supplier of the data can correct.

    ``french`` is left out only for errors that no function of a session can raise.
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
    """Another process holds a lock, such as another build of the same base: a later call may succeed."""


class SettingsError(OpenChronicError):
    """A wrong call: an option, its value, or a name in it is not valid, however often it is tried."""


class _InBothLanguages(OpenChronicError):
    """Errors that both commands and sessions raise."""

    def __init__(self, english: str, french: str) -> None:
        super().__init__(english, french)


class ReleaseError(_InBothLanguages):
    """A release that does not exist, or that this version cannot read."""


class SchemaError(_InBothLanguages):
    """A table that the dictionary does not know."""


class RefusedError(_InBothLanguages):
    """An action that the account may not do, or that is not possible here."""


class DiskFullError(OpenChronicError):
    """A disk is full: which, and about how much is missing."""


def is_disk_full(problem: BaseException) -> bool:
    """Returns whether the system, or an engine that called it, reports that a disk or a quota is full."""
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return "No space left on device" in str(problem) or "Disk quota exceeded" in str(problem)
