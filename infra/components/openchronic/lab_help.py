"""Adds who helps to the help menu of JupyterLab, by a setting that sessions find beside the welcome pages.

JupyterLab reads default settings from `labconfig` in each folder of JUPYTER_CONFIG_PATH (images/jupyter/start-session).
"""

import json

from infra.operations.ops import File
from infra.settings.help import Help

# Hidden from the file browser; read-only in sessions.
FOLDER = ".jupyter"
SETTINGS = f"{FOLDER}/labconfig/default_setting_overrides.json"
PLUGIN = "@jupyterlab/mainmenu-extension:plugin"
LABEL = "Écrire à l’assistance"


def lab_help_files(help: Help, *, address: str) -> dict[str, File]:  # noqa: A002 the setting's name
    """Return the settings file by its path; none if nobody helps. `address` is that of the page of the help."""
    if not help.ways:
        return {}
    entry = {
        "command": "help:open",
        "rank": 0,
        # In a tab of its own: the session's policy allows no frame of another page.
        "args": {"text": LABEL, "url": address, "newBrowserTab": True},
    }
    menus = {"menus": [{"id": "jp-mainmenu-help", "items": [entry]}]}
    text = json.dumps({PLUGIN: menus}, ensure_ascii=False, indent=2)
    return {SETTINGS: File(f"{text}\n".encode())}
