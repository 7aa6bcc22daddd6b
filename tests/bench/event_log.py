"""What a build on Spark made its executors do: its event log, counted."""

import json
from dataclasses import dataclass
from pathlib import Path

START = "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart"
JOB = "SparkListenerJobStart"
EXECUTION = "spark.sql.execution.id"


@dataclass(frozen=True)
class Executions:
    """``views``: SQL executions that only name a view or a function; ``working``: those that start jobs."""

    views: int
    working: int
    jobs: int


def settings(folder: Path) -> str:
    """Options of spark-submit: one plain file a run in ``folder``."""
    wanted = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": folder.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }
    return " ".join(f"--conf {name}={value}" for name, value in wanted.items())


def read(folder: Path) -> Executions:
    """The counts of the one run whose log is in ``folder``."""
    (file,) = folder.iterdir()
    started: set[str] = set()
    working: set[str] = set()
    jobs = 0
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if event["Event"] == START:
                started.add(str(event["executionId"]))
            elif event["Event"] == JOB:
                jobs += 1
                if of := event.get("Properties", {}).get(EXECUTION):
                    working.add(of)
    return Executions(len(started - working), len(started & working), jobs)
