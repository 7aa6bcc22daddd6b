"""Files of the server, rendered: what stands between two `@` in capitals is a constant of the layout, or given."""

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
    """A file asks for what nobody gives it: it would be found on the server, as it stands."""


def rendered(text: str, **given: object) -> str:
    """Raises UnknownWord. `given` may hold more than this text asks for: it goes for all files of a component."""
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
