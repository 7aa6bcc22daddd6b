"""The analysts' accounts on the server: who has one, and whether it is open, however its user logs in."""

import logging
import subprocess
from dataclasses import dataclass

import credentials
from directory import Directory
from sessions import Person, find_person
from settings import Uids


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """`service` is PAM's; without `passwords`, an account that never had one is open all the same. With a `directory`, an
    account is open while that has its user."""

    analysts_group: str
    uids: Uids
    service: str
    passwords: bool
    directory: Directory | None = None

    def person(self, login: str) -> Person | None:
        return find_person(login, analysts_group=self.analysts_group, uids=self.uids)

    def is_open(self, login: str, *, log: logging.Logger) -> bool:
        """Whether it exists, is not locked and has not ended. It waits for PAM: not for the hub's own thread."""
        if self.person(login) is None or is_locked(login, passwords=self.passwords):
            return False
        if reason := credentials.why_closed(login, service=self.service):
            log.warning("The account %s is closed: %s", login, reason)
            return False
        return self.directory is None or self.directory.lets_go_on(login, log=log)

    def groups(self, login: str) -> frozenset[str]:
        """Return the groups that the directory named when it was last asked about this login."""
        return frozenset() if self.directory is None else self.directory.groups(login)


def is_locked(login: str, *, passwords: bool) -> bool:
    """Whether an operator locked the password: PAM's account check reads the end date only."""
    found = subprocess.run(["getent", "shadow", login], capture_output=True, text=True, check=False)
    # An account of a directory service has no shadow entry, and is not locked here.
    field = found.stdout.partition(":")[2].partition(":")[0]
    # Without a hash behind the mark, there was no password to lock.
    return field.startswith(("!", "*")) and (passwords or "$" in field)
