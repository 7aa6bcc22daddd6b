"""Records what this deploy owns and writes on the server, so that a later one can remove what it no longer has."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Owned:
    """A component's units by name, and the directories that belong to it whole."""

    units: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()


def together(parts: Iterable[Owned]) -> Owned:
    parts = tuple(parts)
    return Owned(
        units=tuple(sorted({unit for part in parts for unit in part.units})),
        directories=tuple(sorted({path for part in parts for path in part.directories})),
    )


# The operations fill these as they run, so that no component can forget one of its files.
_files: set[str] = set()
_trees: set[str] = set()


@dataclass(frozen=True)
class Written:
    """The files that this deploy writes in shared folders, and the directories that it owns whole."""

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
