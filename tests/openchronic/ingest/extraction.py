"""An extraction made for a project: its files without some columns, and what is told of it before a build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.openchronic.front_door import openchronic


def without(path: Path, *columns: str) -> None:
    """Removes columns from a file."""
    header, *lines = [line.split(";") for line in path.read_text().splitlines()]
    kept = [place for place, name in enumerate(header) if name not in columns]
    assert len(kept) + len(columns) == len(header), path
    text = "\n".join(";".join(line[place] for place in kept) for line in [header, *lines])
    path.write_text(text + "\n")


def report(source: Path, status: int = 0) -> dict[str, Any]:
    answer = openchronic("inspect", source, "--json")
    assert answer.status == status, answer.text
    told: dict[str, Any] = json.loads(answer.out)
    return told
