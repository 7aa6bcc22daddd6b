"""The parameters of a pathway: one set a row, read strictly; their defaults and bounds are in parameters.csv."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from openchronic.errors import SettingsError
from openchronic.models.pathways import SETTING

Value = str | int | bool
NAME = "pathway"
ONLY = "pathway"
"""The name of the pathway where no file names one."""
SWITCHES = {"true": True, "1": True, "false": False, "0": False}
WHOLE = re.compile(r"[+-]?[0-9]{1,9}")


@dataclass(frozen=True)
class Parameter:
    """A row of parameters.csv. ``least`` and ``most`` bound whole numbers; ``choices`` are the words."""

    name: str
    kind: str
    default: str
    least: str
    most: str
    choices: str
    meaning: str

    def read(self, text: str) -> Value:
        """Returns the value that ``text`` is. Raises ValueError where it is none that is allowed."""
        if self.kind == "switch" and text.lower() in SWITCHES:
            return SWITCHES[text.lower()]
        if self.kind == "word" and text in self.choices.split():
            return text
        is_whole = self.kind == "whole" and WHOLE.fullmatch(text)
        if is_whole and int(self.least) <= int(text) <= int(self.most):
            return int(text)
        raise ValueError(text)

    def wanted(self, either: str, since: str, until: str) -> str:
        """Returns the values that are allowed, in the words of a language."""
        if self.kind == "whole":
            return f"{since} {self.least} {until} {self.most}"
        values = self.choices.split() or ["true", "false"]
        return f" {either} ".join(values)


@dataclass(frozen=True)
class Parameters:
    """The sets of parameters of one run: a value per column of ``setting``, in its order, for each pathway."""

    sets: tuple[Mapping[str, Value], ...]

    @property
    def pathways(self) -> tuple[str, ...]:
        return tuple(str(one[NAME]) for one in self.sets)

    @property
    def max_steps(self) -> int:
        """Returns the greatest of all sets."""
        return max(int(one["max_steps"]) for one in self.sets)

    @property
    def max_lines(self) -> int:
        """Returns the greatest of all sets."""
        return max(int(one["max_lines"]) for one in self.sets)

    def rows(self) -> list[tuple[Value, ...]]:
        """Returns the rows of ``setting``."""
        return [tuple(one[column] for column in SETTING.columns) for one in self.sets]


@cache
def known() -> Mapping[str, Parameter]:
    """Returns the parameters by name."""
    file = resources.files("openchronic.pathway") / "parameters.csv"
    with file.open(encoding="utf-8") as lines:
        found = [Parameter(**row) for row in csv.DictReader(lines, delimiter=";", strict=True)]
    return {one.name: one for one in found}


def parameters_of(rows: Iterable[Mapping[str, object]] = ({},)) -> Parameters:
    """Returns the sets of parameters that ``rows`` name; what a row leaves out, or empty, has its default.

    Raises SettingsError, with the number of the row.
    """
    sets = [_set_of(row, number) for number, row in enumerate(rows, start=1)]
    if not sets:
        raise SettingsError(
            "no row: each is a set of parameters",
            "aucune ligne\u00a0: chacune est un jeu de paramètres.",
        )
    first: dict[Value, int] = {}
    for number, one in enumerate(sets, start=1):
        if (before := first.setdefault(one[NAME], number)) != number:
            raise SettingsError(
                f"row {number} is named as row {before}: each pathway needs a name of its own",
                f"la ligne {number} a le nom de la ligne {before}\u00a0: chaque parcours a le sien ({NAME}).",
            )
    return Parameters(tuple(sets))


def read_parameters(file: Path) -> Parameters:
    """Returns the sets of parameters in a CSV file: a column ``pathway``, and those that differ from their default.

    Raises SettingsError with the file and the row.
    """
    try:
        return parameters_of(_rows(file))
    except SettingsError as error:
        raise SettingsError(f"{file}: {error.english}", f"{file}\u00a0: {error}") from None


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
        separator = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
        # A line with too many cells keeps them under None, one with too few has None for the rest.
        reader = csv.DictReader(lines, delimiter=separator, strict=True)
        names, rows = [*(reader.fieldnames or ())], list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else f"not CSV in UTF-8: {error}"
        raise SettingsError(f"{why}", f"lecture impossible ({why}).") from None
    if twice := next((one for one in names if names.count(one) > 1), None):
        raise SettingsError(
            f"two columns are called {twice}", f"deux colonnes s’appellent {twice}."
        )
    for number, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            raise SettingsError(
                f"row {number} has not as many cells as the header",
                f"la ligne {number} n’a pas autant de cellules que l’en-tête.",
            )
    if NAME not in (rows[0] if rows else {}):
        raise SettingsError(
            f"a column {NAME} must name each set, and a row follow",
            f"une colonne {NAME} doit nommer chaque jeu de paramètres, et une ligne suivre.",
        )
    return rows


def _set_of(row: Mapping[str, object], number: int) -> Mapping[str, Value]:
    cells = {name: "" if value is None else str(value).strip() for name, value in row.items()}
    values: dict[str, Value] = {NAME: cells.get(NAME, ONLY)}
    if not values[NAME]:
        raise SettingsError(
            f"row {number} has no {NAME}: each set needs a name",
            f"la ligne {number} n’a pas de {NAME}\u00a0: chaque jeu de paramètres a un nom.",
        )
    for name in cells:
        if name not in known() and name != NAME:
            near = difflib.get_close_matches(name, known(), 1)
            raise SettingsError(
                f"{name} is no parameter"
                + (f": did you mean {near[0]}?" if near else f"; there are {', '.join(known())}"),
                f"{name} n’est pas un paramètre"
                + (
                    f"\u00a0: vouliez-vous dire {near[0]}\u00a0?"
                    if near
                    else f"\u00a0; il y a {', '.join(known())}."
                ),
            )
    for parameter in known().values():
        try:
            values[parameter.name] = parameter.read(cells.get(parameter.name) or parameter.default)
        except ValueError:
            raise SettingsError(
                f"row {number}: {parameter.name} must be {parameter.wanted('or', 'a whole number from', 'to')}",
                f"ligne {number}\u00a0: {parameter.name} doit être "
                f"{parameter.wanted('ou', 'un nombre entier de', 'à')}.",
            ) from None
    return values
