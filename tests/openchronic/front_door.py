"""Runs openchronic for tests: its command line in another process, queries on releases with DuckDB.

The processes are forks of one that has the libraries loaded: hundreds of commands would each pay for their
start.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import duckdb
import pytest

from openchronic import commands
from openchronic.runtime.text import quoted
from tests.openchronic.made_once import made_once
from tests.pace import patience

LIMIT_S = 300
WORDS = re.compile(r"\w+")
# No table of such a synthetic delivery is empty.
ONE_YEAR = ("--patients", 300, "--seed", 7, "--first-year", 2018, "--years", 1)
IN_ONE, IN_TWO = ("--buckets", 1), ("--buckets", 2)
forks = multiprocessing.get_context("forkserver")
# The late imports of commands are loaded here once. None of them starts a thread, which a fork
# would lose.
forks.set_forkserver_preload(
    [
        *("openchronic.cli", "openchronic.build.pipeline", "openchronic.synth.generating"),
        *(
            "openchronic.quality.measuring",
            "openchronic.store",
            "rich.table",
            "rich.progress",
            "numpy",
        ),
        *("openchronic.build.summary", "openchronic.build.explaining"),
        *(f"openchronic.commands.{one.name}" for one in iter_modules(commands.__path__)),
        *("tests.openchronic.front_door", "tests.openchronic.read_before"),
    ]
)


@dataclass(frozen=True)
class Answer:
    """The result of a command."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


def openchronic(
    *arguments: object, env: Mapping[str, str] | None = None, before: str = ""
) -> Answer:
    """Runs a verb. ``before``: Python that the process runs first (to break something inside)."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = forks.Process(
            target=_command,
            args=([str(one) for one in arguments], dict(env or {}), before, out, err),
        )
        process.start()
        process.join(patience(LIMIT_S))
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(
                f"openchronic {arguments} did not end within {patience(LIMIT_S):.0f} s"
            )
        return Answer(process.exitcode, out.read_text(), err.read_text())


def _command(arguments: list[str], env: dict[str, str], before: str, out: Path, err: Path) -> None:
    for number, file in ((0, Path(os.devnull)), (1, out), (2, err)):
        opened = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ |= env
    sys.argv = ["openchronic", *arguments]
    exec(before, {"__name__": "__main__"})  # noqa: S102
    from openchronic.cli import main

    sys.exit(main())


def build(source: Path, releases: Path, *options: object, before: str = "") -> Answer:
    """Builds as an operator would, with the memory of a small machine, and in one bucket unless ``options`` say more.

    Each bucket runs the models of subjects again, a fifth of a build of few people. That any number of them makes
    the same release is what ``build/test_buckets.py`` proves; large shared releases have IN_TWO. No part stays: each
    test builds from nothing, unless its ``options`` say ``--keep-parts``.
    """
    means = ("--memory", "1GB", "--threads", "2", *IN_ONE, "--no-keep-parts")
    return openchronic("build", source, releases, *means, *options, before=before)


def built(source: Path, releases: Path, *options: object) -> Path:
    """Builds, and returns the release in service. The build must succeed."""
    answer = build(source, releases, *options)
    assert answer.status == 0, answer.text
    return (releases / "snds" / "current").resolve()


def refused(source: Path, releases: Path, *options: object, status: int = 1) -> str:
    """Runs a build that must be refused; returns the message, which is no traceback."""
    answer = build(source, releases, *options)
    assert answer.status == status, answer.text
    assert "Traceback" not in answer.text
    assert "internal error" not in answer.text
    return answer.err


def one_year(factory: pytest.TempPathFactory) -> Path:
    """300 synthetic patients over one year, made once per run, read only: no table is empty.

    The time of a build depends on the years and months of its tables, hardly on the patients.
    """

    def make(folder: Path) -> None:
        answer = openchronic("synth", folder / "delivery", *ONE_YEAR, "--tidy")
        assert answer.status == 0, answer.text

    return made_once(factory, "one-year", make) / "delivery"


def one_year_release(factory: pytest.TempPathFactory) -> Path:
    """The release in service of a base built from these patients once per run; read only."""
    source = one_year(factory)
    made = made_once(factory, "one-year-releases", lambda folder: built(source, folder, *IN_TWO))
    return (made / "snds" / "current").resolve()


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    # A file that a test changes must be read again, also within the resolution of its date.
    return duckdb.connect(config={"enable_external_file_cache": False})


@contextmanager
def opened(
    release: Path, names: Collection[str] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opens a release, whose tables are views: all, or those of these names."""
    with _engine().cursor() as connection:
        for table in release.iterdir():
            if table.is_dir() and (names is None or table.name in names):
                connection.execute(f"CREATE TEMP VIEW {table.name} AS FROM {files_of(table)}")
        yield connection


def files_of(table: Path) -> str:
    """Returns SQL: a scan of the files of a table of a release."""
    files = ", ".join(quoted(path) for path in sorted(table.rglob("*.parquet")))
    return f"read_parquet([{files}], hive_partitioning = false)"


def rows(release: Path, query: str) -> list[tuple[Any, ...]]:
    """Queries a release, whose tables are views."""
    # To open a table takes longer than most queries.
    with opened(release, WORDS.findall(query)) as connection:
        return connection.execute(query).fetchall()


def digests(release: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Returns for each table its columns with their types, its number of rows, and a digest independent of
    order.

    It replaces ``everything`` for a large release, whose rows do not fit in the memory of the tests.
    """
    # The digests of whole rows as text are added: a row added, removed or changed is seen.
    total = "count(*), sum(('0x' || md5(CAST(one AS VARCHAR))[:15])::UBIGINT)"
    with opened(release) as connection:
        return {
            table: connection.execute(f"DESCRIBE {table}").fetchall()
            + connection.execute(f"SELECT {total} FROM {table} AS one").fetchall()  # noqa: S608
            for table in _tables(release)
        }


def everything(release: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Returns all rows of all tables, in sorted order."""
    with opened(release) as connection:
        return {
            table: sorted(connection.execute(f"FROM {table}").fetchall(), key=repr)
            for table in _tables(release)
        }


def _tables(release: Path) -> list[str]:
    return sorted(table.name for table in release.iterdir() if table.is_dir())
