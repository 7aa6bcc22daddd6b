"""Pictures of each kind of session in a browser, with the answer to the question of all kinds (kinds.py)."""

import json
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from infra.settings.settings_file import ROOT
from tests.smoke.analyst_by_browser import (
    NOTEBOOK_MS,
    SESSION_MS,
    answer_of,
    open_by_hand,
    run_all_cells,
)
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel
from tests.smoke.kinds import PYTHON, Kind, R
from tests.smoke.leftovers import PICTURES

SHOTS = ROOT / "build" / "kinds"
ROWS = 12
PYTHON_CELL = """import openchronic as oc, pandas as pd
from openchronic.selftest import rows
answer = rows.ENGINES["{engine}"](oc.release("{base}"))
print("{name}", rows.digest(answer))
pd.DataFrame(sorted(answer, key=str)).head({rows})"""
R_CELL = """question <- reticulate::import("openchronic.selftest.rows")$SQL
answer <- openchronic::oc_query(question, "{base}")
cat("{name}", openchronic:::digest_of(answer), "\\n")
head(answer[order(answer$event_type, answer$year), ], {rows})"""
EXECUTORS = 2
EXECUTORS_CELL = """import openchronic as oc, pandas as pd
spark = oc.spark("{base}", executors={executors})
def where(rows):
    import os, time
    time.sleep(2)
    yield os.environ["SPARK_EXECUTOR_POD_NAME"], sum(1 for _ in rows)
done = spark.table("event").repartition(16).rdd.mapPartitions(where).collect()
spark.stop()
pods = pd.DataFrame(done, columns=["pod", "events"])
pods.groupby("pod").agg(tasks=("events", "size"), events=("events", "sum"))"""


def take(page: Page, hub: Hub, kind: Kind, *, base: str, digest: str) -> Path:
    """Run a notebook of this kind in the running session, as an analyst does, and keep a picture of its answer.

    Raises AssertionError where it does not show the digest.
    """
    name = f"{kind.name.lower()}.ipynb"
    code = (R_CELL if kind.kernel == R else PYTHON_CELL).format(
        engine=kind.engine, name=kind.name, base=base, rows=ROWS
    )
    _write(hub, name, code, kernel=kind.kernel)
    notebook = _opened(page, hub, name)
    run_all_cells(page, notebook)
    answer_of(page, notebook, place=0)
    try:
        expect(notebook.locator(".jp-OutputArea-output", has_text=digest).first).to_be_visible()
        expect(notebook.locator(".jp-OutputArea-output table").first).to_be_visible()
    finally:
        file = _kept(page, kind.name.lower())
    return file


def _opened(page: Page, hub: Hub, name: str) -> Locator:
    """Open a notebook of the pictures' folder in the running session, as an analyst does."""
    page.goto(f"{hub.session_url}/user/{hub.login}/lab?reset")
    # JupyterLab knows the kernels once its launcher shows them: before, it gives any notebook Python's.
    expect(page.locator(".jp-LauncherCard", has_text="R 4.5").first).to_be_visible(
        timeout=SESSION_MS
    )
    open_by_hand(page, f"{PICTURES}/{name}")
    notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    expect(notebook.locator(".jp-CodeCell").first).to_be_visible(timeout=SESSION_MS)
    return notebook


def take_executors(page: Page, hub: Hub, *, base: str) -> Path:
    """Run a notebook whose Spark job computes on pods of the user's, and keep a picture of which pods did."""
    name = "executors.ipynb"
    # Those of the pictures before fill the memory of a small session.
    _end_kernels(hub)
    _write(hub, name, EXECUTORS_CELL.format(base=base, executors=EXECUTORS), kernel=PYTHON)
    notebook = _opened(page, hub, name)
    run_all_cells(page, notebook)
    answer_of(page, notebook, place=0)
    try:
        expect(notebook.locator(".jp-OutputArea-output table").first).to_be_visible(
            timeout=NOTEBOOK_MS
        )
    finally:
        file = _kept(page, "executors")
    return file


def take_rstudio(page: Page, hub: Hub) -> Path:
    """Keep a picture of RStudio, or of the page that stands in for it; the rows of R in its session have no picture."""
    page.goto(f"{hub.session_url}/user/{hub.login}/rstudio/")
    page.wait_for_load_state("networkidle")
    return _kept(page, "rstudio")


def _kept(page: Page, name: str) -> Path:
    SHOTS.mkdir(parents=True, exist_ok=True)
    file = SHOTS / f"{name}.png"
    page.screenshot(path=file)
    return file


def _end_kernels(hub: Hub) -> None:
    """End all kernels of the running session."""
    last = Kernel(hub)
    try:
        for one in last.api("GET", "/kernels").json():
            if one["id"] != last.id:
                last.api("DELETE", f"/kernels/{one['id']}")
    finally:
        last.close()


def _write(hub: Hub, name: str, code: str, *, kernel: str) -> None:
    """Write a notebook of one cell."""
    cell = {"cell_type": "code", "source": code, "metadata": {}, "outputs": []}
    content = {
        "cells": [{**cell, "execution_count": None, "id": "answer"}],
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = f"{PICTURES}/{name}"
    writing = Kernel(hub)
    try:
        writing.run(
            f"import os, json; os.makedirs({PICTURES!r}, exist_ok=True)\n"
            f"open({path!r}, 'w').write({json.dumps(content)!r})"
        )
    finally:
        writing.close()
