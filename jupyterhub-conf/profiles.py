"""Selects the session profiles that are open to a user, and makes the form to choose one."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from settings import Profile

FIELD = "profile"
LONGEST_SHOWN = 40


class ProfileRefused(Exception):
    """The chosen profile is not open to this user; the message is for the user, in French."""


def offered(profiles: Sequence[Profile], *, groups: frozenset[str]) -> tuple[Profile, ...]:
    """Return the profiles open to a member of these groups, in the site's order."""
    return tuple(one for one in profiles if not one.groups or groups & set(one.groups))


def chosen(
    options: Mapping[str, Any], *, profiles: Sequence[Profile], groups: frozenset[str]
) -> Profile:
    """Return the profile that the options of the form or the API name; the first open one if they name none.

    Raises ProfileRefused.
    """
    extra = sorted(shown(str(key)) for key in set(options) - {FIELD})
    if extra:
        raise ProfileRefused(
            f"Options inconnues : {', '.join(extra[:5])}. Seul le profil de la session se choisit "
            f"(option « {FIELD} »)."
        )
    mine = offered(profiles, groups=groups)
    if not mine:
        raise ProfileRefused(
            "Aucun profil de session n'est ouvert à votre compte : écrivez à l'assistance."
        )
    slug = options.get(FIELD, mine[0].slug)
    for profile in mine:
        if profile.slug == slug:
            return profile
    raise ProfileRefused(
        f"Le profil « {shown(str(slug))} » n'existe pas ou ne vous est pas ouvert. Profils possibles : "
        f"{', '.join(one.slug for one in mine)}."
    )


def shown(text: str) -> str:
    """Return a text from a request, shortened for a page or the journal."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def from_form(fields: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return a submitted form as options, with unknown fields, which `chosen` refuses."""
    return {key: values[0] if values else "" for key, values in fields.items() if key != "_xsrf"}


def form(profiles: Sequence[Profile], *, picked: object = None) -> str:
    """Return the choice of profiles as HTML, with the last choice (`picked`) selected."""
    if not profiles:
        return (
            "<p>Aucun profil de session n'est ouvert à votre compte : écrivez à l'assistance.</p>"
        )
    slugs = [one.slug for one in profiles]
    first = picked if picked in slugs else slugs[0]
    cards = "\n".join(_card(one, checked=one.slug == first) for one in profiles)
    return f'<fieldset class="profiles"><legend>Taille de la session</legend>\n{cards}\n</fieldset>'


def _card(profile: Profile, *, checked: bool) -> str:
    slug = escape(profile.slug)
    limits = (
        ("Mémoire", f"{_number(profile.memory_gb)} Gio"),
        ("Processeurs", _number(profile.cpus)),
        ("Processus", _number(profile.pids)),
    )
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in limits)
    return (
        f'<div class="profile"><input type="radio" name="{FIELD}" id="profile-{slug}" '
        f'value="{slug}" aria-describedby="limits-{slug}"{" checked" if checked else ""}>'
        f'<label for="profile-{slug}"><span class="profile-title">{escape(profile.title)}</span>'
        f'<span class="profile-description">{escape(profile.description)}</span>'
        f'</label><dl id="limits-{slug}">{rows}</dl></div>'
    )


def _number(value: float) -> str:
    """Return a number in French notation: a decimal comma, and thin spaces between thousands."""
    return f"{value:,g}".replace(",", "\u202f").replace(".", ",")
