"""The reading of a delivery alone: every file checked, typed and stored, as a build does it. Usage: read_files.py SOURCE TARGET."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from openchronic.build.ingest import read_all, scan_all
from openchronic.ingest.judging import judge
from openchronic.runtime.database import engine
from openchronic.runtime.progress import Steps
from openchronic.store import Readers, open_store

MEMORY, THREADS = 2 * 10**9, 2

source, target = Path(sys.argv[1]), Path(sys.argv[2])
work = target / "work"
work.mkdir(parents=True)
store = open_store(target / "store", reread=False, readers=Readers())
synced: list[Any] = []
sync = os.fsync


def count(fd: Any) -> None:
    synced.append(fd)
    sync(fd)


os.fsync = count
with engine(work, memory=MEMORY, threads=THREADS, spill=work) as connection:
    steps = Steps(Console(quiet=True))
    scanned = scan_all(judge(source).reads(), store, steps, threads=THREADS)
    readings = read_all(
        *(connection, scanned, store, work / "typed", steps), threads=THREADS, max_rejects=1.0
    )
files = sum(path.is_file() for path in store.folder.rglob("*"))
rows = {table: one.rows for table, one in readings.items()}
kept = {table: one.kept for table, one in readings.items()}
print(json.dumps({"rows": rows, "kept": kept, "files": files, "synced": len(synced)}))
