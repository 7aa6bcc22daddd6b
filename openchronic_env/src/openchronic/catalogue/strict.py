"""A mapping of TOML becomes a class of ours; what is not of it is refused with its file and line."""

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
    """A section of a file (empty: what stands before the first), to say where something is wrong."""

    file: str
    text: str
    section: str = ""

    def within(self, section: str) -> Place:
        return Place(self.file, self.text, section)

    def wrong(self, what: str, key: str = "") -> ValueError:
        """The error of what is wrong with ``key``, or with the section itself."""
        return ValueError(f"{self.file}, line {self._line(key)}: {what}")

    def _line(self, key: str) -> int:
        section, found = "", 1
        for number, line in enumerate(self.text.splitlines(), 1):
            head = re.match(r"\[(.+)\]\s*$", line)
            if head:
                section = head[1]
                found = number if section == self.section else found
            elif (
                key and section == self.section and re.match(rf'"?{re.escape(key)}"?\s*[.=]', line)
            ):
                return number
        return found


def parsed(file: str, text: str) -> dict[str, Any]:
    """The TOML of ``text``. Raises ValueError: it is none, in which ``file`` and line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        line = re.search(r"line (\d+)", str(problem))
        number = line[1] if line else text.count("\n") + 1
        raise ValueError(f"{file}, line {number}: not TOML: {problem}") from None


def section(raw: Mapping[str, Any], name: str, place: Place) -> dict[str, Any] | None:
    """The section of that name, None when there is none. Raises ValueError: it is no section."""
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
    """The ``kind`` that ``raw`` says, beside what is ``given``, which it may not say.

    ``at``: the key of the section that holds it all, where it is written in one line.
    Raises ValueError: a key that is unknown, missing, or of another type.
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
    """What a value must be: one of the ``choices`` where there are any, else of the type."""

    type: type
    choices: tuple[str, ...] = ()


@cache
def _known(kind: Callable[..., T]) -> tuple[dict[str, _Shape], frozenset[str]]:
    """The fields of a class, and which of them have no default. Sections are ``given``."""
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
    # A truth is a number in Python, and none in an entry.
    if type(value) is not shape.type:
        raise place.wrong(f"{key}: {value!r} is not of the type {shape.type.__name__}", at)
    return value
