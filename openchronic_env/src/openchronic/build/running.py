"""Runs the stages of the graph in order, each for the instances of its scope, each instance once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import partial

from openchronic.build.buckets import show_buckets
from openchronic.build.context import Context
from openchronic.build.counting import Waiting, counts_of
from openchronic.build.days import make_bucket
from openchronic.build.digests import digest_of, digest_of_node, part_of
from openchronic.build.figures import Counted
from openchronic.build.foreign_keys import orphans_of
from openchronic.build.instances import Instance, instances_of
from openchronic.build.leftovers import folders_of, forget_others
from openchronic.build.parts import is_written_as_made, write_and_show, write_part, written
from openchronic.build.putting_off import is_read_once
from openchronic.build.repeats import without_repeats
from openchronic.build.run import Run, given_rows
from openchronic.build.showing import in_shape, show_source
from openchronic.models.filters.filter import removed_by
from openchronic.models.model import ForeignKey, Given, Model, Node, Released, Source, Stage
from openchronic.models.query import query_of


def make_stage(run: Run, stage: Stage) -> None:
    """Makes the models of ``stage`` for each instance of its scope that has no checkpoint."""
    if stage.after and not run.counted.number("instances", stage.after):
        if run.context.settings.takes_over:
            forget_others(run.context, stage, ())
        return
    instances = instances_of(run.context, stage)
    if run.context.settings.takes_over:
        forget_others(run.context, stage, instances)
    run.counted.add(("instances", stage.name), len(instances))
    steps = run.context.steps
    unit = "" if stage.scope == "whole" else stage.scope
    total = sum(one.size for one in instances)
    step = steps.step(stage.title, total=total, unit=unit) if stage.title else nullcontext()
    with step as tick:
        for instance in instances:
            _make_instance(run, stage, instance)
            if tick is not None and unit:
                tick(instance.size)


def _make_instance(run: Run, stage: Stage, instance: Instance) -> None:
    """Makes the nodes of a whole stage one by one, the lasting ones with a checkpoint each; else all together,
    with one."""
    if stage.scope == "whole" and not stage.kept:
        if run.context.engine.waits:
            _make_together(run, stage, instance)
            return
        for node in stage.nodes:
            digest = digest_of_node(run, node, instance)
            part = f"{stage.name}-{node.name}"
            make = _maker(run, [node], instance)
            run.counted.join(
                _once(run, part, digest, [node], instance, make) if _lasts(node) else make()
            )
        return
    digest = digest_of(run, stage, instance)
    make = _maker(run, stage.nodes, instance)
    if stage.by_day and run.context.settings.takes_over:
        make = partial(
            make_bucket,
            run,
            stage,
            instance,
            whole=make,
            some=lambda nodes: _maker(run, nodes, instance)(),
        )
    part = part_of(stage, instance)
    run.counted.join(_once(run, part, digest, stage.nodes, instance, make))


def _make_together(run: Run, stage: Stage, instance: Instance) -> None:
    """Makes a whole stage as one part, with one checkpoint; where that is there, makes those of its nodes again that do
    not last."""
    made: list[Counted] = []
    make = _maker(run, stage.nodes, instance, keeps=True)

    def make_and_tell() -> Counted:
        made.append(make())
        return made[0]

    digest = digest_of(run, stage, instance)
    part = part_of(stage, instance)
    run.counted.join(_once(run, part, digest, stage.nodes, instance, make_and_tell))
    if not made:
        fleeting = [one for one in stage.nodes if not _lasts(one)]
        _maker(run, fleeting, instance, keeps=True)()


def _lasts(node: Node) -> bool:
    return isinstance(node, Model) and (node.made in ("table", "passed") or bool(node.writes))


def _once(
    run: Run,
    part: str,
    digest: str,
    nodes: Sequence[Node],
    instance: Instance,
    make: Callable[[], Counted],
) -> Counted:
    """Returns the counts of a part, which is made unless it is there for the same inputs."""
    context = run.context
    takes_over = context.settings.takes_over
    return context.finished.once(
        part,
        digest,
        make,
        folders=folders_of(context, nodes, instance) if takes_over else (),
        writes=any(isinstance(node, Model) and node.writes for node in nodes),
    )


def _maker(
    run: Run, nodes: Sequence[Node], instance: Instance, *, keeps: bool = False
) -> Callable[[], Counted]:
    """Returns what makes ``nodes``. ``keeps``: later stages may read their scratch tables."""
    engine = run.context.engine

    def make() -> Counted:
        counted = Counted()
        waiting = Waiting(engine, counted)
        last = {} if keeps or len(nodes) < 2 else _last_read(nodes)
        apart = _apart(run.context, nodes, instance) if engine.waits else set()
        for node in nodes:
            _make(run, node, instance, waiting, apart=apart)
            if not engine.waits:
                engine.drop(*last.get(node.name, ()))
        waiting.settle(keeps=keeps)
        return counted

    return make


def _apart(context: Context, nodes: Iterable[Node], instance: Instance) -> set[str]:
    sources = [one for one in nodes if isinstance(one, Source) and not one.every]
    return without_repeats(context, {one.table: instance.files(context, one) for one in sources})


def _last_read(nodes: Sequence[Node]) -> Mapping[str, tuple[str, ...]]:
    """Returns, by node, the scratch tables that no later node reads: their memory is freed."""
    scratch = [one.name for one in nodes if isinstance(one, Model) and one.made == "scratch"]
    views = {one.name: one.reads for one in nodes if isinstance(one, Model) and one.made == "view"}
    last: dict[str, str] = {name: name for name in scratch}
    for node in nodes:
        for name in _through(node.reads, views):
            if name in last:
                last[name] = node.name
    return {node.name: tuple(name for name in scratch if last[name] == node.name) for node in nodes}


def _through(names: Iterable[str], views: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yields ``names``, and the tables that the views among them read."""
    for name in names:
        yield name
        yield from _through(views.get(name, ()), views)


