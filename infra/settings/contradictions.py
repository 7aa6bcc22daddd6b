"""Checks settings of a site that contradict each other; each error is a line `place: reason`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from infra.settings.session_hosts import is_a_sessions

if TYPE_CHECKING:
    from infra.settings.offer import Base, Profile
    from infra.settings.partial import Check
    from infra.settings.site import Site


def contradictions(site: Site) -> Iterator[Check]:
    yield partial(_locks_itself_out, site)
    yield partial(_looks_too_seldom, site)
    yield partial(_goes_by_a_sessions_name, site)
    yield partial(_logs_in_twice, site)
    for slug, profile in getattr(site, "profiles", {}).items():
        yield partial(_gives_one_user_too_much, site, slug, profile)
        yield partial(_shares_more_than_it_has, slug, profile)
    yield partial(_more_cards_than_there_are, site)
    yield partial(_cards_from_nowhere, site)
    for slug, base in getattr(site, "bases", {}).items():
        yield partial(_invents_on_a_real_server, site, slug, base)
        yield partial(_source_around_others, site, slug, base)
        yield partial(_exports_among_the_releases, site, slug, base)


def _locks_itself_out(site: Site) -> Iterator[str]:
    if site.server.ssh.user not in site.access.operators:
        yield (
            f"access.operators: must name {site.server.ssh.user}, or a deploy would lock itself out"
        )


def _looks_too_seldom(site: Site) -> Iterator[str]:
    if site.idle.check_every_minutes > site.idle.cull_after_minutes:
        yield "idle.check_every_minutes: must not exceed idle.cull_after_minutes"


def _goes_by_a_sessions_name(site: Site) -> Iterator[str]:
    """Refuse a name of the server below the session domain: each name there is the host of a user's session."""
    server = site.server
    places = {"address": server.address} | {
        f"names[{index}]": name for index, name in enumerate(server.names)
    }
    for place, name in places.items():
        if is_a_sessions(name, server.session_domain):
            yield (
                f"server.{place}: {name} lies below session_domain, where every name is a session's; choose another "
                "of the two"
            )


# What is done elsewhere, so that its settings would have no effect.
ELSEWHERE = {
    "ldap": ("directory", {"password_min_length", "password_min_classes", "password_max_days"}),
    "oidc": ("provider", None),
}


def _logs_in_twice(site: Site) -> Iterator[str]:
    """Refuse a provider or directory that is not used, one that is missing, and settings of what it does itself."""
    logins = site.logins
    tables = {"ldap": logins.ldap, "oidc": logins.oidc}
    for kind, table in tables.items():
        if table is not None and logins.kind != kind:
            yield f'logins.{kind}: is for kind = "{kind}": set it, or leave the table out'
    if logins.kind == "pam":
        return
    if tables[logins.kind] is None:
        yield f'logins.kind: "{logins.kind}" needs the table [logins.{logins.kind}]'
    who, theirs = ELSEWHERE[logins.kind]
    ours = logins.model_fields_set - {"kind", *tables}
    for name in sorted(ours if theirs is None else ours & theirs):
        yield f'logins.{name}: with kind = "{logins.kind}" the {who} does it, leave it out'


def _gives_one_user_too_much(site: Site, slug: str, profile: Profile) -> Iterator[str]:
    most = site.sessions.user_gb
    if most is not None and profile.memory_gb > most:
        yield f"profiles.{slug}.memory_gb: no user may have more than sessions.user_gb, {most:g}"


def _shares_more_than_it_has(slug: str, profile: Profile) -> Iterator[str]:
    if profile.shm_gb is not None and profile.shm_gb > profile.memory_gb:
        yield f"profiles.{slug}.shm_gb: is part of memory_gb, and cannot be more"


def _more_cards_than_there_are(site: Site) -> Iterator[str]:
    known = len(site.gpu.devices)
    for slug, profile in site.profiles.items():
        if profile.gpus > known:
            yield f"profiles.{slug}.gpus: no session could ever start, gpu.devices names {known or 'none'}"


def _cards_from_nowhere(site: Site) -> Iterator[str]:
    gpu = site.gpu
    given = {"cdi": gpu.cdi, "repository": gpu.repository, "repository_key": gpu.repository_key}
    if not gpu.devices:
        for name in (name for name, value in given.items() if value is not None):
            yield f"gpu.{name}: serves no card, name them in gpu.devices or leave it out"
    elif gpu.cdi is not None and gpu.repository is not None:
        yield "gpu.repository: with gpu.cdi the toolkit is not installed, drop one of the two"
    elif gpu.cdi is None and gpu.repository is None:
        yield (
            "gpu.repository: Debian has no NVIDIA container toolkit: name your mirror of NVIDIA's repository, or "
            "describe the cards in gpu.cdi"
        )
    elif (gpu.repository is None) != (gpu.repository_key is None):
        yield "gpu.repository_key: repository and repository_key go together: set both or none"


def _invents_on_a_real_server(site: Site, slug: str, base: Base) -> Iterator[str]:
    if base.synthetic and not site.box:
        yield f"bases.{slug}.synthetic: is for disposable servers ([box]) only"


def _source_around_others(site: Site, slug: str, base: Base) -> Iterator[str]:
    """Refuse a source that contains another of the server's folders.

    The source belongs to the account that builds, which could replace a folder inside it by a link that root follows.
    """
    others = [one.source for one in site.bases.values() if one.source != base.source]
    for inner in (*site.storage.places, *others):
        if f"{inner}/".startswith(f"{base.source}/"):
            yield f"bases.{slug}.source: {inner} lies in it; give the base a folder of its own"


def _exports_among_the_releases(site: Site, slug: str, base: Base) -> Iterator[str]:
    for index, folder in enumerate(base.export_folders):
        if f"{folder}/".startswith(f"{site.storage.releases}/"):
            yield (
                f"bases.{slug}.export_folders[{index}]: every session reads what is in "
                f"{site.storage.releases}"
            )
