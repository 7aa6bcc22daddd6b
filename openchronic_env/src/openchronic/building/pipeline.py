"""A build from beginning to end, readable top to bottom."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from openchronic.building.accounts import accounts, euros_of, lines_of
from openchronic.building.cartography import compare_cartography
from openchronic.building.causes import read_causes
from openchronic.building.changes import changed
from openchronic.building.checks import judged
from openchronic.building.claims import deal_claims
from openchronic.building.context import Context
from openchronic.building.elsewhere import read_elsewhere
from openchronic.building.engine import engine
from openchronic.building.fingerprint import content_digest, content_of, recipe
from openchronic.building.finished import begin
from openchronic.building.gaps import emptied, gaps, refuse_lost_tables
from openchronic.building.hospital import read_stays
from openchronic.building.identity import count_identities
from openchronic.building.illness import read_illnesses
from openchronic.building.ingest import Scanned, read_all, scan_all
from openchronic.building.lock import lock
from openchronic.building.manifest import FORMAT, NAME, describe, write
from openchronic.building.opening import open_engine
from openchronic.building.people import identify_people
from openchronic.building.persons import describe_persons
from openchronic.building.progress import Step, Steps
from openchronic.building.pruning import prune
from openchronic.building.publishing import CURRENT, point_at, publish
from openchronic.building.room import told
from openchronic.building.settings import Settings
from openchronic.building.shared import begin_conflicts, told_conflicts
from openchronic.building.sharing import of_people, of_records
from openchronic.building.tables import write_tables
from openchronic.building.told import notes_on_files
from openchronic.building.workplace import Workplace, prepare
from openchronic.checks.material import Material, files_under
from openchronic.delivery.finding import missing
from openchronic.delivery.judging import judge
from openchronic.errors import is_disk_full
from openchronic.releases.renaming import with_names_of_today
from openchronic.store import Store, open_store


@dataclass(frozen=True)
class Outcome:
    """A finished build. ``changed``: whether another release is in service than before."""

    name: str
    path: Path
    changed: bool
    manifest: Mapping[str, Any]
    seconds: float
    steps: Mapping[str, Step]
    peak_bytes: int


def build(settings: Settings, steps: Steps) -> Outcome:
    """Build and publish a release of one base. Whatever stops it leaves the old one in service."""
    start = time.monotonic()
    os.umask(0o077)  # typed tables hold pseudonyms: only what is published is opened to others
    try:
        name, changed = _build_alone(settings, steps)
    except Exception as problem:
        # Also where the lock or the first folder finds no room.
        if is_disk_full(problem):
            raise told(settings) from problem
        raise
    root = settings.root
    path = root / name
    return Outcome(
        name=name,
        path=path,
        changed=changed,
        manifest=with_names_of_today(json.loads((path / NAME).read_text(encoding="utf-8"))),
        seconds=time.monotonic() - start,
        steps=steps.taken,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def _build_alone(settings: Settings, steps: Steps) -> tuple[str, bool]:
    """Under the lock of the base, in folders that go afterwards."""
    root = settings.root
    _make_open(settings.releases)
    _make_open(root)
    with lock(root / ".lock"):
        place = prepare(root, base=settings.base, work=settings.work, spill=settings.spill)
        store = open_store(place.store, reread=settings.reread, readers=settings.readers)
        try:
            published = _build(settings, steps, place, store)
        except Exception as problem:
            if is_disk_full(problem):
                full = told(settings, place.folders, [store.folder / key for key in store.added])
                # First what needs no new room: on a full disk even a rename may find none.
                place.clear()
                store.take_back()
                raise full from problem
            raise
        finally:
            place.clear()
        if settings.keep is not None:
            _prune(root, settings.keep, steps)
        return published


def _prune(root: Path, keep: int, steps: Steps) -> None:
    """Make room; what cannot be removed is told, and takes nothing back of what was published."""
    try:
        gone = [fate.id for fate in prune(root, keep=keep) if not fate.why]
    except OSError as problem:
        steps.warn(f"older releases stay: {problem.strerror}: {problem.filename}")
        return
    if gone:
        steps.say(f"older releases removed: {', '.join(gone)}")


def _build(settings: Settings, steps: Steps, place: Workplace, store: Store) -> tuple[str, bool]:
    found = judge(settings.source).reads()
    current = _current(settings.root)
    refuse_lost_tables(found, current, accepted=settings.accept_missing)
    notes = [*found.notes, *(f"no {need.table}: {need.without}" for need in missing(found))]
    for note in notes:
        steps.say(f"note: {note}")
    notes += steps.warned(found.provisional)
    if settings.key.public:
        steps.warn("no site key: the public key is used, fit for trials and synthetic data only")
    scanned = scan_all(found, store, steps, threads=settings.threads)
    wanted = recipe(scanned, settings.content())
    if current.get("recipe_sha256") == wanted and not settings.rebuild:
        return str(current["id"]), False
    return _make(settings, steps, place, store, scanned, wanted, notes)


def _make(
    settings: Settings,
    steps: Steps,
    place: Workplace,
    store: Store,
    scanned: Scanned,
    wanted: str,
    notes: list[str],
) -> tuple[str, bool]:
    finished = begin(place, recipe=f"{wanted} {settings.engine} {settings.memory}")
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
        begin_conflicts(context)
        with steps.step("people"):
            identify_people(context)
        notes += steps.warned(of_people(context))
        claims = deal_claims(context)
        describe_persons(context, claims)
        hospital = read_stays(context)
        elsewhere = read_elsewhere(context)
        causes = read_causes(context)
        hospitals = [hospital, elsewhere, causes]
        with steps.step("long-term illnesses"):
            illness_filters = read_illnesses(context)
        rejects = [one for reading in readings.values() for one in reading.rejects]
        notes += steps.warned(of_records([*hospital.filters, *elsewhere.filters]))
        regularised = write_tables(context, claims, rejects)
        cartography = compare_cartography(context)
        notes += steps.warned([*claims.notes, *told_conflicts(context), *cartography.notes])
        filters = [*claims.filters, *hospital.filters, *elsewhere.filters, *illness_filters]
        with steps.step("checks"):
            lines = lines_of(context, claims, hospitals, filters, regularised)
            euros = euros_of(context, claims, hospitals)
            checks = accounts(context, lines, euros, hospitals)
            identity = count_identities(context)
            contents = content_of(made, place.release)
        digest = content_digest(contents)
        manifest = describe(
            context,
            recipe=wanted,
            digest=digest,
            contents=contents,
            identity=identity,
            filters=filters,
            duplicates=claims.duplicates
            | hospital.duplicates
            | elsewhere.duplicates
            | causes.duplicates
            | cartography.duplicates,
            details=[
                *claims.details,
                *(one for each in hospitals for one in each.details),
                *(one.leading() for each in hospitals for one in each.hung if one.table != one.to),
            ],
            accounts=lines,
            euros=euros,
            stays_by_year=hospital.by_year,
            cartography=cartography.years,
            regularised=regularised,
            checks=checks,
            notes=notes,
        )
    with steps.step("checking the release"):
        verdicts = judged(settings, place, manifest, _in_service(settings.root), steps)
        manifest["measures"] = [one.record() for one in verdicts]
    with steps.step("changes"):
        manifest["changes"] = changed(settings, place, manifest, _in_service(settings.root))
    with steps.step("publishing"):
        published = _publish(settings.root, place, manifest, steps)
        store.prune(keep=_typed_of(settings.root))
        return published


def _publish(
    root: Path, place: Workplace, manifest: Mapping[str, object], steps: Steps
) -> tuple[str, bool]:
    """Put the release into service, or the equal one that is there already."""
    digest = str(manifest["content_sha256"])
    same = [
        folder.parent.name
        for folder in sorted(root.glob(f"*/{NAME}"))
        if json.loads(folder.read_text(encoding="utf-8")).get("content_sha256") == digest
    ]
    current = _current(root)
    if current.get("id") in same:
        return str(current["id"]), False
    if same:
        point_at(root, name=same[-1], scratch=place.marker.parent)
        return same[-1], True
    created = _moment(current, steps)
    name = f"{created:%Y%m%d}-{digest[:12]}"
    write(manifest, place.release, name=name, created=created)
    publish(place, root, name=name)
    return name, True


def _in_service(root: Path) -> Material | None:
    """The release in service, to compare with; None when there is none that this version reads."""
    manifest = _current(root)
    if manifest.get("format") != FORMAT:
        return None
    return Material(files_under((root / CURRENT).resolve()), with_names_of_today(manifest))


def _moment(current: Mapping[str, Any], steps: Steps) -> datetime:
    """Now; after a clock that went back, a second after the release in service: releases go forward."""
    now = datetime.now(UTC)
    if "created" not in current:
        return now
    before = datetime.fromisoformat(str(current["created"]))
    if before < now:
        return now
    steps.warn(
        f"the clock says {now:%Y-%m-%d %H:%M} UTC, and the release in service was made on "
        f"{before:%Y-%m-%d %H:%M}: the new one is dated just after it. Look at the clock"
    )
    return before + timedelta(seconds=1)


def _current(root: Path) -> dict[str, Any]:
    try:
        text = (root / CURRENT / NAME).read_text(encoding="utf-8")
        return dict(json.loads(text))
    except (OSError, ValueError):
        return {}


def _typed_of(root: Path) -> set[str]:
    """The entries of the store that the release in service was made of."""
    return {str(one.get("typed")) for one in _current(root).get("inputs", ())}


def _make_open(folder: Path) -> None:
    """A folder that others may read, if it is ours to make."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)
