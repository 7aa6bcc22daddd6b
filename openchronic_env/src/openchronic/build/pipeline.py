"""Runs a build from beginning to end."""

from __future__ import annotations

import os
import resource
import time

from openchronic.build.checkpoint import settle
from openchronic.build.checks import judged
from openchronic.build.definition_versions import refuse_changed
from openchronic.build.disk_full import disk_full
from openchronic.build.fingerprint import recipe
from openchronic.build.gaps import refuse_lost_tables
from openchronic.build.in_service import (
    manifest_in_service,
    material_in_service,
    put_into_service,
    typed_of,
)
from openchronic.build.ingest import scan_all
from openchronic.build.making import make_release
from openchronic.build.opening import open_database, tasks_of
from openchronic.build.outcome import Outcome
from openchronic.build.pruning import make_room
from openchronic.build.settings import Settings
from openchronic.build.workspace import Workplace, make_open, prepare
from openchronic.changes import compare
from openchronic.errors import DiskFullError, OpenChronicError, is_disk_full
from openchronic.ingest.finding import missing
from openchronic.ingest.judging import judge
from openchronic.quality.material import Material, files_under
from openchronic.releases.manifest import read_manifest
from openchronic.runtime.lock import lock
from openchronic.runtime.progress import Steps
from openchronic.store import Store, open_store


def build(settings: Settings, steps: Steps) -> Outcome:
    """Builds and publishes a release of one base. Any failure leaves the old release in service."""
    start = time.monotonic()
    os.umask(0o077)  # typed tables hold pseudonyms: only what is published is opened to others
    try:
        name, changed = _build_alone(settings, steps)
    except Exception as problem:
        # The disk may be full as early as the lock or the first folder.
        if is_disk_full(problem):
            raise disk_full(settings.source, settings.places) from problem
        raise
    path = settings.root / name
    return Outcome(
        name=name,
        path=path,
        changed=changed,
        manifest=read_manifest(path),
        seconds=time.monotonic() - start,
        steps=steps.taken,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def _build_alone(settings: Settings, steps: Steps) -> tuple[str, bool]:
    """Runs the build under the lock of the base, in work folders that are removed afterwards, but for parts that stay."""
    root = settings.root
    make_open(settings.releases)
    make_open(root)
    with lock(root / ".lock"):
        place = prepare(root, base=settings.base, work=settings.work, spill=settings.spill)
        took_over = place.finished.is_dir()
        try:
            published = _build_in(settings, steps, place)
        except DiskFullError:
            if not took_over:
                raise
            steps.warn(
                "the disk is full: parts of earlier builds are removed, and all is made again"
            )
            place = prepare(root, base=settings.base, work=settings.work, spill=settings.spill)
            published = _build_in(settings, steps, place)
        if settings.keep is not None:
            make_room(root, settings.keep, steps)
        return published


def _build_in(settings: Settings, steps: Steps, place: Workplace) -> tuple[str, bool]:
    """Runs the build in its work folders, which keep the finished parts alone; none where the fault may be theirs."""
    store = open_store(place.store, reread=settings.reread, readers=settings.readers)
    try:
        return _build(settings, steps, place, store)
    except Exception as problem:
        if is_disk_full(problem):
            kept = [store.folder / key for key in store.added]
            full = disk_full(settings.source, settings.places, folders=place.folders, kept=kept)
            # Removal goes first: on a full disk even a rename may fail.
            place.clear()
            store.take_back()
            raise full from problem
        if not isinstance(problem, OpenChronicError):
            place.clear()
        raise
    finally:
        if settings.takes_over:
            settle(place)
        else:
            place.clear()


def _build(settings: Settings, steps: Steps, place: Workplace, store: Store) -> tuple[str, bool]:
    """Finds and scans the files, makes the release, checks it, puts it into service."""
    found = judge(settings.source).reads()
    current = manifest_in_service(settings.root)
    refuse_lost_tables(found, current, accepted=settings.accept_missing)
    refuse_changed(settings.library, current)
    notes = [*found.notes, *(f"no {need.table}: {need.without}" for need in missing(found))]
    for note in notes:
        steps.say(f"note: {note}")
    notes += steps.warned(one.sentence for one in found.provisional)
    if settings.key.public:
        steps.warn("no site key: the public key is used, fit for trials and synthetic data only")
    tasks = tasks_of(settings, place)
    scanned = scan_all(found, store, steps, threads=settings.threads, by=tasks)
    wanted = recipe(scanned, settings.content())
    if current.get("recipe_sha256") == wanted and not settings.rebuild:
        return str(current["id"]), False
    manifest = make_release(
        settings, steps, place, store, scanned, tasks, recipe=wanted, notes=notes
    )
    ready = Material(files_under(place.release), manifest)
    before = material_in_service(settings.root)
    with (
        steps.step("checking the release"),
        open_database(settings, place, place.private / "checks") as connection,
    ):
        verdicts = judged(connection, ready, before, steps, accepted=settings.accept)
        manifest["quality"] = [one.record() for one in verdicts]
    manifest["changes"] = None
    with steps.step("changes"):
        if before:
            with open_database(settings, place, place.private / "changes") as connection:
                manifest["changes"] = compare(connection, before, ready)
    with steps.step("publishing"):
        published = put_into_service(settings.root, place, manifest, steps)
        store.prune(keep=typed_of(settings.root))
        return published
