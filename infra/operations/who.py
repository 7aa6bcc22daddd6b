"""Says who is at work, and on which machine, for the records on the server."""

import os
import platform
import pwd


def operator() -> str:
    """Return the login on the operator's machine, by the process's uid; under sudo, with the user behind it.

    No variable of the environment is believed for who runs the process; one is for who asked root to.
    """
    try:
        login = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        login = str(os.getuid())
    behind = os.environ.get("SUDO_USER")
    return f"{behind} as {login}" if behind and login == "root" else login


def machine() -> str:
    """Return the name of the operator's machine."""
    return platform.node()
