"""Reads from a server, in one command, the projects that are deployed there, when each was last used, and who accepted
which charter."""

import datetime
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from infra.operate.reaching import LIMIT_S, SSH_ITSELF_FAILED, NotReached, refuse_absent_box, why
from infra.operations import ssh
from infra.settings import layout
from infra.settings.grants import Period
from infra.settings.site import Site
from infra.settings.site_people import site_accounts

# Before the answer: a server's greeting may print other text.
_HERE = "rights-of-the-server: "


class _Days(BaseModel):
    first: datetime.date | None
    last: datetime.date | None


class DeployedProject(BaseModel):
    """A project as the hub's own file has it, with those of its settings that give rights."""

    slug: str
    bases: list[str]
    source_tables: bool
    groups: list[str] = []
    members: dict[str, _Days]

    def period(self, login: str) -> Period:
        days = self.members[login]
        return Period(first=days.first, last=days.last)


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """The last version of the charter that an account accepted."""

    version: str
    when: datetime.datetime


@dataclass(frozen=True, kw_only=True)
class ServerRights:
    projects: tuple[DeployedProject, ...] | None
    """None: the server has no projects yet, its deploy is of an earlier version."""
    uses: dict[str, datetime.datetime] | None
    """By the name of the file, <login>@<project>: when a session was last open. None: the server records none yet."""
    unreadable: tuple[str, ...]
    """The files of uses that hold no date."""
    acceptances: dict[str, Acceptance] | None
    """By login. None: the server keeps no record of them yet."""
    groups: dict[str, frozenset[str]] | None = None
    """The groups of each account in the site's directory. None: there is none, or it does not answer."""


def script(
    *,
    configuration: str = layout.HUB_CONFIGURATION,
    uses: str = layout.HUB_USES,
    acceptances: str = layout.ACCEPTANCES,
    logins: Sequence[str] = (),
) -> str:
    """Return the program that the server runs. It reads files alone, and no link; no timestamp has more than 40 bytes. The
    directory is asked about the `logins`, as the hub asks it."""
    return f"""
import json, os, sys
found = {{"projects": None, "uses": None, "acceptances": None, "groups": None}}
try:
    with open("{configuration}/site.json", encoding="utf-8") as file:
        found["projects"] = json.load(file).get("projects")
except FileNotFoundError:
    pass
if os.path.isdir("{uses}"):
    found["uses"] = {{}}
    for one in os.scandir("{uses}"):
        if one.is_file(follow_symlinks=False):
            with open(one.path, "rb") as file:
                found["uses"][one.name] = file.read(40).decode("ascii", "replace")
if os.path.isfile("{acceptances}") and not os.path.islink("{acceptances}"):
    found["acceptances"] = {{}}
    with open("{acceptances}", "rb") as file:
        for line in file:
            try:
                entry = json.loads(line)
                found["acceptances"][str(entry["login"])] = [str(entry["version"]), str(entry["when"])]
            except (ValueError, KeyError, TypeError):
                continue  # a line that a crash tore accepts nothing
if {list(logins)}:
    try:
        sys.path.insert(0, "{configuration}")
        sys.dont_write_bytecode = True
        import infopipe
        words = {{login: infopipe.ask(login, cache_s=1) for login in {list(logins)}}}
        if all(word is None or word.is_fresh for word in words.values()):
            found["groups"] = {{login: sorted(word.groups) if word else [] for login, word in words.items()}}
    except Exception:
        pass
print("{_HERE}" + json.dumps(found))
"""


def server_rights(site: Site) -> ServerRights:
    """Raises NotReached, with the cause and the next step, if the server does not answer."""
    refuse_absent_box(site)
    sudo = "" if site.server.ssh.user == "root" else "sudo -n "
    try:
        logins = [one.login for one in site_accounts(site)] if site.logins.ldap else []
        done = ssh.run(site, f"{sudo}python3 -I -", input=script(logins=logins), timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise NotReached(
            f"the server {site.server.address} did not answer within {LIMIT_S} s"
        ) from None
    except FileNotFoundError:
        raise NotReached("ssh is not on this machine: install openssh-client.") from None
    if done.returncode == SSH_ITSELF_FAILED:
        raise NotReached(why(site, done.stderr))
    said = [line for line in done.stdout.splitlines() if line.startswith(_HERE)]
    if done.returncode != 0 or not said:
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise NotReached(f"the server {site.server.address} did not tell its rights: {reason}")
    return understood(json.loads(said[-1].removeprefix(_HERE)), site=site)


def understood(answer: dict[str, Any], *, site: Site) -> ServerRights:
    projects: tuple[DeployedProject, ...] | None = None
    if answer["projects"] is not None:
        try:
            projects = tuple(DeployedProject.model_validate(one) for one in answer["projects"])
        except (ValidationError, TypeError):
            raise NotReached(
                f"{layout.HUB_CONFIGURATION}/site.json on {site.server.address} has projects of another form: was it "
                f"deployed by another version? make deploy SITE={site.name}"
            ) from None
    uses: dict[str, datetime.datetime] | None = None
    unreadable = []
    if answer["uses"] is not None:
        uses = {}
        for name, text in sorted(answer["uses"].items()):
            if (moment := _moment(text)) is None:
                unreadable.append(name)
            else:
                uses[name] = moment
    acceptances: dict[str, Acceptance] | None = None
    if answer["acceptances"] is not None:
        acceptances = {
            login: Acceptance(version=version, when=moment)
            for login, (version, when) in answer["acceptances"].items()
            if (moment := _moment(when)) is not None
        }
    groups = answer.get("groups")
    return ServerRights(
        projects=projects,
        uses=uses,
        unreadable=tuple(unreadable),
        acceptances=acceptances,
        groups=groups and {login: frozenset(named) for login, named in groups.items()},
    )


def _moment(text: str) -> datetime.datetime | None:
    try:
        moment = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or datetime.UTC).astimezone(datetime.UTC)
