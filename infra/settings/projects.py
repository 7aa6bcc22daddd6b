"""Reads the projects file: who may read which bases, for what purpose and how long. A session is opened for one project."""

import datetime
import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from infra.settings.accounts import PROJECT_GROUP_PREFIX, SMOKE_LOGINS, Account, Login
from infra.settings.setting_forms import Slug, Text
from infra.settings.settings_file import (
    List,
    Settings,
    SettingsError,
    located,
    read_toml,
    validate,
)

# With PROJECT_GROUP_PREFIX, a group's name has 32 characters at most.
ProjectSlug = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=25)
]


class ProjectsError(SettingsError):
    """The projects file cannot be used; the message has one line per error."""


class Membership(Settings):
    start: datetime.date | None = Field(
        None, description="First day of the membership (default: the project's)"
    )
    end: datetime.date | None = Field(
        None, description="Last day of the membership (default: the project's, or the account's)"
    )


class Project(Settings):
    slug: ProjectSlug = Field(description="Its name in paths and commands")
    title: Text = Field(description="Name that analysts read (French)")
    purpose: Text = Field(description="What the data are used for (French)")
    legal: Text = Field(description="Legal reference of the processing")
    bases: List[Slug] = Field(min_length=1, description="Bases whose releases it reads")
    source_tables: bool = Field(
        False, description="Whether it also reads their delivered tables, typed, with pseudonyms"
    )
    members: dict[Login, Membership] = Field(
        {}, description="Who may open a session for it, each with dates of their own if need be"
    )
    groups: List[Text] = Field(
        (),
        description="Groups of the site's directory whose people may do so too, from the project's start to its end, if "
        'the accounts file has them (logins.kind = "ldap")',
    )
    reviewers: List[Login] = Field(
        (), description="Who examines what leaves it; a reviewer reads nothing unless a member too"
    )
    start: datetime.date = Field(description="First day on which sessions may be opened for it")
    end: datetime.date = Field(description="Last day on which sessions may be opened for it")
    authorised_by: Text = Field(description="Who authorised it")
    quota_gb: float | None = Field(
        None,
        gt=0,
        description="Most that its shared folder may hold, in GB of 2^30 bytes (default: the site's)",
    )
    keeps_first_homes: bool = Field(
        False,
        description="Whether the homes that its members had before there were projects are those of this project",
    )

    @property
    def group(self) -> str:
        return f"{PROJECT_GROUP_PREFIX}{self.slug}"

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        wrong = [] if self.start <= self.end else [f"ends on {self.end}, before its start"]
        wrong += [
            f"members.{login}: ends on {one.end}, before its start on {one.start}"
            for login, one in self.members.items()
            if one.start and one.end and one.start > one.end
        ]
        if wrong:
            raise ValueError("\n".join(wrong))
        return self


class ProjectsFile(Settings):
    projects: dict[ProjectSlug, Project] = Field({}, description="Every project, by its slug")

    @model_validator(mode="before")
    @classmethod
    def _slug_is_the_key(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or not isinstance(raw.get("projects"), dict):
            return raw
        named = {
            slug: {**project, "slug": slug} if isinstance(project, dict) else project
            for slug, project in raw["projects"].items()
        }
        return {**raw, "projects": named}


def load_projects(
    path: Path, *, accounts: Sequence[Account], bases: Sequence[str]
) -> tuple[Project, ...]:
    """Return the projects of a TOML file, in its order. Raises ProjectsError with every error of the file: values of a
    wrong form, bases, members and reviewers that do not exist, dates that cross."""
    raw = read_toml(path, error=ProjectsError)
    projects = tuple(validate(ProjectsFile, raw, path, error=ProjectsError).projects.values())
    known = {account.login: account for account in accounts}
    wrong = [
        f"projects.{project.slug}.{reason}"
        for project in projects
        for reason in _contradictions(project, accounts=known, bases=bases)
    ]
    wrong += _first_homes_twice(projects)
    if wrong:
        raise ProjectsError(located(path, wrong))
    return projects


def _contradictions(
    project: Project, *, accounts: dict[str, Account], bases: Sequence[str]
) -> Iterator[str]:
    if project.slug in SMOKE_LOGINS:
        yield "slug: is the smoke test's own, choose another"
    for index, base in enumerate(project.bases):
        if base not in bases:
            yield f"bases[{index}]: the site has no base {base}{_close(base, bases)}"
    for index, login in enumerate(project.reviewers):
        if login not in accounts:
            yield f"reviewers[{index}]: no account {login}{_close(login, tuple(accounts))}"
    for login, member in project.members.items():
        place = f"members.{login}"
        account = accounts.get(login)
        if account is None:
            yield f"{place}: no account {login}{_close(login, tuple(accounts))}"
        elif member.end is not None and member.end > account.end:
            yield f"{place}.end: {member.end} is after the account's end, {account.end}"
        elif account.end < (member.start or project.start):
            yield f"{place}: the account ends on {account.end}, before the membership begins"
        if member.end is not None and member.end > project.end:
            yield f"{place}.end: {member.end} is after the project's end, {project.end}"
        if member.end is not None and member.start is None and member.end < project.start:
            yield f"{place}.end: {member.end} is before the project's start, {project.start}"
        if member.start is not None and not project.start <= member.start <= project.end:
            yield f"{place}.start: {member.start} is not between {project.start} and {project.end}"


def _close(name: str, known: Sequence[str]) -> str:
    found = difflib.get_close_matches(name, known, n=1)
    guess = f", did you mean {found[0]}?" if found else "."
    return f"{guess} Known: {', '.join(known) or 'none'}"


def _first_homes_twice(projects: Sequence[Project]) -> Iterator[str]:
    """Refuse a first home that two projects of one member would share: what is in it would go from one to the other."""
    owner: dict[str, str] = {}
    for project in projects:
        if project.keeps_first_homes and project.groups:
            yield (
                f"projects.{project.slug}.keeps_first_homes: is for named members, and its groups may hold anybody"
            )
        for login in project.members if project.keeps_first_homes else ():
            if login in owner:
                yield (
                    f"projects.{project.slug}.keeps_first_homes: the first home of {login} is that of the project "
                    f"{owner[login]}"
                )
            owner.setdefault(login, project.slug)
