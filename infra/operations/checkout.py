"""Reads the commit and the uncommitted changes of the checkout, and refuses to deploy the latter to a real server."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from infra.settings.settings_file import ROOT
from infra.settings.site import Site

UNKNOWN = "unknown"
SHOWN = 10


class CheckoutRefused(Exception):
    """This checkout is not deployed; the message has the reason and the command to type."""


@dataclass(frozen=True)
class Checkout:
    commit: str
    changes: tuple[str, ...] = ()
    trouble: str = ""
    """Why git failed, in a checkout that is a git repository; else empty."""

    @property
    def dirty(self) -> bool | None:
        """Whether there are uncommitted changes; None when git cannot say."""
        return None if self.commit == UNKNOWN else bool(self.changes)

    @property
    def name(self) -> str:
        """The commit, with `+` when the checkout holds changes that no commit has."""
        return f"{self.commit}+" if self.dirty else self.commit


def look(root: Path = ROOT) -> Checkout:
    # An archive may be unpacked inside another repository, whose commits are not this project's.
    if not (root / ".git").exists():
        return Checkout(UNKNOWN)
    try:
        commit = _git("describe", "--always", "--abbrev=12", "--exclude=*", at=root)
        listed = _git(
            "status", "--porcelain", "--no-renames", "--untracked-files=all", "-z", at=root
        )
    except FileNotFoundError:
        return Checkout(UNKNOWN, trouble="git is not installed")
    except subprocess.CalledProcessError as wrong:
        return Checkout(UNKNOWN, trouble=f"git says: {wrong.stderr.strip().splitlines()[0]}")
    return Checkout(commit.strip(), changes=tuple(filter(None, listed.split("\0"))))


def version(root: Path = ROOT) -> str:
    """Return the project's version, which is that of the package (`openchronic --version`)."""
    declared = tomllib.loads((root / "openchronic_env/pyproject.toml").read_text(encoding="utf-8"))
    return str(declared["project"]["version"])


def judge(
    site: Site, arguments: Sequence[str], environment: Mapping[str, str] = os.environ
) -> None:
    """Refuse, before any connection, to deploy uncommitted changes to a real server, unless DIRTY=1.

    What is deployed must be found again in a commit. A dry run only warns. Raises CheckoutRefused.
    """
    if site.box is not None or not any(Path(word).name == "deploy.py" for word in arguments):
        return
    refuse_changes(site.name, dry="--dry" in arguments, environment=environment)


def refuse_changes(name: str, *, dry: bool, environment: Mapping[str, str] = os.environ) -> None:
    """Refuse to deploy uncommitted changes to the site of this name; say it only, on a dry run. Raises CheckoutRefused."""
    found = look()
    if found.dirty is None and not found.trouble:
        print(
            f"{name}: this checkout is no git repository (an archive?): what it deploys is recorded as of an "
            "unknown commit.",
            file=sys.stderr,
        )
        return
    reason = _reason(found)
    if not reason:
        return
    if dry:
        print(f"{name}: {reason}\n`make deploy` will refuse it.", file=sys.stderr)
    elif environment.get("DIRTY", "0") in ("", "0"):
        raise CheckoutRefused(
            f"{name}: {reason}\nCommit or stash them first. To deploy all the same, which the server's record "
            f"will say: make deploy SITE={name} DIRTY=1"
            if found.changes
            else f"{name}: {reason}\nMend that first. To deploy all the same, as of an unknown commit: "
            f"make deploy SITE={name} DIRTY=1"
        )


def _reason(found: Checkout) -> str:
    if found.trouble:
        return f"nobody can tell what this checkout holds: {found.trouble}"
    if not found.changes:
        return ""
    more = len(found.changes) - SHOWN
    lines = [f"  {change}" for change in found.changes[:SHOWN]]
    lines += [f"  … and {more} more"] if more > 0 else []
    return "\n".join(["this checkout holds changes that no commit has:", *lines])


def files(folder: str, root: Path = ROOT) -> list[Path]:
    """Return the folder's files that git does not ignore, sorted; without git, by the patterns of .gitignore."""
    if (root / ".git").exists():
        options = ("--cached", "--others", "--exclude-standard", "-z")
        with suppress(OSError, subprocess.CalledProcessError):
            names = _git("ls-files", *options, "--", folder, at=root).split("\0")
            return sorted(root / name for name in names if name and (root / name).is_file())
    ignored = [
        pattern.strip("/")
        for pattern in re.findall(r"^[^#\s].*$", (root / ".gitignore").read_text(), re.M)
    ]
    return sorted(
        path
        for path in (root / folder).rglob("*")
        if path.is_file()
        and not any(
            fnmatch(part, pattern) for part in path.relative_to(root).parts for pattern in ignored
        )
    )


def _git(*words: str, at: Path) -> str:
    done = subprocess.run(
        ["git", *words],
        cwd=at,
        env={**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
