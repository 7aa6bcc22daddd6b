"""Decides whether a session fits beside those that run: its memory limit, and that of its user."""

import asyncio
from collections.abc import Sequence

from ledger import Ledger
from profiles import GIB, gib
from settings import Profile, Sessions

# From the look at what is free until the container that takes it exists. The hub is one process.
ONE_AT_A_TIME = asyncio.Lock()


class NoRoom(Exception):
    """The session does not fit; the message is for the user, in French."""


def memory_of_sessions(ledger: Ledger, limits: Sessions) -> int:
    """Return the bytes that the limits of all sessions together may reach."""
    theirs = ledger.total - limits.reserved_gb * GIB
    return max(0, int(theirs * limits.memory_overcommit))


def memory_left(ledger: Ledger, limits: Sessions) -> int:
    return max(0, memory_of_sessions(ledger, limits) - ledger.memory)


def refuse_own(profile: Profile, *, user: str, ledger: Ledger, limits: Sessions) -> None:
    """Raises NoRoom unless the user may have the profile's memory beside what they have."""
    own = sum(one.memory for one in ledger.holdings if one.user == user)
    if limits.user_gb is not None and own + profile.memory_bytes > limits.user_gb * GIB:
        raise NoRoom(
            f"Une même personne peut avoir {gib(limits.user_gb * GIB)} de mémoire au plus. Vous en avez "
            f"{gib(own)}, et le profil « {profile.title} » en demande {gib(profile.memory_bytes)}."
        )


def refuse_memory(
    profile: Profile, *, user: str, ledger: Ledger, limits: Sessions, others: Sequence[Profile]
) -> None:
    """Raises NoRoom unless the profile's memory is left, and its user (uid:gid) may have it. `others`: the profiles that
    this user could choose instead."""
    refuse_own(profile, user=user, ledger=ledger, limits=limits)
    left = memory_left(ledger, limits)
    if profile.memory_bytes <= left:
        return
    smaller = [one for one in others if one.memory_bytes <= left]
    advice = (
        f"Un profil plus petit peut s’ouvrir tout de suite : {', '.join(_named(one) for one in smaller)}."
        if smaller
        else "Réessayez quand une session se sera arrêtée."
    )
    raise NoRoom(
        f"Il reste {gib(left)} de mémoire pour les sessions, et le profil « {profile.title} » en demande "
        f"{gib(profile.memory_bytes)}. {advice}"
    )


def _named(profile: Profile) -> str:
    return f"« {profile.title} » ({gib(profile.memory_bytes)})"
