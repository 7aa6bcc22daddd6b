"""`make second-factor LOGIN=…`: says whether an analyst has a second factor; with RESET=1 takes it away, on record.

They set up another at their next login, with their password alone: whoever may know it needs a new one first.
"""

import argparse
import datetime
import json
import os
import shlex
import sys

from infra.operate.password import PasswordError, open_account, refuse_at_a_provider
from infra.operate.reaching import SSH_ITSELF_FAILED, NotReached, refuse_absent_box, why
from infra.operations import ssh
from infra.operations.who import operator
from infra.settings import layout
from infra.settings.settings_file import SettingsError
from infra.settings.site import Site
from infra.settings.site_file import load_site

TAG = "site-second-factor"
NONE = "none"


class ResetError(Exception):
    """The state is unknown, or was not changed; the message has the reason."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m infra.operate.second_factor", description=__doc__
    )
    parser.add_argument("login", help="an analyst of the site's accounts file")
    parser.add_argument("--site", default=os.environ.get("SITE") or "box")
    parser.add_argument("--reset", action="store_true", help="take it away")
    given = parser.parse_args(arguments)
    try:
        site = load_site(given.site)
        refuse_at_a_provider(site)
        login = open_account(given.login, site, today=datetime.date.today()).login  # noqa: DTZ011 the operator's day
        if given.reset:
            reset(site, login)
            print(f"second-factor: {login} has none any more, and sets one up at the next login")
            print(f"second-factor: if others may know the password: {_another(site, login)}")
        else:
            print(f"second-factor: {login}: {state(site, login)}")
    except (PasswordError, ResetError, NotReached, SettingsError) as error:
        print(f"second-factor: {error}", file=sys.stderr)
        return 1
    if not site.logins.second_factor:
        print(f"second-factor: {site.name} asks nobody for codes ([logins] second_factor = false)")
    return 0


def _another(site: Site, login: str) -> str:
    ours = site.logins.kind == "pam"
    return f"make password LOGIN={login}" if ours else "have it changed in the directory"


def state(site: Site, login: str) -> str:
    place = f"{layout.SECOND_FACTORS}/{login}"
    script = f"[ -e {place} ] && stat --format 'last used or set up on %y' {place} || echo {NONE}"
    return _as_root(site, script).strip()


def reset(site: Site, login: str) -> None:
    """Take the second factor away, and what was being set up. What cannot be noted in the journal is not done."""
    entry = {"login": login, "event": "second factor reset", "operator": operator()}
    note = shlex.quote(json.dumps({**entry, "ssh_user": site.server.ssh.user}))
    places = " ".join(f"{place}/{login}" for place in (layout.SECOND_FACTORS, layout.ENROLMENTS))
    _as_root(site, f"logger --tag {TAG} --priority auth.notice -- {note} && rm -f {places}")


def _as_root(site: Site, script: str) -> str:
    done = ssh.run(site, f"sudo -n sh -c {shlex.quote(script)}")
    if done.returncode == SSH_ITSELF_FAILED:
        refuse_absent_box(site)
        raise ResetError(why(site, done.stderr))
    if done.returncode != 0:
        reason = done.stderr.strip() or f"status {done.returncode}"
        raise ResetError(f"{site.server.address}: {reason}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
