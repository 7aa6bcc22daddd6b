"""Reads the accounts file: each analyst with groups and end date. It never holds a password."""

import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator, model_validator

from infra.settings import layout
from infra.settings.settings_file import List, Settings, SettingsError, read_toml, validate

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

# Names of the server's own users, and of groups that would give rights beyond reading data.
RESERVED_LOGINS = {
    *("root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "nobody"),
    *("backup", "list", "proxy", "sshd", "systemd-network", "messagebus", "operator"),
    *(layout.WEB_USER, layout.BUILDER, layout.PROXY_USER, "jupyterhub", "jovyan", *SMOKE_LOGINS),
}
RESERVED_GROUPS = {
    *("root", "sudo", "wheel", "adm", "shadow", "disk", "docker", "kmem", "systemd-journal"),
    *("staff", OPERATORS, layout.BUILDER, SOURCE_READERS, layout.WEB_USER, "ssl-cert"),
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
    groups: List[Login] = Field((), description=f"Unix groups, besides {ANALYSTS}")
    end: datetime.date = Field(description="Last day on which the account is open")

    @field_validator("login")
    @classmethod
    def _not_reserved(cls, login: str) -> str:
        if login in RESERVED_LOGINS:
            raise ValueError(f"{login} is a name of the server's own, choose another")
        return login

    @field_validator("groups")
    @classmethod
    def _harmless(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [group for group in groups if group in RESERVED_GROUPS]:
            raise ValueError(
                "\n".join(
                    f"{group} is a group of the server's own, not for analysts" for group in wrong
                )
            )
        return groups

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
    return tuple(validate(AccountsFile, raw, path, error=AccountsError).accounts.values())
