"""Judges the rights of a site on a day: which are past their date, unused, or in force on the server alone."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from infra.operate.server_rights import DeployedProject, ServerRights
from infra.settings.accounts import SMOKE_LOGINS, Account
from infra.settings.grants import Grant, Period
from infra.settings.projects import Project
from infra.settings.site import Site

SOON = datetime.timedelta(days=30)
LONG_UNUSED = datetime.timedelta(days=90)
# What has no date is as far away as dates go.
NEVER = datetime.date.max


@dataclass(frozen=True, kw_only=True)
class Right:
    """What an account may do in a project."""

    login: str
    name: str
    project: str
    bases: tuple[str, ...]
    source_tables: bool
    role: Literal["member", "reviewer", "member, reviewer"]
    group: str
    """The group of the directory by which alone they are a member; empty for a member by name."""
    since: datetime.date
    until: datetime.date
    state: Literal["in force", "to come", "over"]
    last_use: datetime.datetime | None
    unused: bool
    """Whether it has been in force, and not used, for LONG_UNUSED."""
    charter: str
    """The version of the charter that was accepted last, and on which day; empty: none, or not known."""
    legal: str
    authorised_by: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    what: str
    next: str = ""

    def __str__(self) -> str:
        return f"{self.what}. {self.next}" if self.next else self.what


@dataclass(frozen=True, kw_only=True)
class Review:
    site: str
    day: datetime.date
    rights: list[Right]
    past: list[Finding] = field(default_factory=list)
    """Listed, and past their date."""
    server_only: list[Finding] = field(default_factory=list)
    """In force on the server, and not by the files."""
    notices: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not self.past and not self.server_only


def review(
    site: Site,
    *,
    accounts: Sequence[Account],
    projects: Sequence[Project],
    granted: Sequence[Grant],
    server: ServerRights | str,
    today: datetime.date,
) -> Review:
    """Return the review. `server`: what the server said, or why it said nothing."""
    known = server if isinstance(server, ServerRights) else None
    people = {account.login: account for account in accounts}
    grants = {grant.slug: grant for grant in granted}
    rights = [
        right
        for project in projects
        for right in _rights(project, grants[project.slug], people, known, today)
    ]
    found = Review(site=site.name, day=today, rights=rights)
    found.past.extend(_past(site, accounts, projects, today))
    found.notices.extend(_ending(rights, today))
    found.notices.extend(_of_groups(projects, known))
    found.notices.extend(_of_nobody(site, accounts, rights, projects, today))
    if known is None:
        found.notices.append(
            Finding(what=f"The server was not asked, so last uses are unknown: {server}")
        )
        return found
    found.notices.extend(_of_uses(rights, known))
    if known.projects is None:
        what = "The server has no projects yet: what it gives is not compared"
        found.notices.append(Finding(what=what, next=f"To have them there: {_deploy(site)}"))
    else:
        found.server_only.extend(_server_only(site, granted, known.projects, today))
        found.notices.extend(_not_deployed(site, granted, known.projects, today))
    return found


def _rights(
    project: Project,
    grant: Grant,
    people: dict[str, Account],
    server: ServerRights | None,
    today: datetime.date,
) -> Iterator[Right]:
    uses = server.uses if server else None
    accepted = (server.acceptances or {}) if server else {}
    in_groups = groups_of_members(grant, server)
    for login in dict.fromkeys((*project.members, *in_groups, *project.reviewers)):
        group = "" if login in project.members else in_groups.get(login, "")
        member, reviewer = login in project.members or bool(group), login in project.reviewers
        account = people[login]
        # A reviewer's right has the days of the project and of the account.
        by_group = grant.by_group[login] if group else None
        period = (
            grant.members.get(login)
            or by_group
            or Period(first=project.start, last=min(project.end, account.end))
        )
        since, until = period.first or datetime.date.min, period.last or NEVER
        last_use = (uses or {}).get(_use(login, project.slug)) if member else None
        idle_since = max(since, last_use.date()) if last_use else since
        yield Right(
            login=login,
            name=account.name,
            project=project.slug,
            bases=project.bases if member else (),
            source_tables=member and project.source_tables,
            role="member, reviewer" if member and reviewer else "member" if member else "reviewer",
            group=group,
            since=since,
            until=until,
            state="over"
            if period.is_over(today)
            else "to come"
            if period.is_to_come(today)
            else "in force",
            last_use=last_use,
            unused=member
            and uses is not None
            and period.holds(today)
            and today - idle_since >= LONG_UNUSED,
            charter=f"{one.version}, {one.when.date()}" if (one := accepted.get(login)) else "",
            legal=project.legal,
            authorised_by=project.authorised_by,
        )


def groups_of_members(grant: Grant, server: ServerRights | None) -> dict[str, str]:
    """Return the logins that the directory makes members of a project, each with a group that does."""
    known = (server.groups if server else None) or {}
    return {
        login: next(one for one in grant.groups if one in known[login])
        for login in grant.by_group
        if not known.get(login, frozenset()).isdisjoint(grant.groups)
    }


def _of_groups(projects: Sequence[Project], server: ServerRights | None) -> Iterator[Finding]:
    named = [project.slug for project in projects if project.groups]
    if named and (server is None or server.groups is None):
        yield Finding(
            what="The directory was not asked, so members by its groups are not listed: "
            f"{', '.join(named)}"
        )


def _past(
    site: Site, accounts: Sequence[Account], projects: Sequence[Project], today: datetime.date
) -> Iterator[Finding]:
    ended = {account.login for account in accounts if account.has_ended(today)}
    for account in accounts:
        if account.login in ended:
            yield Finding(
                what=f"The account {account.login} ended on {account.end}",
                next=f"Take it out of {site.accounts} and {site.projects}, or give it a later end, then {_deploy(site)}",
            )
    for project in projects:
        if today > project.end:
            yield Finding(
                what=f"The project {project.slug} ended on {project.end}",
                next=f"Take it out of {site.projects}, or give it a later end, then {_deploy(site)}",
            )
            continue
        for login, member in project.members.items():
            if member.end is not None and today > member.end and login not in ended:
                yield Finding(
                    what=f"The membership of {login} in {project.slug} ended on {member.end}",
                    next=f"Take it out of projects.{project.slug}.members in {site.projects}, or give it a later end, "
                    f"then {_deploy(site)}",
                )


def _ending(rights: Sequence[Right], today: datetime.date) -> Iterator[Finding]:
    for right in rights:
        if right.state == "in force" and right.until - today <= SOON:
            yield Finding(
                what=f"{right.login} in {right.project}: ends on {right.until}, in {(right.until - today).days} days"
            )


def _of_nobody(
    site: Site,
    accounts: Sequence[Account],
    rights: Sequence[Right],
    projects: Sequence[Project],
    today: datetime.date,
) -> Iterator[Finding]:
    placed = {right.login for right in rights}
    for account in accounts:
        if account.login not in placed and not account.has_ended(today):
            yield Finding(
                what=f"The account {account.login} is in no project: it can open no session",
                next=f"Make it a member in {site.projects}, or take it out of {site.accounts}",
            )
    for project in projects:
        if not project.members and not project.groups and today <= project.end:
            yield Finding(what=f"The project {project.slug} has no member")


def _of_uses(rights: Sequence[Right], server: ServerRights) -> Iterator[Finding]:
    if server.uses is None:
        yield Finding(what="The server records no uses yet, so last uses are unknown")
        return
    for right in rights:
        if right.unused:
            when = f"last used on {right.last_use.date()}" if right.last_use else "never used"
            yield Finding(
                what=f"{right.login} in {right.project}: unused for {LONG_UNUSED.days} days ({when})",
                next="Is it still needed?",
            )
        if right.last_use and right.last_use.date() > right.until:
            yield Finding(
                what=f"{right.login} in {right.project}: used on {right.last_use.date()}, after its end on {right.until}",
                next="The hub's journal says how",
            )
    listed = {_use(right.login, right.project) for right in rights if "member" in right.role}
    listed |= {_use(login, login) for login in SMOKE_LOGINS}
    for name, moment in server.uses.items():
        if name not in listed:
            yield Finding(what=f"A use without a right in the file: {name}, on {moment.date()}")
    for name in server.unreadable:
        yield Finding(what=f"A use without a date: {name}")


def _server_only(
    site: Site,
    granted: Sequence[Grant],
    deployed: Sequence[DeployedProject],
    today: datetime.date,
) -> Iterator[Finding]:
    ours = {grant.slug: grant for grant in granted}
    for project in deployed:
        grant = ours.get(project.slug)
        for group in project.groups:
            if grant is None or group not in grant.groups:
                yield Finding(
                    what=f"The group {group} in {project.slug}: its people are members on the server, and not by "
                    f"{site.projects}",
                    next=f"To take it away: {_deploy(site)}",
                )
        for login in project.members:
            if not project.period(login).holds(today):
                continue
            mine = grant.members.get(login) if grant else None
            right = mine is not None and mine.holds(today)
            bases = [one for one in project.bases if not (grant and right and one in grant.bases)]
            typed = project.source_tables and not (grant and right and grant.source_tables)
            if bases or typed or not right:
                tables = "typed tables too" if typed else "no typed tables"
                yield Finding(
                    what=f"{login} in {project.slug}: reads {', '.join(bases or project.bases)} on the server "
                    f"({tables}), and not by {site.projects}",
                    next=f"To take it away: {_deploy(site)}",
                )


def _not_deployed(
    site: Site,
    granted: Sequence[Grant],
    deployed: Sequence[DeployedProject],
    today: datetime.date,
) -> Iterator[Finding]:
    theirs = {project.slug: project for project in deployed}
    for grant in granted:
        there = theirs.get(grant.slug)
        for group in grant.groups:
            if there is None or group not in there.groups:
                what = f"The group {group} in {grant.slug}: not on the server yet"
                yield Finding(what=what, next=f"To deploy it: {_deploy(site)}")
        for login, mine in grant.members.items():
            if not mine.holds(today):
                continue
            period = there.period(login) if there and login in there.members else None
            if there is None or period is None or not period.holds(today):
                what = f"{login} in {grant.slug}: not on the server yet"
            elif {*grant.bases} - {*there.bases} or (grant.source_tables > there.source_tables):
                what = f"{login} in {grant.slug}: reads less on the server than by the file"
            elif (period.last or NEVER) > (mine.last or NEVER):
                what = f"{login} in {grant.slug}: ends on {period.last} on the server, on {mine.last} by the file"
            else:
                continue
            yield Finding(what=what, next=f"To deploy it: {_deploy(site)}")


def _use(login: str, project: str) -> str:
    return f"{login}@{project}"


def _deploy(site: Site) -> str:
    return f"make deploy SITE={site.name}"
