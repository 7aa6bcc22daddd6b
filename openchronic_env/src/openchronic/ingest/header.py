"""Reads the header of a delivered file: its separator, its columns, and whether they are those of the table."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from openchronic.catalogue import Table
from openchronic.errors import SourceError
from openchronic.ingest.columns import indispensable
from openchronic.ingest.scanning import Scan

SEPARATORS = {";": "';'", ",": "','", "\t": "a tab", "|": "'|'"}


@dataclass(frozen=True)
class Header:
    """The columns of one file, in file order: as written, and by their names in the schema.

    ``logical`` holds None for a column that is not in the schema.
    """

    separator: str
    written: tuple[str, ...]
    logical: tuple[str | None, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(
            name for name, known in zip(self.written, self.logical, strict=True) if known is None
        )


def read_header(scan: Scan, table: Table, *, file: str, year: int | None) -> Header:
    """Finds the separator that yields the columns of the table, under their names or aliases.

    Raises SourceError: wrong separator, missing required column, column given twice, last line cut.
    """
    text = scan.header.decode(scan.encoding)
    names = _names(table)
    candidates = {separator: _split(text, separator) for separator in SEPARATORS}
    separator = max(candidates, key=lambda one: len(set(candidates[one]) & set(names)))
    written = candidates[separator]
    if not set(written) & set(names):
        expected = [column.name for column in table.columns if column.required_in(year)]
        expected += [column.name for column in table.columns if column.name not in expected]
        raise SourceError(
            f"{file}, line 1: no column of {table.name} in the header with any separator of "
            f"{', '.join(SEPARATORS.values())}: wrong separator, wrong encoding or wrong table "
            f"(expected among others {', '.join(expected[:4])})"
        )
    header = match_columns(written, table, place=f"{file}, line 1", year=year, separator=separator)
    _refuse_cut_end(scan, file, separator, len(written))
    return header


def match_columns(
    written: tuple[str, ...], table: Table, *, place: str, year: int | None, separator: str = ""
) -> Header:
    """Returns the columns by their names in the schema. ``place``: the beginning of messages, before a colon.

    ``separator`` is empty for files that store their column names. Raises SourceError: missing required column,
    column given twice.
    """
    names = _names(table)
    logical = _logical(written, names)
    needed = indispensable(table, logical, year)
    if needed:
        hint = " (wrong separator?)" if separator and len(written) == 1 else ""
        raise SourceError(
            f"{place}: required column{'s' if len(needed) > 1 else ''} of {table.name} "
            f"missing: {', '.join(' or '.join((one.name, *one.instead)) for one in needed)}{hint}; "
            "nothing can be read without: ask for it, or leave the file out of the delivery"
        )
    twice = sorted({name for name in written if written.count(name) > 1})
    if twice:
        raise SourceError(f"{place}: column given twice: {', '.join(twice)}")
    return Header(separator, written, logical)


def _names(table: Table) -> dict[str, str]:
    aliases = {alias: column.name for column in table.columns for alias in column.aliases}
    return aliases | {column.name: column.name for column in table.columns}


def _logical(written: tuple[str, ...], names: dict[str, str]) -> tuple[str | None, ...]:
    # Where both a name and its alias are delivered, the name is used and the alias is left aside.
    taken: set[str] = {name for name in written if names.get(name) == name}
    logical: list[str | None] = []
    for name in written:
        meant = names.get(name)
        if meant is not None and meant != name:
            meant = None if meant in taken else meant
            taken.update([meant] if meant else [])
        logical.append(meant)
    return tuple(logical)


def split_line(line: str, separator: str, *, quoted: bool) -> list[str]:
    """Returns the fields of one line. ``quoted``: whether its quotes enclose fields."""
    if not quoted:
        return line.split(separator)
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        # The line has a carriage return within it, or a field too long for the csv module: the
        # engine decides whether it is good.
        return line.split(separator)


def _refuse_cut_end(scan: Scan, file: str, separator: str, width: int) -> None:
    if scan.lines < 2:
        return
    last = scan.last.decode(scan.encoding)
    found = len(split_line(last, separator, quoted=scan.quoted))
    if found < width:
        raise SourceError(
            f"{file}, line {scan.lines}: the last line has {found} of {width} columns, "
            "so the file was cut; ask for it again"
        )


def _split(text: str, separator: str) -> tuple[str, ...]:
    return tuple(field.strip().strip('"').upper() for field in text.split(separator))
