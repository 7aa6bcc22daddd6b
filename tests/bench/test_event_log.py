"""An event log of Spark is counted by what each execution did."""

import json
from pathlib import Path

from tests.bench import event_log


def test_executions_that_start_jobs_are_told_from_those_that_name_views(tmp_path: Path) -> None:
    events: list[dict[str, object]] = [
        {"Event": "SparkListenerLogStart"},
        *({"Event": event_log.START, "executionId": number} for number in range(3)),
        {"Event": event_log.JOB, "Properties": {event_log.EXECUTION: "1"}},
        {"Event": event_log.JOB, "Properties": {event_log.EXECUTION: "1"}},
        # A job of no query: the schema of a file, or its listing.
        {"Event": event_log.JOB, "Properties": {}},
    ]
    (tmp_path / "local-1").write_text("\n".join(map(json.dumps, events)))
    assert event_log.read(tmp_path) == event_log.Executions(views=2, working=1, jobs=3)
