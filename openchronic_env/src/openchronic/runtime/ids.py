"""Identifiers of events, stays and episodes: the first 96 bits of a keyed hash, in 16 characters.

Releases of manifest format 1 have the first 128 bits in 32 hexadecimal digits. The SQL functions of the same
names make the identifiers of a build; these map identifiers kept from an older release.
"""

from __future__ import annotations

import base64
import re

BYTES = 12
DIGITS = 2 * BYTES
OLD = re.compile(r"[0-9a-f]{32}")
NEW = re.compile(r"[0-9A-Za-z._]{16}")


def short_id(digits: str) -> str:
    """Returns the identifier in 16 characters made from ``digits``, at least 24 hexadecimal ones.

    From an identifier of format 1 it makes that of the same event, stay or episode in format 2. Raises
    ValueError where they are no hexadecimal digits, or too few.
    """
    content = bytes.fromhex(digits[:DIGITS])
    if len(content) < BYTES:
        raise ValueError(f"{digits!r}: fewer than {DIGITS} hexadecimal digits")
    return base64.b64encode(content, altchars=b"._").decode()


def hex_of_id(identifier: str) -> str:
    """Returns the 24 hexadecimal digits of an identifier in 16 characters. Raises ValueError where it is none."""
    if not NEW.fullmatch(identifier):
        raise ValueError(f"{identifier!r}: an identifier has 16 letters, digits, '.' or '_'")
    return base64.b64decode(identifier, altchars=b"._").hex()


def is_id(text: str) -> bool:
    """Returns whether ``text`` has the form of an identifier, current or of format 1."""
    return bool(NEW.fullmatch(text) or OLD.fullmatch(text))


def of_today(identifier: str) -> str:
    """Returns ``identifier`` in 16 characters, whichever form it has. Raises ValueError where it has neither."""
    if NEW.fullmatch(identifier):
        return identifier
    if OLD.fullmatch(identifier):
        return short_id(identifier)
    raise ValueError(f"{identifier!r}: no identifier of an event, a stay or an episode")
