"""Translates Docker's errors at the start of a session into messages for the analyst; the journal has the originals."""

from docker.errors import APIError, NotFound
from jupyterhub.spawner import SpawnException

DISK_FULL = "no space left on device"
NO_ADDRESS = "no available ipv4 addresses"


def explained(error: Exception) -> SpawnException | None:
    """Return the error to show to the user; None for an error that the hub's own message describes well enough."""
    if isinstance(error, NotFound):
        return _refusal(
            "L’image des sessions manque sur le serveur. Vos fichiers sont intacts : "
            "écrivez à l’assistance, un nouveau déploiement la remet en place.",
            reason="image",
            error=error,
        )
    if isinstance(error, APIError) and DISK_FULL in str(error).lower():
        return _refusal(
            "Le disque du serveur est plein : aucune session ne peut démarrer. Vos fichiers sont "
            "intacts : écrivez à l’assistance.",
            reason="disk",
            error=error,
        )
    if isinstance(error, APIError) and NO_ADDRESS in str(error).lower():
        return _refusal(
            "Toutes les places du serveur sont prises : aucune session de plus ne peut démarrer. Réessayez dans "
            "une heure ; si cela se répète, écrivez à l’assistance.",
            reason="addresses",
            error=error,
        )
    return None


def died_while_starting(name: str) -> SpawnException:
    """Return the error for a session that ended while it started; JupyterHub's own would be an error 500."""
    message = (
        "La session s’est arrêtée pendant son démarrage. Vos fichiers sont intacts. Réessayez ; si cela se répète, "
        "renommez le dossier .jupyter de votre espace ou écrivez à l’assistance."
    )
    refusal = SpawnException(
        message, reason="died", status_code=503, log_message=f"{name} ended while it started"
    )
    refusal.jupyterhub_message = message
    return refusal


def no_room(message: str, *, name: str) -> SpawnException:
    """Return the error for a session that does not fit beside those that run."""
    refusal = SpawnException(
        message, reason="room", status_code=503, log_message=f"{name} finds no room: {message}"
    )
    refusal.jupyterhub_message = message
    return refusal


def _refusal(message: str, *, reason: str, error: Exception) -> SpawnException:
    refusal = SpawnException(
        message, reason=reason, status_code=503, log_message=f"{reason}: {str(error)[:500]}"
    )
    # The page of a session that did not start shows this attribute.
    refusal.jupyterhub_message = message
    return refusal
