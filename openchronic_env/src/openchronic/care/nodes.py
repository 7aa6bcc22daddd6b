"""Reads the file of nodes: what a fact must be to be care of one kind; read strictly."""

from __future__ import annotations

import csv
import difflib
import re
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from openchronic.errors import SettingsError
from openchronic.models.care import END, START
from openchronic.models.release.event_types import load_event_types

COLUMNS = (
    *("priority", "node", "fr", "event_type", "care_setting", "provider_specialty"),
    *("vocabulary", "prefix", "flag"),
)
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Node:
    """A row: a fact of ``event_type`` that meets all conditions, of which an empty one is none, has this node.

    ``place``: rows are tried in this order. ``prefix``: the beginning of its code in ``vocabulary``, or of its ATC class.
    ``flag``: one of ``flags``.
    """

    place: int
    node: str
    fr: str
    event_type: str
    care_setting: str
    provider_specialty: str
    vocabulary: str
    prefix: str
    flag: str


def read_nodes(file: Path | None = None) -> tuple[Node, ...]:
    """Returns the nodes of the package, or those of a site's ``file`` (CSV), in the order in which they are tried.

    Raises SettingsError with file and line.
    """
    if file is not None and not file.is_file():
        raise SettingsError(
            f"{file}: there is no such file", f"{file}\u00a0: le fichier n’existe pas."
        )
    place: Path | Traversable = file or resources.files(__package__) / "nodes.csv"
    try:
        lines = place.read_text(encoding="utf-8").lstrip("\ufeff").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "not UTF-8"
        raise SettingsError(
            f"{file}: {why}", f"{file}\u00a0: lecture impossible ({why})."
        ) from None
    separator = ";" if lines and ";" in lines[0] else ","
    reader = csv.DictReader(lines, delimiter=separator)
    _check_header(str(place), reader.fieldnames or [])
    found: list[Node] = []
    for row in reader:
        where = (str(place), reader.line_num)
        if None in row or None in row.values():
            raise _wrong(
                where,
                "not as many cells as the header",
                "il n’y a pas autant de cellules que dans l’en-tête",
            )
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        found.append(_node(where, cells, found))
    if not found:
        raise _wrong((str(place), 1), "no node follows", "aucun nœud ne suit")
    return tuple(sorted(found, key=lambda one: one.place))


def _check_header(file: str, names: object) -> None:
    there = [str(name).strip() for name in names] if isinstance(names, list) else []
    needed = ("priority", "node", "event_type")
    if lacking := [name for name in needed if name not in there]:
        raise _wrong(
            (file, 1),
            f"no column {', '.join(lacking)}; there are {', '.join(COLUMNS)}",
            f"il manque {', '.join(lacking)}. Les colonnes sont {', '.join(COLUMNS)}",
        )
    for name in there:
        if name not in COLUMNS:
            raise _unknown((file, 1), "column", "colonne", name, COLUMNS)


def _node(where: tuple[str, int], cells: dict[str, str], before: list[Node]) -> Node:
    if not cells["priority"].isdigit():
        raise _wrong(
            where, "priority: a whole number from 0", "priority\u00a0: un nombre entier, dès 0"
        )
    place, name = int(cells.pop("priority")), cells["node"]
    if place in {one.place for one in before}:
        raise _wrong(where, f"priority {place} is there twice", f"priority {place} y est deux fois")
    if not NAME.fullmatch(name) or name.upper() in (START, END):
        raise _wrong(
            where,
            f"node {name!r}: small letters, digits and _, and neither start nor end",
            f"node « {name} »\u00a0: de petites lettres, des chiffres et _, et ni start ni end",
        )
    types = load_event_types()
    if cells["event_type"] not in types:
        raise _unknown(where, "event_type", "event_type", cells["event_type"], tuple(types))
    if bool(cells["vocabulary"]) != bool(cells["prefix"]):
        raise _wrong(
            where, "vocabulary and prefix come together", "vocabulary et prefix vont ensemble"
        )
    return Node(place=place, **(cells | {"fr": cells["fr"] or name}))


def _unknown(
    where: tuple[str, int], what: str, quoi: str, name: str, known: tuple[str, ...]
) -> SettingsError:
    near = difflib.get_close_matches(name, known, 1)
    listed = ", ".join(known)
    return _wrong(
        where,
        f"{what} {name!r} is unknown" + (f": did you mean {near[0]}?" if near else f"; {listed}"),
        f"{quoi} « {name} » n’existe pas"
        + (f"\u00a0: vouliez-vous dire {near[0]}\u00a0?" if near else f"\u00a0: il y a {listed}"),
    )


def _wrong(where: tuple[str, int], english: str, french: str) -> SettingsError:
    file, line = where
    end = "" if french.endswith("?") else "."
    return SettingsError(
        f"{file}, line {line}: {english}", f"{file}, ligne {line}\u00a0: {french}{end}"
    )
