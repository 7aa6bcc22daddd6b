"""What the site's directory says of people: whether it has them, and their groups. SSSD asks it, and the hub asks SSSD.

While it does not answer, the hub keeps to what it last said, which SSSD keeps on disk, for as long as the site wants.
"""

import logging
import time
from collections.abc import Callable

from infopipe import NOBODY_ANSWERS, DirectoryAway, Word
from settings import Ldap

AWAY = (
    "L’annuaire de votre organisme ne répond pas\u00a0: personne ne peut se connecter pour l’instant, mais les sessions "
    "ouvertes continuent. Réessayez dans quelques minutes, puis écrivez à l’assistance."
)


class Directory:
    """`ask` returns the last word on a login, None for nobody, or raises DirectoryAway; it may take seconds."""

    def __init__(
        self,
        ldap: Ldap,
        *,
        ask: Callable[[str], Word | None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ldap, self._ask, self._clock = ldap, ask, clock
        self._words: dict[str, Word] = {}
        self.is_away = False

    def is_local(self, login: str) -> bool:
        """Whether this login is one of the server's own, which no directory may have."""
        return login in self._ldap.local_logins

    def lets_go_on(self, login: str, *, log: logging.Logger) -> bool:
        """Whether the directory has this person, or does not answer: then what is open goes on. It may wait for the
        network: not for the hub's own thread."""
        if self.is_local(login):
            return True
        try:
            word = self._ask(login)
        except DirectoryAway as error:
            self._note(str(error), log)
            return True
        if word is None:
            self._note("", log)
            self._words.pop(login, None)
            log.warning("The directory has no %s, or has disabled it", login)
            return False
        before = self._words.get(login)
        self._words[login] = word
        self._note("" if word.is_fresh else NOBODY_ANSWERS, log)
        if before is None or before.groups != word.groups:
            log.info(
                "Groups of %s in the directory: %s", login, ", ".join(sorted(word.groups)) or "none"
            )
        return True

    def answers(self, *, log: logging.Logger) -> bool:
        """Whether it answers a question about somebody who is not there. It may wait for the network."""
        try:
            word = self._ask(self._ldap.local_logins[0])
        except DirectoryAway as error:
            self._note(str(error), log)
        else:
            self._note("" if word is None or word.is_fresh else NOBODY_ANSWERS, log)
        return not self.is_away

    def groups(self, login: str) -> frozenset[str]:
        """Return the groups that it last named, unless that was too long ago."""
        word = self._words.get(login)
        if word is None or self._clock() - word.when > self._ldap.offline_hours * 3600:
            return frozenset()
        return word.groups

    def _note(self, away: str, log: logging.Logger) -> None:
        if bool(away) != self.is_away:
            log.warning("%s", f"The directory does not answer: {away}" if away else "The directory answers again")  # fmt: skip
        self.is_away = bool(away)
