"""Slows down whoever guesses passwords, per login and address: nobody else waits, and no account is ever locked.

nginx bounds what one client may send at all; this bounds what it may try on one account.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

# A mistyped password or a forgotten one costs nothing.
FREE = 5
SHORTEST_S, LONGEST_S = 5.0, 60.0
FORGOTTEN_AFTER_S = 3600.0
REMEMBERED = 10_000
# Every refusal takes this long: how fast it comes tells nothing of whether the login exists.
REFUSAL_S = 2.0


@dataclass
class Tries:
    count: int
    last: float

    @property
    def wait_s(self) -> float:
        if self.count < FREE:
            return 0.0
        return min(LONGEST_S, SHORTEST_S * 2.0 ** min(10, self.count - FREE))


class Guesses:
    """Tries that brought no login yet. What waits is not counted, so the wait is never longer than LONGEST_S."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: OrderedDict[bytes, Tries] = OrderedDict()

    def wait_s(self, *, login: str, address: str) -> float:
        """0 when a try may be made now; it counts at once, or a hundred at the same time would count for one."""
        now = self._clock()
        key = _key(login, address)
        tries = self._tries.pop(key, None)
        if tries is None or now - tries.last > FORGOTTEN_AFTER_S:
            tries = Tries(0, now)
        left = tries.last + tries.wait_s - now
        if left <= 0:
            tries = Tries(tries.count + 1, now)
        self._tries[key] = tries
        while len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)
        return max(0.0, left)

    def count(self, *, login: str, address: str) -> int:
        tries = self._tries.get(_key(login, address))
        return tries.count if tries else 0

    def forget(self, *, login: str, address: str) -> None:
        """They knew the password."""
        self._tries.pop(_key(login, address), None)


def _key(login: str, address: str) -> bytes:
    """Of one size: ten thousand logins of 15 KB, as strangers may send them, would fill the hub's memory."""
    return hashlib.sha256(f"{address} {login}".encode(errors="surrogatepass")).digest()


def shown(login: str) -> str:
    """A login as the log may hold it: on one line, and short."""
    return ascii(login if len(login) <= 40 else f"{login[:40]}…")
