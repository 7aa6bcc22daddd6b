"""Attempts to become root: set-uid files, user namespaces, capabilities, the Docker socket."""

import json

import pytest

from infra.settings import layout
from tests.server.escapes.attack import INSIDE, bring, record
from tests.server.machine import Machine
from tests.smoke.session import Session

# The file of the probe's own (inside/whole_image.py).
CONTROL = "/var/tmp/control"
USER, MOUNT, NET, PID, CGROUP = 0x10000000, 0x20000, 0x40000000, 0x20000000, 0x02000000


@pytest.fixture(scope="module", autouse=True)
def _armed(attacker: Session) -> None:
    bring(attacker, "calls")


def test_no_program_gives_roots_rights(
    attacker: Session, server: Machine, images: dict[str, str], image: str
) -> None:
    """No file of the image has a set-uid bit or a capability, and a set-uid bit on one's own file has no effect."""
    find = "find / -xdev -type f -perm {} 2>/dev/null | head -n 50"
    seen = attacker.value(
        f"subprocess.run({find.format('/111')!r}, shell=True, capture_output=True, text=True).stdout.split()"
    )
    assert len(seen) == 50, "find sees no programs: nothing is proven"
    own = attacker.value(
        f"subprocess.run({find.format('/6000')!r}, shell=True, capture_output=True, text=True).stdout.split()"
    )
    # As root, who sees every folder. Docker's root may give capabilities to files, so that the probe has a control.
    whole = json.loads(
        server.succeed(
            f"docker run --rm --interactive --network none --user 0 --entrypoint python3 {images[image]} -I -",
            stdin=(INSIDE / "whole_image.py").read_text(),
            timeout_s=300,
        )
    )
    assert own == []
    assert whole == {"set-uid": [CONTROL], "capable": [CONTROL]}
    attacker.run(
        "shutil.copy('/usr/bin/id', '/tmp/id'); os.chmod('/tmp/id', 0o6755)\n"
        "shutil.copy('/usr/bin/id', os.path.expanduser('~/id')); os.chmod(os.path.expanduser('~/id'), 0o6755)"
    )
    ids = attacker.value("[subprocess.run([p, '-u'], capture_output=True, text=True).stdout.strip()"
                         " for p in ('/tmp/id', os.path.expanduser('~/id'))]")  # fmt: skip
    attacker.run("os.unlink('/tmp/id'); os.unlink(os.path.expanduser('~/id'))")
    assert set(ids) == {str(attacker.value("os.getuid()"))}
    record(
        "set-uid files",
        image=image,
        tried="find in the session, and as root in the image; 2 bits of one's own",
        answer="0 found; the own ones run as their user",
        stopped_by="bits removed at build; no-new-privileges; nosuid",
    )


def test_su_and_its_like_open_nothing(attacker: Session, image: str) -> None:
    programs = [
        "sudo",
        "su",
        "pkexec",
        "doas",
        "newgrp",
        "newuidmap",
        "mount",
        "passwd",
        "chsh",
        "unshare",
        "nsenter",
        "setpriv",
    ]
    attacker.run(
        "def as_root(program):\n"
        "    where = shutil.which(program)\n"
        "    if where is None: return 'absent'\n"
        "    how = {'unshare': ['-r', 'id', '-u'], 'nsenter': ['-t', '1', '-a', 'id', '-u'], 'setpriv': ['--reuid=0', 'id', '-u'],\n"
        "           'su': ['-c', 'id -u'], 'newgrp': ['root'], 'mount': ['--bind', '/tmp', '/mnt'], 'passwd': ['-d', 'root'],\n"
        "           'chsh': ['-s', '/bin/sh', 'root']}.get(program, ['id', '-u'])\n"
        "    done = subprocess.run([where, *how], input='\\n', capture_output=True, text=True, timeout=20)\n"
        "    return 'ROOT' if done.stdout.strip() == '0' or (done.returncode == 0 and program in ('mount', 'passwd', 'chsh')) else 'refused'"
    )
    assert attacker.value("shutil.which('id')")
    answers = {program: attacker.value(f"as_root({program!r})") for program in programs}
    assert "ROOT" not in answers.values(), answers
    tried = [program for program, answer in answers.items() if answer == "refused"]
    record(
        "su, mount, unshare, nsenter and their like",
        image=image,
        tried=", ".join(tried),
        answer=f"{len(tried)} refused, {len(programs) - len(tried)} absent",
        stopped_by="no set-uid bit, no-new-privileges, seccomp",
    )


