"""`make migrate-projects`: writes the projects that give each account of an earlier version what its groups gave."""

import argparse
import datetime
import difflib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.operate.files_at_once import Change, NotWritten, write_all
from infra.operate.former_files import (
    accounts_without_groups,
    comments_of_groups,
    site_with_projects,
)
from infra.operate.former_rights import (
    Former,
    FormerError,
    accounts_path,
    former_settings,
    path_setting,
    read_former,
)
from infra.operate.projects_from_groups import (
    UNKNOWN,
    UNKNOWN_SETTINGS,
    Draft,
    drafts,
    projects_text,
)
from infra.operate.rights_compared import (
    Difference,
    differences,
    no_longer_together,
    profiles_of,
    rights_after,
    rights_before,
)
from infra.settings.accounts import SMOKE_LOGINS
from infra.settings.grants import Grant, site_grants
from infra.settings.settings_file import ROOT, SettingsError, read_text, read_toml, shown
from infra.settings.site import Site, SiteError
from infra.settings.site_file import SITES, load_site, site_names, site_path


@dataclass(frozen=True, kw_only=True)
class Migration:
    """What a site becomes, as its new files say when the deploy's own loader reads them."""

    former: Former
    site: Site
    granted: tuple[Grant, ...]
    """The projects of the new file."""
    drafts: tuple[Draft, ...]
    changes: tuple[Change, ...]
    """In the order in which they are written: the projects, the accounts, the site."""
    differences: list[Difference]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m infra.operate.migrate_projects", description=__doc__
    )
    parser.add_argument("--site", default=os.environ.get("SITE") or "box")
    parser.add_argument(
        "--write", action="store_true", help="write the files (without it, they are only shown)"
    )
    given = parser.parse_args(arguments)
    today = datetime.date.today()  # noqa: DTZ011 the operator's day
    try:
        path = site_path(given.site, folder=SITES)
    except SiteError as error:
        print(f"migrate-projects: {error}", file=sys.stderr)
        return 2
    try:
        migration = migrate(given.site, folder=SITES, root=ROOT, today=today)
        if migration is None:
            print(f"migrate-projects: {shown(path)} has projects already: nothing to do")
            return 0
        print("\n".join(told(migration, root=ROOT)))
        if migration.differences:
            print("\nmigrate-projects: rights would change, so nothing is written", file=sys.stderr)
            return 1
        if given.write:
            write_all(migration.changes)
    except (SettingsError, NotWritten) as error:
        print(f"migrate-projects: {error}", file=sys.stderr)
        return 1
    names = ", ".join(shown(change.path) for change in migration.changes)
    if given.write:
        print(f"\nWritten: {names}. Next: complete the projects, then make plan SITE={given.site}.")
    else:
        print(f"\nNothing is written. With WRITE=1: {names}.")
    return 0


def migrate(name: str, *, folder: Path, root: Path, today: datetime.date) -> Migration | None:
    """Return what a site becomes; None if it has projects already. Raises SettingsError if it cannot become anything."""
    path = site_path(name, folder=folder)
    raw = read_toml(path, error=FormerError)
    accounts_name = accounts_path(raw, path)
    accounts = root / accounts_name
    people = read_toml(accounts, error=FormerError).get("accounts")
    grouped = isinstance(people, dict) and any(
        isinstance(account, dict) and "groups" in account for account in people.values()
    )
    if "projects" in raw and not grouped and not former_settings(raw):
        return None
    default = f"{folder.relative_to(root)}/{name}.projects.toml"
    projects_name = path_setting(raw, "projects", path, default=default)
    projects = root / projects_name
    if projects.exists() or projects.is_symlink():
        raise FormerError(
            f"{projects_name} exists, and is not overwritten. If an earlier run was cut off: bring the site's and the "
            f"accounts file back (git checkout), remove {projects_name}, and run it again. If it is the site's own: "
            "take the groups that remain out by hand"
        )
    _refuse_shared(name, accounts_name, folder=folder)
    former = read_former(path, accounts)
    found = drafts(former, today=today)
    texts = {file: _exact_text(file) for file in (accounts, path)}
    limited = {
        profile: [draft.slug for draft in found if profile in draft.profiles]
        for profile, users in former.users.items()
        if users
    }
    changes = (
        Change(path=projects, before=None, after=projects_text(found, source=accounts_name)),
        Change(
            path=accounts,
            before=texts[accounts],
            after=accounts_without_groups(texts[accounts], accounts),
        ),
        Change(
            path=path,
            before=texts[path],
            after=site_with_projects(
                texts[path], path, projects=projects_name, of_profiles=limited
            ),
        ),
    )
    site, granted = _loaded(name, changes, folder=folder, root=root)
    return Migration(
        former=former,
        site=site,
        granted=granted,
        drafts=found,
        changes=changes,
        differences=differences(rights_before(former), rights_after(site, granted, today=today)),
    )


