"""Runs cells in a Python and an R kernel; prints, as JSON, each kernel's name and the forms of what it shows."""

import json

from jupyter_client.kernelspec import KernelSpecManager  # type: ignore[import-not-found]
from jupyter_client.manager import start_new_kernel  # type: ignore[import-not-found]

CHART = """
import altair, pandas
altair.Chart(pandas.DataFrame({"x": [1, 2], "y": [3, 4]})).mark_line().encode(x="x", y="y")
"""
CELLS = {"python3": CHART, "ir": 'library(survival); plot(1:3); data.frame(a = "été", b = 6 * 7)'}


def shown(kernel: str, code: str) -> list[dict[str, str]]:
    """Return what a cell shows, by form."""
    _, client = start_new_kernel(kernel_name=kernel, startup_timeout=240)
    found: list[dict[str, str]] = []

    def note(message: dict[str, object]) -> None:
        content = message["content"]
        if isinstance(content, dict) and "data" in content:
            found.append(content["data"])

    reply = client.execute_interactive(code, output_hook=note, timeout=240)
    if reply["content"]["status"] != "ok":
        raise SystemExit(json.dumps(reply["content"]))
    client.stop_channels()
    return found


specs = KernelSpecManager().get_all_specs()
print(
    json.dumps(
        {
            "names": {name: spec["spec"]["display_name"] for name, spec in specs.items()},
            "shown": {name: shown(name, code) for name, code in CELLS.items()},
        },
        default=str,
    )
)
