"""What the server grants: each project's bases, and the days on which each member may open a session for it."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.settings.accounts import PROJECT_GROUP_PREFIX, SMOKE_COLLEAGUE, SMOKE_LOGIN, Account
from infra.settings.any_site import AnySite
from infra.settings.projects import Project
from infra.settings.settings_file import ROOT
from infra.settings.site_people import site_accounts, site_projects


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days on which a right is open, both included; None: without a limit."""

    first: datetime.date | None
    last: datetime.date | None

    def holds(self, today: datetime.date) -> bool:
        return not self.is_to_come(today) and not self.is_over(today)

    def is_to_come(self, today: datetime.date) -> bool:
        return self.first is not None and today < self.first

    def is_over(self, today: datetime.date) -> bool:
        return self.last is not None and today > self.last


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A project as the server knows it: with the days on which each member may open a session for it.

    `by_group`: the days of whoever the directory may name as its member, each account; `groups` are those that do.
    """

    slug: str
    title: str
    purpose: str
    group: str
    bases: tuple[str, ...]
    source_tables: bool
    members: dict[str, Period]
    period: Period
    quota_gb: float
    keeps_first_homes: bool
    groups: tuple[str, ...] = ()
    by_group: dict[str, Period] = field(default_factory=dict)

    @property
    def housed(self) -> dict[str, Period]:
        """Who has a home for it, with the days of the right: those whom a group may make members at any time have one too."""
        return {**self.members, **self.by_group}

    def home(self, login: str, *, homes: str) -> str:
        """Return the path of a member's home for this project."""
        return f"{homes}/{home_name(login, self)}"


def home_name(login: str, grant: Grant) -> str:
    # No login holds an @, so that no home of a project has the name of a login's first home.
    return login if grant.keeps_first_homes else f"{login}@{grant.slug}"


def typed_bases(grants: Sequence[Grant]) -> frozenset[str]:
    """Return the bases whose typed tables some project reads."""
    return frozenset(base for grant in grants if grant.source_tables for base in grant.bases)


def grants(
    projects: Sequence[Project],
    *,
    accounts: Sequence[Account],
    bases: Sequence[str],
    quota_gb: float,
) -> tuple[Grant, ...]:
    """Return what the server is to grant: the file's projects, and the smoke test's two. The second of these has no base:
    its sessions prove that a base which is not the project's does not exist there."""
    ends = {account.login: account.end for account in accounts}
    always = Period(first=None, last=None)
    ours = tuple(
        Grant(
            slug=login,
            title="Test de bon fonctionnement",
            purpose="Vérifier le serveur",
            group=f"{PROJECT_GROUP_PREFIX}{login}",
            bases=tuple(read),
            source_tables=False,
            members={login: always},
            period=always,
            quota_gb=quota_gb,
            keeps_first_homes=True,
        )
        for login, read in ((SMOKE_LOGIN, bases), (SMOKE_COLLEAGUE, ()))
    )
    theirs = tuple(
        Grant(
            slug=project.slug,
            title=project.title,
            purpose=project.purpose,
            group=project.group,
            bases=project.bases,
            source_tables=project.source_tables,
            members={
                login: Period(
                    first=max(project.start, member.start or project.start),
                    last=min(project.end, member.end or project.end, ends[login]),
                )
                for login, member in project.members.items()
            },
            groups=project.groups,
            by_group={
                login: Period(first=project.start, last=min(project.end, end))
                for login, end in ends.items()
                if project.groups
            },
            period=Period(first=project.start, last=project.end),
            quota_gb=project.quota_gb or quota_gb,
            keeps_first_homes=project.keeps_first_homes,
        )
        for project in projects
    )
    return (*theirs, *ours)


def site_grants(site: AnySite, *, root: Path = ROOT) -> tuple[Grant, ...]:
    """Return the projects of the site as the server is to know them, with the smoke test's own."""
    return grants(
        site_projects(site, root=root),
        accounts=site_accounts(site, root=root),
        bases=site.base_slugs,
        quota_gb=site.team_quota_gb,
    )
