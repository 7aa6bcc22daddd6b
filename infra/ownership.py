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
