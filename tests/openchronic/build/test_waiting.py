"""An engine to which queries cost more than rows asks and writes together, and makes the same release."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from openchronic.build.counting import Waiting
from openchronic.build.figures import Counted
from openchronic.build.putting_off import is_read_once
from openchronic.engines import Engine
from openchronic.models.delivery import every_table
from openchronic.models.graph import graph_of
from openchronic.models.model import Count
from tests.openchronic.front_door import IN_ONE, build

# Of a build on Spark, those that write or return rows: each costs a second before its first row. What a new table adds is
# looked at here.
MOST_EXECUTIONS = 100


@dataclass
class Asked:
    """An engine that notes which queries it gets together."""

    waits: bool
    together: list[list[str]] = field(default_factory=list)

    def answers(self, queries: list[str]) -> list[list[tuple[Any, ...]]]:
        self.together.append(list(queries))
        return [[(len(query),)] for query in queries]

    def settle(self, queries: list[str], *, keeps: bool = False) -> list[list[tuple[Any, ...]]]:
        assert not keeps
        return self.answers(queries)


def test_years_that_are_read_together_make_the_release_of_years_read_one_by_one(
    synthetic: Path, synthetic_releases: Path, releases: Path, tmp_path: Path
) -> None:
    """DuckDB does so here in the place of Spark, whose executions it counts."""
    number = tmp_path / "executions"
    # The files are read already: how the engine is asked changes nothing in that.
    store = Path("snds", ".store")
    shutil.copytree(synthetic_releases / store, releases / store)
    counted = f"from tests.openchronic.build.executions import count_in; count_in({str(number)!r})"
    answer = build(synthetic, releases, *IN_ONE, before=counted)
    assert answer.status == 0, answer.text
    together, one_by_one = (
        json.loads((folder / "snds" / "current" / "manifest.json").read_text())
        for folder in (releases, synthetic_releases)
    )
    assert len({one["year"] for one in one_by_one["stays_by_year"]}) > 1
    assert told(together) == told(one_by_one)
    assert int(number.read_text()) <= MOST_EXECUTIONS


def told(manifest: dict[str, Any]) -> dict[str, Any]:
    """Returns what two builds of one delivery tell alike, cut into whatever buckets: not their names, times and files."""
    tables = {
        name: {what: one[what] for what in ("rows", "sha256")}
        for name, one in manifest["tables"].items()
    }
    own = ("id", "created", "files", "recipe_sha256", "settings", "quality")
    return {name: one for name, one in manifest.items() if name not in own} | {"tables": tables}


def test_what_waits_is_asked_at_once_at_the_end_and_else_one_by_one() -> None:
    wanted = [Count(("a",), "four"), Count(("b",), "seventy")]
    for waits, together in ((True, [["four", "seventy"]]), (False, [["four"], ["seventy"]])):
        engine, counted = Asked(waits), Counted()
        waiting = Waiting(cast(Engine, engine), counted)
        for one in wanted:
            waiting.count(one)
            assert waiting.waits_for(one.key) is waits
        waiting.settle()
        waiting.settle()
        assert [one for one in engine.together if one] == together
        assert (counted.number("a"), counted.number("b")) == (4, 7)
        assert not waiting.waits_for(("a",))


def test_only_what_one_query_reads_once_is_computed_where_it_is_read() -> None:
    graph = graph_of(every_table())
    once = {"valuation", "claim_place", "claim", "stay_judged", "event", "late"}
    assert {name for name in once if is_read_once(graph, graph.model(name))} == {
        "valuation",
        "claim_place",
    }
