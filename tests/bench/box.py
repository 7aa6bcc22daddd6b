"""`make box` from nothing, and once more with what the first run left in the caches; by step."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from infra.settings.settings_file import ROOT
from tests.bench.measuring import load_average
from tests.bench.result import BenchError, Measure

GROUP = "box"
LIMIT_S = 3600
STEP = re.compile(r"^── (?P<title>.+?)(?P<end>: \d+ s| …)$")
INSTALLING = "bootstrap and caches"


def measures() -> Iterator[Measure]:
    """In a clone of this commit, with caches and state in a folder of their own: no image, no root, no .venv."""
    with tempfile.TemporaryDirectory(prefix="bench-box-") as name:
        folder = Path(name)
        checkout = folder / "checkout"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(checkout)], check=True)
        outside = ("SITE", "BOX", "VIRTUAL_ENV", "UV_CACHE_DIR", "PIP_CACHE_DIR")
        environment = {
            **{name: value for name, value in os.environ.items() if name not in outside},
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_STATE_HOME": str(folder / "state"),
        }
        try:
            for kind in ("cold", "warm"):
                load = load_average()
                steps = make_box(checkout, environment)
                for title, seconds in {**steps, "make box": sum(steps.values())}.items():
                    yield Measure(
                        group=GROUP,
                        name=f"{kind}: {title}",
                        unit="s",
                        values=(seconds,),
                        load=load,
                        # The work that no cache spares.
                        against=f"warm: {title}" if kind == "cold" else "",
                    )
                _destroy(checkout, environment)
        finally:
            _destroy(checkout, environment)


def make_box(checkout: Path, environment: dict[str, str]) -> dict[str, float]:
    """The seconds of each step, told by the lines that `make box` prints at its beginning and end."""
    started = last = time.perf_counter()
    steps: dict[str, float] = {}
    said: list[str] = []
    process = subprocess.Popen(
        ["make", "box"],
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None, "it was asked for"
    try:
        for line in process.stdout:
            said.append(line)
            now = time.perf_counter()
            if found := STEP.match(line.rstrip()):
                steps[INSTALLING if found["end"] == " …" else found["title"]] = (
                    now - last + (steps.get(INSTALLING, 0) if found["end"] == " …" else 0)
                )
                last = now
            if now - started > LIMIT_S:
                raise BenchError(f"make box did not end within {LIMIT_S} s")
    finally:
        if process.poll() is None:
            process.terminate()
        status = process.wait()
    if status != 0:
        raise BenchError("make box failed:\n" + "".join(said[-25:]))
    return steps


def _destroy(checkout: Path, environment: dict[str, str]) -> None:
    if (checkout / ".venv" / "bin" / "python").exists():
        subprocess.run(
            ["make", "-s", "box-destroy"],
            cwd=checkout,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=sys.stderr,
            check=False,
        )
