"""Reads a TOML file into a model, or says every error in it with its place."""

import difflib
import tomllib
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

ROOT = Path(__file__).resolve().parents[1]


class SettingsError(Exception):
    """A file that cannot be used: one line per error, each with its place and its reason."""


class Settings(BaseModel):
    """Settings never change once read, and a key that nothing reads is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def to_json(self) -> dict[str, Any]:
        """What pyinfra's `debug-inventory` calls on host data."""
        return self.model_dump(mode="json")


Model = TypeVar("Model", bound=Settings)


def read_toml(path: Path, *, error: type[SettingsError] = SettingsError) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as wrong:
        raise error(f"{shown(path)}: not valid TOML: {wrong}") from None
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
        lines = [
            ": ".join(
                filter(None, [shown(path), _place(item["loc"]), _reason(model, item["loc"], item)])
            )
            for item in wrong.errors(include_url=False)
        ]
        raise error("\n".join(lines)) from None


def shown(path: Path) -> str:
    """The path as an operator types it from the checkout."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _place(location: tuple[int | str, ...]) -> str:
    """`profiles.grande.memory_gb`, `server.names[1]`."""
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
        case _:
            return str(item["msg"])


def _model_at(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    """The model that holds the keys at a place, through tables, options and named tables."""
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
