"""The peer of a deploy: plain pyinfra, `files.put` for each of the same files. Run by pyinfra."""

import json
import os
from pathlib import Path

from pyinfra.operations import files

for source, target in json.loads(Path(os.environ["BENCH_FILES"]).read_text()):
    files.put(name=f"Put {target}", src=source, dest=target, mode="644", user="root", group="root")
