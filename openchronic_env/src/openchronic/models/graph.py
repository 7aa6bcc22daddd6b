"""The dependency graph of a build: all its stages in order, checked, and which models a table needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from openchronic.models import (
    acute,
    cartography,
    causes,
    claims,
    illnesses,
    people,
    persons,
    products,
    release,
)
from openchronic.models.delivery import Delivery
from openchronic.models.model import ForeignKey, Given, Model, Node, Released, Source, Stage

# In the order of a build: each reads what those before it made.
SUBJECTS = (people, claims, persons, acute, products, causes, illnesses, release, cartography)
# What is known of the window of care when all claims were read.
WINDOW = Stage(
    "window of care", (Given("care_window", {"first_care": "DATE", "last_care": "DATE"}),)
)


@dataclass(frozen=True)
class Graph:
    """The stages of a build of one delivery, in the order in which they are made."""

    stages: tuple[Stage, ...]

    @cached_property
    def makers(self) -> Mapping[str, tuple[Node, ...]]:
        """By name, the nodes that make it: several add or deal their rows to one table."""
        made: dict[str, list[Node]] = {}
        for node in self.nodes():
            for name in names_of(node):
                made.setdefault(name, []).append(node)
        return {name: tuple(nodes) for name, nodes in made.items()}

    def nodes(self) -> Iterator[Node]:
        """All of them, in the order in which they are made."""
        for stage in self.stages:
            yield from stage.nodes

    def stage_of(self, node: Node) -> Stage:
        """The stage in which ``node`` is made."""
        return next(stage for stage in self.stages if node in stage.nodes)

    def model(self, name: str) -> Model:
        """The model of that name. Raises KeyError: there is none."""
        for node in self.makers.get(name, ()):
            if isinstance(node, Model) and node.name == name:
                return node
        raise KeyError(name)

    def needed(
        self, names: Iterable[str], *, through: Iterable[str] = (), there: Iterable[str] = ()
    ) -> list[Node]:
        """What leads to ``names``, in the order in which it is made.

        ``through``: of several nodes that make one name, those alone of them; of others all. ``there``: names that
        are made already, by whatever else.
        """
        through, there = set(through), set(there)
        wanted, found = list(names), set[str]()
        while wanted:
            name = wanted.pop()
            if name in there:
                continue
            makers = self.makers.get(name, ())
            chosen = [one for one in makers if one.name in through] or makers
            for node in chosen:
                if node.name not in found:
                    found.add(node.name)
                    wanted += node.reads
        return [node for node in self.nodes() if node.name in found]


def names_of(node: Node) -> list[str]:
    """The names that ``node`` makes, or adds to."""
    if isinstance(node, ForeignKey):
        return []
    if not isinstance(node, Model):
        return [node.name]
    own = [] if node.made == "passed" else [node.name]
    return [*own, *filter(None, (node.adds, node.by_bucket))]


def graph_of(delivery: Delivery) -> Graph:
    """The graph of a build of ``delivery``. Raises ValueError: it is none."""
    stages: list[Stage] = []
    for subject in SUBJECTS:
        stages += subject.stages(delivery)
        if subject is claims:
            stages.append(WINDOW)
    check(stages)
    return Graph(tuple(stages))


def check(stages: Iterable[Stage]) -> None:
    """Raises ValueError: a name is read before it is made, out of its scope, or means two things."""
    lasting: set[str] = set()
    written: set[str] = set()
    meant: dict[str, str] = {}
    for stage in stages:
        here: set[str] = set()
        for node in stage.nodes:
            there = lasting | here | set(release.LIKE)
            if isinstance(node, Released):
                there |= written
            unknown = [name for name in node.reads if name not in there]
            if unknown:
                raise ValueError(
                    f"{node.name} of {stage.name} reads what is not made: {', '.join(unknown)}"
                )
            for name in names_of(node):
                own = name == node.name
                as_what = f"made by {node.name}" if own else "added to"
                twice = meant.setdefault(name, as_what) != as_what or (
                    own and name in lasting | here
                )
                if twice and not _again(node, stage):
                    raise ValueError(f"{name} means two things: {meant[name]}, and {as_what}")
                if own:
                    here.add(name)
                if _lasts(node, name, stage):
                    lasting.add(name)
            if isinstance(node, Model) and node.writes:
                written.add(node.writes.table)


def _again(node: Node, stage: Stage) -> bool:
    """Whether a delivered table may be shown again: its own files of another month or year."""
    return isinstance(node, Source) and stage.scope != "whole"


def _lasts(node: Node, name: str, stage: Stage) -> bool:
    """Whether ``name`` can be read after ``stage``."""
    if isinstance(node, Model) and name in (node.adds, node.by_bucket):
        return True
    if stage.scope != "whole":
        return False
    return not stage.kept or (isinstance(node, Model) and node.made == "table")
