"""Changes a user's password: one JSON line in (login, old, new), one out; then it ends. The hub is the only one to ask.

It trusts nothing of what it reads: it checks the old password itself, and that the login is an analyst's.
"""

import argparse
import grp
import json
import os
import pwd
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pamela
import strength

LONGEST_LINE = 4096
WITHIN_S = 5.0
LOGIN = re.compile(r"[a-z_][a-z0-9_.@-]{0,63}")
# PAM's answer for an account whose password must be changed: that is what we are for.
NEW_PASSWORD_DUE = 12
SET_IT = ("/usr/sbin/chpasswd",)


class Refused(Exception):
    """The password stays; the message is the reason, as a word."""


def main() -> int:
    given = _arguments()
    with socket.socket(fileno=os.dup(0)) as asker:
        login = "?"
        try:
            login, old, new = parsed(line_of(asker))
            change(login, old, new, given)
        except Refused as reason:
            answer: dict[str, object] = {"refused": str(reason)}
            print(f"the password of {login} stays: {reason}", file=sys.stderr)
        else:
            answer = {"changed": True}
            print(f"the password of {login} is changed", file=sys.stderr)
        try:
            asker.sendall((json.dumps(answer) + "\n").encode())
        except OSError:
            print("nobody waits for the answer", file=sys.stderr)
    return 0


def line_of(asker: socket.socket, *, within_s: float = WITHIN_S) -> bytes:
    """Return the one line that was sent, without its end. Raises Refused when it is none, too long, or slow to come."""
    deadline = time.monotonic() + within_s
    read = b""
    while b"\n" not in read:
        asker.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            part = asker.recv(LONGEST_LINE + 1 - len(read))
        except OSError:
            raise Refused("form") from None
        read += part
        if not part or len(read) > LONGEST_LINE:
            raise Refused("form")
    line, _, more = read.partition(b"\n")
    if more:
        raise Refused("form")
    return line


def parsed(line: bytes) -> tuple[str, str, str]:
    """Return login, old and new password. Raises Refused unless these three are there, as texts, and nothing else."""
    try:
        told = json.loads(line.decode())
    except (ValueError, RecursionError):
        raise Refused("form") from None
    if not isinstance(told, dict) or set(told) != {"login", "old", "new"}:
        raise Refused("form")
    login, old, new = told["login"], told["old"], told["new"]
    if not all(isinstance(one, str) and _is_text(one) for one in (login, old, new)):
        raise Refused("form")
    if not LOGIN.fullmatch(login):
        raise Refused("login")
    return login, old, new


def _is_text(value: str) -> bool:
    """Whether it is one line that PAM reads whole: no NUL, no control character, no half of a surrogate pair."""
    try:
        return len(value.encode()) <= LONGEST_LINE and not re.search(r"[\x00-\x1f\x7f]", value)
    except UnicodeEncodeError:
        return False


def change(login: str, old: str, new: str, given: argparse.Namespace) -> None:
    """Set the new password. Raises Refused."""
    if not is_analyst(login, given):
        raise Refused("login")
    try:
        pamela.authenticate(login, old, service=given.service, check=False, resetcred=0)
    except pamela.PAMError:
        raise Refused("old") from None
    try:
        pamela.check_account(login, service=given.service)
    except pamela.PAMError as error:
        if error.errno != NEW_PASSWORD_DUE:
            raise Refused("login") from None
    try:
        reason = strength.refused(
            new,
            old=old,
            login=login,
            least_length=given.least_length,
            least_classes=given.least_classes,
        )
    except OSError as error:
        print(f"passwords cannot be judged here: {error}", file=sys.stderr)
        raise Refused("server") from None
    if reason:
        raise Refused(reason)
    # The login holds no colon: chpasswd reads all that follows the first one as the password.
    done = subprocess.run(
        SET_IT, input=f"{login}:{new}\n", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        print(done.stderr.replace(new, "…").strip(), file=sys.stderr)
        raise Refused("server")


def is_analyst(login: str, given: argparse.Namespace) -> bool:
    try:
        account = pwd.getpwnam(login)
        analysts = grp.getgrnam(given.group).gr_gid
    except KeyError:
        return False
    if not given.first_uid <= account.pw_uid <= given.last_uid:
        return False
    return analysts in os.getgrouplist(login, account.pw_gid)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", required=True, help="PAM service that checks passwords")
    parser.add_argument("--group", required=True, help="group of those who may change theirs")
    for name in ("--first-uid", "--last-uid", "--least-length", "--least-classes"):
        parser.add_argument(name, type=int, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
