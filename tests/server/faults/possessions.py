"""Records and compares what a fault must not lose: rows of the releases in service, files of the home, the hub's users."""

import json
import shlex
from dataclasses import dataclass

from infra.settings import layout
from infra.settings.site import Site
from tests.server.machine import Machine

_USERS = (
    "import sqlite3, sys; database = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True); "
    "print('\\n'.join(row[0] for row in database.execute('SELECT name FROM users')))"
)


@dataclass(frozen=True)
class Possessions:
    digests: dict[str, str]
    """The SHA-256 of each file of the releases in service and of the home, by path."""
    rows: dict[str, int]
    """The number of rows of each table of the releases, by its folder."""
    users: frozenset[str]


def take(server: Machine, site: Site, *, files: list[str]) -> Possessions:
    """Record every base's release in service, these files of the home, and the hub's users."""
    links = [f"{site.storage.releases}/{base}/current" for base in site.bases]
    releases = server.succeed(f"realpath --canonicalize-existing {shlex.join(links)}").splitlines()
    found = server.succeed(f"find {shlex.join(releases)} -type f").splitlines()
    digests = _hash(server, [*files, *found])
    assert set(digests) >= set(files), f"the home lacks {set(files) - set(digests)} already"
    manifests = shlex.join(f"{release}/manifest.json" for release in releases)
    told = server.succeed(f"jq --compact-output .tables {manifests}").splitlines()
    rows: dict[str, int] = {}
    for release, line in zip(releases, told, strict=True):
        tables = json.loads(line)
        rows |= {f"{release}/{name}/": int(table["rows"]) for name, table in tables.items()}
        for table in tables.values():
            assert all(
                digests[f"{release}/{name}"] == told for name, told in table["files"].items()
            )
    assert sum(rows.values()), "the release is empty: it has nothing to lose"
    return Possessions(digests, rows, _users(server))


def lost(server: Machine, before: Possessions) -> int:
    """Return the number of lost items: rows of tables with a missing or changed file, other such files, and users."""
    after = _hash(server, list(before.digests))
    gone = [path for path, digest in before.digests.items() if after.get(path) != digest]
    tables = [folder for folder in before.rows if any(path.startswith(folder) for path in gone)]
    others = [path for path in gone if not any(path.startswith(folder) for folder in before.rows)]
    return (
        sum(before.rows[folder] for folder in tables)
        + len(others)
        + len(before.users - _users(server))
    )


def _hash(server: Machine, paths: list[str]) -> dict[str, str]:
    """Return the SHA-256 of the files that exist and can be read, by path."""
    told = server.execute(
        "xargs --null --no-run-if-empty sha256sum 2>/dev/null", stdin="\0".join(paths)
    ).out
    rows = (line.split(maxsplit=1) for line in told.splitlines())
    return {path: digest for digest, path in rows}


def _users(server: Machine) -> frozenset[str]:
    told = server.succeed(
        f"{layout.HUB_VENV}/bin/python -c {shlex.quote(_USERS)} {layout.HUB_DATABASE}"
    )
    return frozenset(told.splitlines())
