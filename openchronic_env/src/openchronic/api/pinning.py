"""Pins the release of a session at its first use, so that a publish changes no result."""

from __future__ import annotations

from pathlib import Path

from openchronic.releases import Release, find, hold, location

_pinned: dict[tuple[Path, str | None], Release] = {}


def release(name: str | None = None, *, sample: float | None = None) -> Release:
    """La version en service aujourd'hui de la base ``name`` (inutile s'il n'y a qu'une base).

    ``base@id`` fige une étude sur une version. ``sample`` : une part des sujets, par exemple
    ``0.01``, les mêmes dans toutes les tables et d'une version à l'autre, et tous compris dans une
    part plus grande ; la version obtenue se donne ensuite à ``connect``, ``table``, ``spark``,
    ``pandas``… Lève ``OpenChronicError`` si la version n'existe pas.
    """
    found = hold(find(location(), name))
    return found if sample is None else found.sampled(sample)


def pinned(chosen: Release | str | None) -> Release:
    """Returns the release that ``chosen`` stands for: itself, or the one that this session used first.

    It cannot be removed while the session lives.
    """
    if isinstance(chosen, Release):
        return hold(chosen)
    place = (location(), chosen)
    if place not in _pinned:
        _pinned[place] = hold(find(*place))
    return _pinned[place]
