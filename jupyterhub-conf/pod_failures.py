"""Translates why a pod does not start into messages for the analyst; the journal has Kubernetes' own words."""

from jupyterhub.spawner import SpawnException

INTACT = "Vos fichiers sont intacts"
# Kubernetes' reasons: no image, and no node has room.
NO_IMAGE = ("ErrImagePull", "ErrImageNeverPull", "ImagePullBackOff", "InvalidImageName")
NO_NODE = "Unschedulable"
NOT_MADE = ("CreateContainerConfigError", "CreateContainerError")
FORBIDDEN = 403


def refused(status: int, said: str) -> SpawnException:
    """Return the error for a pod or a claim that the API server refused."""
    if status == FORBIDDEN and "exceeded quota" in said:
        return _refusal(
            "Les sessions ouvertes prennent toute la mémoire que le cluster leur donne. Réessayez quand une session se sera "
            "arrêtée, ou choisissez un profil plus petit.",
            reason="room",
            log=said,
        )
    if status == FORBIDDEN:
        return _refusal(
            "Une règle du cluster refuse cette session. Écrivez à l’assistance, en indiquant l’heure.",
            reason="policy",
            log=said,
        )
    return _refusal(
        f"Le cluster ne répond pas comme il devrait. {INTACT} : réessayez dans quelques minutes, puis écrivez à "
        "l’assistance.",
        reason="cluster",
        log=f"{status}: {said}",
    )


def stuck(reason: str, said: str) -> SpawnException | None:
    """Return the error for a pod that waits for what will not come by waiting; None if it may still start."""
    if reason in NO_IMAGE:
        return _refusal(
            f"L’image des sessions manque sur le cluster. {INTACT} : écrivez à l’assistance, un nouveau déploiement la "
            "remet en place.",
            reason="image",
            log=f"{reason}: {said}",
        )
    if reason in NOT_MADE:
        return _refusal(
            f"Un dossier de la session n’est pas prêt sur le cluster. {INTACT} : écrivez à l’assistance, en indiquant "
            "l’heure.",
            reason="mount",
            log=f"{reason}: {said}",
        )
    return None


def too_long(reason: str, said: str) -> SpawnException:
    """Return the error for a pod that did not start within the time of a start."""
    if reason == NO_NODE:
        return _refusal(
            "Aucune machine du cluster n’a la place de cette session en ce moment. Réessayez quand une session se sera "
            "arrêtée, ou choisissez un profil plus petit.",
            reason="room",
            log=said,
        )
    return _refusal(
        f"La session n’a pas démarré à temps. {INTACT} : réessayez, puis écrivez à l’assistance.",
        reason="slow",
        log=f"{reason}: {said}",
    )


def _refusal(message: str, *, reason: str, log: str) -> SpawnException:
    refusal = SpawnException(
        message, reason=reason, status_code=503, log_message=f"{reason}: {log[:500]}"
    )
    # The page of a session that did not start shows this attribute.
    refusal.jupyterhub_message = message
    return refusal
