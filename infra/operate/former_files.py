"""Edits the texts of a site's file and of its accounts file for projects in the place of groups; comments stay."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit

from infra.operate.former_rights import FORMER, FormerError
from infra.settings.settings_file import shown
from infra.settings.toml_lines import lines_of

_OF_GROUPS = re.compile(r"\bgroup(e?s)?\b|source_readers", re.IGNORECASE)


def accounts_without_groups(text: str, path: Path) -> str:
    document: Any = tomlkit.parse(_plain(text))
    wanted = tomllib.loads(text)
    for login in wanted.get("accounts", {}):
        document["accounts"][login].pop("groups", None)
        wanted["accounts"][login].pop("groups", None)
    return _proven(document.as_string(), wanted, path, like=text)


def site_with_projects(
    text: str, path: Path, *, projects: str, of_profiles: Mapping[str, Sequence[str]]
) -> str:
    """Return a site's file that names the projects file, whose limited profiles name projects, in the place of groups."""
    document: Any = tomlkit.parse(_plain(text))
    wanted = tomllib.loads(text)
    for table, key in FORMER:
        for slug in wanted.get(table, {}):
            wanted[table][slug].pop(key, None)
            document[table][slug].pop(key, None)
    for slug, names in of_profiles.items():
        wanted["profiles"][slug]["projects"] = [*names]
        document["profiles"][slug]["projects"] = [*names]
    edited = document.as_string()
    if "projects" not in wanted:
        wanted["projects"] = projects
        edited = _with_line(edited, f'projects = "{projects}"')
    return _proven(edited, wanted, path, like=text)


def _with_line(text: str, line: str) -> str:
    """Return a text with a line among its first keys: below that of the accounts file, or else below the title."""
    lines = lines_of(text)
    after = lines.get("accounts") or lines.get("title") or 0
    kept = text.splitlines(keepends=True)
    return "".join([*kept[:after], f"{line}\n", *kept[after:]])


def comments_of_groups(text: str) -> list[int]:
    """Return the lines of the comments that speak of groups."""
    return [
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if "#" in line and _OF_GROUPS.search(line.partition("#")[2])
    ]


def _plain(text: str) -> str:
    """Return a text whose lines end as the editing of TOML expects."""
    return text.replace("\r\n", "\n")


def _proven(text: str, wanted: dict[str, Any], path: Path, *, like: str) -> str:
    """Return an edited text, with the ends of lines of the original. Raises FormerError unless it says exactly what it is
    to say."""
    if "\r\n" in like:
        text = text.replace("\n", "\r\n")
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        said = None
    if said != wanted:
        raise FormerError(
            f"{shown(path)}: is written in a way that this verb cannot edit; give each account, base and profile a table "
            "of its own ([accounts.name]), and run it again"
        )
    return text
