"""Asks SSSD, over the system's bus, what it knows of somebody in the site's directory. It asks a server if its copy is old."""

import json
import re
import subprocess
import time
from dataclasses import dataclass
from typing import Any

# SSSD gives a server up after a few seconds; this ends the wait for an SSSD that hangs.
WITHIN_S = 20
NAME = "org.freedesktop.sssd.infopipe"
PLACE = "/org/freedesktop/sssd/infopipe"
DOMAIN = "directory"
NOBODY_ANSWERS = "SSSD reaches none of its servers"
# SSSD counts whole seconds, and its answer was on the way.
ROUNDING_S = 2.0
# In what SSSD says of somebody whom it does not have.
NOBODY = re.compile(r"no such user|not found|no such file", re.IGNORECASE)
GROUP = re.compile(rf"name=((?:[^,\\]|\\.)+)@{DOMAIN},cn=groups,cn={DOMAIN},cn=sysdb")


class DirectoryAway(Exception):
    """The directory does not answer, and nothing is known; the message is for the journal."""


@dataclass(frozen=True)
class Word:
    """The groups of somebody, groups of groups included, when the directory said so, and whether that is still its word."""

    groups: frozenset[str]
    when: float
    is_fresh: bool


def ask(login: str, *, cache_s: float) -> Word | None:
    """Return the directory's last word on a login; None for nobody. `cache_s`: how long SSSD takes it as its word. Raises
    DirectoryAway."""
    # SSSD learns groups for this question, and tells them rightly for the other.
    if _call(PLACE, NAME, "GetUserGroups", "s", login) is not None:
        wanted = ("memberOf", "initgrExpireTimestamp")
        told = _call(PLACE, NAME, "GetUserAttr", "sas", login, str(len(wanted)), *wanted)
        if told is not None:
            return understood(told["data"][0], cache_s=cache_s, now=time.time())
    # It may be that nobody could be asked.
    online = _call(f"{PLACE}/Domains/{DOMAIN}", f"{NAME}.Domains.Domain", "IsOnline")
    if online is None or online["data"] != [True]:
        raise DirectoryAway(NOBODY_ANSWERS)
    return None


def understood(told: dict[str, Any], *, cache_s: float, now: float) -> Word:
    """Return what SSSD's attributes of a person say. Raises DirectoryAway if they have another form."""
    try:
        # SSSD writes the names of attributes in another way than they are asked for.
        attributes = {name.lower(): value["data"] for name, value in told.items()}
        places = attributes.get("memberof", [])
        ends = float(attributes["initgrexpiretimestamp"][0])
        groups = frozenset(_group(place) for place in places)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise DirectoryAway(f"SSSD says something else than groups: {error!r}") from error
    return Word(groups=groups, when=ends - cache_s, is_fresh=ends + ROUNDING_S >= now)


def _group(place: str) -> str:
    """Return the name of a group from its place in SSSD's database, where some characters are escaped."""
    found = GROUP.fullmatch(place)
    if found is None:
        raise ValueError(place)
    return re.sub(
        r"\\([0-7][0-9A-Fa-f])|\\(.)",
        lambda one: chr(int(one[1], 16)) if one[1] else one[2],
        found[1],
    )


def _call(path: str, interface: str, method: str, *arguments: str) -> dict[str, Any] | None:
    """Return SSSD's answer; None if it has no such thing. Raises DirectoryAway."""
    command = ("busctl", "--system", "--json=short", "--auto-start=no", f"--timeout={WITHIN_S}")
    try:
        done = subprocess.run(
            [*command, "call", NAME, path, interface, method, *arguments],
            capture_output=True,
            text=True,
            timeout=WITHIN_S + 5,
            check=False,
        )
        if done.returncode == 0:
            told: dict[str, Any] = json.loads(done.stdout)
            return told
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise DirectoryAway(f"SSSD does not answer: {error}") from error
    if NOBODY.search(done.stderr):
        return None
    raise DirectoryAway(f"SSSD does not answer: {done.stderr.strip() or 'it gave no reason'}")
