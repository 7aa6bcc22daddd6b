"""What can go wrong, in words that the reader can act on: each is printed without a traceback."""

from __future__ import annotations

import errno


class OpenChronicError(Exception):
    """Something that the user, the operator or the supplier of the data can put right."""


class SourceError(OpenChronicError):
    """The delivered files cannot be trusted: what is wrong, in which file, at which line."""


class LockError(OpenChronicError):
    """Another build of the same base is running."""


class SettingsError(OpenChronicError):
    """An option, a key file or a filter name that cannot be used."""


class ReleaseError(OpenChronicError):
    """A release that does not exist, or that this version cannot read."""


class SchemaError(OpenChronicError):
    """A table that the dictionary does not know."""


class RefusedError(OpenChronicError):
    """What somebody may not do, or cannot here: in English for a command, ``french`` for a session."""

    def __init__(self, english: str, french: str) -> None:
        super().__init__(english)
        self.french = french


class DiskFullError(OpenChronicError):
    """A disk has no room for the build: which, and about how much is missing."""


def is_disk_full(problem: BaseException) -> bool:
    """Whether the system, or an engine that asked it, says that a disk or a quota is full."""
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return "No space left on device" in str(problem) or "Disk quota exceeded" in str(problem)
