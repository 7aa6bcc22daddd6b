"""Reads single values of a recipe, from TOML, Python or R: days, whole numbers, pairs, words. Others are refused."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from openchronic.cohort.where import NBSP, Where

Raw = Mapping[str, Any]


def known_keys(raw: Raw, known: Iterable[str], where: Where) -> None:
    """Refuses a key that is none of ``known``."""
    every = [*known]
    for key in raw:
        if key not in every:
            raise where.unknown("no such key", "clé inconnue", str(key), every)


def section(value: Any, key: str, where: Where) -> Raw:
    """Returns a section."""
    if not isinstance(value, Mapping):
        raise where.wrong(
            f"{key} is a section, such as {{ … }}", f"{key} est une section, comme {{ … }}.", key
        )
    return value


def text(value: Any, key: str, where: Where) -> str:
    """Returns a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise where.wrong(f"{key} is a text", f"{key} est un texte.", key)
    return value.strip()


def words(value: Any, key: str, where: Where) -> tuple[str, ...]:
    """Returns a list of texts; one text alone is a list of one."""
    some = [value] if isinstance(value, str) else value
    if not isinstance(some, list | tuple) or not some:
        raise where.wrong(
            f'{key} is a list of texts, such as ["a", "b"]',
            f"{key} est une liste de textes, comme [\"a\", \"b\"].",
            key,
        )  # fmt: skip
    return tuple(text(one, key, where) for one in some)


def truth(value: Any, key: str, where: Where) -> bool:
    """Returns true or false."""
    if not isinstance(value, bool):
        raise where.wrong(f"{key} is true or false", f"{key} est vrai ou faux (true, false).", key)
    return value


def whole(value: Any, key: str, where: Where, *, least: int, most: int) -> int:
    """Returns a whole number; R has no other numbers than those with a point."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value != int(value):
        raise where.wrong(f"{key} is a whole number", f"{key} est un nombre entier.", key)
    if not least <= value <= most:
        raise where.wrong(
            f"{key} is a whole number from {least} to {most}",
            f"{key} est un nombre entier, de {least} à {most}.",
            key,
        )
    return int(value)


def pair(value: Any, key: str, where: Where, *, least: int, most: int) -> tuple[int, int]:
    """Returns two whole numbers in order, both included."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise where.wrong(
            f"{key} is two whole numbers, such as [40, 130]",
            f"{key} est fait de deux nombres entiers, comme [40, 130].",
            key,
        )
    first, last = (whole(one, key, where, least=least, most=most) for one in value)
    if first > last:
        raise where.wrong(
            f"{key}: {first} is after {last}",
            f"{key}{NBSP}: {first} vient après {last}.",
            key,
        )
    return first, last


def day(value: Any, key: str, where: Where) -> date:
    """Returns a day: a date, or a text such as 2022-01-31."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise where.wrong(
            f"{key}: {value!r} is no day; write 2022-01-31",
            f"{key}{NBSP}: « {value} » n’est pas un jour. Écrivez par exemple 2022-01-31.",
            key,
        ) from None


def days(value: Any, key: str, where: Where) -> tuple[date, date]:
    """Returns two days in order, both included."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise where.wrong(
            f"{key} is two days, such as [2022-01-01, 2022-12-31]",
            f"{key} est fait de deux jours, comme [2022-01-01, 2022-12-31].",
            key,
        )
    first, last = (day(one, key, where) for one in value)
    if first > last:
        raise where.wrong(
            f"{key}: {first} is after {last}", f"{key}{NBSP}: {first} vient après {last}.", key
        )
    return first, last
