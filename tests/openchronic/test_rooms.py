"""The packages of openchronic: imports go down only, so that no two packages depend on each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import openchronic

SOURCES = Path(openchronic.__file__).parent
# From the top down: a package imports from those of the lines below its own.
ROOMS = (
    ("__main__",),
    ("cli",),
    ("commands", "selftest"),
    ("__init__",),
    ("for_r",),
    ("api",),
    ("care", "cohort", "lineage", "meds", "sequences", "synth"),
    ("build",),
    ("changes",),
    ("quality",),
    ("dictionary", "restricted"),
    ("pathway", "releases"),
    ("models",),
    ("cartography", "diseases", "engines", "store"),
    ("ingest",),
    ("catalogue",),
    ("nomenclatures", "runtime"),
    ("extras", "figures", "runs", "terminal"),
    ("errors",),
)
PLACE = {room: place for place, rooms in enumerate(ROOMS) for room in rooms}


def room_of(path: Path) -> str:
    parts = path.relative_to(SOURCES).parts
    return parts[0] if len(parts) > 1 else path.stem


def imports(path: Path) -> Iterator[str]:
    """Yields the packages that a module imports from, including late imports and those for types."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (
                one.name.split(".")[1] for one in node.names if one.name[:12] == "openchronic."
            )
        elif (
            isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "openchronic"
        ):
            names = (node.module or "").split(".")[1:] or [one.name for one in node.names]
            yield names[0] if names[0] in PLACE else "version"


def arrows() -> Iterator[tuple[str, str, Path]]:
    for path in sorted(SOURCES.rglob("*.py")):
        room = room_of(path)
        yield from ((room, to, path) for to in imports(path) if to not in (room, "version"))


def test_every_room_has_its_place() -> None:
    assert {room_of(path) for path in SOURCES.rglob("*.py")} == set(PLACE)


def test_arrows_go_down_only() -> None:
    up = [
        f"{path.relative_to(SOURCES)} imports {to}"
        for room, to, path in arrows()
        if PLACE[to] <= PLACE[room] and to != "commands"
    ]
    assert not up


def test_the_version_alone_is_asked_of_the_top() -> None:
    asked = {
        (room, to)
        for room, to, _ in arrows()
        if to == "__init__" and room not in ("cli", "commands")
    }
    assert not asked
