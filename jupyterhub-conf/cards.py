"""Hands out the server's graphics cards, or slices of cards, each to one session at a time.

Docker's own count of cards would give everybody the same one.
"""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from docker.types import DeviceRequest
from ledger import Holding, Ledger
from pages import french_time
from settings import Profile
from shares import NoRoom


def take(
    profile: Profile,
    *,
    devices: Sequence[str],
    project: str,
    ledger: Ledger,
    lasts: datetime.timedelta,
) -> tuple[str, ...]:
    """Return the cards that a session of this profile gets: free ones, in the site's order. Raises NoRoom, which says when
    one will be free at the latest, and nothing of who has them but whether they work for the same project."""
    free = left(devices, ledger)
    if profile.gpus <= len(free):
        return tuple(free[: profile.gpus])
    holders = [one for one in ledger.holdings if one.gpus]
    raise NoRoom(
        f"{_how_many(len(free), len(devices))}, et le profil « {profile.title} » en demande {profile.gpus}."
        f"{_until(holders, lasts)}{_of_the_project(holders, project)} Un profil sans GPU peut s’ouvrir tout de suite."
    )


def left(devices: Iterable[str], ledger: Ledger) -> list[str]:
    """Return the cards that no container has, neither whole nor a slice of them."""
    return [one for one in devices if not any(_overlap(one, held) for held in ledger.gpus)]


def next_free(ledger: Ledger, lasts: datetime.timedelta) -> datetime.datetime | None:
    """Return when the first card is given back at the latest; None if all are free."""
    return min((one.since + lasts for one in ledger.holdings if one.gpus), default=None)


def asked(names: Sequence[str]) -> dict[str, Any]:
    """Return what Docker is asked for, as a part of its host configuration."""
    if not names:
        return {}
    return {"device_requests": [DeviceRequest(driver="cdi", device_ids=list(names))]}


def _overlap(one: str, other: str) -> bool:
    """Whether two names are the same card, or a card and a slice of it (`nvidia.com/gpu=0` and `nvidia.com/gpu=0:1`)."""
    return one == other or one.startswith(f"{other}:") or other.startswith(f"{one}:")


def _how_many(free: int, of: int) -> str:
    if not free:
        return "Le GPU du serveur est pris" if of == 1 else f"Les {of} GPU du serveur sont pris"
    return f"Il reste {free} GPU sur {of}"


def _until(holders: Sequence[Holding], lasts: datetime.timedelta) -> str:
    first = min((one.since for one in holders), default=None)
    if first is None:
        return ""
    when = french_time(first + lasts)
    if len(holders) == 1:
        return f" La session qui s’en sert s’arrête au plus tard le {when}."
    return f" {len(holders)} sessions les utilisent, et la plus ancienne s’arrête au plus tard le {when}."


def _of_the_project(holders: Sequence[Holding], project: str) -> str:
    ours = sum(one.project == project for one in holders)
    if not ours:
        return ""
    words = "L’une d’elles est" if ours == 1 else f"{ours} d’entre elles sont"
    return f" {words} de votre projet." if len(holders) > 1 else " Elle est de votre projet."
