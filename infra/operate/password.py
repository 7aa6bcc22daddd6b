"""`make password LOGIN=…`: sets an analyst's first password on the server, which they change at their next login.

No file or argument holds the password.
"""

import argparse
import datetime
import difflib
import getpass
import os
import secrets
import sys

from infra.operate.reaching import SSH_ITSELF_FAILED, NotReached, refuse_absent_box, why
from infra.operations import ssh
from infra.settings.accounts import SHORTEST_PASSWORD, Account
from infra.settings.settings_file import SettingsError
from infra.settings.site import Site
from infra.settings.site_file import load_site
from infra.settings.site_people import site_accounts


class PasswordError(Exception):
    """No password was set; the message has the reason and the next step."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.operate.password", description=__doc__)
    parser.add_argument("login", help="an analyst of the site's accounts file")
    parser.add_argument("--site", default=os.environ.get("SITE") or "box")
    parser.add_argument(
        "--generate", action="store_true", help="make a random one and show it, once"
    )
    given = parser.parse_args(arguments)
    try:
        site = load_site(given.site)
        refuse_at_a_provider(site)
        refuse_in_a_directory(site)
        account = open_account(given.login, site, today=datetime.date.today())  # noqa: DTZ011 the operator's day
        password = secrets.token_urlsafe(15) if given.generate else ask(account.login)
        set_password(site, login=account.login, password=password)
    except (PasswordError, NotReached, SettingsError) as error:
        print(f"password: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):
        print("\npassword: nothing was changed", file=sys.stderr)
        return 130
    print(f"password: {account.login} can log in at {site.url}, and must choose another there")
    if given.generate:
        print(f"password: {password}   (shown once)")
    return 0


def refuse_at_a_provider(site: Site) -> None:
    if site.logins.kind == "oidc":
        raise PasswordError(
            f"analysts of {site.name} log in at their provider ([logins] kind), which has their password and second "
            "factor: nothing is set here"
        )


def refuse_in_a_directory(site: Site) -> None:
    if site.logins.kind == "ldap":
        raise PasswordError(
            f"the passwords of {site.name} are those of its directory ([logins] kind): change them there"
        )


def open_account(login: str, site: Site, *, today: datetime.date) -> Account:
    accounts = {account.login: account for account in site_accounts(site)}
    if login not in accounts:
        close = difflib.get_close_matches(login, accounts, n=1)
        guess = f", did you mean {close[0]}?" if close else ""
        raise PasswordError(f"{login} is not in {site.accounts}{guess}")
    account = accounts[login]
    if account.has_ended(today):
        raise PasswordError(
            f"{login} ended on {account.end}: put a later end in {site.accounts} and deploy first"
        )
    return account


def ask(login: str) -> str:
    """Return a password typed twice without echo, or the first line of a pipe. Raises PasswordError if it is refused."""
    if sys.stdin.isatty():
        password = getpass.getpass(f"New password of {login}: ")
        if getpass.getpass("The same again: ") != password:
            raise PasswordError("the two differ; nothing was changed")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordError(f"at least {SHORTEST_PASSWORD} characters; nothing was changed")
    if not password.isprintable():
        raise PasswordError("no control characters; nothing was changed")
    return password


def set_password(site: Site, *, login: str, password: str) -> None:
    """Set the password of an existing account. Raises PasswordError for a login that the server does not have."""
    known = ssh.run(site, f"getent passwd {login}")
    if known.returncode == SSH_ITSELF_FAILED:
        refuse_absent_box(site)
        raise PasswordError(why(site, known.stderr))
    if known.returncode == 2:
        raise PasswordError(f"{login} is not on the server yet: make deploy SITE={site.name}")
    if known.returncode == 0:
        # Root writes both: between the two, the password is no first one yet.
        both = f"sudo -n sh -c 'chpasswd && chage --lastday 0 {login}'"
        known = ssh.run(site, both, input=f"{login}:{password}\n")
    if known.returncode != 0:
        reason = known.stderr.strip().replace(password, "…") or f"ssh ended with {known.returncode}"
        raise PasswordError(f"{site.server.address}: {reason}")


if __name__ == "__main__":
    sys.exit(main())
