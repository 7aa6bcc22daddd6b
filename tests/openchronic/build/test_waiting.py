"""An engine to which queries cost more than rows asks and writes together, and makes the same release."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from openchronic.build.counting import Waiting
from openchronic.build.figures import Counted
from openchronic.build.putting_off import is_read_once, may_wait
from openchronic.engines import Engine
from openchronic.models.delivery import every_table
from openchronic.models.graph import graph_of
from openchronic.models.model import Count
from tests.openchronic.front_door import IN_TWO, build

# DuckDB reads all years of a product at once, and counts and frees at the end of a step, as Spark does.
TOGETHER = "from openchronic.engines.duck import Duck; Duck.waits = True"


@dataclass
class Asked:
    """An engine that notes which queries it gets together."""

    waits: bool
    together: list[list[str]] = field(default_factory=list)

    def answers(self, queries: list[str]) -> list[list[tuple[Any, ...]]]:
        self.together.append(list(queries))
        return [[(len(query),)] for query in queries]


def test_years_that_are_read_together_make_the_release_of_years_read_one_by_one(
    synthetic: Path, synthetic_releases: Path, releases: Path
) -> None:
    answer = build(synthetic, releases, *IN_TWO, before=TOGETHER)
    assert answer.status == 0, answer.text
    together, one_by_one = (
        json.loads((folder / "snds" / "current" / "manifest.json").read_text())
        for folder in (releases, synthetic_releases)
    )
    assert len({one["year"] for one in one_by_one["stays_by_year"]}) > 1
    assert told(together) == told(one_by_one)


def told(manifest: dict[str, Any]) -> dict[str, Any]:
    """Returns the manifest without its name and times, and without the bytes of files, in which equal rows may lie otherwise."""
    tables = {
        name: {what: value for what, value in one.items() if what != "files"}
        for name, one in manifest["tables"].items()
    }
    own = ("id", "created", "files")
    return {name: one for name, one in manifest.items() if name not in own} | {"tables": tables}


def test_what_waits_is_asked_at_once_at_the_end_and_else_one_by_one() -> None:
    wanted = [Count(("a",), "four"), Count(("b",), "seventy")]
    for waits, together in ((True, [["four", "seventy"]]), (False, [["four"], ["seventy"]])):
        engine, counted = Asked(waits), Counted()
        waiting = Waiting(cast(Engine, engine), counted)
        for one in wanted:
            waiting.count(one)
            assert waiting.waits_for(one.key) is waits
        waiting.ask()
        waiting.ask()
        assert engine.together == together
        assert (counted.number("a"), counted.number("b")) == (4, 7)
        assert not waiting.waits_for(("a",))


def test_only_what_one_query_reads_once_is_computed_where_it_is_read() -> None:
    graph = graph_of(every_table())
    once = {"valuation", "claim_place", "claim", "stay_judged", "event", "late"}
    assert {name for name in once if is_read_once(graph, graph.model(name))} == {
        "valuation",
        "claim_place",
    }


def test_only_what_counts_and_writes_by_bucket_read_waits_for_the_end_of_its_step() -> None:
    graph = graph_of(every_table())

    def waits(name: str) -> bool:
        model = graph.model(name)
        return may_wait(graph, graph.stage_of(model).nodes, model)

    # Lines of claims and of hospital records; what another table of the step, or a later one, is made from does not.
    assert waits("drug_line")
    assert waits("t_ssraad_line")
    assert not waits("claim")
    assert not waits("mco_stay")
    assert not waits("event")
    assert not waits("ald_judged")
