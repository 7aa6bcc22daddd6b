"""Finds the rows that a result depends on, by leaving some out and seeing whether it changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def deciding(rows: Sequence[int], changes: Callable[[Sequence[int]], bool]) -> list[int]:
    """Returns those of ``rows`` without which the result changes; ``changes``: whether it does without all of
    these.

    Each such row among n rows is found in about 2 log2(n) trials.
    """
    return _deciding(rows, changes) if rows and changes(rows) else []


def _deciding(rows: Sequence[int], changes: Callable[[Sequence[int]], bool]) -> list[int]:
    if len(rows) == 1:
        return list(rows)
    first, second = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    if not changes(first):
        return _deciding(second, changes)
    return _deciding(first, changes) + deciding(second, changes)
