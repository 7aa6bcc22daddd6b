"""What a part of a build depends on: the delivered lines that it reads, and what is known of the persons in them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openchronic.build.context import Context
from openchronic.build.instances import Instance
from openchronic.models.model import Source
from openchronic.models.people import BY_NUMBER, NUMBER


def lines_of(context: Context, source: Source, instance: Instance) -> Iterator[str]:
    """Yields what names the typed files of ``source``, in the order in which equal lines are compared.

    Whether the key of a delivered file is complete is told by all its lines, those of other months included.
    """
    readings = [
        context.readings[table]
        for table in (source.table, *source.also)
        if table in context.readings
    ]
    writers = {folder: name for one in readings for folder, name in one.writer_of.items()}
    folders = {path: folder for one in readings for path, folder in one.folder_of.items()}
    files: defaultdict[str, list[Path]] = defaultdict(list)
    whole: defaultdict[str, list[str]] = defaultdict(list)
    for folder, name in writers.items():
        whole[name].append(folder.name)
    for path in instance.files(context, source):
        files[writers[folders[path]]].append(path)
    for name in sorted(files):
        yield "of " + " ".join(sorted(whole[name]))
        yield from (_entry(path) for path in files[name])


NUMBERS = "numbers_looked_at"


@dataclass
class Persons:
    """The digests of what is known of the persons whose numbers are in some files, by table and files."""

    shown: set[str] = field(default_factory=set)
    found: dict[tuple[str, str], str] = field(default_factory=dict)
    looked_at: str = ""

    def digest(self, context: Context, table: str, instance: Instance) -> str:
        """Returns the digest of the rows of ``table`` whose number is in the files of ``instance``."""
        files = [
            (column, path)
            for delivered, column in instance.numbers.items()
            for path in instance.files(context, Source(delivered))
        ]
        if not files:
            return "nobody"
        key = hashlib.sha256("\n".join(_entry(path) for _, path in files).encode()).hexdigest()
        if (table, key) not in self.found:
            self._show(context, table)
            self._look_at(context, key, files)
            ((rows, first, second),) = context.engine.rows(
                f"SELECT sum(n), sum(first), sum(second) FROM digest_of_{table} AS known "
                f"SEMI JOIN {NUMBERS} AS here ON here.{NUMBER} = known.{NUMBER}"
            )
            self.found[table, key] = f"{rows} {first} {second}"
        return self.found[table, key]

    def _look_at(self, context: Context, key: str, files: Sequence[tuple[str, Path]]) -> None:
        """Makes the numbers in ``files``, once for all tables of persons that are asked for these one after another."""
        if self.looked_at == key:
            return
        self.looked_at = key
        numbers = " UNION ALL ".join(
            f"SELECT {column} AS {NUMBER} FROM "
            + context.engine.scan([path for one, path in files if one == column])
            for column in dict.fromkeys(column for column, _ in files)
        )
        context.engine.scratch(NUMBERS, f"SELECT DISTINCT {NUMBER} FROM ({numbers}) AS numbers")

    def _show(self, context: Context, table: str) -> None:
        """Makes the sums of the hashes of the rows of each number, once a build."""
        if table in self.shown:
            return
        self.shown.add(table)
        columns = list(context.engine.columns(BY_NUMBER[table]))
        this = context.engine.distinct(columns)
        again = context.engine.distinct([*columns, "1"])
        context.engine.scratch(
            f"digest_of_{table}",
            f"SELECT {NUMBER}, count(*) AS n, sum({this}) AS first, sum({again}) AS second "
            f"FROM ({BY_NUMBER[table]}) AS known GROUP BY {NUMBER}",
        )


def _entry(path: Path) -> str:
    """Returns the store entry of a typed file, which is named by its content, not by its place."""
    return "/".join(path.parts[-3:])
