"""What a user chooses for a session, on the start page or by the API: a project and a profile."""

from collections.abc import Mapping, Sequence
from typing import Any

PROJECT = "project"
PROFILE = "profile"
LONGEST_SHOWN = 40


class ChoiceRefused(Exception):
    """The chosen project or profile is not open to this user; the message is for the user, in French."""


def refuse_unknown(options: Mapping[str, Any]) -> None:
    """Raises ChoiceRefused if the options name anything but a project and a profile."""
    if extra := sorted(shown(str(key)) for key in set(options) - {PROJECT, PROFILE}):
        raise ChoiceRefused(
            f"Options inconnues : {', '.join(extra[:5])}. Seuls le projet et le profil de la session se choisissent "
            f"(options « {PROJECT} » et « {PROFILE} »)."
        )


def shown(text: str) -> str:
    """Return a text from a request, shortened for a page or the journal."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def from_form(fields: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return a submitted form as options, with unknown fields, which `refuse_unknown` refuses."""
    return {key: values[0] if values else "" for key, values in fields.items() if key != "_xsrf"}
