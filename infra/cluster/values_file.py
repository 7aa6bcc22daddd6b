"""Writes the chart's values as YAML that people read and compare: tables in the model's order, texts line by line."""

import re
from typing import Any

import yaml

from infra.cluster.values import Values

# What YAML's blocks would not keep as it is.
NO_BLOCK = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]|[ \t]+\n|[ \t]+$")

# What readers of other versions of YAML take for a number, a date or a boolean.
AMBIGUOUS = re.compile(r"[\d.+~-].*|[yYnN]")


class Writer(yaml.SafeDumper):
    """SafeDumper with indented lists and texts of several lines as blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)

    def text(self, text: str) -> Any:
        quoted = NO_BLOCK.search(text) or AMBIGUOUS.fullmatch(text)
        style = '"' if quoted else "|" if "\n" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    def number(self, number: float) -> Any:
        whole = int(number) if number.is_integer() else None
        return self.represent_int(whole) if whole is not None else self.represent_float(number)


Writer.add_representer(str, Writer.text)
Writer.add_representer(float, Writer.number)


def written(values: Values) -> str:
    """Return the values as YAML. Every key is there, null where nothing is set: Helm then drops the chart's own default."""
    table = values.model_dump(mode="json", by_alias=True)
    return str(yaml.dump(table, Dumper=Writer, sort_keys=False, allow_unicode=True, width=10_000))
