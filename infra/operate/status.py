"""`make status SITE=…`: how a server is, on one screen; status 1 when something needs a hand, with what to do next."""

import argparse
import dataclasses
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from infra.components import directory
from infra.operate.reaching import SSH_ITSELF_FAILED, NotReached, no_rights, refuse_absent_box, why
from infra.operate.status_needs import Told, needs
from infra.operate.status_screen import screen
from infra.operations import ssh
from infra.settings import layout
from infra.settings.settings_file import SettingsError
from infra.settings.site import Site
from infra.settings.site_file import load_site

# Runs on the server.
LOOK = Path(__file__).parent / "files" / "look.py"
BEGIN = "status-of-the-server "
LIMIT_S = 120
SERVICES = (
    *(layout.HUB_UNIT, layout.PROXY_UNIT, layout.CULLER_UNIT, layout.COPY_TIMER),
    *("nginx.service", "docker.service", layout.FIREWALL_UNIT),
)


class NotTold(Exception):
    """The server was reached and did not say how it is; the message has the reason."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.operate.status", description=__doc__)
    parser.add_argument("--site", default=os.environ.get("SITE") or "box")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    given = parser.parse_args(arguments)
    try:
        site = load_site(given.site)
        told = look(site)
    except (NotReached, NotTold, SettingsError) as error:
        print(f"status: {error}", file=sys.stderr)
        return 1
    found = needs(told, site, now=time.time())
    if given.json:
        everything = {
            "site": site.name,
            "needs": [dataclasses.asdict(one) for one in found],
            **told,
            "backup": None,
        }
        print(json.dumps(everything, indent=2))
    else:
        print(screen(told, found, site))
    return 1 if found else 0


def look(site: Site) -> Told:
    """Return what the server says of itself, by one SSH command. Raises NotReached and NotTold."""
    refuse_absent_box(site)
    root = "" if site.server.ssh.user == "root" else "sudo -n "
    try:
        done = ssh.run(
            site,
            f"{root}python3 -I - {shlex.quote(json.dumps(places(site)))}",
            input=LOOK.read_text(encoding="utf-8"),
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        raise NotTold(
            f"{site.server.address} did not answer within {LIMIT_S} s. Look at its console."
        ) from None
    except FileNotFoundError:
        raise NotReached("ssh is not on this machine: install openssh-client.") from None
    for line in done.stdout.splitlines():
        if line.startswith(BEGIN):
            told: Told = json.loads(line.removeprefix(BEGIN))
            return told
    if done.returncode == SSH_ITSELF_FAILED:
        raise NotReached(why(site, done.stderr))
    if "sudo:" in done.stderr:
        raise NotReached(no_rights(site, done.stderr))
    last = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
    raise NotTold(f"{site.server.address} does not say how it is: {last}")


def places(site: Site) -> dict[str, object]:
    """Return what the program on the server looks at."""
    return {
        "record": layout.DEPLOY_RECORD,
        "places": list(site.storage.places),
        "homes": site.storage.homes,
        "teams": layout.TEAMS_ON_HOMES,
        "docker": layout.DOCKER_SOCKET,
        "releases": site.storage.releases,
        "builds": {base: layout.build_unit(base) for base in site.bases},
        "certificate": f"{layout.NGINX_SITE}/certificate.pem",
        "units": [*SERVICES, *directory.owned(site.logins).units],
    }


if __name__ == "__main__":
    sys.exit(main())
