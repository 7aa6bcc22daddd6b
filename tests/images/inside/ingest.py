"""Builds on a Spark cluster of processes, whose executors read the delivery: prints what they made as JSON.

The driver is killed while executors read; of the next build an executor while it reads, and then the driver in the midst of
the build; the release of the third is told beside DuckDB's. Usage: ingest.py SOURCE FOLDER.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyspark

HOME = Path(pyspark.__file__).parent
MASTER, PORT = "127.0.0.1", 17077
WORKERS = 2
LIMIT_S = 1800
# Entries that are there when a kill comes.
MANY = 3
EXECUTOR = b"org.apache.spark.executor.CoarseGrainedExecutorBackend"
SETTINGS = f"""
spark.master                      spark://{MASTER}:{PORT}
spark.driver.host                 {MASTER}
spark.driver.bindAddress          {MASTER}
spark.driver.memory               1g
spark.executor.memory             600m
spark.executor.cores              1
spark.ui.enabled                  false
spark.ui.showConsoleProgress      false
spark.sql.session.timeZone        UTC
spark.sql.ansi.enabled            true
spark.sql.catalogImplementation   in-memory
spark.driver.extraJavaOptions     -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC
spark.executor.extraJavaOptions   -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC
"""
# Python for the executors: a task waits before it writes its record, so that a kill finds it at work.
SLOW = """
import os, time
if os.environ.get("SLOW"):
    import openchronic.build.ingest_task as t
    write = t.write_entry
    def write_entry(*rest):
        time.sleep(float(os.environ["SLOW"]))
        return write(*rest)
    t.write_entry = write_entry
"""

source, folder = Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute()
logs = folder / "logs"
answers: dict[str, Any] = {}


def environment(**more: str) -> dict[str, str]:
    conf = folder / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    (conf / "spark-defaults.conf").write_text(SETTINGS)
    slow = folder / "slow"
    slow.mkdir(exist_ok=True)
    (slow / "sitecustomize.py").write_text(SLOW)
    return {
        **os.environ,
        "SPARK_HOME": str(HOME),
        "SPARK_CONF_DIR": str(conf),
        "SPARK_DAEMON_MEMORY": "128m",
        "SPARK_LOCAL_IP": MASTER,
        "SPARK_LOCAL_DIRS": str(folder / "spill"),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "PYTHONPATH": f"{slow}:{os.environ.get('PYTHONPATH', '')}",
        **more,
    }


@contextmanager
def cluster(**more: str) -> Iterator[None]:
    """Starts a master and its workers; each is ended with all that it started."""
    kind = "org.apache.spark.deploy"
    wanted = [["master.Master", "--host", MASTER, "--port", str(PORT), "--webui-port", "0"]]
    for number in range(WORKERS):
        place = str(folder / f"worker{number}")
        means = ["--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", place]
        wanted.append(["worker.Worker", "--host", MASTER, *means, f"spark://{MASTER}:{PORT}"])
    started: list[subprocess.Popen[bytes]] = []
    logs.mkdir(parents=True, exist_ok=True)
    try:
        for name, *rest in wanted:
            log = (logs / f"{name}{len(started)}").open("w")
            command = [str(HOME / "bin/spark-class"), f"{kind}.{name}", *rest]
            one = subprocess.Popen(
                command, env=environment(**more), stdout=log, stderr=log, start_new_session=True
            )
            started.append(one)
            if name.startswith("master"):
                until(lambda: "I have been elected" in (logs / "master.Master0").read_text())
        yield
    finally:
        for one in started:
            os.killpg(one.pid, signal.SIGTERM)
        for one in started:
            one.wait()


def until(happens: Callable[[], object]) -> None:
    end = time.monotonic() + LIMIT_S
    while not happens():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def build(releases: Path, *options: str) -> subprocess.Popen[str]:
    """Starts a build in a session of its own, with Spark's Java in it."""
    means = ["--memory", "1GB", "--threads", "2", "--buckets", "1", "--max-rejects", "1", *options]
    means += ["--accept", "drug_lines_without_claim"]
    command = [sys.executable, "-m", "openchronic", "build", str(source), str(releases), *means]
    log = (logs / f"{releases.name}-{time.monotonic_ns()}").open("w")
    return subprocess.Popen(
        command, env=environment(), stdout=log, stderr=log, text=True, start_new_session=True
    )


def ended(process: subprocess.Popen[str]) -> int:
    return process.wait(LIMIT_S)


def entries(releases: Path) -> list[Path]:
    return sorted((releases / "snds/.store").glob("*/entry.json"))


def begun(releases: Path) -> list[Path]:
    """Returns the folders of attempts that are not ended."""
    there = (releases / "snds/.store").glob("*_*")
    return [one for one in there if one.is_dir() and not (one / "entry.json").exists()]


def kill_an_executor() -> None:
    """Kills one of this cluster: a Java process that a worker has started in its own folder."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
            place = (process / "cwd").readlink()
        except OSError:
            continue
        if EXECUTOR in command and place.is_relative_to(folder):
            os.kill(int(process.name), signal.SIGKILL)
            return
    raise RuntimeError("no executor to kill")


def kill(process: subprocess.Popen[str]) -> None:
    """Kills a driver and its Java."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def told(releases: Path) -> dict[str, Any]:
    """Returns what of a release must not depend on who has read the files."""
    release = releases / "snds/current"
    if not release.exists():
        return {"release": None}
    manifest = json.loads((release / "manifest.json").read_text())
    inputs = [{k: v for k, v in one.items() if k != "typed"} for one in manifest["inputs"]]
    kept = {one["typed"] for one in manifest["inputs"]}
    there = {one.name for one in (releases / "snds/.store").iterdir()}
    return {
        "content": manifest["content_sha256"],
        "inputs": inputs,
        "notes": manifest["notes"],
        "left": sorted(there - kept),
        "by_tasks": all("_" in one for one in kept),
    }


def parts(releases: Path) -> int:
    """Returns how many parts a build has finished."""
    return len(list((releases / "snds/.work/private/finished").glob("*.pickle")))


SPARK = ("--engine", "spark")
duckdb, spark = folder / "duckdb", folder / "spark"
logs.mkdir(parents=True)
answers["duckdb status"] = ended(build(duckdb))
answers["duckdb"] = told(duckdb)
with cluster(SLOW="0.5"):
    one = build(spark, *SPARK)
    until(lambda: len(entries(spark)) > MANY and begun(spark))
    kill(one)
    # Executors end when they see that their driver has.
    time.sleep(5)
    before = {one.parent.name for one in entries(spark)}
    answers["entries of the first driver"] = len(before)

    two = build(spark, *SPARK)
    until(lambda: len(entries(spark)) > len(before) + MANY and begun(spark))
    kill_an_executor()
    until(lambda: parts(spark) > 1 or two.poll() is not None)
    answers["the second driver"] = two.poll()
    kill(two)
    after = {one.parent.name for one in entries(spark)}
    answers["read again"] = len(before - after)
    answers["in service meanwhile"] = (spark / "snds/current").exists()

    answers["the third driver"] = ended(build(spark, *SPARK))
    if answers["the third driver"]:
        last = max(logs.glob(f"{spark.name}-*"), key=lambda one: one.stat().st_mtime)
        sys.stderr.write(last.read_text())
    answers["spark"] = told(spark)
print(json.dumps(answers))
