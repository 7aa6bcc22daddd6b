"""Reads what every command reads first, in the process that commands are forks of: see ``front_door``.

Tables, code lists, filters, patterns of names: a fifth of a small build, which would be the same each time.
"""

from __future__ import annotations

import gc
import sys
from functools import _lru_cache_wrapper
from importlib import resources
from inspect import signature
from pathlib import Path

# numpy loads it when it is first asked for distinct values.
import numpy.ma  # noqa: F401

from openchronic.build.fingerprint import CODE
from openchronic.nomenclatures import lists
from openchronic.nomenclatures.lists import load_nomenclature
from openchronic.store.code import code_digest

THREADS = Path("/proc/self/task")
NOT_BEFORE = (
    # They open an engine, whose threads a fork would lose, or make a folder.
    *("openchronic.ingest.parquet._engine", "openchronic.runtime.database._spill_folder"),
    # Tests change the versions that it tells.
    "openchronic.store.keys.code_of_reading",
)


def _read() -> None:
    for name, module in list(sys.modules.items()):
        if not name.startswith("openchronic."):
            continue
        for one in list(vars(module).values()):
            if not isinstance(one, _lru_cache_wrapper) or signature(one).parameters:
                continue
            if f"{one.__module__}.{one.__qualname__}" not in NOT_BEFORE:
                one()
    code_digest(CODE)
    for file in resources.files(lists).iterdir():
        name, _, ending = file.name.rpartition(".")
        if ending == "csv":
            load_nomenclature(name)


before = len(list(THREADS.iterdir()))
_read()
if len(list(THREADS.iterdir())) > before:
    raise RuntimeError("reading what is cached begins threads, which forks lose: see NOT_BEFORE")
# What will not change is not looked through again, in thousands of forks.
gc.collect()
gc.freeze()
