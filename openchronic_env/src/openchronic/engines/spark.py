"""Spark as the engine of a build: takes all subjects at once, partitioned by their number."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from functools import reduce
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from openchronic.engines.engine import Order
from openchronic.engines.spark_answers import as_texts, read_texts, rows_of
from openchronic.engines.spark_release import lay_in_order, write_in_order
from openchronic.engines.spark_step import Column, Step, in_few, read, shown, write_together

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

REGISTER = "register.json"
# Counts by filter, by year or by type are hundreds at most: more rows would be data.
MOST_ROWS = 10_000
# The table of one write that holds the answers to what a step asks.
ANSWERS = "answers"
ARROW = {
    "STRING": pa.string(),
    "BIGINT": pa.int64(),
    "INT": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "ARRAY<BIGINT>": pa.list_(pa.int64()),
}


class Spark:
    """Runs on a Spark session: in the process, by Spark Connect or on a cluster.

    What a step makes is computed once, by executors, when its first reader asks for it, and what outlives the step is
    Parquet in ``place``, which all executors must see: one write at the end of the step, in which its counts are
    answered too. The driver receives counts only, and no plan grows from step to step.
    """

    numbers = "ARRAY<BIGINT>"
    waits = True

    def __init__(self, session: SparkSession, place: Path) -> None:
        self.session = session
        self.version = f"spark {session.version}"
        self.place = place
        self.counter = count()
        self.tables: dict[str, dict[str, str]] = {}
        self.written: dict[str, tuple[Column, ...]] = {}
        self.lent: dict[str, list[DataFrame]] = {}
        self.scans: dict[tuple[str, ...], str] = {}
        self.step = Step()
        self.planned: tuple[str, DataFrame] | None = None
        place.mkdir(parents=True, exist_ok=True)
        self._recall()

    def table(self, name: str, query: str) -> None:
        frame = in_few(self.session, self._planned(query))
        self._name(name, shown(self.session, frame))
        self.step.tables[name, ""] = frame

    def scratch(self, name: str, query: str) -> None:
        frame = in_few(self.session, self._planned(query))
        self._name(name, shown(self.session, frame))
        # A view may still read what the name stood for before.
        self.lent.setdefault(name, []).append(frame)
        self.step.lent.add(name)

    def view(self, name: str, query: str) -> None:
        self._name(name, self._planned(query))
        if self.step.tables:
            # It may read one of those, which is in files by the end of the step.
            self.step.views.pop(name, None)
            self.step.views[name] = query

    def add(self, name: str, part: str, query: str) -> None:
        self.step.tables[name, part] = self._planned(query)

    def gather(self, name: str) -> None:
        """No build by Spark begins with the parts of another one."""

    def load(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        kinds = [(column, ARROW[kind]) for column, kind in columns.items()]
        cells = list(zip(*rows, strict=True)) or [()] * len(kinds)
        given = pa.table(
            [pa.array(list(one), kind) for one, (_, kind) in zip(cells, kinds, strict=True)],
            schema=pa.schema(kinds),
        )
        # The rows go with the plans that read them: no file, and no Python process beside each executor.
        self._name(name, self.session.createDataFrame(given))

    def drop(self, *names: str) -> None:
        for name in names:
            self.session.catalog.dropTempView(name)
            for frame in self.lent.pop(name, ()):
                frame.unpersist()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return _few([tuple(row) for row in self.session.sql(query).collect()])

    def answers(self, queries: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        if len(queries) < 2:
            return [self.rows(query) for query in queries]
        asked = [self.session.sql(query) for query in queries]
        return [_few(rows) for rows in rows_of(self.session, asked)]

    def settle(
        self, queries: Sequence[str] = (), *, keeps: bool = False
    ) -> list[list[tuple[Any, ...]]]:
        step, self.step = self.step, Step()
        found = self._settle(step, queries)
        if not keeps:
            self.drop(*step.lent)
        return found

    def _settle(self, step: Step, queries: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        asked = [self.session.sql(query) for query in queries]
        tables = {"-".join(filter(None, key)): key for key in step.tables}
        dealt = {f"dealt-{parent.name}": parent for parent in step.dealt}
        frames = {name: step.tables[key] for name, key in tables.items()}
        for name, parent in dealt.items():
            parts = [frame for _, frame in step.dealt[parent]]
            frames[name] = reduce(lambda one, other: one.unionByName(other), parts)
        released = {f"released-{folder.name}": folder for folder in step.released}
        frames |= {name: step.released[folder][0] for name, folder in released.items()}
        if not frames:
            return self.answers(queries)
        if asked:
            frames[ANSWERS] = as_texts(asked)
        found = write_together(self.session, frames, self._folder("step"))
        for name, (table, part) in tables.items():
            self._register(table, part, *found[name])
            step.tables[table, part].unpersist()
        for name, parent in dealt.items():
            self._lay(*found[name], step.dealt[parent][0][0])
        for name, folder in released.items():
            lay_in_order(self.session, *found[name], folder, *step.released[folder])
            shutil.rmtree(found[name][0])
        self._remember()
        for name, query in step.views.items():
            self.view(name, query)
        if not asked:
            return []
        folder, columns = found[ANSWERS]
        answers = read_texts(asked, folder, [one.written for one in columns])
        shutil.rmtree(folder)
        return [_few(rows) for rows in answers]

    def _lay(self, made: Path, columns: tuple[Column, ...], folder: Path) -> None:
        """Lays dealt rows where those of a step are looked for."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        made.rename(folder)
        self.written[str(folder)] = columns

    def columns(self, query: str) -> dict[str, str]:
        return dict(self._planned(query).dtypes)

    def scan(self, files: Iterable[Path]) -> str:
        paths = tuple(str(path) for path in files)
        if paths not in self.scans:
            name = f"scan_{next(self.counter)}"
            self._name(name, self._read(paths))
            self.scans[paths] = name
        return self.scans[paths]

    def all_except(self, *columns: str) -> str:
        return f"* EXCEPT ({', '.join(columns)})"

    def distinct(self, columns: Iterable[str]) -> str:
        # Spark's own hash functions ignore NULL.
        return f"struct({', '.join(columns)})"

    def route(self, columns: Iterable[str]) -> str:
        return f"xxhash64({', '.join(columns)})"

    def passes(self, buckets: int, *, together: int = 1) -> list[range]:
        del together
        return [range(buckets)]

    def most_claims(self) -> int | None:
        return None

    def save(self, query: str, folder: Path) -> None:
        self.session.sql(query).write.mode("overwrite").parquet(str(folder))

    def write_by_bucket(self, query: str, folder: Path, buckets: int) -> None:
        del buckets
        # One write of all that a step deals to a table, in the folder of the first.
        self.step.dealt.setdefault(folder.parent, []).append((folder, self._planned(query)))

    def files_of_buckets(self, folder: Path, buckets: range) -> list[Path]:
        del buckets
        return sorted(folder.glob("*/*.parquet"))

    def write(self, query: str, folder: Path, order: Order, buckets: range | None = None) -> None:
        frame = self._planned(query)
        if buckets is None:
            self.step.released[folder] = (frame, order)
        else:
            write_in_order(frame, folder, order, buckets)

    def _planned(self, query: str) -> DataFrame:
        """Returns ``query``, planned once where its columns are asked first."""
        if self.planned is None or self.planned[0] != query:
            self.planned = query, self.session.sql(query)
        return self.planned[1]

    def _name(self, name: str, frame: DataFrame) -> None:
        frame.createOrReplaceTempView(name)
        # Another query of the same words may read this one.
        self.planned = None

    def _folder(self, name: str) -> Path:
        """Returns a new folder for ``name``: readers of the previous one keep reading it."""
        return self.place / f"{name}-{os.getpid()}-{next(self.counter)}"

    def _register(self, name: str, part: str, made: Path, columns: tuple[Column, ...]) -> None:
        parts = self.tables.setdefault(name, {})
        before = parts.get(part)
        parts[part] = str(made)
        self.written[str(made)] = columns
        self._name(name, self._read(list(parts.values())))
        if before:
            shutil.rmtree(before, ignore_errors=True)

    def _remember(self) -> None:
        columns = {made: [astuple(one) for one in of] for made, of in self.written.items()}
        fresh = self.place / f"{REGISTER}.new"
        fresh.write_text(json.dumps([self.tables, columns]), encoding="utf-8")
        fresh.replace(self.place / REGISTER)

    def _recall(self) -> None:
        """Restores the tables that a killed build had made."""
        register = self.place / REGISTER
        if register.is_file():
            self.tables, columns = json.loads(register.read_text(encoding="utf-8"))
            self.written = {made: tuple(Column(*one) for one in of) for made, of in columns.items()}
            for name, parts in self.tables.items():
                self._name(name, self._read(list(parts.values())))

    def _read(self, places: Sequence[str]) -> DataFrame:
        """Returns the rows of files or folders, each with the columns of those that a step wrote, or of its own file."""
        written: dict[str, list[str]] = {}
        of_files: list[str] = []
        for one in places:
            made = one if one in self.written else str(Path(one).parent)
            (written.setdefault(made, []) if made in self.written else of_files).append(one)
        frames = [read(self.session, paths, self.written[one]) for one, paths in written.items()]
        if of_files:
            # Without a schema, Spark would start a job that opens a file to find one.
            known = _schema_of(Path(of_files[0]))
            rows = self.session.read.schema(known).parquet(*of_files)
            frames.append(in_few(self.session, rows))
        return reduce(lambda one, other: one.unionByName(other), frames)


def _few(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    if len(rows) > MOST_ROWS:
        raise RuntimeError(f"{len(rows)} rows came to the driver, where only counts may")
    return rows


def _schema_of(place: Path) -> StructType:
    """Returns the columns of a Parquet file, or of those in a folder."""
    from pyspark.sql.pandas.types import from_arrow_schema

    file = next(iter(sorted(place.glob("*.parquet")))) if place.is_dir() else place
    return from_arrow_schema(parquet.read_schema(file).remove_metadata())
