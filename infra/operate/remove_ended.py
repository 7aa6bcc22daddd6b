"""`make remove-ended`: removes the folders of projects and memberships that ended long ago, once the operator agrees."""

import argparse
import json
import os
import sys
from typing import Any

from infra.operate.reaching import NotReached, reach
from infra.operations import ssh
from infra.operations.who import operator
from infra.settings import layout
from infra.settings.settings_file import GB, SettingsError
from infra.settings.site import Site
from infra.settings.site_file import load_site

HELP = """Removes the folders that ended more than storage.keep_ended_days ago: shared folders of projects with their
snapshots, and homes. It lists them, asks for the site's name, typed, and removes them for good. The server itself looks
at the date of each again, and notes who removed what (journalctl --identifier=openchronic-folders). YES=1 answers for
the operator where there is no terminal."""
PROGRAM = f"sudo -n {layout.KEEP_FOLDERS}"


class NotRemoved(Exception):
    """Nothing was removed, or not all; the message has the reason and the next step."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.operate.remove_ended", description=HELP)
    parser.add_argument("--site", default=os.environ.get("SITE") or "box")
    given = parser.parse_args(arguments)
    try:
        site = load_site(given.site)
        reach(site)
        folders = ended(site)
        if not folders:
            print(
                f"remove-ended: nothing to remove on {site.server.address}: no folder ended more than "
                f"{site.storage.keep_ended_days} days ago"
            )
            return 0
        for line in shown(folders):
            print(line)
        ask(site, count=len(folders))
        print(remove(site, folders))
    except (NotRemoved, NotReached, SettingsError) as error:
        print(f"remove-ended: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):
        print("\nremove-ended: interrupted; run it again to see what is left", file=sys.stderr)
        return 130
    return 0


def ended(site: Site) -> list[dict[str, Any]]:
    """Return the folders that may be removed, as the server says."""
    done = ssh.run(site, f"{PROGRAM} ended")
    if done.returncode != 0:
        raise NotRemoved(
            f"{site.server.address}: {done.stderr.strip() or 'no answer'}. Is it deployed to? make deploy "
            f"SITE={site.name}"
        )
    folders: list[dict[str, Any]] = json.loads(done.stdout)
    return folders


def shown(folders: list[dict[str, Any]]) -> list[str]:
    """Return the lines of a table of the folders."""
    rows = [("folder", "project", "whose", "ended", "size")]
    rows += [
        (
            one["path"],
            one["project"],
            one["login"] or "everybody's",
            one["since"],
            "unknown" if one["bytes"] is None else f"{one['bytes'] / GB:.2f} GB",
        )
        for one in folders
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def ask(site: Site, *, count: int) -> None:
    """Raises NotRemoved unless the operator types the site's name, or YES=1 says it for them."""
    if os.environ.get("YES") == "1":
        return
    if not sys.stdin.isatty():
        raise NotRemoved(
            "this is no terminal, and nobody agreed: nothing was removed (YES=1 agrees)"
        )
    said = input(f"Remove {count} for good? Type the site's name, {site.name}: ")
    if said.strip() != site.name:
        raise NotRemoved("that is not its name; nothing was removed")


def remove(site: Site, folders: list[dict[str, Any]]) -> str:
    asked = {"operator": operator(), "paths": [one["path"] for one in folders]}
    done = ssh.run(site, f"{PROGRAM} remove", input=json.dumps(asked))
    if done.returncode != 0:
        raise NotRemoved(f"{done.stdout}{done.stderr.strip() or 'the server ended early'}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
