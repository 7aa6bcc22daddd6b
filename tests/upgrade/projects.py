"""The way from groups to projects: TO deploys the site that FROM has, as `make migrate-projects` rewrites it.

A session of FROM reads every base, which no project gives: it ends. What its user has in the home stays.
"""

import os
import subprocess
import sys
import tomllib

from tests.upgrade.box import PURPOSE
from tests.upgrade.commits import FOLDER, Commit, NotPossible, git, snapshot, switch

SITE = "infra/sites/box.toml"
ACCOUNTS = "infra/sites/box.accounts.toml"
PROJECTS = "infra/sites/box.projects.toml"
# FROM asked for none, and its analysts have no telephone here.
NO_SECOND_FACTOR = "\n[logins]\nsecond_factor = false\n"


def has_projects(commit: Commit) -> bool:
    return "projects" in tomllib.loads(git("show", f"{commit.hash}:{SITE}"))


def with_projects(before: Commit, after: Commit) -> Commit:
    """Return `after` with the site of `before`, migrated. Raises NotPossible when the migration refuses it."""
    switch(after)
    for name in (SITE, ACCOUNTS):
        (FOLDER / name).write_text(git("show", f"{before.hash}:{name}") + "\n")
    (FOLDER / PROJECTS).unlink()
    done = subprocess.run(
        [sys.executable, "-m", "infra.operate.migrate_projects", "--site", "box", "--write"],
        cwd=FOLDER,
        env={**os.environ, "BOX": PURPOSE},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout, flush=True)
    if done.returncode != 0:
        raise NotPossible(f"the site of {before} has no way to projects: {done.stderr}")
    with (FOLDER / SITE).open("a") as site:
        site.write(NO_SECOND_FACTOR)
    return Commit(f"{after.name} with FROM's site", snapshot(FOLDER, "The site of before"))


def project_of_the_first_homes(commit: Commit) -> str:
    """Return the project whose members keep the homes that they had before."""
    found = tomllib.loads(git("show", f"{commit.hash}:{PROJECTS}"))["projects"]
    [slug] = [slug for slug, project in found.items() if project.get("keeps_first_homes")]
    return str(slug)
