"""Writes what `make status` found on a server as one screen of text."""

import datetime
from collections.abc import Iterator, Sequence

from infra.operate.status_needs import Need, Told, days_left, near_their_limit, whose_folder
from infra.settings.settings_file import GB
from infra.settings.site import Site

# Wide enough for the names of the parts.
INDENT = 13


def screen(told: Told, found: Sequence[Need], site: Site) -> str:
    lines = [f"{site.name}  {site.url}  {_deployed(told)}", *_verdict(found), ""]
    for name, rows in (
        ("sessions", _sessions(told, site)),
        ("memory", _memory(told)),
        ("disks", _disks(told)),
        ("homes", _homes(told)),
        ("builds", _builds(told)),
        ("certificate", _certificate(told)),
        ("units", _units(told)),
        ("clock", _clock(told, site)),
        # No component makes copies of the server's data yet.
        ("backups", ["none is set up"]),
    ):
        for number, row in enumerate(rows):
            lines.append(f"{name if number == 0 else '':{INDENT}}{row}")
    return "\n".join(lines)


def _verdict(found: Sequence[Need]) -> list[str]:
    if not found:
        return ["nothing needs a hand"]
    things = "1 thing needs" if len(found) == 1 else f"{len(found)} things need"
    return [f"{things} a hand:", *(f"  ! {one.what}\n    → {one.next}" for one in found)]


def _deployed(told: Told) -> str:
    told = told["deployed"]
    what = " ".join(str(told[name]) for name in ("version", "commit") if told.get(name))
    return f"deployed: {what}" if what else "deployed: nothing is on record"


def _sessions(told: Told, site: Site) -> Iterator[str]:
    if told["sessions"] is None:
        yield "Docker does not answer"
        return
    yield f"{len(told['sessions'])} open" if told["sessions"] else "none"
    for one in sorted(told["sessions"], key=lambda one: str(one["started"])):
        used = "?" if one["used"] is None else f"{one['used'] / GB:.1f}"
        since = _when(datetime.datetime.fromisoformat(one["started"][:19] + "+00:00").timestamp())
        yield (
            f"{one['login']:<16} {one['project'] or '-':<14} {_profile(one, site):<12} "
            f"since {since}  {used} of {one['limit'] / GB:.1f} GB"
        )


def _profile(session: Told, site: Site) -> str:
    """Return the profile that has a session's limits; they may be those of an earlier deploy."""
    limits = (session["limit"], session["cpus"], session["pids"])
    for slug, profile in site.profiles.items():
        if limits == (int(profile.memory_gb * GB), profile.cpus, profile.pids):
            return slug
    return "of before"


def _memory(told: Told) -> Iterator[str]:
    memory = told["memory"]
    yield f"{memory['MemAvailable'] / GB:.1f} of {memory['MemTotal'] / GB:.1f} GB available"


def _disks(told: Told) -> Iterator[str]:
    for disk in told["disks"]:
        yield f"{disk['place']:<28} {disk['free'] / GB:.1f} of {disk['size'] / GB:.1f} GB free"


def _homes(told: Told) -> Iterator[str]:
    if told["quotas"] is None:
        yield "their quotas cannot be read"
        return
    near = near_their_limit(told)
    yield f"{len(told['quotas'])}, {len(near) or 'none'} near the limit"
    for one in near:
        yield f"{whose_folder(one)}: {one['used'] / GB:.1f} of {one['limit'] / GB:.1f} GB"


def _builds(told: Told) -> Iterator[str]:
    for one in told["builds"]:
        release = (
            f"release {one['release']}, {_age(told['now'] - one['made'])} old"
            if one["made"]
            else "no release"
        )
        if one["runs"]:
            last = "a build runs now"
        elif one["ended"] is None:
            last = "no build since the server started"
        else:
            good = one["result"] == "success"
            last = f"last build {'succeeded' if good else 'FAILED'} {_age(told['now'] - one['ended'])} ago"
        following = f"next {_when(one['next'])}" if one["next"] else "none scheduled"
        yield f"{one['base']:<16} {release}; {last}; {following}"


def _certificate(told: Told) -> Iterator[str]:
    left = days_left(told)
    yield "cannot be read" if left is None else f"{left:.0f} days left"


def _units(told: Told) -> Iterator[str]:
    if told["failed"] is None:
        yield "systemd does not answer"
    else:
        yield f"failed: {', '.join(told['failed'])}" if told["failed"] else "none failed"


def _clock(told: Told, site: Site) -> Iterator[str]:
    known = {True: "synchronised", False: "not synchronised", None: "unknown"}
    state = known[told["synchronised"]] if site.box is None else "its host's"
    yield f"{_when(told['now'])} here, {state}"


def _when(seconds: float) -> str:
    """Return a moment in the time zone of the operator's machine."""
    return f"{datetime.datetime.fromtimestamp(seconds, datetime.UTC).astimezone():%Y-%m-%d %H:%M}"


def _age(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{max(0, seconds):.0f} s"
