"""Episodes of hospital care, as a plain implementation of the rule: a loop over the stays of a subject."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

HOME_IN, HOME_OUT = ("8", "N"), ("8", "9")


@dataclass(frozen=True)
class Stay:
    """The columns of the table ``stay`` that the rule uses."""

    subject_id: int
    stay_id: str
    start_date: date
    end_date: date
    care_setting: str = "mco"
    date_precision: str = "day"
    is_session: bool = False
    care_form: str | None = None
    entry_mode: str | None = None
    exit_mode: str | None = None
    main_diagnosis: str | None = None

    @property
    def is_whole(self) -> bool:
        """Returns whether the subject was there day and night, on known days."""
        whole = self.care_form in (None, "1") or str(self.care_form).startswith("0")
        return whole and self.date_precision == "day" and not self.is_session


@dataclass(frozen=True)
class Place:
    """The place of a stay in its episode."""

    episode_id: str
    episode_order: int = 1
    episode_stays: int = 1
    days_since_episode: int | None = None
    is_readmission: bool | None = False


def chain(stays: Iterable[Stay]) -> dict[str, Place]:
    """Returns the place of each stay, by ``stay_id``."""
    placed: dict[str, Place] = {}
    ordered = sorted(stays, key=lambda s: (s.subject_id, s.start_date, s.end_date, _digits(s)))
    for _, own in groupby(ordered, key=lambda stay: stay.subject_id):
        everything = list(own)
        placed |= {stay.stay_id: _alone(stay) for stay in everything if not stay.is_whole}
        episodes = _episodes([stay for stay in everything if stay.is_whole])
        for number, episode in enumerate(episodes):
            before = [stay for earlier in episodes[:number] for stay in earlier]
            placed |= _placed(episode, before)
    return placed


def _digits(stay: Stay) -> bytes:
    """Returns the 96 bits that the identifier spells: ties are settled in their order."""
    return base64.b64decode(stay.stay_id, altchars=b"._")


def _alone(stay: Stay) -> Place:
    return Place(stay.stay_id, is_readmission=False if stay.date_precision == "day" else None)


def _episodes(stays: list[Stay]) -> list[list[Stay]]:
    episodes: list[list[Stay]] = []
    for stay in stays:
        if episodes and any(_goes_on(earlier, stay) for earlier in episodes[-1]):
            episodes[-1].append(stay)
        else:
            episodes.append([stay])
    return episodes


def _goes_on(earlier: Stay, later: Stay) -> bool:
    gap = (later.start_date - earlier.end_date).days
    home = earlier.exit_mode in HOME_OUT and later.entry_mode in HOME_IN
    return gap <= 0 or (gap == 1 and not home)


def _placed(episode: list[Stay], before: list[Stay]) -> dict[str, Place]:
    first = episode[0]
    days = None
    if before:
        days = (first.start_date - max(stay.end_date for stay in before)).days
    again = (
        days is not None
        and days <= 30
        and first.care_setting == "mco"
        and not (first.main_diagnosis or "").startswith("Z511")
        and all(stay.exit_mode != "9" for stay in before)
    )
    return {
        stay.stay_id: Place(
            episode_id=first.stay_id,
            episode_order=order,
            episode_stays=len(episode),
            days_since_episode=days if order == 1 else None,
            is_readmission=again and order == 1,
        )
        for order, stay in enumerate(episode, start=1)
    }
