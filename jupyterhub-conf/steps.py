"""The steps that stand between a login and a session: a password of one's own, a second factor, the charter.

Pages lead through them (step_pages.py), and no session starts before, by a form or by the API (spawner.py).
"""

from enum import StrEnum
from pathlib import Path

from charter import Acceptances, Charter, NoCharter, read_charter
from jupyterhub.spawner import SpawnException
from passwords import must_change
from second_factor import SecondFactors
from settings import Settings


class Step(StrEnum):
    """A step, by the path of its page below the hub's; in this order."""

    PASSWORD = "password"  # noqa: S105 a page's path
    SECOND_FACTOR = "second-factor"
    CHARTER = "charter"


FRENCH = {
    Step.PASSWORD: "changez d’abord votre mot de passe",
    Step.SECOND_FACTOR: "mettez d’abord en place votre second facteur",
    Step.CHARTER: "acceptez d’abord la charte",
}


class StepsUnknown(Exception):
    """What a login has still to do cannot be found out: nothing opens meanwhile."""


def pending_steps(login: str, settings: Settings) -> tuple[Step, ...]:
    """Return what the login must do before a session opens. Raises StepsUnknown."""
    try:
        pending = {
            # At a provider, password and second factor are its own; in a directory, the password is.
            Step.PASSWORD: settings.own_passwords
            and must_change(login, max_days=settings.logins.password_max_days),
            Step.SECOND_FACTOR: settings.cluster is None
            and settings.logins.oidc is None
            and settings.logins.second_factor
            and not second_factors(settings).has(login),
            Step.CHARTER: not acceptances(settings).has(login, charter(settings).version),
        }
    except (OSError, ValueError, NoCharter) as error:
        raise StepsUnknown(str(error)) from error
    return tuple(step for step in Step if pending[step])


def refuse_start(login: str, settings: Settings) -> None:
    """Raise SpawnException, with words for the user, unless all steps are done."""
    try:
        pending = pending_steps(login, settings)
    except StepsUnknown as error:
        raise _refusal(
            "Le serveur ne peut pas vérifier votre compte : écrivez à l’assistance.",
            status=503,
            log=f"steps of {login}: {error}",
        ) from error
    if pending:
        raise _refusal(
            f"Avant d’ouvrir une session, {FRENCH[pending[0]]}.",
            status=403,
            log=f"steps of {login}: {', '.join(pending)}",
        )


def _refusal(message: str, *, status: int, log: str) -> SpawnException:
    refusal = SpawnException(message, reason="steps", status_code=status, log_message=log)
    refusal.jupyterhub_message = message
    return refusal


def second_factors(settings: Settings) -> SecondFactors:
    logins = settings.logins
    return SecondFactors(
        folder=Path(logins.second_factors),
        enrolments=Path(logins.enrolments),
        code_service=logins.code_service,
        enrolment_service=logins.enrolment_service,
        issuer=settings.title,
    )


def acceptances(settings: Settings) -> Acceptances:
    return Acceptances(Path(settings.logins.acceptances))


def charter(settings: Settings) -> Charter:
    return read_charter(Path(settings.onboarding))
