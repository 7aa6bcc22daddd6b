"""Makes the pages of Dask and Spark known to the session's server, which shows them to its user alone."""

from __future__ import annotations

import os
import sys
from html import escape
from pathlib import Path

# images/jupyter/engine_pages.py sets both: a folder, and the address under which it shows what a file there names.
FOLDER, ADDRESS = "ENGINE_PAGES", "ENGINE_PAGES_ADDRESS"


def announce(engine: str, port: int) -> str:
    """Names a page that listens on the session's loopback, and returns its address in a browser.

    Empty where no server shows it: outside of JupyterLab's sessions, or without a page (port 0).
    """
    folder, address = os.environ.get(FOLDER), os.environ.get(ADDRESS)
    if not (folder and address and port):
        return ""
    Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    Path(folder, f"{engine}-{port}").touch()
    return f"{address}{engine}/{port}/"


def show(address: str, text: str) -> None:
    """Shows a link in a notebook, and prints the address elsewhere."""
    # Only who runs in IPython has loaded it.
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        link = f'<a href="{escape(address)}" target="_blank">{escape(text)}</a>'
        shell.display.display(shell.display.HTML(link))
    else:
        print(f"{text}\u00a0: {address}")
