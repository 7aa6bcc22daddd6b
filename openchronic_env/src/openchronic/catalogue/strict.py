"""Turns a mapping of TOML into a class; refuses unknown keys and wrong values with file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A section of a file (empty: the part before the first section), for messages on errors."""

    file: str
    text: str
    section: str = ""

    def within(self, section: str) -> Place:
        return Place(self.file, self.text, section)

    def wrong(self, what: str, key: str = "") -> ValueError:
        """Returns the error of what is wrong with ``key``, or with the section itself."""
        return ValueError(f"{self.file}, line {self._line(key)}: {what}")

    def _line(self, key: str) -> int:
        section, found = "", 1
        for number, line in enumerate(self.text.splitlines(), 1):
            head = re.match(r"\[(.+?)\]\s*(#.*)?$", line)
            if head:
                section = head[1]
                found = number if section == self.section else found
            elif (
                key and section == self.section and re.match(rf'"?{re.escape(key)}"?\s*[.=]', line)
            ):
                return number
        return found


def parsed(file: str, text: str) -> dict[str, Any]:
    """Returns the TOML of ``text``. Raises ValueError, with ``file`` and line, where it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line = re.search(r"line (\d+)", str(problem))
        number = line[1] if line else text.count("\n") + 1
        raise ValueError(f"{file}, line {number}: not TOML: {problem}") from None


def section(raw: Mapping[str, Any], name: str, place: Place) -> dict[str, Any] | None:
    """Returns the section of that name, None when there is none. Raises ValueError where it is not a section."""
    found = raw.get(name)
    if found is not None and not isinstance(found, dict):
        raise place.wrong(f"{name} is a section", name)
    return found


def made(
    kind: Callable[..., T],
    raw: Mapping[str, Any],
    place: Place,
    *,
    given: Mapping[str, object] = MappingProxyType({}),
    at: str = "",
) -> T:
    """Returns the ``kind`` that ``raw`` describes, with the fields ``given``, which ``raw`` may not set.

    ``at``: the key of the section that holds all of it, where it is written in one line. Raises ValueError: a
    key that is unknown, missing, or of another type.
    """
    known, needed = _known(kind)
    values: dict[str, object] = {}
    for key, value in raw.items():
        if key not in known or key in given:
            raise place.wrong(f"unknown key {key}", at or key)
        values[key] = _checked(known[key], value, place, key=key, at=at or key)
    lacking = sorted(needed - values.keys() - given.keys())
    if lacking:
        raise place.wrong(f"{at + ': ' if at else ''}missing {', '.join(lacking)}", at)
    return kind(**values, **given)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The valid values of a key: one of the ``choices`` where there are any, else any value of the type."""

    type: type
    choices: tuple[str, ...] = ()


@cache
def _known(kind: Callable[..., T]) -> tuple[dict[str, _Shape], frozenset[str]]:
    """Returns the fields of a class, and those of them without a default. Sections are ``given``."""
    own = fields(cast(Any, kind))
    needed = {one.name for one in own if one.default is MISSING and one.default_factory is MISSING}
    shapes = {name: _shape(hint) for name, hint in get_type_hints(kind).items()}
    return shapes, frozenset(needed)


def _shape(hint: Any) -> _Shape:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _shape(next(one for one in arguments if one is not NoneType))
    if origin is Literal:
        return _Shape(str, arguments)
    return _Shape(origin or hint)


def _checked(shape: _Shape, value: object, place: Place, *, key: str, at: str) -> object:
    if shape.choices and value not in shape.choices:
        raise place.wrong(f"{key}: {value!r} is not one of {', '.join(shape.choices)}", at)
    if shape.type is tuple:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise place.wrong(f"{key} is a list of words", at)
        return tuple(value)
    # In Python a boolean is a number; in an entry it is not.
    if type(value) is not shape.type:
        raise place.wrong(f"{key}: {value!r} is not of the type {shape.type.__name__}", at)
    return value
