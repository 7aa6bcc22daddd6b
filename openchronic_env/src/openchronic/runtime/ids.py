"""Identifiers of events, stays and episodes: the first 96 bits of a keyed hash, in 16 characters.

Releases of manifest format 1 have the first 128 bits in 32 hexadecimal digits. The SQL functions of
the same names make the identifiers of a build; these map what somebody kept from an older release.
"""

from __future__ import annotations

import base64
import re

BYTES = 12
DIGITS = 2 * BYTES
OLD = re.compile(r"[0-9a-f]{32}")
NEW = re.compile(r"[0-9A-Za-z._]{16}")


def short_id(digits: str) -> str:
    """The identifier in 16 characters made of ``digits``, at least 24 hexadecimal ones.

    An identifier of format 1 gives that of the same event, stay or episode in format 2.
    Raises ValueError: no hexadecimal digits, or too few.
    """
    content = bytes.fromhex(digits[:DIGITS])
    if len(content) < BYTES:
        raise ValueError(f"{digits!r}: fewer than {DIGITS} hexadecimal digits")
    return base64.b64encode(content, altchars=b"._").decode()


def hex_of_id(identifier: str) -> str:
    """The 24 hexadecimal digits of an identifier in 16 characters. Raises ValueError: it is none."""
    if not NEW.fullmatch(identifier):
        raise ValueError(f"{identifier!r}: an identifier has 16 letters, digits, '.' or '_'")
    return base64.b64decode(identifier, altchars=b"._").hex()


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of an identifier, of today or of format 1."""
    return bool(NEW.fullmatch(text) or OLD.fullmatch(text))


def of_today(identifier: str) -> str:
    """``identifier`` in 16 characters, whichever form it has. Raises ValueError: it has neither."""
    if NEW.fullmatch(identifier):
        return identifier
    if OLD.fullmatch(identifier):
        return short_id(identifier)
    raise ValueError(f"{identifier!r}: no identifier of an event, a stay or an episode")
