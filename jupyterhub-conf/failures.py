"""Why Docker did not start a session, in words for the analyst; the hub's journal keeps Docker's own."""

from docker.errors import APIError, NotFound
from jupyterhub.spawner import SpawnException

DISK_FULL = "no space left on device"


def explained(error: Exception) -> SpawnException | None:
    """The error that the user is shown; None when there is nothing better to say than the hub does."""
    if isinstance(error, NotFound):
        return _refusal(
            "L'image des sessions manque sur le serveur. Vos fichiers sont intacts : "
            "écrivez à l'assistance, un nouveau déploiement la remet en place.",
            reason="image",
            error=error,
        )
    if isinstance(error, APIError) and DISK_FULL in str(error).lower():
        return _refusal(
            "Le disque du serveur est plein : aucune session ne peut démarrer. Vos fichiers sont "
            "intacts : écrivez à l'assistance.",
            reason="disk",
            error=error,
        )
    return None


def _refusal(message: str, *, reason: str, error: Exception) -> SpawnException:
    refusal = SpawnException(
        message, reason=reason, status_code=503, log_message=f"{reason}: {str(error)[:500]}"
    )
    # What the page of a session that did not start shows.
    refusal.jupyterhub_message = message
    return refusal
