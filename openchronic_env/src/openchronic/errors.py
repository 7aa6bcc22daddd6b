"""What can go wrong, in words that the reader can act on: each is printed without a traceback."""

from __future__ import annotations


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
