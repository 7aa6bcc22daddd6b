"""Makes the events and costs of a bucket from those of the last release: only the days of subjects whose lines changed.

An event is a sum of claim lines of one subject and day, and its place is one among those of its subject and day: so the
days on which no line came or went keep their rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from openchronic.build.buckets import files_of_bucket, rows_of_files
from openchronic.build.cells import first_year, folder_of
from openchronic.build.counting import counts_of
from openchronic.build.differences import Difference, among, difference_of
from openchronic.build.figures import Counted
from openchronic.build.instances import Instance
from openchronic.build.rewriting import rewrite_days, rewrite_rows
from openchronic.build.run import Run
from openchronic.build.standing import Part, Standing, keep, standing
from openchronic.models.filters.filter import removed_by
from openchronic.models.model import Model, Node, Stage
from openchronic.models.query import query_of
from openchronic.models.release import COST, EVENT

LINES, OTHERS, COSTS = (
    "claim_line",
    ("other_event", "hospital_event"),
    ("cost_line", "hospital_cost"),
)
TABLES = (LINES, *OTHERS, *COSTS)
# Above this share of rows that changed it costs less to make the whole bucket again.
MOST_CHANGED = 0.3
SCRATCH = (
    *("steady_line", "changed_line", "changed_sum", "more_sum", "day_before", "day_after"),
    *("changed_day", "day_event", "claim_event", "cost_come", "cost_gone"),
    *(f"{table}_{which}" for table in TABLES for which in ("come", "gone")),
)


@dataclass(frozen=True)
class Bucket:
    """One bucket. ``models``: those whose rows can be taken over, by name; ``parts``: what it is made of now, by table."""

    run: Run
    instance: Instance
    models: Mapping[str, Model]
    parts: Mapping[str, Mapping[str, Part]]

    @property
    def buckets(self) -> range:
        return self.instance.buckets or range(0)

    def text(self, name: str) -> str:
        """Returns the query of a model."""
        model = self.models[name]
        return query_of(model, judge=removed_by(self.run.context.settings.filters, model.filters))

    def make(self, name: str) -> None:
        """Makes the scratch table of a model."""
        self.run.context.engine.scratch(name, self.text(name))


def make_bucket(
    run: Run,
    stage: Stage,
    instance: Instance,
    *,
    whole: Callable[[], Counted],
    some: Callable[[Sequence[Node]], Counted],
) -> Counted:
    """Makes a bucket, and keeps it for the next build. ``whole`` makes all nodes, ``some`` those that it is given."""
    models = {one.name: one for one in stage.nodes if isinstance(one, Model)}
    own = {name: models[name] for name in ("claim_event", "event", "cost")}
    bucket = Bucket(run, instance, own, _parts(run, instance))
    basis = _basis(bucket)
    before = standing(run.context, instance, basis)
    netted = _rewritten(bucket, before) if before else None
    if netted is None:
        counted = whole()
        netted = Counted({key: n for key, n in counted.numbers.items() if key[0] == "netted"})
    else:
        counted = some([node for node in stage.nodes if node.name not in own])
        counted.join(netted)
    cells = {
        table: {file.stem: file for file in folder_of(run.context, table, bucket.buckets).iterdir()}
        for table in (EVENT.table, COST.table)
    }
    keep(run.context, instance, Standing(basis, bucket.parts, cells, netted))
    return counted


def _parts(run: Run, instance: Instance) -> dict[str, dict[str, Part]]:
    if not run.parts:
        run.parts.update(run.context.finished.by_folder())
    found: dict[str, dict[str, Part]] = {name: {} for name in TABLES}
    for name in TABLES:
        for file in files_of_bucket(run, name, instance):
            folder = file.parent.parent
            part = found[name].get(folder.name)
            files = (*(part.files if part else ()), file)
            found[name][folder.name] = Part(run.parts[name, folder.name], files)
    return found


def _basis(bucket: Bucket) -> str:
    """Returns the digest of what the rows of all days depend on: texts, the site key, later stays of episodes, the files."""
    run = bucket.run
    engine = run.context.engine
    later = (
        f"SELECT count(*), sum({engine.distinct(('stay_id', 'episode_id'))}) "
        "FROM episode WHERE episode_order > 1"
    )
    run.context.foresee([later])
    made = [bucket.text(name) for name in bucket.models]
    made += [str(run.context.rows(later)), run.digests.get("secret", ""), str(run.context.buckets)]
    return hashlib.sha256("\n".join([*made, str(first_year(run.context))]).encode()).hexdigest()


def _rewritten(bucket: Bucket, before: Standing) -> Counted | None:
    """Writes the bucket from the files of ``before``; returns the counts on its sums, None where too much changed."""
    run, engine = bucket.run, bucket.run.context.engine
    found = {
        name: difference_of(run, name, before.parts[name], bucket.parts[name]) for name in TABLES
    }
    try:
        if any(found[name].share > MOST_CHANGED for name in (LINES, COSTS[0])):
            return None
        netted = Counted()
        netted.join(before.netted)
        _change_sums(bucket, found[LINES], netted)
        _change_days(bucket, found)
        cells = before.cells[EVENT.table]
        rewrite_days(
            run.context, EVENT, bucket.buckets, cells, days="changed_day", come="day_event"
        )
        for which in ("come", "gone"):
            for name in COSTS:
                engine.view(name, getattr(found[name], which))
            engine.scratch(f"cost_{which}", bucket.text("cost"))
        cells = before.cells[COST.table]
        rewrite_rows(run.context, COST, bucket.buckets, cells, come="cost_come", gone="cost_gone")
        files = sorted(folder_of(run.context, EVENT.table, bucket.buckets).iterdir())
        engine.view("event", f"SELECT * FROM {engine.scan(files)}")
        return netted
    finally:
        engine.drop(*SCRATCH)


def _change_sums(bucket: Bucket, lines: Difference, netted: Counted) -> None:
    """Makes the sums of claims whose lines changed, as they were and as they are: their days, and the counts on them."""
    run, engine = bucket.run, bucket.run.context.engine
    sums = lines.changed("subject_id, care_date AS day")
    engine.scratch("changed_sum", f"SELECT DISTINCT * FROM ({sums})")
    same = rows_of_files(run, LINES, lines.same)
    engine.scratch("steady_line", among(same, "changed_sum", "care_date"))
    for files, sign, days in ((lines.old, -1, "day_before"), (lines.new, 1, "day_after")):
        own = among(rows_of_files(run, LINES, files), "changed_sum", "care_date")
        engine.scratch("changed_line", f"SELECT * FROM steady_line UNION ALL BY NAME ({own})")
        engine.view(LINES, "SELECT * FROM changed_line")
        bucket.make("claim_event")
        engine.scratch(days, "SELECT subject_id, start_date AS day FROM claim_event")
        counted = Counted()
        for one in counts_of(bucket.models["claim_event"], {}):
            counted.add_rows(one.key, engine.rows(one.query), one.names)
        for key, number in counted.numbers.items():
            netted.add(key, sign * number)


def _change_days(bucket: Bucket, found: Mapping[str, Difference]) -> None:
    """Makes ``changed_day``, the days whose events may have changed, and ``day_event``, all events of them."""
    run, engine = bucket.run, bucket.run.context.engine
    days = [found[name].changed("subject_id, start_date AS day") for name in OTHERS]
    every = " UNION ALL ".join(["FROM day_before", "FROM day_after", *days])
    engine.scratch("changed_day", f"SELECT DISTINCT * FROM ({every})")
    # On such a day there may be events of sums that did not change: of that day of care, or of others.
    lines = rows_of_files(run, LINES, (*found[LINES].same, *found[LINES].new))
    of_day = among(f"SELECT subject_id, care_date AS day FROM ({lines})", "changed_day", "day")
    of_other = (
        f"SELECT subject_id, care_date, begins AS day FROM ({lines}) WHERE begins IS NOT NULL"
    )
    of_other = f"SELECT subject_id, care_date AS day FROM ({among(of_other, 'changed_day', 'day')})"
    every = f"SELECT DISTINCT * FROM ({of_day} UNION ALL {of_other})"
    engine.scratch("more_sum", among(every, "changed_sum", "day", within=False))
    ((more,),) = engine.rows("SELECT count(*) FROM more_sum")
    if more:
        others = among(lines, "more_sum", "care_date")
        engine.view(LINES, f"SELECT * FROM changed_line UNION ALL BY NAME ({others})")
        bucket.make("claim_event")
    for name in OTHERS:
        rows = rows_of_files(run, name, (*found[name].same, *found[name].new))
        engine.view(name, among(rows, "changed_day", "start_date"))
    bucket.make("event")
    engine.scratch("day_event", among("SELECT * FROM event", "changed_day", "start_date"))
