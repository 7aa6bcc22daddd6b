"""Finds the line of each setting in a TOML file: tomllib keeps no positions."""

import re
import tomllib
from itertools import accumulate

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER = re.compile(rf"[ \t]*\[\[?[ \t]*({_DOTTED})[ \t]*\]")
_ASSIGNMENT = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=(.*)", re.DOTALL)


def lines_of(text: str) -> dict[str, int]:
    """Return the line of each table and key of a valid file, by its place, such as `profiles.grande.memory_gb`."""
    found: dict[str, int] = {}
    table: tuple[str, ...] = ()
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        start = at + 1
        if header := _HEADER.match(lines[at]):
            table = _keys(header[1])
            _note(found, table, start)
        elif given := _ASSIGNMENT.match(lines[at]):
            value = given[2]
            while not _is_whole(value) and at + 1 < len(lines):
                at += 1
                value += "\n" + lines[at]
            _note(found, (*table, *_keys(given[1])), start)
        at += 1
    return found


def line_of(place: str, lines: dict[str, int]) -> int | None:
    """Return the line of a place; for a missing setting or a list's item, that of the nearest table or key around it."""
    while place and place not in lines:
        place = re.sub(r"(^|\.)[^.\[]*$|\[[^\[]*$", "", place)
    return lines.get(place)


def _note(found: dict[str, int], keys: tuple[str, ...], line: int) -> None:
    for place in accumulate(keys, "{}.{}".format):
        found.setdefault(place, line)


def _keys(dotted: str) -> tuple[str, ...]:
    keys: list[str] = []
    inner = tomllib.loads(f"{dotted} = 0")
    while isinstance(inner, dict):
        [(key, inner)] = inner.items()
        keys.append(key)
    return tuple(keys)


def _is_whole(value: str) -> bool:
    try:
        tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        return False
    return True
