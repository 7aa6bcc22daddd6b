"""How tests use openchronic: its command line in another process, its releases by DuckDB."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb


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
    script = f"{before}\nimport sys\nfrom openchronic.cli import main\nsys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | dict(env or {}),
        timeout=300,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


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
