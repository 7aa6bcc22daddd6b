"""Builds one extraction with DuckDB and with Spark, and prints the hashes of all rows, the counts and the exit statuses."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

PATIENTS = "600"
LOG = Path("log").resolve()
COLLECTED = Path("collected.log").resolve()
TOLD = {
    "PYSPARK_SUBMIT_ARGS": "--conf spark.eventLog.enabled=true --conf spark.eventLog.compress=false "
    f"--conf spark.eventLog.rolling.enabled=false --conf spark.eventLog.dir={LOG.as_uri()} pyspark-shell",
    "JDK_JAVA_OPTIONS": f"-Xlog:gc:file={COLLECTED}",
}
# In one process, a build of so few people has its rows in one partition: here they are dealt to two tasks, as larger ones' are.
DEALT = (
    "from openchronic.cli import main\n"
    "from openchronic.engines import sparks\n"
    "wanted, two = sparks.wanted, {sparks.FEW: '2', 'spark.sql.shuffle.partitions': '2'}\n"
    "sparks.wanted = lambda size, **more: wanted(size, **more) | two\n"
    "raise SystemExit(main())"
)
SAME = (
    "filters",
    "reconciliation",
    "identity",
    "events",
    "duplicates",
    "regularised",
    "assertions",
)


def verb(*words: str) -> str:
    command = [sys.executable, "-c", DEALT, *words]
    env = {**os.environ, **TOLD}
    done = subprocess.run(command, env=env, check=False, capture_output=True, text=True)
    sys.stderr.write(done.stderr)
    if done.returncode:
        raise SystemExit(f"{words[:1]}: {done.returncode}")
    return done.stdout


def hashed(release: Path) -> dict[str, list[str]]:
    """Return for each table: the number of rows, of distinct rows, and the digest of the sorted hashes of its rows."""
    found = {}
    with duckdb.connect() as connection:
        for folder in sorted(path for path in release.iterdir() if path.is_dir()):
            scan = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = false)"
            columns = [name for name, *_ in connection.execute(f"DESCRIBE FROM {scan}").fetchall()]
            text = ", ".join(f"coalesce('=' || CAST({name} AS VARCHAR), '-')" for name in columns)
            (row,) = connection.execute(
                f"WITH hashed AS (SELECT sha256(concat_ws(chr(31), {text})) AS hash FROM {scan}) "  # noqa: S608
                "SELECT count(*), count(DISTINCT hash), sha256(string_agg(hash, '' ORDER BY hash)) "
                "FROM hashed"
            ).fetchall()
            found[folder.name] = [str(value) for value in row]
    return found


def working() -> int:
    """Return the number of SQL executions that started jobs; the others name views."""
    (file,) = LOG.iterdir()
    with file.open() as lines:
        events = map(json.loads, lines)
        jobs = [
            one.get("Properties", {}) for one in events if one["Event"] == "SparkListenerJobStart"
        ]
    return len({one["spark.sql.execution.id"] for one in jobs if "spark.sql.execution.id" in one})


def manifest(release: Path) -> dict[str, Any]:
    return dict(json.loads((release / "manifest.json").read_text()))


LOG.mkdir()
verb("synth", "source", "--patients", PATIENTS, "--seed", "7", "--years", "1")
releases = {}
for engine in ("duckdb", "spark"):
    verb("build", "source", engine, "--engine", engine, "--memory", "1GB")
    releases[engine] = (Path(engine) / "snds" / "current").resolve()
manifests = {engine: manifest(release) for engine, release in releases.items()}
print(
    json.dumps(
        {
            "tables": {engine: hashed(release) for engine, release in releases.items()},
            "names": {engine: release.name for engine, release in releases.items()},
            "engines": {engine: one["versions"]["engine"] for engine, one in manifests.items()},
            "others": [
                name for name in SAME if manifests["duckdb"][name] != manifests["spark"][name]
            ],
            "filters": {one["name"]: one["removed"] for one in manifests["spark"]["filters"]},
            "events": manifests["spark"]["events"],
            "executions": working(),
            "full_collections": COLLECTED.read_text().count("Pause Full"),
        }
    )
)
