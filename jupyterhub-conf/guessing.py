"""Slows down guesses of passwords per login and address, so that nobody else waits and no account is locked.

nginx limits the requests of one client; this limits its attempts on one account.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

# Attempts without a wait, for mistyped passwords.
FREE = 5
SHORTEST_S, LONGEST_S = 5.0, 60.0
FORGOTTEN_AFTER_S = 3600.0
REMEMBERED = 10_000
# Every refusal takes this long, so that its time does not reveal whether the login exists.
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
    """The attempts without success, by login and address. Attempts during a wait do not count, so that a wait is at most
    LONGEST_S."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: OrderedDict[bytes, Tries] = OrderedDict()

    def wait_s(self, *, login: str, address: str) -> float:
        """Return the seconds to wait before an attempt. At 0, the attempt is counted at once: otherwise a hundred
        simultaneous ones would count as one."""
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
        """Forget the attempts of a login that succeeded."""
        self._tries.pop(_key(login, address), None)


def _key(login: str, address: str) -> bytes:
    """Return a key of fixed size: anybody may send logins of 15 KB, and ten thousand of them would fill the memory."""
    return hashlib.sha256(f"{address} {login}".encode(errors="surrogatepass")).digest()


def shown(login: str) -> str:
    """Return a login for the log: on one line, and shortened."""
    return ascii(login if len(login) <= 40 else f"{login[:40]}…")
