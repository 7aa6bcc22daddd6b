"""Reads the specs from their text files."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

EACH, ALL = "each> ", "all> "


@dataclass(frozen=True)
class Spec:
    """A small table, an expression, and its answers: one per row, or a single one for ``all`` rows.

    ``columns``: names and SQL types. A cell or an answer of None is NULL; all others are text, as a cast writes them.
    """

    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str | None, ...], ...]
    expression: str
    for_all: bool
    expected: tuple[str | None, ...]


def spec_files() -> tuple[str, ...]:
    """Returns the names of the files that hold specs."""
    folder = resources.files("openchronic.engines.specs")
    return tuple(sorted(one.name for one in folder.iterdir() if one.name.endswith(".txt")))


def load_specs(name: str) -> tuple[Spec, ...]:
    """Returns the specs of one file. Raises ValueError where a paragraph is not a spec."""
    text = (resources.files("openchronic.engines.specs") / name).read_text(encoding="utf-8")
    return tuple(_read(paragraph) for paragraph in text.strip().split("\n\n"))


def _read(paragraph: str) -> Spec:
    title, head, *lines = paragraph.splitlines()
    place = next((i for i, line in enumerate(lines) if line.startswith((EACH, ALL))), None)
    if not title.startswith("# ") or place is None:
        raise ValueError(f"no spec: {paragraph!r}")
    kind = EACH if lines[place].startswith(EACH) else ALL
    columns = tuple((name, kind) for name, kind in (cell.split(None, 1) for cell in _cells(head)))
    rows = tuple(tuple(cell or None for cell in _cells(line)) for line in lines[:place])
    expected = tuple(None if line == "NULL" else line for line in lines[place + 1 :])
    if len(expected) != (1 if kind == ALL else len(rows)) or any(
        len(row) != len(columns) for row in rows
    ):
        raise ValueError(f"a spec with too many cells or answers, or too few: {paragraph!r}")
    return Spec(
        title=title.removeprefix("# "),
        columns=columns,
        rows=rows,
        expression=lines[place].removeprefix(kind),
        for_all=kind == ALL,
        expected=expected,
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]
