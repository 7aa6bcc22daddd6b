"""The layers (rooms) of infra: imports go down only, so that layers and components stay independent."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from infra.settings.settings_file import ROOT

SOURCES = ROOT / "infra"
# From the top down; a module imports from the lines below its own.
ROOMS = (
    ("deploy", "image_builder", "inventory"),
    ("cluster",),
    ("operate",),
    ("box",),
    ("components",),
    ("operations",),
    ("settings",),
)
PLACE = {room: place for place, rooms in enumerate(ROOMS) for room in rooms}
MODULES = sorted(
    path for path in SOURCES.rglob("*.py") if "files" not in path.relative_to(SOURCES).parts
)


def name_of(path: Path) -> str:
    """Return a module's dotted name, such as `infra.settings.site`; for an `__init__.py`, that of its folder."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {name_of(path) for path in MODULES}


def imports(path: Path, *, typed: bool = True) -> Iterator[str]:
    """Yield the modules that a module imports, late imports and (if `typed`) those under TYPE_CHECKING included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _nodes(tree, typed=typed):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in NAMES)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: an import says the whole name"
            holder = node.module or ""
            for one in node.names:
                name = f"{holder}.{one.name}"
                if name in NAMES:
                    yield name
                elif holder in NAMES:
                    yield holder


def _nodes(node: ast.AST, *, typed: bool) -> Iterator[ast.AST]:
    yield node
    if not typed and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    for child in ast.iter_child_nodes(node):
        yield from _nodes(child, typed=typed)


def room_of(name: str, depth: int = 1) -> str:
    return ".".join(name.split(".")[1 : depth + 1])


def test_every_room_has_its_place() -> None:
    assert {room_of(name) for name in NAMES - {"infra"}} == set(PLACE)


def test_arrows_go_down_only() -> None:
    arrows = [
        (path, room_of(name_of(path)), room_of(to))
        for path in MODULES
        for to in imports(path)
        if name_of(path) != "infra"
    ]
    assert len(arrows) > 100
    up = [
        f"{path.relative_to(ROOT)} imports {to}"
        for path, room, to in arrows
        if to != room and PLACE[to] <= PLACE[room]
    ]
    assert not up


def test_no_two_components_are_tied_to_each_other() -> None:
    tied: dict[str, set[str]] = {}
    for path in (path for path in MODULES if room_of(name_of(path)) == "components"):
        own = room_of(name_of(path), 2)
        others = {room_of(to, 2) for to in imports(path) if room_of(to) == "components"}
        tied.setdefault(own, set()).update(others - {own})
    assert "components.openchronic" in tied["components.jupyterhub"]
    TopologicalSorter(tied).prepare()


def test_no_two_modules_wait_for_each_other() -> None:
    """There are no import cycles, except for imports under TYPE_CHECKING."""
    TopologicalSorter(
        {name_of(path): set(imports(path, typed=False)) for path in MODULES}
    ).prepare()
