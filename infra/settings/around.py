"""Checks what lies around a site's file, whatever its target: texts, secrets, accounts, projects."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from infra.settings.accounts import Account
from infra.settings.any_site import AnySite
from infra.settings.partial import Check
from infra.settings.projects import Project, load_projects
from infra.settings.settings_file import ROOT, SettingsError
from infra.settings.site_people import site_accounts


def people(
    site: AnySite,
    *,
    root: Path,
    accounts_too: Callable[[Sequence[Account]], Iterable[Check]] = lambda _: (),
    projects_too: Callable[[Sequence[Project]], Iterable[Check]] = lambda _: (),
) -> Iterator[Check]:
    """Yield the checks of the site's accounts and projects, and those that the target adds."""
    try:
        accounts = site_accounts(site, root=root)
    except AttributeError:
        # `accounts` is itself an invalid setting, which is reported already.
        return
    except SettingsError as wrong:
        lines = [f"accounts: {line}" for line in str(wrong).splitlines()]
        yield lambda: lines
        return
    yield from accounts_too(accounts)
    yield partial(administrators_who_have_no_account, site, accounts)
    try:
        projects = load_projects(root / site.projects, accounts=accounts, bases=site.base_slugs)
    except AttributeError:
        # `projects` or `bases` is itself invalid, which is reported already.
        return
    except SettingsError as wrong:
        lines = [f"projects: {line}" for line in str(wrong).splitlines()]
        yield lambda: lines
        return
    yield partial(profiles_of_nobody, site, [project.slug for project in projects])
    yield from projects_too(projects)


def absent_texts(site: AnySite) -> Iterator[str]:
    yield from absent("texts.legal_notice", ROOT / site.texts.legal_notice)
    yield from absent("texts.accessibility", ROOT / site.texts.accessibility)


def open_secret(place: str, path: Path, *, form: bytes) -> Iterator[str]:
    """Refuse a secret that is absent, that a commit could take, that others read, or that is no line of text."""
    if not path.is_file():
        yield from absent(place, path)
    elif path.resolve().is_relative_to(ROOT):
        yield f"{place}: {path} is in the checkout, where a commit could take it: move it out"
    elif path.stat().st_mode & 0o077:
        yield f"{place}: others than you may read {path}: chmod 600 {path}"
    elif not re.fullmatch(form + rb"\n?", path.read_bytes()):
        yield f"{place}: {path} must hold one line, the secret alone"


def absent(place: str, path: Path | None) -> Iterator[str]:
    if path is not None and not path.is_file():
        yield f"{place}: no such file on this machine: {path}"


def profiles_of_nobody(site: AnySite, known: Sequence[str]) -> Iterator[str]:
    """Refuse a profile that is limited to a project which the projects file does not have."""
    for slug, profile in site.profiles.items():
        for index, project in enumerate(profile.projects):
            if project not in known:
                close = difflib.get_close_matches(project, known, n=1)
                guess = f", did you mean {close[0]}?" if close else "."
                yield (
                    f"profiles.{slug}.projects[{index}]: {site.projects} has no project {project}{guess} "
                    f"Projects there: {', '.join(known) or 'none'}"
                )


def administrators_who_have_no_account(site: AnySite, accounts: Sequence[Account]) -> Iterator[str]:
    logins = [account.login for account in accounts]
    for index, login in enumerate(site.administrators):
        if login not in logins:
            close = difflib.get_close_matches(login, logins, n=1)
            guess = f", did you mean {close[0]}?" if close else ""
            yield f"access.administrators[{index}]: {login} is not in {site.accounts}{guess}"