def test_no_namespace_can_be_made(attacker: Session, server: Machine) -> None:
    assert attacker.value("clone(0)") == "ok"
    flags = {
        "user": USER,
        "mount": MOUNT,
        "net": NET,
        "pid": PID,
        "cgroup": CGROUP,
        "user+net": USER | NET,
    }
    answers = {
        f"unshare {name}": attacker.value(f"call('unshare', {flag})")
        for name, flag in flags.items()
    }
    answers |= {f"clone {name}": attacker.value(f"clone({flag})") for name, flag in flags.items()}
    answers["clone3"] = attacker.value("call('clone3', 0, 0)")
    answers["setns"] = attacker.value("call('setns', os.open('/proc/1/ns/net', os.O_RDONLY), 0)")
    assert "ok" not in answers.values(), answers
    record(
        "user namespaces",
        tried="unshare and clone of 6 kinds, clone3, setns",
        answer=", ".join(sorted(set(answers.values()))),
        stopped_by="seccomp; no CAP_SYS_ADMIN",
    )


def test_no_capability_is_there_or_can_be_had(attacker: Session, image: str) -> None:
    status = attacker.value(
        "dict(line.split(':\\t') for line in open('/proc/self/status').read().splitlines() if line.startswith(('Cap', 'NoNew', 'Seccomp:')))"
    )
    assert status.pop("NoNewPrivs") == "1"
    assert status.pop("Seccomp") == "2"
    assert set(status.values()) == {"0" * 16}, status
    assert attacker.value("attempt(os.setuid, os.getuid())") == "ok"
    answers = {
        "setuid": attacker.value("call('setuid', 0)"),
        "setgroups": attacker.value("attempt(os.setgroups, [0])"),
        "chroot": attacker.value("call('chroot', b'/tmp')"),
        "mknod": attacker.value("call('mknodat', -100, b'/tmp/node', 0o60666, 0x700)"),
        "file capability": attacker.value(
            "(open('/tmp/prog', 'w').close(), attempt(os.setxattr, '/tmp/prog', 'security.capability', bytes.fromhex('0100000202000000000000000000000000000000')))[1]"
        ),
        "chown": attacker.value("attempt(os.chown, '/tmp/prog', 0, 0)"),
        "realtime": attacker.value(
            "attempt(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))"
        ),
        "nice": attacker.value("attempt(os.setpriority, os.PRIO_PROCESS, 0, -10)"),
        "more open files": attacker.value(
            "attempt(__import__('resource').setrlimit, 7, (99999, 99999))"
        ),
        "low port": attacker.value("attempt(socket.socket().bind, ('', 80))"),
    }
    low_port = answers.pop("low port")
    assert "ok" not in answers.values(), answers
    record(
        "capabilities",
        image=image,
        tried=", ".join(answers),
        answer=", ".join(sorted(set(answers.values())))
        + f" (port 80 in the own network: {low_port})",
        stopped_by="all capabilities dropped; no-new-privileges",
    )


def test_docker_cannot_be_asked(
    attacker: Session, server: Machine, addresses: dict[str, str]
) -> None:
    sockets = [
        layout.DOCKER_SOCKET,
        "/run/containerd/containerd.sock",
        "/run/dbus/system_bus_socket",
        "/run/systemd/private",
    ]
    for place in sockets:
        server.succeed(f"test -S {place}")
    connect = "[attempt(socket.socket(socket.AF_UNIX).connect, root + p) for p in {} for root in ('', '/var', '/proc/1/root')]"
    attacker.run(
        "own = socket.socket(socket.AF_UNIX); attempt(os.unlink, '/tmp/own.sock'); own.bind('/tmp/own.sock'); own.listen()"
    )
    assert attacker.value("attempt(socket.socket(socket.AF_UNIX).connect, '/tmp/own.sock')") == "ok"
    answers = set(attacker.value(connect.format(sockets)))
    tried = [2375, 2376, 2377, 4243]
    ports = {
        answer
        for host in addresses.values()
        for answer in attacker.value(f"reach_all({host!r}, {tried!r})").values()
    }
    assert "ok" not in answers
    assert "open" not in ports
    record(
        "the Docker socket",
        tried="4 sockets of the host by 3 paths; Docker's TCP ports on 3 addresses",
        answer=", ".join(sorted(answers | ports)),
        stopped_by="not mounted; nftables",
    )
