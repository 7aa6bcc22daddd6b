"""Checks settings of a site that contradict each other; each error is a line `place: reason`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from infra.settings.session_hosts import is_a_sessions

if TYPE_CHECKING:
    from infra.settings.offer import Base
    from infra.settings.partial import Check
    from infra.settings.site import Site


def contradictions(site: Site) -> Iterator[Check]:
    yield partial(_locks_itself_out, site)
    yield partial(_looks_too_seldom, site)
    yield partial(_goes_by_a_sessions_name, site)
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
