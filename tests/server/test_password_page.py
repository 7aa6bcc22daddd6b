"""Passwords of users on a booted server: a first one is changed first, by a helper whose door is the hub's alone."""

import json
import re
from collections.abc import Iterator

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.analyst import PROFILE, Analyst
from tests.server.machine import Machine
from tests.server.stepping import change_password, good_password, newcomer
from tests.smoke.hub import Hub

SHADOW = "stat -c '%U %G %a' /etc/shadow"
# Talks to the helper's socket as the hub does; each way on a line: what was sent, and what came back.
TALK = f"""
import json, socket, subprocess, sys, threading, time
SOCKET, UNITS = "{layout.CHANGE_SOCKET}", "{layout.CHANGE_UNIT.replace("@", "@*")}"
def ask(raw, wait=True):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect(SOCKET)
        try:
            s.sendall(raw)
            return s.recv(4096).decode() if wait else ""
        except OSError as error:
            return repr(error)
def line(**told):
    return (json.dumps(told) + "\\n").encode()
"""


@pytest.fixture
def zoe(site: Site, server: Machine) -> Iterator[Analyst]:
    with newcomer("zoelie", site=site, server=server) as person:
        yield person


def talk(server: Machine, program: str) -> str:
    return server.succeed(f"{layout.HUB_VENV}/bin/python -", stdin=TALK + program)


def test_a_first_password_is_changed_before_anything_else(zoe: Analyst, server: Machine) -> None:
    hub = zoe.hub
    assert hub.log_in(zoe.login, zoe.password)
    assert hub.step() == "password"
    refused = hub.api("POST", f"/users/{zoe.login}/server", json={"profile": PROFILE})
    assert refused.status_code == 403, refused.text
    server.fail(f"docker inspect {zoe.container}")
    before = server.succeed(SHADOW)
    first = zoe.password
    assert change_password(hub, zoe, good_password()) == 302
    assert hub.step() == "charter"
    assert server.succeed(SHADOW) == before == "root shadow 640"
    assert server.succeed(f"getent shadow {zoe.login}").split(":")[1].startswith("$y$")
    assert zoe.can_log_in()
    assert not Hub(zoe.site.url, trust=zoe.trust).log_in(zoe.login, first)
    logged = server.succeed("journalctl --namespace='*' --no-pager --output=cat --since=-10min")
    assert not [word for word in (first, zoe.password) if word in logged]
    assert "the password of zoelie is changed" in logged


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("Court-7-x", "trop court"),
        ("quinze lettres minuscules", "sortes de caract"),
        ("Zoelie-1-zoelie-zoelie", "nom ou votre identifiant"),
        ("Xq7-vetiver-Ombrelle\t9", "pas pu"),
        ("{old}", "ressemble trop"),
        ("{old}1", "ressemble trop"),
    ],
)
def test_a_poor_password_is_refused_with_its_reason(
    zoe: Analyst, server: Machine, new: str, told: str
) -> None:
    server.succeed("chpasswd", stdin="zoelie:Bk4-libellule-Granit\n")
    zoe.password = "Bk4-libellule-Granit"
    assert zoe.hub.log_in(zoe.login, zoe.password)
    new = new.format(old=zoe.password)
    answer = zoe.hub.submit("/hub/password", {"old": zoe.password, "new": new, "again": new})
    assert answer.status_code == 400
    alert = re.search(r'role="alert">([^<]+)', answer.text)
    assert alert, answer.text
    assert told in alert[1]
    assert zoe.can_log_in()


def test_the_helper_changes_nobodys_password_but_an_analysts_with_the_old_one(
    zoe: Analyst, server: Machine
) -> None:
    words = {"old": zoe.password, "new": good_password()}
    before = server.succeed("sha256sum /etc/shadow /etc/passwd /etc/group")
    asked = [
        {"login": "root", **words},
        {"login": "ops", **words},
        {"login": "www-data", **words},
        {"login": "alix", **words},
        {"login": "nobody-here", **words},
        {"login": "zoelie:x", **words},
        {"login": "zoelie\nroot", **words},
        {"login": "zoelie", "old": "wrong", "new": words["new"]},
        {"login": "zoelie", "old": words["old"], "new": words["new"] + "\nroot:" + words["new"]},
        {"login": "zoelie", "old": words["old"], "new": words["new"] + "\0"},
        {"login": "zoelie", "old": words["old"]},
        {"login": ["zoelie"], **words},
    ]
    program = f"for told in {asked!r}: print(ask(line(**told)).strip())"
    answers = [json.loads(one) for one in talk(server, program).splitlines()]
    assert len(answers) == len(asked)
    assert not [one for one in answers if set(one) != {"refused"}], answers
    assert server.succeed("sha256sum /etc/shadow /etc/passwd /etc/group") == before
    # The control: the same words, rightly asked; a colon in the new password is part of it.
    words["new"] += ":x:"
    assert json.loads(talk(server, f"print(ask(line(login='zoelie', **{words!r})))")) == {
        "changed": True
    }
    zoe.password = words["new"]
    assert zoe.can_log_in()


