"""Makes a release: reads files, runs the graph, reconciles lines and amounts."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.build import care_pathways
from openchronic.build.cartography import mapped_years, notes_of_cartography
from openchronic.build.conflicts import conflicts, notes_on_conflicts
from openchronic.build.context import Context
from openchronic.build.delivery import delivery_of
from openchronic.build.detail_lines import detail_counts
from openchronic.build.disease_years import asked_years, told
from openchronic.build.figures import Counted
from openchronic.build.file_notes import notes_on_files
from openchronic.build.fingerprint import content_digest, content_of
from openchronic.build.foreign_keys import OrphanCount, orphan_counts
from openchronic.build.foresight import foresee
from openchronic.build.gaps import emptied, gaps
from openchronic.build.identity import count_identities
from openchronic.build.ingest import Scanned, Tasks, read_all
from openchronic.build.kept_sums import KeptSums
from openchronic.build.known import KNOWN
from openchronic.build.leftovers import forget_unknown
from openchronic.build.manifest import describe
from openchronic.build.opening import begin_parts, open_database, open_engine
from openchronic.build.outpatients import public_care_kept
from openchronic.build.people import COLLISIONS, refuse_collisions
from openchronic.build.reconciliation import amounts_of, assertions_of, lines_of
from openchronic.build.regularising import regularised_of
from openchronic.build.repeats import foresee_repeats
from openchronic.build.run import Run
from openchronic.build.running import make_stage
from openchronic.build.settings import Settings
from openchronic.build.sharing import NUMBERS, PERSONS, of_people, of_records
from openchronic.build.workspace import Workplace
from openchronic.ingest.states import provisional
from openchronic.models.delivery import Delivery
from openchronic.models.filters.filter import FilterCount, counts
from openchronic.models.graph import graph_of
from openchronic.models.model import Model
from openchronic.runtime.progress import Steps
from openchronic.store import Store


def make_release(
    settings: Settings,
    steps: Steps,
    place: Workplace,
    store: Store,
    scanned: Scanned,
    tasks: Tasks | None = None,
    *,
    recipe: str,
    notes: list[str],
) -> dict[str, object]:
    """Makes the release in ``place`` and returns its manifest. ``notes``: the sentences so far, to which more
    are added; ``tasks``: those that read files in the place of this process."""
    finished = begin_parts(settings, place, steps, recipe=recipe)
    with open_database(settings, place, place.private) as connection:
        readings = read_all(
            connection,
            scanned,
            store,
            place.private / "typed",
            steps,
            threads=settings.threads,
            max_rejects=settings.max_rejects,
            by=tasks,
        )
        for note in notes_on_files(readings.values()):
            steps.say(f"note: {note}")
            notes.append(note)
        notes += steps.warned([*gaps(readings), *emptied(readings)])
        made = open_engine(settings, place, connection, readings)
        context = Context(made, settings, place, steps, readings, store, finished)
        delivery = delivery_of(readings)
        counted = _run_graph(context, delivery, notes)
        filters = list(filter_counts(context, delivery, counted))
        notes += steps.warned(of_records(filters))
        public = int(counted.number("public care kept"))
        notes += steps.warned(
            [
                *public_care_kept(public),
                *notes_on_conflicts(readings, counted),
                *notes_of_cartography(context, counted),
            ]
        )
        regularised = regularised_of(counted)
        with steps.step("reconciliation"):
            lines = lines_of(context, delivery, counted, filters, regularised)
            euros = amounts_of(context, delivery, counted)
            assertions = assertions_of(context, lines, euros, counted)
            identity = count_identities(context)
            sums = KeptSums(made, place.sums) if settings.takes_over else None
            contents = content_of(made, place.release, context.buckets, kept=sums)
        awaited = provisional(
            {name: [file.file for file in one.files] for name, one in readings.items()}
        )
        return describe(
            context,
            recipe=recipe,
            digest=content_digest(contents, awaited),
            awaited=awaited,
            contents=contents,
            identity=identity,
            filters=filters,
            duplicates=_duplicates(counted),
            key_conflicts=conflicts(readings, counted),
            details=list(_details(counted)),
            reconciliation=lines,
            euros=euros,
            stays_by_year=_stays_by_year(counted),
            cartography=mapped_years(counted),
            diseases=told(settings.library, settings.population, asked_years(context)),
            pathways=care_pathways.told(),
            regularised=regularised,
            assertions=assertions,
            notes=notes,
        )


def _run_graph(context: Context, delivery: Delivery, notes: list[str]) -> Counted:
    """Runs every stage in order; checks the subjects before other tables are made from them."""
    run = Run(context, graph_of(delivery), KNOWN)
    if context.settings.takes_over:
        forget_unknown(context, run.graph)
    if context.engine.waits:
        foresee_repeats(context, run.graph)
    for stage in run.graph.stages:
        make_stage(run, stage)
        if stage.name == "people":
            context.foresee([COLLISIONS, NUMBERS, PERSONS])
            refuse_collisions(context)
            notes += context.steps.warned(of_people(context))
            if context.settings.takes_over and (ahead := foresee(run)):
                context.steps.say(ahead)
    return run.counted


def filter_counts(context: Context, delivery: Delivery, counted: Counted) -> Iterator[FilterCount]:
    """Yields the rows before and after each filter, by step in the order of the graph."""
    for node in graph_of(delivery).nodes():
        if isinstance(node, Model) and node.filters:
            step = node.filters
            rows = {name: int(number) for (name,), number in counted.below("judged", step)}
            removed = {name: number for name, number in rows.items() if name is not None}
            yield from counts(
                context.settings.filters, step, rows=sum(rows.values()), removed=removed
            )


def _duplicates(counted: Counted) -> dict[str, int]:
    return {table: int(number) for (table,), number in counted.below("duplicates")}


def _details(counted: Counted) -> Iterator[OrphanCount]:
    yield from orphan_counts(counted)
    yield from (one.orphans_of() for one in detail_counts(counted) if one.table != one.to)


def _stays_by_year(counted: Counted) -> list[dict[str, object]]:
    """Returns the stays by year of discharge and by the filter that removed them (None: kept)."""
    found = [(*key, int(number)) for key, number in counted.below("stays by year")]
    return [
        {"year": year, "removed_by": name, "stays": stays}
        for year, name, stays in sorted(found, key=lambda one: str(one[:2]))
    ]
