"""Members of the box's projects for the time of a test, without a deploy: the hub's own file of projects is changed."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from infra.settings import layout
from infra.settings.site import Site
from tests.server.analyst import PARCOURS, Analyst, home_of
from tests.server.machine import Machine

SITE_JSON = f"{layout.HUB_CONFIGURATION}/site.json"
EVER = {"first": None, "last": None}


@contextmanager
def settings_changed(server: Machine, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Let the hub read its settings as `change` leaves them; then as they were."""
    before = server.succeed(f"cat {SITE_JSON}") + "\n"
    settings = json.loads(before)
    change(settings)
    _write(server, json.dumps(settings, indent=2) + "\n")
    try:
        yield
    finally:
        _write(server, before)


@contextmanager
def projects_changed(
    server: Machine, change: Callable[[dict[str, dict[str, Any]]], None]
) -> Iterator[None]:
    """Let the hub read its projects, by slug, as `change` leaves them; then as they were."""

    def of_all(settings: dict[str, Any]) -> None:
        change({project["slug"]: project for project in settings["projects"]})

    with settings_changed(server, of_all):
        yield


def add_members(settings: dict[str, Any], *logins: str, project: str) -> None:
    """Make these logins members of a project in the hub's settings: for a change that makes others too, since the hub
    restarts for each."""
    [found] = (one for one in settings["projects"] if one["slug"] == project)
    found["members"].update(dict.fromkeys(logins, EVER))


@contextmanager
def members(server: Machine, *logins: str, project: str) -> Iterator[None]:
    """Make these logins members of a project."""
    with settings_changed(server, lambda settings: add_members(settings, *logins, project=project)):
        yield


@contextmanager
def account(login: str, *, server: Machine, site: Site) -> Iterator[Analyst]:
    """Make an account as a deploy does, and give its analyst."""
    home = home_of(login, project=PARCOURS, site=site)
    server.succeed(
        f"useradd --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --user-group "
        f"--key UID_MIN=20000 --key UID_MAX=59999 --groups analysts {login}; "
        f"btrfs subvolume create {home}; chown {login}:{login} {home}; chmod 700 {home}"
    )
    try:
        yield Analyst(login, site=site, server=server)
    finally:
        server.execute(
            f"docker rm --force session-{login}; userdel {login}; btrfs subvolume delete {home}"
        )


def _write(server: Machine, text: str) -> None:
    server.succeed(f"cat > {SITE_JSON}", stdin=text)
    server.succeed(f"systemctl restart {layout.HUB_UNIT}")
    server.wait_until_succeeds(f"curl -sf -o /dev/null {layout.HUB_URL}/hub/health", timeout_s=60)
