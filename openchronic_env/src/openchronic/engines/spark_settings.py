"""The Spark settings that the site's configuration leaves open, for sessions and for builds."""

from __future__ import annotations

import os
import sys
from pathlib import Path

LEAST_MEMORY = 512 << 20


def prepare_environment() -> None:
    # Workers must run the same Python, whatever `python3` is on the path.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    # Without a network the host's name may not resolve.
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


def sized(configured: set[str], *, memory: int, threads: int) -> dict[str, str]:
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


def configured() -> set[str]:
    """Returns the names of the settings in ``spark-defaults.conf``."""
    folder = os.environ.get("SPARK_CONF_DIR")
    file = Path(folder, "spark-defaults.conf") if folder else None
    if file is None or not file.is_file():
        return set()
    lines = file.read_text(encoding="utf-8").splitlines()
    return {
        line.split(maxsplit=1)[0].split("=")[0]
        for line in lines
        if line.strip() and not line.lstrip().startswith("#")
    }
