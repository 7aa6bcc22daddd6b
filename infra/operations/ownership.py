"""What a component owns on the server beyond its files, so that a later deploy can remove it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Owned:
    """Units by name, and directories that are the component's from top to bottom."""

    units: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()


def together(parts: Iterable[Owned]) -> Owned:
    parts = tuple(parts)
    return Owned(
        units=tuple(sorted({unit for part in parts for unit in part.units})),
        directories=tuple(sorted({path for part in parts for path in part.directories})),
    )


# Filled by the operations as they run: no component can forget a file of its own.
_files: set[str] = set()
_trees: set[str] = set()


@dataclass(frozen=True)
class Written:
    """What this deploy puts on the server: files in folders that others share, and whole trees."""

    files: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        return path in self.files or any(
            path == tree or path.startswith(f"{tree}/") for tree in self.trees
        )


def note_files(paths: Iterable[str]) -> None:
    _files.update(paths)


def note_tree(path: str) -> None:
    _trees.add(path)


def written() -> Written:
    return Written(files=tuple(sorted(_files)), trees=tuple(sorted(_trees)))
