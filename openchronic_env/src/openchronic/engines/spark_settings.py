"""The Spark settings that the site's configuration leaves open, for sessions and for builds."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Container, Mapping
from pathlib import Path

LEAST_MEMORY = 512 << 20


def prepare_environment() -> None:
    # Workers must run the same Python, whatever `python3` is on the path.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    # Without a network the host's name may not resolve.
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


def sized(configured: Container[str], *, memory: int, threads: int) -> dict[str, str]:
    """Returns the settings that the site's configuration leaves open. ``memory`` in bytes."""
    memory = max(LEAST_MEMORY, memory)
    wanted = {
        "spark.driver.memory": f"{memory >> 20}m",
        "spark.master": f"local[{threads}]",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
    }
    return {name: value for name, value in wanted.items() if name not in configured}


def configured() -> dict[str, str]:
    """Returns the settings in ``spark-defaults.conf``, by name."""
    folder = os.environ.get("SPARK_CONF_DIR")
    file = Path(folder, "spark-defaults.conf") if folder else None
    if file is None or not file.is_file():
        return {}
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    # A name and its value stand apart by blanks, an equals sign or a colon, as in a file of Java's properties.
    pairs = (
        re.split(r"\s*[=:\s]\s*", line, maxsplit=1) for line in lines if line and line[0] != "#"
    )
    return {pair[0]: pair[1] if len(pair) > 1 else "" for pair in pairs}


def is_local(site: Mapping[str, str]) -> bool:
    """Returns whether a session of these settings computes in the process of its driver alone."""
    return "SPARK_REMOTE" not in os.environ and is_one_process(site.get("spark.master", "local"))


def is_one_process(master: str) -> bool:
    return master == "local" or master.startswith("local[")
