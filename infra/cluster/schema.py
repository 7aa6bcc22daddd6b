"""`python -m infra.cluster.schema`: writes charts/bigdata/values.schema.json, the schema of the chart's values."""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from infra.cluster.values import Values
from infra.settings.settings_file import ROOT

PLACE = ROOT / "charts" / "bigdata" / "values.schema.json"
DIALECT = "http://json-schema.org/draft-07/schema#"


class Untitled(GenerateJsonSchema):
    """Leaves out titles that only repeat the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema() -> str:
    """Return the schema as text. Helm adds `global` to the values that it checks."""
    made = Values.model_json_schema(schema_generator=Untitled)
    definitions = made.pop("$defs")
    made["properties"]["global"] = {"type": "object", "maxProperties": 0}
    whole = _closed({"$schema": DIALECT, **made, "definitions": definitions})
    return json.dumps(whole, indent=2).replace("#/$defs/", "#/definitions/") + "\n"


def _closed(node: Any) -> Any:
    """Return the schema with tables of names of one form closed to all other names."""
    if isinstance(node, list):
        return [_closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    closed = {"additionalProperties": False} if "patternProperties" in node else {}
    return {key: _closed(value) for key, value in node.items()} | closed


def main() -> None:
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    PLACE.write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    main()
