"""Compares installed versions with the locks of this checkout."""

import json
import re
from collections.abc import Mapping

from packaging.requirements import Requirement
from packaging.version import Version

from infra.settings.settings_file import ROOT

LOCKS = ROOT / "infra" / "components" / "jupyterhub"
# Values of the lock's environment markers on Debian 13, whatever the operator's machine.
SERVER = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "python_version": "3.13",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
}


def locked_python(requirements: str) -> dict[str, str]:
    """Return the versions, by package, of a hashed lock that apply to the server."""
    found = {}
    for line in re.findall(r"^([A-Za-z0-9._-]+==[^\\\n]+)", requirements, re.M):
        row = Requirement(line)
        if row.marker is None or row.marker.evaluate(SERVER):
            found[_name(row.name)] = str(row.specifier).removeprefix("==")
    return found


def installed_python(listed: str) -> dict[str, str]:
    """Return the versions, by package, in the output of `pip list --format=json`."""
    return {_name(row["name"]): row["version"] for row in json.loads(listed)}


def npm(lock: str) -> dict[str, str]:
    """Return the versions, by folder, in a package-lock.json or in npm's own lock of an installation."""
    packages = json.loads(lock)["packages"]
    return {
        place: row["version"]
        for place, row in packages.items()
        if place and "version" in row and not row.get("dev")
    }


def older(installed: Mapping[str, str], lock: Mapping[str, str]) -> list[str]:
    """Return a line for each package that is missing or older than the lock's version."""
    return [
        f"{name.rpartition('node_modules/')[2]}: {installed.get(name, 'none')}, the lock says {wanted}"
        for name, wanted in lock.items()
        if name not in installed or Version(installed[name]) < Version(wanted)
    ]


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
