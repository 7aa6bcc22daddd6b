"""Removes what earlier builds left of parts that this build has not: a file withdrawn, a table no longer delivered."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from openchronic.build.context import Context
from openchronic.build.instances import Instance
from openchronic.build.workspace import FINISHED, STANDING, UNFINISHED
from openchronic.models.graph import Graph
from openchronic.models.model import Model, Node, Stage
from openchronic.store.places import SPILL

TABLES = "tables"
# The folders beside those of parts.
OTHERS = (TABLES, FINISHED, STANDING, SPILL, *UNFINISHED)


def folders_of(context: Context, nodes: Iterable[Node], instance: Instance) -> list[Path]:
    """Returns the folders that a part of ``nodes`` for ``instance`` writes to, and no other part does."""
    return [place / f"{node.name}-{instance.name}" for node, place in _places(context, nodes)]


def forget_unknown(context: Context, graph: Graph) -> None:
    """Removes the parts of stages and models that ``graph`` has not, and shows again the tables that parts add to."""
    stages = [f"{stage.name}-" for stage in graph.stages]
    whole = [stage for stage in graph.stages if stage.scope == "whole" and not stage.kept]
    nodes = {f"{stage.name}-{node.name}" for stage in whole for node in stage.nodes}

    def is_known(part: str) -> bool:
        if any(part.startswith(f"{stage.name}-") for stage in whole):
            return part in nodes
        return any(part.startswith(one) for one in stages)

    context.finished.forget(is_known)
    there: defaultdict[Path, set[str]] = defaultdict(set)
    for node, place in _places(context, graph.nodes()):
        there[place].add(node.name)
    tables = context.place.private / TABLES
    for folder in [*_folders(context.place.private), *_folders(tables)]:
        if folder.name not in OTHERS:
            _remove(part for part in _folders(folder) if _model(part) not in there[folder])
    for folder in _folders(tables):
        context.engine.gather(folder.name)


def forget_others(context: Context, stage: Stage, instances: Collection[Instance]) -> None:
    """Removes the parts of ``stage`` for instances that it has no more, before anything reads them."""
    if stage.scope == "whole":
        return
    mine, names = f"{stage.name}-", {one.name for one in instances}
    context.finished.forget(
        lambda part: not part.startswith(mine) or part.removeprefix(mine) in names
    )
    for node, place in _places(context, stage.nodes):
        known = {f"{node.name}-{one}" for one in names}
        parts = (part for part in _folders(place) if _model(part) == node.name)
        if _remove(part for part in parts if part.name not in known) and node.adds == place.name:
            context.engine.gather(node.adds)


def _places(context: Context, nodes: Iterable[Node]) -> Iterator[tuple[Model, Path]]:
    """Yields the models whose rows are added to a table or written by bucket, with the folder of its parts."""
    private = context.place.private
    for node in nodes:
        if isinstance(node, Model) and node.adds:
            yield node, private / TABLES / node.adds
        if isinstance(node, Model) and node.by_bucket:
            yield node, private / node.by_bucket


def _model(part: Path) -> str:
    return part.name.partition("-")[0]


def _folders(place: Path) -> list[Path]:
    return [one for one in sorted(place.iterdir()) if one.is_dir()] if place.is_dir() else []


def _remove(parts: Iterable[Path]) -> bool:
    """Removes ``parts``; returns whether there was any."""
    gone = list(parts)
    for part in gone:
        shutil.rmtree(part)
    return bool(gone)
