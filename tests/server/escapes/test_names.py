"""Attacks by names with odd characters: at the login form, in paths, as containers, in the accounts file."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from infra.settings import layout
from infra.settings.accounts import SMOKE_LOGIN, AccountsError, load_accounts
from tests.server.analyst import Analyst
from tests.server.deployment import toml_file
from tests.server.escapes.attack import INSIDE, record
from tests.server.machine import Machine

# Each is tried with alix's correct password: an accepted one would log in as alix, or as a second user beside her.
LOGINS = [
    "../alix", "alix/", "alix/..", "alix%2f..", "alix%00", "alix\0demo", "alix\x7f", "alix\nroot", "alix:x", "alix;id", "$(id)",
    "ALIX", "Alix", "a\u0142ix", "al\u0131x", "\uff41lix", "\u0430lix", "alix\u200b", "alix\u0301", "alix ix", "-alix", "--alix", "*",
    "root", "daemon", "operator", "ops", "jupyterhub", "openchronic", SMOKE_LOGIN, "nobody", "", " ", "a" * 256, "alix" + "\0x" * 300,
]  # fmt: skip
# The hub's framework strips these characters around a name.
SAME = ["alix", " alix ", "alix\0", "alix\n"]


# Run on the server, each try with another client address: so many tries from one would be slowed down.
TRY = f"""
import concurrent.futures, json, sys, urllib.parse
def log_in(login, password, sender):
    place = "{layout.PROXY_URL}/hub/login"
    who = {{"User-Agent": "attacker", "X-Forwarded-For": sender, "X-Real-IP": sender}}
    page = http("GET", place, who)
    cookie = page["headers"]["set-cookie"].partition(";")[0]
    form = {{"username": login, "password": password, "_xsrf": cookie.partition("=")[2]}}
    who |= {{"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}}
    return http("POST", place, who, urllib.parse.urlencode(form))["status"]
# Each refusal takes its seconds: several wait at once.
with concurrent.futures.ThreadPoolExecutor(8) as tries:
    senders = [f"198.51.100.{{n}}" for n in range(len(LOGINS))]
    print(json.dumps(list(tries.map(log_in, LOGINS, [PASSWORD] * len(LOGINS), senders))))
"""


def test_no_odd_name_logs_in(alix: Analyst, server: Machine) -> None:
    """The hub answers each name as a wrong password, without an error."""
    program = (INSIDE / "web.py").read_text()
    program += f"PASSWORD = {alix.password!r}\nLOGINS = {[*SAME, *LOGINS]!r}\n{TRY}"
    since = server.succeed("date '+%F %T'")
    said = server.succeed("python3 -", stdin=program, timeout_s=300)
    answers = json.loads(said)
    same, odd = answers[: len(SAME)], answers[len(SAME) :]
    assert same[0] == 302, "alix's own name does not log in: nothing is proven"
    outcomes = dict(zip(LOGINS, odd, strict=True))
    assert set(odd) == {403}, outcomes
    journal = f"journalctl --unit=jupyterhub --since='{since}' --output=cat"
    assert server.execute(f"{journal} | grep -E 'Traceback|Uncaught'").out == ""
    inside = server.succeed(f"{journal} | grep -o 'User logged in: .*' | sort -u")
    assert inside == "User logged in: alix"
    record(
        "odd logins at the form",
        tried=f"{len(LOGINS)} with alix's password: ../alix, ALIX, NUL, look-alikes, root, 256 letters…",
        answer=f"403, {len(odd)} times",
        stopped_by="a pattern before PAM; the analysts' group; exact names",
    )


def test_no_odd_path_leads_to_another_user(demo: Analyst, alix: Analyst) -> None:
    demo.open_session().kernel.close()
    assert demo.hub.get("/hub/spawn/demo").status_code == 200
    names = [
        "alix",
        "ALIX",
        "%61lix",
        "alix%2f",
        "demo%2f..%2falix",
        "demo/../alix",
        "alix%00",
        "alix%0a",
        "..%2f..%2falix",
        quote("\uff41lix"),
    ]
    answers = {}
    for name in names:
        for path in (
            f"/hub/api/users/{name}",
            f"/hub/spawn/{name}",
            f"/user/{name}/lab",
            f"/hub/user/{name}/api",
            f"/hub/gate/user/{name}/lab",
        ):
            answer = demo.hub.get(path, allow_redirects=True)
            told = "" if answer.status_code >= 400 else answer.url
            assert answer.status_code >= 400 or "/hub/login" in told or "/user/demo/" in told or "/hub/spawn-pending/demo" in told or told.endswith("/hub/home"), (path, answer.status_code, told)  # fmt: skip
            answers[path] = answer.status_code
    record(
        "odd names in paths",
        tried=f"{len(answers)} paths: case, encoded letters, slashes and NUL, ..",
        answer=", ".join(map(str, sorted(set(answers.values())))),
        stopped_by="the gate and the hub compare whole names",
    )


def test_the_accounts_file_takes_no_odd_name() -> None:
    """It refuses names that would break a container, a home or a line of /etc/passwd, or be confused with another."""

    def load(login: str) -> object:
        text = f'[accounts."{login}"]\nname = "X"\nemail = "x@exemple.invalid"\nend = 2099-12-31\n'
        with toml_file("accounts", text) as path:
            return load_accounts(Path(path))

    assert load("alix-2")
    odd = [
        "../alix",
        "ALIX",
        "a--b",
        "-a",
        "a-",
        "a_b",
        "a.b",
        "al\u0131x",
        "\uff41lix",
        "a b",
        "a:b",
        "a\\nb",
        "1a",
        "root",
        "jupyterhub",
        "",
        "a" * 32,
        SMOKE_LOGIN,
    ]
    refused = []
    for login in odd:
        with pytest.raises(AccountsError):
            load(login)
        refused.append(login)
    record(
        "odd names in the accounts file",
        tried=", ".join(name or "(empty)" for name in odd if len(name) < 20) + ", 32 letters",
        answer=f"{len(refused)} refused",
        stopped_by="infra/settings/accounts.py",
    )


def test_two_users_never_share_a_container(server: Machine, demo: Analyst, alix: Analyst) -> None:
    """A container's name contains the login unchanged, so that two logins give two names; Docker refuses odd ones."""
    told = server.succeed(
        f"cd {layout.HUB_CONFIGURATION} && grep -o 'DockerSpawner.name_template = .*' target.py"
    )
    assert told == 'DockerSpawner.name_template = "session-{raw_username}"'
    script = (
        f"import sys; sys.path.insert(0, '{layout.HUB_CONFIGURATION}')\n"
        "from types import SimpleNamespace as N\nfrom dockerspawner import DockerSpawner\n"
        "for name in ('a-b', 'a-2db', 'a', 'b', 'a-b-c', 'ab', 'a-b-2dc', 'smoke-test'):\n"
        "    s = DockerSpawner(user=N(name=name, url='/'), name_template='session-{raw_username}', _deprecated_db_session=None)\n"
        "    print(s.object_name)\n"
    )
    names = server.succeed(f"{layout.HUB_VENV}/bin/python - 2>/dev/null", stdin=script).splitlines()
    assert len(names) == 8
    assert len(set(names)) == 8
    record(
        "two logins, one container",
        tried=", ".join(name.removeprefix("session-") for name in names),
        answer=f"{len(set(names))} different names",
        stopped_by="the raw login is the container's name",
    )
