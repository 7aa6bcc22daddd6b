"""Runs on the server as root, by `make status`: prints what there is as JSON, and changes nothing. Needs Python alone.

Its argument is JSON: folders, units and files to look at. What cannot be read is null; all of it takes a bounded time.
"""

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

# Printed before the JSON: a server's greeting may print other text before it.
BEGIN = "status-of-the-server "
PATIENCE_S = 10
ANSWER_S = 2


def ask(*command: str) -> str | None:
    """Return what a command prints; None if it fails, is not there or takes too long."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def properties(unit: str, *names: str) -> dict[str, str]:
    said = ask("systemctl", "show", unit, "--timestamp=unix", f"--property={','.join(names)}")
    return dict(line.split("=", 1) for line in (said or "").splitlines() if "=" in line)


def moment(text: str) -> float | None:
    """Return the seconds of systemd's `@1700000000`; None for an event that has not happened."""
    return float(text[1:]) if re.fullmatch(r"@\d+(\.\d+)?", text) else None


def sessions(docker: str) -> list[dict[str, Any]] | None:
    listed = ask("docker", "ps", "--filter", "name=^session-", "--format", "{{.ID}}")
    if listed is None:
        return None
    ids = listed.split()
    described = ask("docker", "inspect", *ids) if ids else "[]"
    return [session(one, docker) for one in json.loads(described or "[]")]


def session(told: dict[str, Any], docker: str) -> dict[str, Any]:
    host = told["HostConfig"]
    variables = dict(line.split("=", 1) for line in told["Config"]["Env"] or () if "=" in line)
    return {
        "login": told["Name"].strip("/").removeprefix("session-"),
        "project": variables.get("OPENCHRONIC_PROJECT", ""),
        "started": told["State"]["StartedAt"],
        "used": memory_in_use(told["Id"], docker),
        "limit": host["Memory"],
        "cpus": host["NanoCpus"] / 1e9 or host["CpuQuota"] / (host["CpuPeriod"] or 100_000),
        "pids": host["PidsLimit"],
    }


class Docker(http.client.HTTPConnection):
    """A connection to Docker's API: its command `stats` takes two seconds, and rounds."""

    def __init__(self, place: str) -> None:
        super().__init__("docker", timeout=ANSWER_S)
        self.place = place

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(ANSWER_S)
        self.sock.connect(self.place)


def memory_in_use(container: str, docker: str) -> int | None:
    """Return the bytes of a container's memory, without the files that could be dropped, as `docker stats` counts."""
    connection = Docker(docker)
    try:
        connection.request("GET", f"/containers/{container}/stats?stream=false&one-shot=true")
        told = json.load(connection.getresponse())["memory_stats"]
        details = told["stats"]
        idle = details.get("total_inactive_file", details.get("inactive_file", 0))
        return max(0, int(told["usage"]) - int(idle))
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()


def memory() -> dict[str, int]:
    found = dict(re.findall(r"^(\w+): +(\d+) kB", Path("/proc/meminfo").read_text(), re.M))
    return {name: int(found[name]) * 1024 for name in ("MemTotal", "MemAvailable")}


def disks(places: list[str]) -> list[dict[str, Any]]:
    """Return each file system once, by the first of the places that it holds."""
    found: dict[int, dict[str, Any]] = {}
    for place in places:
        try:
            device, told = Path(place).stat().st_dev, os.statvfs(place)
        except OSError:
            continue
        size = {"size": told.f_blocks * told.f_frsize, "free": told.f_bavail * told.f_frsize}
        found.setdefault(device, {"place": place, **size})
    return list(found.values())


def quotas(homes: str, *, teams: str) -> list[dict[str, Any]] | None:
    """Return what each home and each project's shared folder holds and may hold, in bytes. Its quota is that of the qgroup
    above it. A shared folder has no login, a home that is no project's has no project."""
    groups = ask("btrfs", "qgroup", "show", "--raw", "-r", homes)
    homes_by_id = ask("btrfs", "subvolume", "list", "-o", homes)
    if groups is None or homes_by_id is None:
        return None
    paths = dict(re.findall(r"^ID (\d+) .* path (.+)$", homes_by_id, re.M))
    rows = re.findall(r"^1/(\d+)\s+(\d+)\s+\d+\s+(\d+|none)\b", groups, re.M)
    return [
        {**whose(paths[number], teams=teams), "used": int(used), "limit": int(limit)}
        for number, used, limit in rows
        if number in paths and limit.isdigit()
    ]


def whose(path: str, *, teams: str) -> dict[str, str]:
    """Return the login and the project of a home or a shared folder, by its path on the disk. `teams`: the name of the folder
    that holds the shared ones."""
    folder, _, name = path.rpartition("/")
    if folder.rpartition("/")[2] == teams:
        return {"login": "", "project": name}
    login, _, project = name.partition("@")
    return {"login": login, "project": project}


def build(base: str, unit: str, releases: str) -> dict[str, Any]:
    wanted = ("Result", "ActiveState", "ExecMainStatus", "ExecMainExitTimestamp")
    told = properties(f"{unit}.service", *wanted)
    current = Path(releases, base, "current")
    try:
        release, made = (
            current.resolve(strict=True).name,
            (current / "manifest.json").stat().st_mtime,
        )
    except OSError:
        release, made = "", None
    return {
        "base": base,
        "release": release,
        "made": made,
        "runs": told.get("ActiveState") in ("activating", "active"),
        "result": told.get("Result", ""),
        "status": told.get("ExecMainStatus", ""),
        "ended": moment(told.get("ExecMainExitTimestamp", "")),
        "scheduled": properties(f"{unit}.timer", "ActiveState").get("ActiveState") == "active",
        "next": next_run(f"{unit}.timer"),
    }


def next_run(timer: str) -> float | None:
    # `systemctl show` writes this moment in words, whatever format is asked for.
    said = ask("systemctl", "list-timers", "--all", "--output=json", timer)
    found = [one.get("next") for one in json.loads(said or "[]")]
    return found[0] / 1e6 if found and found[0] else None


def certificate_end(place: str) -> float | None:
    said = ask("openssl", "x509", "-noout", "-enddate", "-in", place)
    found = re.search(r"notAfter=(.+)", said or "")
    return float(ssl.cert_time_to_seconds(found[1])) if found else None


def failed_units() -> list[str] | None:
    said = ask("systemctl", "list-units", "--failed", "--plain", "--no-legend")
    return None if said is None else [line.split()[0] for line in said.splitlines() if line.split()]


def record(place: str) -> dict[str, Any]:
    try:
        found = json.loads(Path(place).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def main() -> None:
    given = json.loads(sys.argv[1])
    synchronised = ask("timedatectl", "show", "--property=NTPSynchronized", "--value")
    states = {
        unit: properties(unit, "ActiveState").get("ActiveState", "") for unit in given["units"]
    }
    told = {
        "now": time.time(),
        "deployed": record(given["record"]),
        "sessions": sessions(given["docker"]),
        "memory": memory(),
        "disks": disks(["/", *given["places"]]),
        "quotas": quotas(given["homes"], teams=given["teams"]),
        "builds": [build(base, unit, given["releases"]) for base, unit in given["builds"].items()],
        "certificate": certificate_end(given["certificate"]),
        "units": states,
        "failed": failed_units(),
        "synchronised": None if synchronised is None else synchronised.strip() == "yes",
        "restart": Path("/run/reboot-required").exists(),
    }
    print(BEGIN + json.dumps(told))


if __name__ == "__main__":
    main()
