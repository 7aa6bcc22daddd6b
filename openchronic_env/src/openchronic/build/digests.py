"""The digests of what the parts of a build depend on: files, texts, filters, given rows, and the tables they read."""

from __future__ import annotations

import hashlib

from openchronic.build.inputs import lines_of
from openchronic.build.instances import Instance
from openchronic.build.run import Run, given_rows
from openchronic.models.filters.filter import removed_by
from openchronic.models.graph import names_of
from openchronic.models.model import ForeignKey, Given, Model, Node, Released, Source, Stage
from openchronic.models.people import BY_NUMBER
from openchronic.models.query import query_of


def part_of(stage: Stage, instance: Instance) -> str:
    """Returns the name of the part that is a stage for one instance."""
    return f"{stage.name}-{instance.name}"


def digest_of(run: Run, stage: Stage, instance: Instance) -> str:
    """Returns the digest of the inputs of that part, and notes those of all that it makes."""
    digests = [digest_of_node(run, node, instance) for node in stage.nodes]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()


def digest_of_node(run: Run, node: Node, instance: Instance) -> str:
    """Returns the digest of the inputs of a node: its text, its parameters, its given rows and the tables that it
    reads. The site key is one of the given rows."""
    if isinstance(node, Source):
        made = [repr(node), *lines_of(run.context, node, instance)]
    elif isinstance(node, Given):
        made = [node.name, str(node.columns), str([list(row) for row in given_rows(run, node)])]
    elif isinstance(node, ForeignKey | Released):
        made = [repr(node)]
    else:
        judge = removed_by(run.context.settings.filters, node.filters)
        made = [repr(node), query_of(node, judge=judge, words=instance.words), instance.name]
        if node.by_bucket:
            made.append(str(run.context.buckets))
        if node.only_if:
            made.append(str(bool(run.counted.number(*node.only_if))))
    inputs = [_input(run, name, instance) for name in node.reads]
    digest = hashlib.sha256("\n".join([*made, *inputs]).encode()).hexdigest()
    for name in {*names_of(node), *_released_by(node)}:
        # Several nodes and instances make one table together.
        before = run.digests.get(name, "") if name != node.name else ""
        run.digests[name] = hashlib.sha256(f"{before}{digest}".encode()).hexdigest()
    return digest


def _input(run: Run, name: str, instance: Instance) -> str:
    """Returns the digest of a table that a node reads: of its persons, those of the numbers in the instance alone."""
    if instance.numbers and name in BY_NUMBER:
        return run.persons.digest(run.context, name, instance)
    return run.digests.get(name, "")


def _released_by(node: Node) -> list[str]:
    return [node.writes.table] if isinstance(node, Model) and node.writes else []
