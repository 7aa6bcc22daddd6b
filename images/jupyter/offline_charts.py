"""IPython extension that makes altair's charts drawn by JupyterLab, and not by JavaScript from the Internet."""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class AltairFinder(MetaPathFinder):
    """Waits for `import altair`: importing it at each start of a kernel would take a second."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "altair":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec("altair")
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def enabled(module: ModuleType) -> None:
                execute(module)
                module.renderers.enable("mimetype")

            spec.loader.exec_module = enabled
        return spec


def load_ipython_extension(shell: Any) -> None:
    sys.meta_path.insert(0, AltairFinder())
