"""The state of a graph that is being made: its counts so far, the digests of its inputs, its given rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from openchronic.build.context import Context
from openchronic.build.figures import Counted
from openchronic.build.inputs import Persons
from openchronic.models.graph import Graph
from openchronic.models.model import Given

# The functions that return the rows of the tables that only the run can fill, by name.
Known = Mapping[str, Callable[[Context, Counted], Iterable[Sequence[object]]]]


@dataclass
class Run:
    """A graph being made. ``counted``: the counts of all finished parts; ``digests``: the digest of the inputs
    of each name; ``parts``: the digests of finished parts by the folders that they write to, once they are asked for."""

    context: Context
    graph: Graph
    known: Known
    counted: Counted = field(default_factory=Counted)
    digests: dict[str, str] = field(default_factory=dict)
    persons: Persons = field(default_factory=Persons)
    parts: dict[tuple[str, str], str] = field(default_factory=dict)


def given_rows(run: Run, node: Given) -> Iterable[Sequence[object]]:
    """Returns the rows of a given table: of its nomenclature, or those that the run fills it with."""
    return node.rows() if node.rows else run.known[node.name](run.context, run.counted)
