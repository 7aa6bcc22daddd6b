"""The analysts' accounts on a cluster: those that site.json names, each open until its last day. No machine knows them."""

import logging
from dataclasses import dataclass

import pods
from projects import today
from sessions import Person
from settings import Settings


@dataclass(frozen=True)
class ClusterAccounts:
    """What `Accounts` is on a server."""

    site: Settings
    # SSSD's, which a cluster has not.
    directory: None = None

    def person(self, login: str) -> Person | None:
        return pods.find_account(login, self.site)

    def is_open(self, login: str, *, log: logging.Logger) -> bool:
        account = pods.cluster_of(self.site).accounts.get(login)
        if account is None:
            return False
        if today() > account.end:
            log.warning("The account %s is closed: its last day was %s", login, account.end)
            return False
        return True

    def groups(self, login: str) -> frozenset[str]:
        """Return the groups of this login in a directory: none is asked here."""
        return frozenset()
