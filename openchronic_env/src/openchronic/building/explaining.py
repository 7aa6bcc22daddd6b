"""The SQL of a step, as either engine runs it: what an auditor reads is what ran."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

from openchronic.building.filters import Filter, judge
from openchronic.building.hospital import named_records
from openchronic.building.lines import KINDS, line_query
from openchronic.engines.text import sql
from openchronic.errors import SettingsError
from openchronic.specs import DUCKDB, SPARK, functions

DECLARED = {"duckdb": DUCKDB, "spark": SPARK}
NAME = re.compile(r"(?:MACRO|FUNCTION) (\w+)\(")


def judged() -> Mapping[str, str]:
    """The queries whose rows the filters of a step judge, by step."""
    steps = ("stay", "ssr", "ssr_ace", "had", "rip", "ace")
    return (
        {kind.step: line_query(kind) for kind in KINDS}
        | {"cost": sql("cost_line"), "ald": sql("ald"), "valued": sql("hospital/valued")}
        | {step: named_records(step) for step in steps}
    )


def explain(step: str, *, engine: str, filters: Iterable[Filter]) -> str:
    """The statements of ``step``: functions that it uses, then its query.

    A step of ``filters`` comes with them; any other is a text of ``openchronic/sql``. Raises
    SettingsError: no such step.
    """
    steps = judged()
    if step in steps:
        query = judge(filters, step, steps[step])
    elif step in _texts():
        query = sql(step)
    else:
        raise SettingsError(
            f"--explain {step}: no such step; with filters there are {', '.join(sorted(steps))}; "
            f"and {', '.join(_texts())}"
        )
    used = [f"{one};" for one in _used(query, functions(DECLARED[engine]))]
    return "\n".join([f"-- {step}, as {engine} runs it", *used, f"{query.strip()};"])


def _texts() -> list[str]:
    folder = Path(str(resources.files("openchronic") / "sql"))
    names = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.sql"))
    return sorted(str(name) for name in names if not name.name.endswith("_functions"))


def _used(query: str, declared: Iterable[str]) -> list[str]:
    """Those of the functions that the query calls, and that they call, in their order."""
    known = [(found[1], one) for one in declared if (found := NAME.search(one))]
    called: set[str] = set()
    texts = [query]
    while texts:
        text = texts.pop()
        for name, one in known:
            if name not in called and re.search(rf"\b{name}\(", text):
                called.add(name)
                texts.append(one)
    return [one for name, one in known if name in called]
