"""Runs a notebook and scripts by `openchronic run`, as an analyst does in a terminal; prints, as JSON, what became of them."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import busy_kernels  # type: ignore[import-not-found,unused-ignore]
import nbformat  # type: ignore[import-not-found,unused-ignore]

HOME = Path("/tmp/home")
HOME.mkdir()
os.environ["HOME"] = str(HOME)
os.chdir(HOME)
NOTEBOOK = Path("étude.ipynb")
cells = ["x = 6 * 7", "print(x)", "raise ValueError('exprès')", "print('never')"]
book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
nbformat.write(book, NOTEBOOK)
before = NOTEBOOK.read_bytes()
Path("long.py").write_text("import time; time.sleep(25)")
Path("court.R").write_text('cat(6 * 7, "\\n")')


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["openchronic", "run", *words], capture_output=True, text=True, check=False
    )


def records() -> dict[str, dict[str, object]]:
    found = [json.loads(one.read_text()) for one in Path(".openchronic/runs").glob("*.json")]
    return {Path(one["file"]).name: one for one in found}


idle_before = busy_kernels.any_run()
asked = [run("long.py"), run(str(NOTEBOOK)), run("court.R")]
busy = False
for _ in range(240):
    busy = busy or busy_kernels.any_run()
    if all(one["state"] != "running" for one in records().values()):
        break
    time.sleep(0.5)
executed = nbformat.read("étude.executed.ipynb", as_version=4)
print(
    json.dumps(
        {
            "asked": [one.returncode for one in asked],
            "said": [one.stderr for one in asked],
            "r": shutil.which("Rscript") is not None,
            "states": {name: one["state"] for name, one in records().items()},
            "log": {
                one.name: one.read_text()[-500:] for one in Path(".openchronic/runs").glob("*.log")
            },
            "outputs": [
                [out.get("text") or out.get("ename") for out in one.outputs]
                for one in executed.cells
            ],
            "untouched": NOTEBOOK.read_bytes() == before,
            "busy": [idle_before, busy, busy_kernels.any_run()],
            "left": subprocess.run(
                ["pgrep", "-fc", "ipykernel"], capture_output=True, text=True, check=False
            ).stdout.strip(),
        }
    )
)
