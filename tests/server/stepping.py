"""Analysts of tests who have steps before them: accounts of their own, and the hub with another setting for a while."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from infra.settings import layout
from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.machine import Machine
from tests.smoke.hub import Hub

# Long, of four kinds of characters, and no word: libpwquality takes it.
GOOD = "Xq7-vetiver-Ombrelle-{}"
FIELDS = ("old", "new", "again")


def good_password() -> str:
    return GOOD.format(secrets.token_hex(4))


@contextmanager
def newcomer(login: str, *, site: Site, server: Machine) -> Iterator[Analyst]:
    """Give an analyst whose password is a first one, as `make password` leaves it, and who has accepted nothing."""
    # Another test may have had an account of this name.
    forgotten = f'sed -i \'/"login": "{login}"/d\' {layout.ACCEPTANCES}'
    server.execute(forgotten)
    server.succeed(
        "useradd --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --user-group "
        f"--key UID_MIN=20000 --key UID_MAX=59999 --groups analysts {login}"
    )
    try:
        person = Analyst(login, site=site, server=server)
        server.succeed(f"chage --lastday 0 {login}")
        yield person
    finally:
        server.execute(
            f"userdel {login}; rm -f {layout.SECOND_FACTORS}/{login} {layout.ENROLMENTS}/{login}; {forgotten}"
        )


def change_password(hub: Hub, person: Analyst, new: str) -> int:
    """Change the password on its page, and return the answer's status."""
    fields = dict(zip(FIELDS, (person.password, new, new), strict=True))
    answer = hub.submit("/hub/password", fields)
    if answer.status_code in (200, 302):
        person.password = new
    return answer.status_code


@contextmanager
def hub_settings(server: Machine, **changes: object) -> Iterator[None]:
    """Run the hub with other settings of logins, then with its own again."""
    place = f"{layout.HUB_CONFIGURATION}/site.json"
    before = server.succeed(f"cat {place}")
    told = json.loads(before)
    told["logins"].update(changes)
    try:
        _restart(server, place, json.dumps(told, indent=2))
        yield
    finally:
        _restart(server, place, before)


def _restart(server: Machine, place: str, text: str) -> None:
    server.succeed(f"cat > {place}", stdin=text + "\n")
    server.succeed(f"systemctl restart {layout.HUB_UNIT}")
    server.wait_until_succeeds(f"curl -sf -o /dev/null {layout.PROXY_URL}/hub/health")
