"""Which release a session works on: pinned at first use, so that a publish changes no answer."""

from __future__ import annotations

from pathlib import Path

from openchronic.releases import Release, find, location

_pinned: dict[tuple[Path, str | None], Release] = {}


def release(name: str | None = None) -> Release:
    """La version en service aujourd'hui de la base ``name`` (inutile s'il n'y a qu'une base).

    ``base@id`` fige une étude sur une version. Lève ``OpenChronicError`` si elle n'existe pas.
    """
    return find(location(), name)


def pinned(chosen: Release | str | None) -> Release:
    """The release that ``chosen`` means: itself, or the one this session has used from the start."""
    if isinstance(chosen, Release):
        return chosen
    place = (location(), chosen)
    if place not in _pinned:
        _pinned[place] = find(*place)
    return _pinned[place]
