"""Judges what `make status` found on a server: what needs a hand, and what to do next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.settings import layout
from infra.settings.settings_file import GB
from infra.settings.site import Site

# Of disks a tenth, as the smoke test asks.
LEAST_MEMORY, LEAST_DISK = 0.05, 0.1
FULL_HOME = 0.9
CERTIFICATE_DAYS = 30
# Seconds between the clocks of two machines beyond which their journals can no longer be compared.
DRIFT_S = 60
DAY_S = 86400
Told = dict[str, Any]


@dataclass(frozen=True)
class Need:
    """Something that needs a hand: what it is, and the next step."""

    what: str
    next: str


def needs(told: Told, site: Site, *, now: float) -> list[Need]:
    """Return what needs a hand; `now` is the time of the operator's machine."""
    return [
        *_services(told),
        *_resources(told),
        *_homes(told),
        *_builds(told, site),
        *_certificate(told, site),
        *_clock(told, site, now=now),
    ]


def near_their_limit(told: Told) -> list[Told]:
    return [one for one in told["quotas"] or () if one["used"] >= FULL_HOME * one["limit"]]


def _services(told: Told) -> Iterator[Need]:
    failed = told["failed"]
    for unit, state in told["units"].items():
        if state != "active" and unit not in (failed or ()):
            yield Need(f"{unit} is {state or 'not there'}", f"journalctl -u {unit}; make deploy")
    if failed is None:
        yield Need("systemd does not say which units failed", "log in and look: systemctl --failed")
    for unit in failed or ():
        # The builds have a line of their own.
        if not unit.startswith(layout.build_unit("")):
            yield Need(f"{unit} failed", f"journalctl -u {unit}; then systemctl restart {unit}")
    if told["sessions"] is None:
        yield Need("Docker does not answer: no session starts", "journalctl -u docker")
    if told["restart"]:
        yield Need("updates wait for a restart", "tell the users, then restart the server")


def _resources(told: Told) -> Iterator[Need]:
    memory = told["memory"]
    if memory["MemAvailable"] < LEAST_MEMORY * memory["MemTotal"]:
        yield Need(
            f"memory is short: {memory['MemAvailable'] / GB:.1f} GB are left",
            "stop a session at /hub/administration, or limit the profiles",
        )
    for disk in told["disks"]:
        if disk["free"] < LEAST_DISK * disk["size"]:
            yield Need(
                f"the disk of {disk['place']} is nearly full: {disk['free'] / GB:.1f} GB are left",
                f"make room: du -xh --max-depth=2 {disk['place']} | sort -h | tail",
            )


def _homes(told: Told) -> Iterator[Need]:
    if told["quotas"] is None:
        yield Need(
            "the homes' quotas cannot be read", "btrfs qgroup show on the server; make deploy"
        )
    for one in near_their_limit(told):
        yield Need(
            f"{whose_folder(one)} is full to {one['used'] / one['limit']:.0%}",
            "ask its users to delete files, or raise its quota: storage.home_quota_gb, team_quota_gb",
        )


def whose_folder(quota: Mapping[str, Any]) -> str:
    if not quota["login"]:
        return f"the shared folder of {quota['project']}"
    project = f" in {quota['project']}" if quota["project"] else ""
    return f"the home of {quota['login']}{project}"


def _builds(told: Told, site: Site) -> Iterator[Need]:
    for one in told["builds"]:
        unit = layout.build_unit(one["base"])
        if not one["runs"] and one["result"] not in ("success", ""):
            yield Need(
                f"the last build of {one['base']} failed ({one['result']})", f"journalctl -u {unit}"
            )
        elif not one["release"] and not one["runs"]:
            yield Need(
                f"no release of {one['base']} is in service",
                f"systemctl start {unit} on the server",
            )
        if not one["scheduled"]:
            yield Need(f"no build of {one['base']} is scheduled", f"make deploy SITE={site.name}")


def days_left(told: Told) -> float | None:
    end = told["certificate"]
    return None if end is None else float(end - told["now"]) / DAY_S


def _certificate(told: Told, site: Site) -> Iterator[Need]:
    left = days_left(told)
    deploy = f"make deploy SITE={site.name}"
    if left is None:
        yield Need("the certificate cannot be read", deploy)
    elif left < CERTIFICATE_DAYS:
        own = site.tls.authority == "own"
        when = f"ends in {left:.0f} days" if left > 0 else f"ended {-left:.0f} days ago"
        first = "" if own else f"put a new one at {site.tls.certificate}, then "
        yield Need(f"the certificate {when}", f"{first}{deploy}")


def _clock(told: Told, site: Site, *, now: float) -> Iterator[Need]:
    # A disposable server has the clock of the machine that hosts it.
    if told["synchronised"] is not True and site.box is None:
        yield Need("the clock is not synchronised", "timedatectl there; the site's [time] servers")
    if abs(told["now"] - now) > DRIFT_S:
        yield Need(
            f"the server's clock and this machine's are {abs(told['now'] - now):.0f} s apart",
            "timedatectl on both",
        )
