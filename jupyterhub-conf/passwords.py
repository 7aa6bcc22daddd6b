"""Passwords of users: when one must be changed, and the change itself, which a helper makes over a socket."""

import asyncio
import json
import time
from pathlib import Path

SHADOW = Path("/etc/shadow")
DAY_S = 86400
# The helper checks a hash and waits for the shadow file's lock; it is ended after 30 s.
WITHIN_S = 40.0
# What the helper answers, as the user reads it. A word that is not here is the server's fault.
REASONS = {
    "old": "Le mot de passe actuel est refusé.",
    "similar": "Le nouveau mot de passe ressemble trop à l’ancien.",
    "length": "Le nouveau mot de passe est trop court, ou dépasse 128 caractères.",
    "classes": "Le nouveau mot de passe mélange trop peu de sortes de caractères.",
    "pattern": "Le nouveau mot de passe contient une suite ou une répétition trop simple.",
    "words": "Le nouveau mot de passe se devine : il repose sur un mot du dictionnaire.",
    "name": "Le nouveau mot de passe contient votre nom ou votre identifiant.",
    "characters": "Le nouveau mot de passe contient un caractère que tous les claviers ne donnent pas à l’identique, "
    "ou commence ou finit par une espace.",
}
TROUBLE = "Le mot de passe n’a pas pu être changé. Réessayez dans une minute, puis écrivez à l’assistance."


def must_change(
    login: str, *, max_days: int | None, shadow: Path = SHADOW, now_s: float | None = None
) -> bool:
    """Whether the password is a first one (`chage -d 0`) or too old. One of a directory service is not ours to change.

    Raises OSError if the shadow file cannot be read.
    """
    for line in shadow.read_text().splitlines():
        name, *fields = line.split(":")
        if name == login and len(fields) > 1:
            if not fields[1].isdecimal():
                return False
            changed = int(fields[1])
            today = int((time.time() if now_s is None else now_s) // DAY_S)
            return changed == 0 or (max_days is not None and today - changed > max_days)
    return False


async def change(login: str, *, old: str, new: str, socket: str) -> str:
    """Return why the password was not changed, in French; empty once it is."""
    line = json.dumps({"login": login, "old": old, "new": new}) + "\n"
    try:
        told = json.loads(await asyncio.wait_for(_ask(socket, line.encode()), WITHIN_S))
    except (OSError, ValueError, TimeoutError):
        return TROUBLE
    if isinstance(told, dict) and told.get("changed") is True:
        return ""
    return REASONS.get(str(told.get("refused")) if isinstance(told, dict) else "", TROUBLE)


async def _ask(socket: str, line: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        writer.write(line)
        await writer.drain()
        return await reader.readline()
    finally:
        writer.close()
