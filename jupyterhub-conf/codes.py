"""Slows down guesses of codes by somebody who knows the password, from any number of addresses (guessing.py counts by
address).

A code is one of a million, and three are right at a time: at one guess each LONGEST_S, a year finds one with a chance of
one in ten. Each is in the journal, and a new password ends them. The owner does not wait meanwhile at an address where a
code of theirs was right.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

# Wrong codes without a wait, for slow clocks and fingers.
FREE = 10
SHORTEST_S, LONGEST_S = 30.0, 900.0
FORGOTTEN_AFTER_S = 86400.0
KNOWN_FOR_S = 30 * 86400.0
# Addresses that are remembered per login.
ADDRESSES = 16


@dataclass
class Codes:
    """The wrong codes of a login since its last quiet day, and where its right ones came from."""

    wrong: int = 0
    last: float = 0.0
    known: OrderedDict[str, float] = field(default_factory=OrderedDict)
    # One code at a time: otherwise a hundred simultaneous guesses would count as one, and PAM reads its file before it
    # locks it.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def wait_s(self) -> float:
        if self.wrong < FREE:
            return 0.0
        return min(LONGEST_S, SHORTEST_S * 2.0 ** min(10, self.wrong - FREE))


class CodeGuesses:
    """The codes of each login. Only logins whose password was right get in, so that strangers fill no memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: dict[str, Codes] = {}

    def wait_s(self, *, login: str, address: str) -> float:
        """Return the seconds until a code of this login is looked at again, at this address."""
        of = self._of.get(login)
        now = self._clock()
        if of is None or now - of.last > FORGOTTEN_AFTER_S:
            return 0.0
        if now - of.known.get(address, -KNOWN_FOR_S) < KNOWN_FOR_S:
            return 0.0
        return max(0.0, of.last + of.wait_s - now)

    def wrong(self, login: str) -> int:
        return self._of[login].wrong if login in self._of else 0

    async def check(self, *, login: str, address: str, ask: Callable[[], Awaitable[bool]]) -> bool:
        """Whether the code is right; during a wait it is not looked at, and does not count."""
        of = self._of.setdefault(login, Codes())
        async with of.turn:
            if self.wait_s(login=login, address=address):
                return False
            right = await ask()
            now = self._clock()
            if right:
                of.known.pop(address, None)
                of.known[address] = now
                while len(of.known) > ADDRESSES:
                    of.known.popitem(last=False)
            else:
                of.wrong = 1 if now - of.last > FORGOTTEN_AFTER_S else of.wrong + 1
                of.last = now
            return right
