"""Reads a site of the versions before projects, where groups of the accounts file gave rights, and says what they gave."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.settings.accounts import ANALYSTS, AccountsFile
from infra.settings.any_site import TOML_IN_CHECKOUT
from infra.settings.settings_file import SettingsError, located, read_toml, validate
from infra.settings.site import Site

# Each setting of an earlier version that named groups: its table, its key.
FORMER = (("bases", "source_readers"), ("profiles", "groups"))


class FormerError(SettingsError):
    """The files of the earlier version cannot be used; the message has one line per error."""


@dataclass(frozen=True, kw_only=True)
class Former:
    """Who might do what before there were projects: every account read the releases of every base."""

    ends: dict[str, datetime.date]
    groups: dict[str, frozenset[str]]
    """Of each login: those of the accounts file, and the two that every account had."""
    readers: dict[str, tuple[str, ...]]
    """Of each base: the groups that also read its delivered tables, typed."""
    users: dict[str, tuple[str, ...]]
    """Of each profile: the groups that might use it; none means every account."""

    @property
    def bases(self) -> tuple[str, ...]:
        return tuple(self.readers)

    def tables_of(self, login: str) -> frozenset[str]:
        """Return the bases whose typed tables a login read."""
        return frozenset(
            base for base, readers in self.readers.items() if self.groups[login] & {*readers}
        )

    def limited_of(self, login: str) -> frozenset[str]:
        """Return the profiles that a login might use and others not, by its groups."""
        return frozenset(
            profile for profile, users in self.users.items() if self.groups[login] & {*users}
        )

    def profiles_of(self, login: str) -> frozenset[str]:
        open_to_all = {profile for profile, users in self.users.items() if not users}
        return self.limited_of(login) | open_to_all


def accounts_path(raw: dict[str, Any], path: Path) -> str:
    """Return the path of the accounts file below the checkout's root, as a site's file says it."""
    return path_setting(raw, "accounts", path, default=Site.model_fields["accounts"].default)


def path_setting(raw: dict[str, Any], key: str, path: Path, *, default: str) -> str:
    given = raw.get(key, default)
    if not isinstance(given, str) or not re.fullmatch(TOML_IN_CHECKOUT, given):
        raise FormerError(
            located(path, [f"{key}: {given!r} is no TOML file in the checkout; mend it first"])
        )
    return given


def former_settings(raw: dict[str, Any]) -> list[str]:
    """Return the place of each setting of a site's file that named groups."""
    return [f"{table}.{slug}.{key}" for table, key in FORMER for slug in _holders(raw, table, key)]


def read_former(site: Path, accounts: Path) -> Former:
    """Return what a site's file and its accounts file gave. Raises FormerError with every error of the groups: a group
    that no account is in, which earlier versions refused too."""
    raw, people = read_toml(site, error=FormerError), read_toml(accounts, error=FormerError)
    groups = _groups_of_accounts(people, accounts)
    ends = {
        login: account.end
        for login, account in validate(
            AccountsFile, people, accounts, error=FormerError
        ).accounts.items()
    }
    given = {login: {ANALYSTS, login, *groups.get(login, ())} for login in ends}
    known = {group for held in given.values() for group in held}
    named = {
        table: {slug: _texts(holder.get(key, [])) for slug, holder in _tables(raw, table).items()}
        for table, key in FORMER
    }
    wrong = [
        f"{table}.{slug}.{key}: {reason}"
        for table, key in FORMER
        for slug, texts in named[table].items()
        for reason in _wrong_groups(texts, known)
    ]
    if not named["bases"]:
        wrong.append("bases: the site has no base, so there is nothing to read")
    if wrong:
        raise FormerError(located(site, wrong))
    return Former(
        ends=ends,
        groups={login: frozenset(held) for login, held in given.items()},
        readers={base: texts or () for base, texts in named["bases"].items()},
        users={profile: texts or () for profile, texts in named["profiles"].items()},
    )


def _groups_of_accounts(people: dict[str, Any], path: Path) -> dict[str, tuple[str, ...]]:
    """Take the groups out of an accounts file, so that what is left has today's form, and return them by login."""
    found, wrong = {}, []
    for login, account in _tables(people, "accounts").items():
        texts = _texts(account.pop("groups", []))
        if texts is None:
            wrong.append(f"accounts.{login}.groups: must be a list of names of groups")
        found[login] = texts or ()
    if wrong:
        raise FormerError(located(path, wrong))
    return found


def _wrong_groups(texts: tuple[str, ...] | None, known: set[str]) -> Iterator[str]:
    if texts is None:
        yield "must be a list of names of groups"
    for group in texts or ():
        if group not in known:
            yield (
                f"no account is in the group {group}: put its members into it, or take it out of this list (an empty "
                "profiles.….groups means everybody)"
            )


def _tables(raw: dict[str, Any], table: str) -> dict[str, dict[str, Any]]:
    holders = raw.get(table)
    found = holders.items() if isinstance(holders, dict) else ()
    return {slug: holder for slug, holder in found if isinstance(holder, dict)}


def _holders(raw: dict[str, Any], table: str, key: str) -> list[str]:
    return [slug for slug, holder in _tables(raw, table).items() if key in holder]


def _texts(given: object) -> tuple[str, ...] | None:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        return None
    return tuple(given)
