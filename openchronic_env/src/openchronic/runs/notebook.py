"""Runs the cells of a notebook in their order, and writes a copy with what they gave, after each cell."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any


def main(source: str, target: str) -> int:
    """Returns 0, or 1 if a cell failed; the copy then ends with its error."""
    import nbformat  # type: ignore[import-not-found,unused-ignore]
    from nbclient import NotebookClient  # type: ignore[import-not-found,unused-ignore]
    from nbclient.exceptions import (  # type: ignore[import-not-found,unused-ignore]
        CellExecutionError,
    )

    read: Any = nbformat.read
    notebook = read(source, as_version=4)

    def keep(**_: Any) -> None:
        partial = Path(f"{target}.{os.getpid()}")
        partial.write_text(nbformat.writes(notebook), encoding="utf-8")
        partial.replace(target)

    def begins(cell: Any, cell_index: int, **_: Any) -> None:
        print(f"cell {cell_index + 1} of {len(notebook.cells)}", flush=True)

    client = NotebookClient(
        notebook,
        timeout=None,
        resources={"metadata": {"path": str(Path(source).parent)}},
        on_cell_start=begins,
        on_cell_executed=keep,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        print(error, flush=True)
        return 1
    finally:
        keep()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
