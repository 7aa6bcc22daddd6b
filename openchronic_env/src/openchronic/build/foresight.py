"""Tells before the work of a build what of it must be made again, and which parts of earlier builds are taken over."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.build.context import Context
from openchronic.build.days import MOST_CHANGED
from openchronic.build.digests import digest_of, part_of
from openchronic.build.figures import Counted
from openchronic.build.instances import Instance, instances_of
from openchronic.build.run import Run
from openchronic.models.model import Model, Source, Stage

SCOPES = ("months", "years")
# What a bucket takes of which some days are made again, of what the whole one takes; measured.
REWRITTEN = 0.35


def foresee(run: Run) -> str:
    """Returns a sentence on the parts of months and years that are made again, and their share of the CPU time.

    The share is estimated from what earlier builds spent, and from the bytes that are new. Must be called after the
    stage of people; empty where there is nothing to take over.
    """
    finished = run.context.finished
    if not finished.found:
        return ""
    counted = Counted()
    counted.join(run.counted)
    ahead = Run(run.context, run.graph, run.known, counted, dict(run.digests), run.persons)
    again, all_ = 0.0, 0.0
    changed, claims = 0, 0
    said = []
    for stage, instances in _of_delivery(ahead):
        n, seconds, known, unknown = 0, [0.0, 0.0], 0, 0
        for instance in instances:
            kept = finished.kept(part_of(stage, instance))
            is_kept = kept is not None and kept.digest == digest_of(ahead, stage, instance)
            every, fresh = _sizes(run.context, stage, instance)
            n += not is_kept
            if kept:
                seconds[is_kept] += kept.seconds
                known += every
            else:
                unknown += every
            if stage.scope == "months":
                claims += every
                changed += 0 if is_kept else fresh or every
            if kept and isinstance(kept.result, Counted):
                # Later parts depend on what earlier ones counted, which most often stays as it was.
                counted.join(kept.result)
        # A part that no build has made yet takes as long as others for its bytes.
        fresh_seconds = sum(seconds) * unknown / known if known else 0.0
        again += seconds[False] + fresh_seconds
        all_ += sum(seconds) + fresh_seconds
        unit = "groups of months" if stage.scope == "months" else "years"
        said.append(f"{stage.title} {n} of {len(instances)} {unit}")
    spent = finished.spent_on_release()
    for stage in run.graph.stages:
        whole = spent.get(stage.name, 0.0)
        some = stage.by_day and changed <= MOST_CHANGED * claims
        again += whole * REWRITTEN if some else whole
        all_ += whole
    share = f"about {again / all_:.0%}" if all_ else "all"
    return f"to make again: {share} ({', '.join(said)}; persons, events and what rests on them)"


def _sizes(context: Context, stage: Stage, instance: Instance) -> tuple[int, int]:
    """Returns the bytes of the typed files of an instance: of the delivered tables of ``stage``, and of those that this build
    has read."""
    every = fresh = 0
    for table in stage.tables:
        if table in context.readings:
            folders = context.readings[table].folder_of
            for path in instance.files(context, Source(table)):
                size = path.stat().st_size
                every += size
                fresh += size if folders[path].name in context.store.added else 0
    return every, fresh


def _of_delivery(run: Run) -> Iterator[tuple[Stage, list[Instance]]]:
    """Yields the stages that read months or years of a delivery, with their instances, in the order of the graph."""
    for stage in run.graph.stages:
        writes = any(isinstance(node, Model) and node.writes for node in stage.nodes)
        if stage.scope in SCOPES:
            yield stage, instances_of(run.context, stage)
        elif stage.scope == "whole" and not writes and stage.name != "people" and not stage.after:
            digest_of(run, stage, Instance("all"))
