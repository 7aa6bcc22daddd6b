"""The chart's schema is that of the model, and is closed everywhere."""

import json
from collections.abc import Iterator
from typing import Any

from infra.cluster.schema import PLACE, schema


def test_the_charts_schema_is_that_of_the_model() -> None:
    assert PLACE.read_text(encoding="utf-8") == schema(), (
        "the model of the values changed: .venv/bin/python -m infra.cluster.schema"
    )


def test_no_table_takes_a_name_that_nobody_knows() -> None:
    named = [table for table in _tables(json.loads(schema())) if "properties" in table]
    assert len(named) > 20
    assert [table for table in named if table.get("additionalProperties") is not False] == []
    patterned = [table for table in _tables(json.loads(schema())) if "patternProperties" in table]
    assert len(patterned) >= 2
    assert [table for table in patterned if table.get("additionalProperties") is not False] == []


def _tables(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        node = list(node.values())
    for one in node if isinstance(node, list) else ():
        yield from _tables(one)
