"""Runs on the server, as root: the memory of each unit and container, as JSON in MB.

A page that processes share is divided among them (PSS), so that the sums add up.
"""

import json
import pathlib
import re

CONTAINER = re.compile(r"docker[-/]([0-9a-f]{12})[0-9a-f]*")
UNIT = re.compile(r"([^/]+\.(?:service|scope))")
found: dict[str, float] = {}
for process in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        groups = (process / "cgroup").read_text()
        memory = (process / "smaps_rollup").read_text()
    except OSError:
        continue
    share = re.search(r"^Pss:\s+(\d+)", memory, re.M)
    container, unit = CONTAINER.search(groups), UNIT.findall(groups)
    name = container[1] if container else unit[0] if unit else "no unit"
    found[name] = found.get(name, 0.0) + (int(share[1]) / 1000 if share else 0.0)
print(json.dumps(found))