def test_bad_bytes_and_many_at_once_leave_the_helper_at_work(zoe: Analyst, server: Machine) -> None:
    """Huge and half lines, silence, and more connections than it takes: the next request is served."""
    program = """
sent = [b"", b"\\n", b"{", b"\\xff" * 100 + b"\\n", b"a" * 9_000_000, line(login="zoelie")[:-1], line(x=1) * 2]
for raw in sent:
    threading.Thread(target=ask, args=(raw,), daemon=True).start()
time.sleep(1)
crowd = []
for n in range(60):
    one = socket.socket(socket.AF_UNIX); one.settimeout(5)
    try: one.connect(SOCKET)
    except OSError: pass
    crowd.append(one)
time.sleep(8)
for one in crowd: one.close()
print("done")
"""
    assert talk(server, program) == "done"
    assert server.unit_state(layout.CHANGE_SOCKET_UNIT) == "active"
    words = {"old": zoe.password, "new": good_password()}
    said = server.wait_until_succeeds(
        f"{layout.HUB_VENV}/bin/python - <<'END'\n{TALK}\n"
        f"told = ask(line(login='zoelie', **{words!r}))\nprint(told); assert 'changed' in told\nEND"
    )
    assert json.loads(said) == {"changed": True}
    zoe.password = words["new"]
    assert zoe.can_log_in()


def test_a_helper_that_is_killed_takes_nothing_along(zoe: Analyst, server: Machine) -> None:
    program = """
def stay():
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(SOCKET); s.sendall(b"{"); time.sleep(4)
threading.Thread(target=stay, daemon=True).start()
time.sleep(1)
print(subprocess.run(["systemctl", "kill", "--signal=KILL", UNITS]).returncode)
"""
    assert talk(server, program) == "0"
    assert server.unit_state(layout.CHANGE_SOCKET_UNIT) == "active"
    assert server.succeed(SHADOW) == "root shadow 640"
    assert zoe.hub.log_in(zoe.login, zoe.password)
    assert change_password(zoe.hub, zoe, good_password()) == 302
    assert zoe.can_log_in()


def test_the_door_is_roots_and_the_helper_writes_nothing_but_passwords(server: Machine) -> None:
    assert server.succeed(f"stat -c '%U %a' {layout.CHANGE_SOCKET}") == "root 600"
    connect = (
        f"{layout.HUB_VENV}/bin/python -c 'import socket; "
        f'socket.socket(socket.AF_UNIX).connect("{layout.CHANGE_SOCKET}")\''
    )
    server.succeed(connect)
    for user in ("www-data", layout.PROXY_USER, layout.BUILDER, "alix"):
        said = server.fail(f"runuser --user {user} -- {connect}")
        assert "PermissionError" in said, said
    # What the unit's confinement permits, tried with a command in the helper's place.
    unit = server.succeed(f"cat {layout.UNITS}/{layout.CHANGE_UNIT}")
    kept = [one for one in unit.replace("\\\n", "").split("[Service]")[1].splitlines() if re.match(r"(NoNew|Protect|Read|Inacc|Private|Restrict|Lock|Memory(Deny)|Cap|Supp|System|UMask|IPA)", one)]  # fmt: skip
    options = " ".join(f"--property={json.dumps(one)}" for one in kept)
    run = f"systemd-run --quiet --collect --pipe --wait {options} --"
    assert server.succeed(f"{run} cat /etc/hostname")
    for place in ("/etc/passwd", "/etc/sudoers.d/x", f"{layout.UNITS}/x.service", f"{layout.PAM}/x", "/usr/bin/x", "/var/lib/x"):  # fmt: skip
        server.fail(f"{run} sh -c 'echo >> {place}'")
    for place in (layout.SECOND_FACTORS, layout.SECRETS, layout.HUB_STATE, layout.HOMES):
        server.fail(f"{run} ls {place}/")
