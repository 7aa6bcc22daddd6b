"""Writes the access journal of a restricted zone: one line of JSON for each access, with account and time."""

from __future__ import annotations

import json
import os
import pwd
from datetime import UTC, datetime
from pathlib import Path

from openchronic.errors import RefusedError
from openchronic.restricted.zone import Zone
from openchronic.store.places import ACCESS

FILE = "access.jsonl"
# The variable in which sudo, or the launcher of a container, names the person behind the account.
BEHIND = "SUDO_USER"


def note(zone: Zone, what: str, **details: object) -> Path:
    """Adds a line, on the disk before this returns; returns the file.

    Raises RefusedError where it cannot be written: then nothing may be shown.
    """
    said = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "who": _account(),
        "behind": os.environ.get(BEHIND),
        "what": what,
        **details,
    }
    line = json.dumps(said, ensure_ascii=False) + "\n"
    folder = zone.beside(ACCESS)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        # One write at the end of the file: lines of two commands at once do not mix.
        descriptor = os.open(folder / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as problem:
        raise RefusedError(
            f"the access journal of the base {zone.base} cannot be written "
            f"({problem.strerror}: {folder / FILE}), so nothing is shown: use the account that "
            "builds the base",
            f"Le journal des accès de la base « {zone.base} » ne peut pas être écrit par votre "
            "session, et rien ne sort de la zone restreinte sans y être noté. Demandez à "
            "l'administrateur du serveur de le faire pour vous.",
        ) from None
    return folder / FILE


def _account() -> str:
    user = os.geteuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:  # a container may have user numbers without names
        return str(user)
