"""Reads the valid settings of a file that holds errors, so that checks across its tables run as well."""

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from types import UnionType
from typing import Annotated, Any

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from infra.settings.settings_file import Model, Settings

Check = Callable[[], Iterable[str]]


def readable(model: type[Model], raw: Mapping[str, Any]) -> Model:
    """Return a model with the valid settings only; reading any other setting raises AttributeError."""
    right: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if name in raw:
            with suppress(ValueError):
                right[name] = _value(field, raw[name])
        elif not field.is_required():
            right[name] = field.get_default(call_default_factory=True)
    made: Any = model.model_construct(_fields_set=set(right) & set(raw), **right)
    # model_construct gives invalid settings their defaults, which are not what the file means.
    for name in set(model.model_fields) - set(right):
        made.__dict__.pop(name, None)
    return typing.cast(Model, made)


def problems(checks: Iterable[Check], *, whole: bool) -> Iterator[str]:
    """Yield the errors that the checks find. Unless the model is `whole`, a check that lacks a setting is skipped."""
    for check in checks:
        if whole:
            yield from check()
            continue
        with suppress(AttributeError):
            yield from check()


def _value(field: FieldInfo, raw: Any) -> Any:
    kind: Any = field.annotation
    if isinstance(kind, UnionType) or typing.get_origin(kind) is typing.Union:
        kind = next(one for one in typing.get_args(kind) if one is not type(None))
    if _is_settings(kind):
        if not isinstance(raw, dict):
            raise ValueError("no table")
        return readable(kind, raw)
    inner = next(iter(typing.get_args(kind)[-1:]), None)
    if typing.get_origin(kind) is dict and _is_settings(inner) and isinstance(raw, dict):
        return {key: readable(inner, one) for key, one in raw.items() if isinstance(one, dict)}
    exact: Any = Annotated[field.annotation, field]
    return TypeAdapter(exact, config=Settings.model_config).validate_python(raw)


def _is_settings(kind: Any) -> typing.TypeGuard[type[Settings]]:
    return isinstance(kind, type) and issubclass(kind, Settings)