def _refuse_shared(name: str, accounts_name: str, *, folder: Path) -> None:
    """Refuse to take the groups away from another site, which still gives rights by them."""
    for other in site_names(folder):
        path = site_path(other, folder=folder)
        if other == name:
            continue
        raw = read_toml(path, error=FormerError)
        if former_settings(raw) and accounts_path(raw, path) == accounts_name:
            raise FormerError(
                f"{shown(path)} gives rights by the groups of {accounts_name} as well: copy that file, name the copy in "
                f"{shown(path)} (accounts = …), and run this again for each of the two"
            )


def _exact_text(path: Path) -> str:
    read_text(path, error=FormerError)
    # The ends of the lines stay as they are.
    return path.read_bytes().decode()


def _loaded(
    name: str, changes: tuple[Change, ...], *, folder: Path, root: Path
) -> tuple[Site, tuple[Grant, ...]]:
    """Read the new files, from a copy, as a deploy would."""
    with tempfile.TemporaryDirectory() as copy:
        for change in changes:
            place = Path(copy) / change.path.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(change.after.encode())
        try:
            site = load_site(name, folder=Path(copy) / folder.relative_to(root), root=Path(copy))
            granted = site_grants(site, root=Path(copy))
        except SettingsError as error:
            said = str(error).replace(f"{copy}/", "")
            raise FormerError(f"the new files would be refused, mend this first:\n{said}") from None
    return site, tuple(grant for grant in granted if grant.slug not in SMOKE_LOGINS)


def told(migration: Migration, *, root: Path) -> Iterator[str]:
    """Yield what the migration does, in lines, for who decides on it."""
    yield "Projects:"
    yield from (f"  {line}" for line in _projects_told(migration))
    yield "\nWho may do what, before and after:"
    yield from (f"  {line}" for line in _rights_told(migration))
    if migration.differences:
        yield "\nRights that would change:"
        yield from (f"  {one}" for one in migration.differences)
    else:
        yield "\nNobody gains a right, and nobody loses one."
    apart = list(no_longer_together(migration.former, migration.site, migration.granted))
    if apart:
        yield "\nNo longer in one session (a project reads the typed tables of all its bases, or of none):"
        yield from (f"  {line}" for line in apart)
    if len(migration.drafts) > 1:
        yield f"\nThe homes there are become those of {migration.drafts[0].slug}; in other projects a home starts empty."
    yield "\nThe files:"
    for change in migration.changes:
        yield from _diff(change, root)
    yield f"\nYours to complete ({UNKNOWN}):"
    settings = ", ".join(UNKNOWN_SETTINGS)
    for draft in migration.drafts:
        yield f"  projects.{draft.slug}: {settings}; and is its end, {draft.end}, the right one?"
    for change in migration.changes[1:]:
        for line in comments_of_groups(change.after):
            yield f"  {change.path.relative_to(root)}:{line}: a comment speaks of groups: still right?"


def _projects_told(migration: Migration) -> Iterator[str]:
    for grant in migration.granted:
        tables = ", with their typed tables" if grant.source_tables else ""
        homes = "; keeps the homes there are" if grant.keeps_first_homes else ""
        yield (
            f"{grant.slug}: reads {', '.join(grant.bases)}{tables}; sessions "
            f"{', '.join(profiles_of(grant, migration.site.profiles)) or 'none'}; "
            f"until {grant.period.last}{homes}"
        )
        yield f"  members: {', '.join(grant.members) or 'none'}"


def _rights_told(migration: Migration) -> Iterator[str]:
    former = migration.former
    for login, end in former.ends.items():
        tables = ", ".join(base for base in former.bases if base in former.tables_of(login))
        profiles = [one for one in former.users if one in former.profiles_of(login)]
        yield f"{login}, until {end}"
        yield (
            f"  before  reads {', '.join(former.bases)}; typed tables: {tables or 'none'}; "
            f"sessions {', '.join(profiles)}"
        )
        for grant in migration.granted:
            if login in grant.members:
                typed = ", ".join(grant.bases) if grant.source_tables else "none"
                yield (
                    f"  after   in {grant.slug}: reads {', '.join(grant.bases)}; typed tables: {typed}; sessions "
                    f"{', '.join(profiles_of(grant, migration.site.profiles))}"
                    f"; until {grant.members[login].last}"
                )


def _diff(change: Change, root: Path) -> Iterator[str]:
    name = str(change.path.relative_to(root))
    old = (change.before or "").splitlines()
    yield from difflib.unified_diff(
        old,
        change.after.splitlines(),
        fromfile=f"a/{name}" if change.before is not None else "/dev/null",
        tofile=f"b/{name}",
        lineterm="",
    )


if __name__ == "__main__":
    sys.exit(main())
