"""Designs the projects that give each account what its groups gave, and no more."""

import dataclasses
import datetime
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from infra.operate.former_rights import Former
from infra.settings.accounts import SMOKE_LOGINS

LONGEST_SLUG = 25
EVERYBODY = "tous"
UNKNOWN = "À compléter"
# What only people know, in each project.
UNKNOWN_SETTINGS = ("title", "purpose", "legal", "authorised_by")
DAYS_WITHOUT_MEMBERS = 365


@dataclass(frozen=True)
class _Shape:
    """The members of a project, and what its sessions read."""

    members: frozenset[str]
    bases: frozenset[str]
    source_tables: bool


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A project to write."""

    slug: str
    title: str
    bases: tuple[str, ...]
    source_tables: bool
    members: tuple[str, ...]
    profiles: tuple[str, ...]
    """Of those that are limited: the ones that its sessions may use."""
    start: datetime.date
    end: datetime.date
    keeps_first_homes: bool = False


def drafts(former: Former, *, today: datetime.date) -> tuple[Draft, ...]:
    """Return the projects, that of everybody first.

    A session has one project, which reads the typed tables of all its bases or of none. So each set of typed tables and
    limited profiles that somebody had together makes two projects of those who had all of it: every base without typed
    tables, and those bases with them. A project that another one holds whole is left out.
    """
    everybody = frozenset(former.ends)
    shapes = {_Shape(everybody, frozenset(former.bases), source_tables=False): None}
    for tables, profiles in dict.fromkeys(
        (former.tables_of(login), former.limited_of(login)) for login in former.ends
    ):
        able = frozenset(login for login in everybody if profiles <= former.limited_of(login))
        shapes[_Shape(able, frozenset(former.bases), source_tables=False)] = None
        if tables:
            readers = frozenset(login for login in able if tables <= former.tables_of(login))
            shapes[_Shape(readers, tables, source_tables=True)] = None
    kept = [one for one in shapes if not any(_holds(former, other, one) for other in shapes)]
    # That of everybody is among them, perhaps with typed tables: no other has all members and all bases.
    kept.sort(key=lambda one: (one.members != everybody, len(one.bases) < len(former.bases)))
    taken = {*SMOKE_LOGINS}
    found = []
    for index, shape in enumerate(kept):
        names = [] if index == 0 else _groups(former, shape)
        slug = _free(EVERYBODY if index == 0 else "-".join(names), shape, taken)
        taken.add(slug)
        draft = _draft(former, shape, slug=slug, names=names, today=today)
        found.append(dataclasses.replace(draft, keeps_first_homes=index == 0))
    return tuple(found)


def projects_text(found: Iterable[Draft], *, source: str) -> str:
    """Return the projects file."""
    head = (
        f"# The projects of a site, written from the groups of {source}.\n"
        "# onboarding/projects.toml explains every key; what says « À compléter » is yours to write.\n"
    )
    return "\n".join([head, *(_table(draft) for draft in found)])


def _table(draft: Draft) -> str:
    said = {
        "title": _quoted(draft.title),
        **{key: _quoted(UNKNOWN) for key in UNKNOWN_SETTINGS if key != "title"},
        "bases": f"[{', '.join(map(_quoted, draft.bases))}]",
        **({"source_tables": "true"} if draft.source_tables else {}),
        "start": draft.start.isoformat(),
        "end": draft.end.isoformat(),
        **({"keeps_first_homes": "true"} if draft.keeps_first_homes else {}),
    }
    lines = [f"[projects.{draft.slug}]", *(f"{key} = {value}" for key, value in said.items())]
    lines += ["", f"[projects.{draft.slug}.members]"]
    lines += [f"{login} = {{}}" for login in draft.members]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _draft(
    former: Former, shape: _Shape, *, slug: str, names: list[str], today: datetime.date
) -> Draft:
    members = tuple(login for login in former.ends if login in shape.members)
    ends = [former.ends[login] for login in members]
    whose = f"groupe {', '.join(names)}" if names else "tous les comptes"
    return Draft(
        slug=slug,
        title=f"{UNKNOWN} ({whose})",
        bases=tuple(base for base in former.bases if base in shape.bases),
        source_tables=shape.source_tables,
        members=members,
        profiles=_profiles(former, shape),
        # An account that has ended stays a member: a later end gives it back what it had.
        start=min([today, *ends]),
        end=max(ends, default=today + datetime.timedelta(days=DAYS_WITHOUT_MEMBERS)),
    )


def _profiles(former: Former, shape: _Shape) -> tuple[str, ...]:
    """Return the limited profiles that every member of a project might use: no other may be the project's."""
    return tuple(
        profile
        for profile, users in former.users.items()
        if users and all(former.groups[login] & {*users} for login in shape.members)
    )


def _holds(former: Former, one: _Shape, other: _Shape) -> bool:
    """Whether a project gives each member of another one all that the other gives."""
    return (
        one != other
        and other.members <= one.members
        and other.bases <= one.bases
        and (one.source_tables or not other.source_tables)
        and {*_profiles(former, other)} <= {*_profiles(former, one)}
    )


def _groups(former: Former, shape: _Shape) -> list[str]:
    """Return the groups that make a project, in the site's order: those of all its members, or else those of some."""
    named = [former.users[profile] for profile in _profiles(former, shape)]
    if shape.source_tables:
        named = [former.readers[base] for base in former.bases if base in shape.bases] + named
    asked = list(dict.fromkeys(group for groups in named for group in groups))
    held = [former.groups[login] for login in shape.members]
    shared = [group for group in asked if all(group in groups for groups in held)]
    return shared or [group for group in asked if any(group in groups for groups in held)]


def _free(name: str, shape: _Shape, taken: set[str]) -> str:
    """Return a name in the form of a project's that no other project has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    slug = slug if slug[:1].isalpha() else f"groupe-{slug}".strip("-")
    endings = ["", *(["-tables"] if shape.source_tables else [])]
    endings += [f"-{number}" for number in range(2, len(taken) + 3)]
    fitting = (f"{slug[: LONGEST_SLUG - len(ending)].rstrip('-')}{ending}" for ending in endings)
    return next(one for one in fitting if one not in taken)
