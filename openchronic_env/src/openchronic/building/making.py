"""A release made: files read, the graph run over them, what became of each line told."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.building.accounts import accounts, amounts_of, lines_of
from openchronic.building.cartography import mapped_years, notes_of_cartography
from openchronic.building.context import Context
from openchronic.building.delivered import delivery_of
from openchronic.building.engine import engine
from openchronic.building.figures import Counted
from openchronic.building.filters import FilterCount, counts
from openchronic.building.fingerprint import content_digest, content_of
from openchronic.building.finished import begin
from openchronic.building.gaps import emptied, gaps
from openchronic.building.hanging import hung_of
from openchronic.building.identity import count_identities
from openchronic.building.ingest import Scanned, read_all
from openchronic.building.known import KNOWN
from openchronic.building.leading import Leading, leading_of
from openchronic.building.manifest import describe
from openchronic.building.opening import open_engine
from openchronic.building.outpatients import public_care_kept
from openchronic.building.people import refuse_collisions
from openchronic.building.progress import Steps
from openchronic.building.regularising import regularised_of
from openchronic.building.running import Run, make_stage
from openchronic.building.settings import Settings
from openchronic.building.shared import begin_conflicts, told_conflicts
from openchronic.building.sharing import of_people, of_records
from openchronic.building.told import notes_on_files
from openchronic.building.workplace import Workplace
from openchronic.models.delivery import Delivery
from openchronic.models.graph import graph_of
from openchronic.models.model import Model
from openchronic.store import Store


def make_release(
    settings: Settings,
    steps: Steps,
    place: Workplace,
    store: Store,
    scanned: Scanned,
    *,
    recipe: str,
    notes: list[str],
) -> dict[str, object]:
    """Make the release in ``place``; returns its manifest. ``notes``: those so far, which more are added to."""
    finished = begin(place, recipe=f"{recipe} {settings.engine} {settings.memory}")
    if len(finished):
        steps.say(f"a killed build had finished {len(finished)} parts: going on from there")
    with engine(
        place.private, memory=settings.memory, threads=settings.threads, spill=place.spill
    ) as connection:
        readings = read_all(
            connection,
            scanned,
            store,
            place.private / "typed",
            steps,
            threads=settings.threads,
            max_rejects=settings.max_rejects,
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
                *told_conflicts(context),
                *notes_of_cartography(context, counted),
            ]
        )
        regularised = regularised_of(counted)
        with steps.step("checks"):
            lines = lines_of(context, delivery, counted, filters, regularised)
            euros = amounts_of(context, delivery, counted)
            checks = accounts(context, lines, euros, counted)
            identity = count_identities(context)
            contents = content_of(made, place.release)
        return describe(
            context,
            recipe=recipe,
            digest=content_digest(contents),
            contents=contents,
            identity=identity,
            filters=filters,
            duplicates=_duplicates(counted),
            details=list(_details(counted)),
            accounts=lines,
            euros=euros,
            stays_by_year=_stays_by_year(counted),
            cartography=mapped_years(counted),
            regularised=regularised,
            checks=checks,
            notes=notes,
        )


def _run_graph(context: Context, delivery: Delivery, notes: list[str]) -> Counted:
    """Every stage in its order; what is known of people is judged before more is made of them."""
    run = Run(context, graph_of(delivery), KNOWN)
    begin_conflicts(context)
    for stage in run.graph.stages:
        make_stage(run, stage)
        if stage.name == "people":
            refuse_collisions(context)
            notes += context.steps.warned(of_people(context))
    return run.counted


def filter_counts(context: Context, delivery: Delivery, counted: Counted) -> Iterator[FilterCount]:
    """Rows before and after each filter, by step in the order of the graph."""
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


def _details(counted: Counted) -> Iterator[Leading]:
    yield from leading_of(counted)
    yield from (one.leading() for one in hung_of(counted) if one.table != one.to)


def _stays_by_year(counted: Counted) -> list[dict[str, object]]:
    """Stays of a year of discharge that one filter removed (None: that none did)."""
    found = [(*key, int(number)) for key, number in counted.below("stays by year")]
    return [
        {"year": year, "removed_by": name, "stays": stays}
        for year, name, stays in sorted(found, key=lambda one: str(one[:2]))
    ]
