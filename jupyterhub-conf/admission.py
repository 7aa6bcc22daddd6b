"""Decides whom of a provider's people the site lets in: by claims that were verified before. Words are for them, in French."""

from collections.abc import Mapping
from typing import Any

from guessing import shown
from settings import Oidc

TROUBLE = "La connexion n’a pas abouti. Recommencez ; si cela se répète, écrivez à l’assistance."
AWAY = (
    "Le service d’authentification de votre organisme ne répond pas. Réessayez dans quelques minutes, puis écrivez à "
    "l’assistance."
)
NO_ACCOUNT = (
    "Votre organisme vous a reconnu, mais aucun compte ouvert de ce serveur ne porte votre identifiant. Écrivez à "
    "l’assistance."
)
NOT_IN_GROUP = "Votre organisme vous a reconnu, mais vous n’êtes pas dans un groupe qui a accès à ce serveur. Écrivez à l’assistance."
TOO_WEAK = (
    "Ce serveur demande une authentification plus forte que celle que vous avez faite. Déconnectez-vous, puis "
    "recommencez avec votre second facteur."
)


class LoginRefused(Exception):
    """Nobody is logged in: `french` for who tries, the message for the journal, and the status of the answer."""

    def __init__(self, french: str, reason: str, *, status: int = 403) -> None:
        super().__init__(reason)
        self.french = french
        self.status = status


def refuse_outsiders(claims: Mapping[str, Any], oidc: Oidc) -> None:
    """Raise LoginRefused for who is in none of the groups, or has proven too weakly who they are."""
    if oidc.acr and claims.get("acr") not in oidc.acr:
        raise LoginRefused(TOO_WEAK, f"acr is {shown(str(claims.get('acr')))}")
    if missing := set(oidc.amr) - set(_texts(claims.get("amr"))):
        raise LoginRefused(TOO_WEAK, f"amr lacks {', '.join(sorted(missing))}")
    if oidc.group_claim is not None:
        groups = _texts(claims.get(oidc.group_claim))
        if not set(groups) & set(oidc.groups):
            raise LoginRefused(NOT_IN_GROUP, f"in none of the groups: {len(groups)} others")


def wanted_claims(oidc: Oidc) -> tuple[str, ...]:
    """Return the claims that may come with the user information, if the ID token lacks them."""
    return tuple(one for one in (oidc.username_claim, oidc.group_claim) if one is not None)


def _texts(value: Any) -> list[str]:
    """Return the texts of a list; of anything else none, so that `in` never looks for a part of a text."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
