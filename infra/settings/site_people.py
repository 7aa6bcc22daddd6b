"""Reads the accounts and projects files that a site names, whatever its target."""

from pathlib import Path

from infra.settings.accounts import Account, load_accounts
from infra.settings.any_site import AnySite
from infra.settings.projects import Project, load_projects
from infra.settings.settings_file import ROOT


def site_accounts(site: AnySite, *, root: Path = ROOT) -> tuple[Account, ...]:
    return load_accounts(root / site.accounts)


def site_projects(site: AnySite, *, root: Path = ROOT) -> tuple[Project, ...]:
    return load_projects(
        root / site.projects, accounts=site_accounts(site, root=root), bases=site.base_slugs
    )
