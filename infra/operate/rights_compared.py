"""Compares what each account might do by its groups with what its projects let it do."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from infra.operate.former_rights import Former
from infra.settings.accounts import SMOKE_LOGINS
from infra.settings.grants import Grant
from infra.settings.offer import Profile
from infra.settings.site import Site


@dataclass(frozen=True, order=True)
class Right:
    """To read a base, its releases or its typed tables, in a session of a profile."""

    login: str
    base: str
    typed: bool
    profile: str

    def __str__(self) -> str:
        what = "the typed tables" if self.typed else "the releases"
        return f"{self.login}: {what} of {self.base}, in sessions {self.profile}"


# Until when each right holds, its last day included.
Rights = Mapping[Right, datetime.date]


@dataclass(frozen=True, kw_only=True)
class Difference:
    right: Right
    before: datetime.date | None
    after: datetime.date | None

    @property
    def is_gain(self) -> bool:
        return self.before is None or (self.after is not None and self.after > self.before)

    def __str__(self) -> str:
        sign = "gains" if self.is_gain else "loses"
        days = [f"until {day}" if day else "not at all" for day in (self.before, self.after)]
        return f"{sign}  {self.right}: {days[0]} before, {days[1]} after"


def rights_before(former: Former) -> Rights:
    return {
        Right(login, base, typed, profile): end
        for login, end in former.ends.items()
        for base in former.bases
        for typed in (False, *([True] if base in former.tables_of(login) else []))
        for profile in former.profiles_of(login)
    }


def rights_after(site: Site, granted: Sequence[Grant], *, today: datetime.date) -> Rights:
    """Return what the projects give from today on, or gave: a right to come is not had yet."""
    found: dict[Right, datetime.date] = {}
    for grant in granted:
        for login, period in grant.members.items():
            if login in SMOKE_LOGINS or period.last is None or period.is_to_come(today):
                continue
            for base in grant.bases:
                for typed in (False, *([True] if grant.source_tables else [])):
                    for profile in profiles_of(grant, site.profiles):
                        right = Right(login, base, typed, profile)
                        found[right] = max(found.get(right, period.last), period.last)
    return found


def profiles_of(grant: Grant, profiles: Mapping[str, Profile]) -> tuple[str, ...]:
    """Return the profiles that the sessions of a project may use."""
    return tuple(
        slug
        for slug, profile in profiles.items()
        if not profile.projects or grant.slug in profile.projects
    )


def differences(before: Rights, after: Rights) -> list[Difference]:
    return [
        Difference(right=right, before=before.get(right), after=after.get(right))
        for right in sorted({*before, *after})
        if before.get(right) != after.get(right)
    ]


def no_longer_together(former: Former, site: Site, granted: Sequence[Grant]) -> Iterator[str]:
    """Say what a login read in one session, and reads in two from now on: the typed tables of some bases, and the
    releases of the others."""
    for login in former.ends:
        tables, profiles = former.tables_of(login), former.profiles_of(login)
        if not tables:
            continue
        mine = [grant for grant in granted if login in grant.members]
        enough = {
            profile
            for grant in mine
            if grant.source_tables and {*grant.bases} == {*former.bases}
            for profile in profiles_of(grant, site.profiles)
        }
        if not profiles <= enough:
            others = [base for base in former.bases if base not in tables]
            whose = [one.slug for one in mine if one.source_tables and tables <= {*one.bases}]
            yield (
                f"{login}: the typed tables of {', '.join(sorted(tables))} (in {', '.join(whose)}) and the releases of "
                f"{', '.join(others)} are read in different sessions"
            )
