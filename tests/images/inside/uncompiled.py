"""Prints the modules of the session's environment that have no bytecode."""

import importlib.util
import sysconfig
from pathlib import Path

packages = Path(sysconfig.get_path("purelib"))
for module in sorted(packages.rglob("*.py")):
    cached = Path(importlib.util.cache_from_source(str(module)))
    # A few packages contain files that are not valid Python of this version: templates and tests of bad syntax.
    if not cached.exists():
        try:
            compile(module.read_bytes(), str(module), "exec")
        except (SyntaxError, ValueError):
            continue
        print(module.relative_to(packages))
