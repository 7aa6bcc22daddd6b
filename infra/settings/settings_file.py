"""Reads a TOML file into a model; its errors are reported all at once, each with its place."""

import difflib
import tomllib
import types
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Strict, ValidationError

from infra.settings.toml_lines import line_of, lines_of

ROOT = Path(__file__).resolve().parents[2]

# The unit of settings whose name ends in _gb, in bytes: Docker's and systemd's G, the Gio of the pages.
GB = 2**30

Item = TypeVar("Item")
# A TOML list becomes a tuple and a TOML string a Path; every other type must be the file's own.
List = Annotated[tuple[Item, ...], Strict(False)]
LocalPath = Annotated[Path, Strict(False)]


class SettingsError(Exception):
    """A file cannot be used; the message has one line per error, with its place and its reason."""


class Settings(BaseModel):
    """Base of all settings: frozen; an unknown key and a value of another type are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON values; pyinfra's `debug-inventory` calls this on host data."""
        return self.model_dump(mode="json")


Model = TypeVar("Model", bound=Settings)


def read_toml(path: Path, *, error: type[SettingsError] = SettingsError) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path, error=error))
    except tomllib.TOMLDecodeError as wrong:
        raise error(f"{shown(path)}: not valid TOML: {wrong}") from None


def read_text(path: Path, *, error: type[SettingsError] = SettingsError) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as wrong:
        raise error(f"{shown(path)}: not UTF-8 text (byte {wrong.start})") from None
    except OSError as wrong:
        raise error(f"{shown(path)}: cannot be read: {wrong.strerror}") from None


def validate(
    model: type[Model], raw: object, path: Path, *, error: type[SettingsError] = SettingsError
) -> Model:
    try:
        return model.model_validate(raw)
    except ValidationError as wrong:
        raise error(located(path, reasons(model, wrong))) from None


def reasons(model: type[BaseModel], wrong: ValidationError) -> list[str]:
    """Return a line `place: reason` for each error."""
    return [
        ": ".join(filter(None, [_place(item["loc"]), reason]))
        for item in wrong.errors(include_url=False)
        for reason in _reason(model, item["loc"], item).splitlines()
    ]


def located(path: Path, wrong: Iterable[str]) -> str:
    """Return the errors, sorted by line, each with the file's name and, where the place is in the file, the line."""
    lines = lines_of(path.read_text(encoding="utf-8"))
    found = [(line_of(error.partition(": ")[0], lines) or 0, error) for error in wrong]
    return "\n".join(
        f"{shown(path)}{f':{line}' if line else ''}: {error}"
        for line, error in sorted(found, key=lambda one: one[0])
    )


def shown(path: Path) -> str:
    """Return a path of the checkout relative to it, as an operator types it, and any other path unchanged."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _place(location: tuple[int | str, ...]) -> str:
    """Return a location as text, such as `profiles.grande.memory_gb` or `server.names[1]`."""
    place = ""
    for part in location:
        if isinstance(part, int):
            place += f"[{part}]"
        elif part != "[key]":
            place += f".{part}" if place else part
    return place


def _reason(model: type[BaseModel], location: tuple[int | str, ...], item: Any) -> str:
    match item["type"]:
        case "extra_forbidden":
            holder = _model_at(model, location[:-1])
            close = difflib.get_close_matches(str(location[-1]), list(holder.model_fields), n=1)
            return "no such setting" + (f", did you mean {close[0]}?" if close else "")
        case "missing":
            field = _model_at(model, location[:-1]).model_fields.get(str(location[-1]))
            meaning = f": {field.description}" if field and field.description else ""
            return f"is required{meaning}"
        case "value_error":
            return str(item["msg"]).removeprefix("Value error, ")
        case "string_pattern_mismatch":
            return f"{item['input']!r} does not have the form {item['ctx']['pattern']}"
        case kind if kind.endswith(("_type", "_parsing")):
            message = str(item["msg"]).replace("valid tuple", "list").replace("string", "text")
            message = message.partition(" for <class")[0]
            return f"{message}, not {_kind(item['input'])}: {item['input']!r}"
        case _:
            return str(item["msg"])


def _kind(value: object) -> str:
    """Return TOML's name for the type of a value."""
    match value:
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
        case _:
            return f"a {type(value).__name__}"


def _model_at(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model of the table at a location; it follows optional tables and tables by name."""
    kind: Any = model
    for part in location:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(part))
            kind = field.annotation if field else None
        else:
            kind = next(iter(typing.get_args(kind)[-1:]), None)
        if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
            kind = next(option for option in typing.get_args(kind) if option is not type(None))
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else model
