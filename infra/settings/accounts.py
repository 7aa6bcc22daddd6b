"""Reads the accounts file: each analyst with an end date. It never holds a password, nor a right to data (projects.py)."""

import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator, model_validator

from infra.settings import layout
from infra.settings.settings_file import (
    Settings,
    SettingsError,
    located,
    read_toml,
    validate,
)

SMOKE_LOGIN = "smoke-test"
# The smoke test checks that SMOKE_LOGIN cannot reach the running session of this one.
SMOKE_COLLEAGUE = "smoke-colleague"
SMOKE_LOGINS = (SMOKE_LOGIN, SMOKE_COLLEAGUE)
ANALYSTS = "analysts"
OPERATORS = "operators"
# The group that may read the typed tables of the bases: the hub gives it to a session at its start,
# and no account is ever a member.
SOURCE_READERS = "openchronic-source"
# In characters, as ANSSI BP-028, R31 asks; for `make password` and for passwords that are set on the server itself
# (the hardening component).
SHORTEST_PASSWORD = 15

# A project's Unix group has this name before its own. No account is a member: the hub gives it to the project's sessions.
PROJECT_GROUP_PREFIX = "projet-"

# Names of the server's own users.
RESERVED_LOGINS = {
    *("root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "nobody"),
    *("backup", "list", "proxy", "sshd", "systemd-network", "messagebus", "operator"),
    *(layout.WEB_USER, layout.BUILDER, layout.PROXY_USER, "jupyterhub", "jovyan", *SMOKE_LOGINS),
}

Login = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=31)]


class AccountsError(SettingsError):
    """The accounts file cannot be used; the message has one line per error."""


class Account(Settings):
    login: Login = Field(description="Name to log in with: lower-case letters, digits and hyphens")
    name: str = Field(min_length=1, pattern=r"^[^:,\n]+$", description="First and last name")
    email: str = Field(
        pattern=r"^[^@\s:,]+@[^@\s:,]+\.[^@\s:,]+$", description="Where to reach them"
    )
    end: datetime.date = Field(description="Last day on which the account is open")

    @field_validator("login")
    @classmethod
    def _not_reserved(cls, login: str) -> str:
        if login in RESERVED_LOGINS:
            raise ValueError(f"{login} is a name of the server's own, choose another")
        # The account's own group would be the project's.
        if login.startswith(PROJECT_GROUP_PREFIX):
            raise ValueError(
                f"names that begin with {PROJECT_GROUP_PREFIX} are of projects' groups"
            )
        return login

    def has_ended(self, today: datetime.date) -> bool:
        return today > self.end


class AccountsFile(Settings):
    accounts: dict[Login, Account] = Field({}, description="Every analyst, by login")

    @model_validator(mode="before")
    @classmethod
    def _login_is_the_key(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or not isinstance(raw.get("accounts"), dict):
            return raw
        named = {
            login: {**account, "login": login} if isinstance(account, dict) else account
            for login, account in raw["accounts"].items()
        }
        return {**raw, "accounts": named}


def load_accounts(path: Path) -> tuple[Account, ...]:
    """Return the accounts of a TOML file, in its order. Raises AccountsError with every error of the file."""
    raw = read_toml(path, error=AccountsError)
    if grouped := _groups_of_earlier_versions(raw):
        raise AccountsError(located(path, grouped))
    return tuple(validate(AccountsFile, raw, path, error=AccountsError).accounts.values())


def _groups_of_earlier_versions(raw: dict[str, Any]) -> list[str]:
    accounts = raw.get("accounts")
    return [
        f"accounts.{login}.groups: rights are those of projects now: make migrate-projects SITE=… writes them from "
        "the groups"
        for login, account in (accounts.items() if isinstance(accounts, dict) else ())
        if isinstance(account, dict) and "groups" in account
    ]
