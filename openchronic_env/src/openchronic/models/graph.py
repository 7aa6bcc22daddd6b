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
    diseases,
    illnesses,
    pathways,
    people,
    persons,
    products,
    release,
)
from openchronic.models.delivery import Delivery
from openchronic.models.model import ForeignKey, Given, Model, Node, Released, Source, Stage

# The subjects in the order of a build: each reads what those before it made.
SUBJECTS = (
    *(people, claims, persons, acute, products, causes, illnesses, release),
    *(diseases, pathways, cartography),
)
# The window of care is known once all claims were read.
WINDOW = Stage(
    "window of care", (Given("care_window", {"first_care": "DATE", "last_care": "DATE"}),)
)


@dataclass(frozen=True)
class Graph:
    """The stages of a build of one delivery, in the order in which they are made."""

    stages: tuple[Stage, ...]

    @cached_property
    def makers(self) -> Mapping[str, tuple[Node, ...]]:
        """Returns the nodes that make each name: several may add or write their rows to one table."""
        made: dict[str, list[Node]] = {}
        for node in self.nodes():
            for name in names_of(node):
                made.setdefault(name, []).append(node)
        return {name: tuple(nodes) for name, nodes in made.items()}

    def nodes(self) -> Iterator[Node]:
        """Yields all nodes, in the order in which they are made."""
        for stage in self.stages:
            yield from stage.nodes

    def stage_of(self, node: Node) -> Stage:
        """Returns the stage in which ``node`` is made."""
        return next(stage for stage in self.stages if node in stage.nodes)

    def model(self, name: str) -> Model:
        """Returns the model of that name. Raises KeyError where there is none."""
        for node in self.makers.get(name, ()):
            if isinstance(node, Model) and node.name == name:
                return node
        raise KeyError(name)

    def needed(
        self, names: Iterable[str], *, through: Iterable[str] = (), there: Iterable[str] = ()
    ) -> list[Node]:
        """Returns the nodes that ``names`` depend on, in the order in which they are made.

        ``through``: where several nodes make one name and some of them are listed here, only those are taken.
        ``there``: names that are made already, by other means.
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
    """Returns the names that ``node`` makes, or adds rows to."""
    if isinstance(node, ForeignKey):
        return []
    if not isinstance(node, Model):
        return [node.name]
    own = [] if node.made == "passed" else [node.name]
    return [*own, *filter(None, (node.adds, node.by_bucket))]


def graph_of(delivery: Delivery) -> Graph:
    """Returns the graph of a build of ``delivery``. Raises ValueError where its stages do not form one."""
    stages: list[Stage] = []
    for subject in SUBJECTS:
        stages += subject.stages(delivery)
        if subject is claims:
            stages.append(WINDOW)
    check(stages)
    return Graph(tuple(stages))


def check(stages: Iterable[Stage]) -> None:
    """Raises ValueError where a name is read before it is made or outside its scope, or has two meanings."""
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
    """Returns whether a delivered table may be shown again, with its files of another month or year."""
    return isinstance(node, Source) and stage.scope != "whole"


def _lasts(node: Node, name: str, stage: Stage) -> bool:
    """Returns whether ``name`` can be read after ``stage``."""
    if isinstance(node, Model) and name in (node.adds, node.by_bucket):
        return True
    if stage.scope != "whole":
        return False
    return not stage.kept or (isinstance(node, Model) and node.made == "table")
