"""Renders the files of the server: a word in capitals between two `@` is a constant of the layout or a given value."""

import re
from pathlib import Path

from infra.settings import layout

WORD = re.compile(r"@([A-Z][A-Z0-9_]*)@")
CONSTANTS = {
    name: str(value)
    for name, value in vars(layout).items()
    if name.isupper() and isinstance(value, str | int)
}


class UnknownWord(Exception):
    """A file holds a word between two `@` that has no value, or a value is given for a constant of the layout."""


def rendered(text: str, **given: object) -> str:
    """Return the text with its words replaced. `given` may hold unused values. Raises UnknownWord."""
    if twice := sorted(set(given) & set(CONSTANTS)):
        raise UnknownWord(f"{', '.join(twice)}: given, and the layout says it")
    words = CONSTANTS | {name: str(value) for name, value in given.items()}
    if unknown := sorted(set(WORD.findall(text)) - set(words)):
        raise UnknownWord(f"{', '.join(unknown)}: no constant of the layout, and not given")
    return WORD.sub(lambda found: words[found[1]], text)


def rendered_file(path: Path, **given: object) -> bytes:
    try:
        return rendered(path.read_text(encoding="utf-8"), **given).encode()
    except UnknownWord as wrong:
        raise UnknownWord(f"{path}: {wrong}") from None
