"""Tells before the work of a build what of it must be made again, and which parts of earlier builds are taken over."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.build.digests import digest_of, part_of
from openchronic.build.figures import Counted
from openchronic.build.instances import Instance, instances_of
from openchronic.build.run import Run
from openchronic.models.model import Model, Stage

SCOPES = ("months", "years")


def foresee(run: Run) -> str:
    """Returns a sentence on the parts of months and years that are made again, and their share of the CPU time.

    The share is estimated from what earlier builds spent. Must be called after the stage of people; empty where
    there is nothing to take over.
    """
    finished = run.context.finished
    if not finished.found:
        return ""
    counted = Counted()
    counted.join(run.counted)
    ahead = Run(run.context, run.graph, run.known, counted, dict(run.digests), run.persons)
    again, all_ = finished.spent_on_release(), finished.spent_on_release()
    said = []
    for stage, instances in _of_delivery(ahead):
        n, seconds = 0, [0.0, 0.0]
        for instance in instances:
            kept = finished.kept(part_of(stage, instance))
            is_kept = kept is not None and kept.digest == digest_of(ahead, stage, instance)
            n += not is_kept
            seconds[is_kept] += kept.seconds if kept else 0.0
            if kept and isinstance(kept.result, Counted):
                # Later parts depend on what earlier ones counted, which most often stays as it was.
                counted.join(kept.result)
        # A part that no build has made yet takes about as long as another one.
        known = len(instances) - sum(
            finished.kept(part_of(stage, one)) is None for one in instances
        )
        fresh = (len(instances) - known) * (sum(seconds) / known if known else 0.0)
        again += seconds[False] + fresh
        all_ += sum(seconds) + fresh
        unit = "groups of months" if stage.scope == "months" else "years"
        said.append(f"{stage.title} {n} of {len(instances)} {unit}")
    share = f"about {again / all_:.0%}" if all_ else "all"
    return f"to make again: {share} ({', '.join(said)}; persons, events and what rests on them)"


def _of_delivery(run: Run) -> Iterator[tuple[Stage, list[Instance]]]:
    """Yields the stages that read months or years of a delivery, with their instances, in the order of the graph."""
    for stage in run.graph.stages:
        writes = any(isinstance(node, Model) and node.writes for node in stage.nodes)
        if stage.scope in SCOPES:
            yield stage, instances_of(run.context, stage)
        elif stage.scope == "whole" and not writes and stage.name != "people" and not stage.after:
            digest_of(run, stage, Instance("all"))
