"""Writes the chart's values as YAML, which is JSON where no text has several lines, so that a diff shows each line."""

import json
from typing import Any

from infra.cluster.values import Values


def yaml(values: Values) -> str:
    """Return the values as YAML: tables in the model's order, texts of several lines as blocks."""
    return "\n".join(_table(values.model_dump(mode="json", by_alias=True), "")) + "\n"


def _table(table: dict[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, value in table.items():
        lines += _entry(f"{indent}{_key(key)}:", value, f"{indent}  ")
    return lines


def _entry(begin: str, value: Any, indent: str) -> list[str]:
    match value:
        case dict() if value:
            return [begin, *_table(value, indent)]
        case list() if value and all(isinstance(one, dict) for one in value):
            return [begin, *(line for one in value for line in _item(one, indent))]
        case str() if _is_block(value):
            # The indentation is said, since a text may begin with spaces.
            return [f"{begin} |2-", *_block(value, indent)]
        case _:
            return [f"{begin} {_scalar(value)}"]


def _item(table: dict[str, Any], indent: str) -> list[str]:
    lines = _table(table, f"{indent}  ")
    return [f"{indent}- {lines[0].lstrip()}", *lines[1:]]


def _is_block(text: str) -> bool:
    # A block cannot hold control characters, nor trailing line ends without loss under one mark.
    return "\n" in text and all(sign == "\n" or sign == "\t" or sign.isprintable() or sign == "\u00a0" or sign == "\u202f" for sign in text)


def _block(text: str, indent: str) -> list[str]:
    return [f"{indent}{line}" if line else "" for line in text.split("\n")]


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() and key[0].isalpha() else json.dumps(key)
