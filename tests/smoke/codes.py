"""Codes of a second factor, computed by another library than the server's, each used once."""

import time
from functools import cache

import pyotp

STEP_S = 30


class Codes:
    """The codes of one secret."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret, interval=STEP_S)
        self._used = 0

    def fresh(self, *, ahead: bool = False) -> str:
        """Return a code that was not used before, after a wait if need be: the server takes each once only.

        `ahead`: that of the next step will do, which a server takes whose clock is this machine's.
        """
        while (step := int(time.time()) // STEP_S) + ahead <= self._used:
            time.sleep(0.5)
        self._used = max(step, self._used + 1)
        return self.last()

    def last(self) -> str:
        """Return the code that was given last: in the next step too, the server would take it if it were fresh."""
        return self._totp.at(self._used * STEP_S)


@cache
def codes_of(secret: str) -> Codes:
    """Return the codes of a secret, which all logins of this process share."""
    return Codes(secret)


def fresh_code(secret: str) -> str:
    """Return a code that was not used before; empty without a secret."""
    return codes_of(secret).fresh() if secret else ""