def _make(
    run: Run,
    node: Node,
    instance: Instance,
    waiting: Waiting,
    *,
    apart: Collection[str],
) -> None:
    context = run.context
    if isinstance(node, Source):
        show_source(context, node, instance, waiting.counted, apart=apart)
    elif isinstance(node, Given):
        columns = {
            name: kind.replace("NUMBERS", context.engine.numbers)
            for name, kind in node.columns.items()
        }
        context.engine.load(node.name, columns, given_rows(run, node))
    elif isinstance(node, Released):
        files = written(context, node.table, instance.buckets)
        context.engine.view(node.name, f"SELECT * FROM {context.engine.scan(files)}")
    elif isinstance(node, ForeignKey):
        waiting.count(orphans_of(node))
    elif node.by_year and context.engine.waits:
        if node.made == "view":
            context.engine.view(node.name, f"SELECT * FROM {node.reads[0]}")
    elif not node.only_if or _holds(run, node, waiting):
        _make_model(run, node, instance, waiting)


def _holds(run: Run, model: Model, waiting: Waiting) -> bool:
    """Returns whether some row is there for ``model``, or whether that is not known yet: then it is made of no row."""
    if any(one.number(*model.only_if) for one in (waiting.counted, run.counted)):
        return True
    return waiting.waits_for(model.only_if)


def _make_model(run: Run, model: Model, instance: Instance, waiting: Waiting) -> None:
    context = run.context
    engine = context.engine
    for name in model.reads:
        show_buckets(run, name, instance)
    query = query_of(
        model,
        judge=removed_by(context.settings.filters, model.filters),
        words=instance.words,
    )
    if model.shape:
        query = in_shape(engine, model.shape, query)
    if model.made == "view":
        engine.view(model.name, query)
    elif is_written_as_made(context, model, instance.buckets):
        write_and_show(context, model, query, instance.buckets)
    elif model.made == "scratch":
        _make_scratch(run, model, query)
    elif model.made == "table":
        engine.table(model.name, query)
    waiting.count(*counts_of(model, instance.words))
    _pass_on(run, model, query, instance, waiting.counted)
    if model.writes and not is_written_as_made(context, model, instance.buckets):
        own = model.writes.without
        columns = engine.all_except(*own) if own else "*"
        rows = f"SELECT {columns} FROM {model.name}"
        write_part(
            context,
            model.writes.table,
            rows,
            model.writes.order,
            instance.buckets,
            model.made,
        )


def _make_scratch(run: Run, model: Model, query: str) -> None:
    engine = run.context.engine
    if engine.waits and is_read_once(run.graph, model):
        engine.view(model.name, query)
    else:
        engine.scratch(model.name, query)


def _pass_on(run: Run, model: Model, query: str, instance: Instance, counted: Counted) -> None:
    """Adds the rows of ``model`` to the table that it names, or writes them by bucket."""
    if not (model.adds or model.by_bucket):
        return
    context = run.context
    engine = context.engine
    rows = query if model.made == "passed" else f"SELECT * FROM {model.name}"
    kept = bool(model.filters) and not model.adds_removed
    but = (*model.but, *(("removed_by",) if kept else ()))
    if but or kept:
        where = " WHERE removed_by IS NULL" if kept else ""
        rows = f"SELECT {engine.all_except(*but)} FROM ({rows}){where}"
    if model.adds:
        engine.add(model.adds, f"{model.name}-{instance.name}", rows)
    else:
        folder = context.place.private / model.by_bucket / f"{model.name}-{instance.name}"
        engine.write_by_bucket(rows, folder, context.buckets)
        counted.shapes[model.by_bucket] = engine.columns(rows)
