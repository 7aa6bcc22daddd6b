"""The definitions together: those of the package, those that a site adds, and which of them need others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from openchronic.catalogue import load_tables
from openchronic.diseases.definition import Definition, Form
from openchronic.diseases.expression import names
from openchronic.diseases.reading import read_definition
from openchronic.errors import SettingsError

NATIONAL = "CT_IND_AAAA_GN"
ENDING = ".toml"
# A definition may need others, which need others: so many steps are evaluated one after another.
LEVELS = 3


@dataclass(frozen=True)
class Library:
    """Definitions in the order of their names. ``levels``: how many steps come before each form."""

    definitions: tuple[Definition, ...]
    levels: Mapping[str, int]

    def forms(self) -> Iterator[tuple[Definition, Form]]:
        """Yields the definitions and their variants, each as it is evaluated."""
        for one in self.definitions:
            for form in one.forms:
                yield one, form

    def __getitem__(self, name: str) -> Definition:
        return next(one for one in self.definitions if one.name == name)


@cache
def load_library() -> Library:
    """Returns the definitions of the package."""
    return library_of(_read(resources.files(__package__)))


def library_with(folder: Path | None) -> Library:
    """Returns the definitions of the package and those of a site's ``folder``.

    Raises SettingsError where the folder is none, has no definition, or has one that is refused.
    """
    if folder is None:
        return load_library()
    if not folder.is_dir():
        raise SettingsError(f"--definitions {folder}: there is no such folder")
    return with_local(_read(folder), folder)


def with_local(added: list[Definition], where: Path) -> Library:
    """Returns the library with definitions of a site. Raises SettingsError where they do not fit in."""
    own = load_library().definitions
    if not added:
        raise SettingsError(f"{where}: no definition (a file <name>{ENDING}) is there")
    for one in added:
        if one.name in {other.name for other in own}:
            raise SettingsError(
                f"{where}: {one.name} is a definition of the package: give yours another name"
            )
        if unread := sorted({top for form in one.forms for top in form.tops} - _read_columns()):
            raise SettingsError(
                f"{where}: {one.name}: {', '.join(unread)}: no column of {NATIONAL} that a build reads; "
                f"it reads {', '.join(sorted(top for top in _read_columns() if top.startswith('TOP_')))}"
            )
    return library_of([*own, *(replace(one, is_local=True) for one in added)])


def _read_columns() -> set[str]:
    return {column.name for column in load_tables()[NATIONAL].columns if column.read}


def read_file(path: Path) -> Definition:
    """Returns the definition of one file. Raises SettingsError with file and line."""
    try:
        return read_definition(path.name, path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise SettingsError(f"{path}: {problem.strerror or problem}") from None
    except ValueError as problem:
        raise SettingsError(str(problem)) from None


def library_of(definitions: list[Definition]) -> Library:
    """Returns the library of ``definitions``. Raises SettingsError where one needs what is not there, or itself."""
    kinds = {one.name: one.kind for one in definitions}
    states = {
        f"{one.name}.{state}": one.name
        for one in definitions
        for state, _ in one.forms[0].states
        if one.kind == "year"
    }
    needs: dict[str, set[str]] = {}
    known = {column.name for column in load_tables()[NATIONAL].columns}
    for one in definitions:
        for form in one.forms:
            wanted = [n for _, node in form.states for n in names(node) if "." in n]
            for name in wanted:
                if name not in states:
                    raise SettingsError(f"{one.name}.toml: {name} is no state of a definition")
            needs[form.name] = {states[name] for name in wanted}
            for top in form.tops:
                if top not in known:
                    raise SettingsError(f"{one.name}.toml: no column of {NATIONAL}: {top}")
    assert len(kinds) == len(definitions)
    levels: dict[str, int] = {}
    for name in needs:
        _level(name, needs, levels, ())
    return Library(tuple(sorted(definitions, key=lambda one: one.name)), levels)


def _level(
    name: str, needs: Mapping[str, set[str]], levels: dict[str, int], through: tuple[str, ...]
) -> int:
    if name in through:
        cycle = " needs ".join([*through[through.index(name) :], name])
        raise SettingsError(f"definitions that need each other: {cycle}")
    if name not in levels:
        below = [_level(one, needs, levels, (*through, name)) for one in sorted(needs[name])]
        levels[name] = max(below, default=-1) + 1
        if levels[name] >= LEVELS:
            raise SettingsError(
                f"{name} needs definitions that need others: {LEVELS} steps at most are evaluated"
            )
    return levels[name]


def _read(folder: Traversable) -> list[Definition]:
    found = []
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(ENDING):
            try:
                found.append(read_definition(file.name, file.read_text(encoding="utf-8-sig")))
            except ValueError as problem:
                raise SettingsError(f"{folder}: {problem}") from None
    return found
