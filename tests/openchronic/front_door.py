"""How tests use openchronic: its command line in another process, its releases by DuckDB.

The processes are forks of one that has the libraries loaded: hundreds of commands would each pay for their start.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

LIMIT_S = 300
forks = multiprocessing.get_context("forkserver")
# None of them starts a thread, which a fork would lose.
forks.set_forkserver_preload(["openchronic.cli", "openchronic.building.pipeline", "rich.table"])


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


def openchronic(
    *arguments: object, env: Mapping[str, str] | None = None, before: str = ""
) -> Answer:
    """Run a verb. ``before``: Python that the process runs first (to break something inside)."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = forks.Process(
            target=_command,
            args=([str(one) for one in arguments], dict(env or {}), before, out, err),
        )
        process.start()
        process.join(LIMIT_S)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"openchronic {arguments} did not end within {LIMIT_S} s")
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
    """Build as an operator would, with the memory of a small machine."""
    return openchronic(
        "build",
        source,
        releases,
        "--memory",
        "1GB",
        "--threads",
        "2",
        "--buckets",
        2,
        *options,
        before=before,
    )


def built(source: Path, releases: Path, *options: object) -> Path:
    """Build, and return the release in service. The build must succeed."""
    answer = build(source, releases, *options)
    assert answer.status == 0, answer.text
    return (releases / "snds" / "current").resolve()


def refused(source: Path, releases: Path, *options: object) -> str:
    """Build what must be refused; the message, which is no traceback."""
    answer = build(source, releases, *options)
    assert answer.status == 1, answer.text
    assert "Traceback" not in answer.text
    assert "internal error" not in answer.text
    return answer.err


def rows(release: Path, query: str) -> list[tuple[Any, ...]]:
    """Ask a release, its tables being views."""
    with duckdb.connect() as connection:
        for table in release.iterdir():
            if table.is_dir():
                files = [str(path) for path in sorted(table.rglob("*.parquet"))]
                connection.read_parquet(files, hive_partitioning=False).create_view(table.name)
        return connection.execute(query).fetchall()


def everything(release: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in an order of their own."""
    tables = sorted(table.name for table in release.iterdir() if table.is_dir())
    return {table: sorted(rows(release, f"FROM {table}"), key=repr) for table in tables}
