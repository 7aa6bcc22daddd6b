"""Attacks on the kernel's interfaces: system calls, `/proc`, `/sys`, `/dev`, control groups."""

import pytest

from infra.settings import layout
from tests.server.escapes.attack import bring, record
from tests.server.machine import Machine
from tests.smoke.session import Session

CALLS = {
    "bpf": "'bpf', 0, bytes(128), 128",
    "perf_event_open": "'perf_event_open', bytes(128), 0, -1, -1, 0",
    "keyctl": "'keyctl', 0, -3, 1",
    "add_key": "'add_key', b'user', b'x', b'y', 1, -3",
    "request_key": "'request_key', b'user', b'x', 0, -3",
    "userfaultfd": "'userfaultfd', 1",
    "io_uring": "'io_uring_setup', 8, bytes(256)",
    "init_module": "'init_module', 0, 0, b''",
    "finit_module": "'finit_module', 0, b'', 0",
    "kexec": "'kexec_load', 0, 0, 0, 0",
    "reboot": "'reboot', 0xfee1dead, 672274793, 0, 0",
    "swapon": "'swapon', b'/tmp/x', 0",
    "sethostname": "'sethostname', b'x', 1",
    "settimeofday": "'settimeofday', bytes(16), 0",
    "clock_settime": "'clock_settime', 0, bytes(16)",
    "syslog": "'syslog', 3, bytes(64), 64",
    "acct": "'acct', 0",
    "quotactl": "'quotactl', 0, 0, 0, 0",
    "iopl": "'iopl', 3",
    "ioperm": "'ioperm', 0x70, 2, 1",
    "pivot_root": "'pivot_root', b'/tmp', b'/tmp'",
    "personality": "'personality', 0x0400000",
    "move_pages": "'move_pages', 0, 0, 0, 0, 0, 0",
    "fanotify": "'fanotify_init', 0, 0",
    "kcmp": "'kcmp', 1, 1, 0, 0, 0",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _armed(attacker: Session) -> None:
    bring(attacker, "calls")


def test_calls_that_users_have_no_need_of_are_refused(attacker: Session) -> None:
    assert attacker.value("call('getpid')") == "ok"
    answers = {name: attacker.value(f"call({how})") for name, how in CALLS.items()}
    assert set(answers.values()) == {"EPERM"}, answers
    record(
        "the kernel's calls",
        tried=", ".join(CALLS),
        answer=f"EPERM, {len(answers)} times",
        stopped_by="seccomp; no capability",
    )


def test_no_process_of_the_server_can_be_touched(attacker: Session, server: Machine) -> None:
    """A session has its own process ids: the server's do not exist there."""
    hub = int(server.unit_property(layout.HUB_UNIT, "MainPID"))
    attacker.run("child = subprocess.Popen(['sleep', '60'])")
    assert attacker.value("call('ptrace', 16, child.pid, 0, 0)") == "ok", (
        "nothing can be traced at all"
    )
    attacker.run("child.kill(); child.wait()")
    answers = attacker.value(
        f"[call('ptrace', 16, {hub}, 0, 0), attempt(os.kill, {hub}, 0), attempt(open, '/proc/{hub}/environ'),"
        f" call('process_vm_readv', {hub}, 0, 0, 0, 0, 0) if os.path.exists('/proc/{hub}') else 'ESRCH']"
    )
    assert "ok" not in answers, answers
    seen = attacker.value(
        "sorted({open(f'/proc/{p}/comm').read().strip() for p in os.listdir('/proc') if p.isdigit()})"
    )
    assert not {"systemd", "sshd", "dockerd", "nginx", "jupyterhub"} & set(seen), seen
    record(
        "the server's processes",
        tried="ptrace, signal, environment and memory of the hub by its number",
        answer=", ".join(sorted(set(answers))),
        stopped_by="a process namespace of its own",
    )


def test_the_kernels_files_are_closed(attacker: Session, server: Machine) -> None:
    places = [
        "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sys/kernel/modprobe", "/proc/sys/vm/overcommit_memory",
        "/proc/sys/net/ipv4/ip_forward", "/proc/sys/fs/binfmt_misc/register", "/proc/sysrq-trigger", "/proc/kcore", "/proc/kmsg",
        "/proc/irq/default_smp_affinity", "/proc/1/root/proc/sysrq-trigger", "/sys/kernel/uevent_helper", "/sys/kernel/mm/ksm/run",
        "/sys/kernel/debug/x", "/sys/kernel/security/x", "/sys/module/kernel/parameters/panic", "/sys/power/state", "/sys/class/net/eth0/mtu",
        "/dev/mem", "/dev/kmsg", "/dev/port", "/dev/sda", "/dev/vda", "/dev/loop0", "/dev/loop-control", "/dev/fuse", "/dev/kvm",
        "/dev/net/tun", "/dev/mapper/control", "/dev/vsock", "/dev/userfaultfd",
    ]  # fmt: skip
    assert attacker.value("[open_to_write(p) for p in ('/dev/null', '/proc/self/comm')]") == [
        "ok",
        "ok",
    ]
    answers = {place: attacker.value(f"open_to_write({place!r})") for place in places}
    assert "ok" not in answers.values(), answers
    reads = attacker.value(
        "[attempt(open, p) for p in ('/proc/kcore', '/proc/kmsg', '/sys/firmware/acpi/tables/DSDT', '/dev/mem')]"
    )
    assert "ok" not in reads
    symbols = attacker.value(
        "[l.split()[0] for l in open('/proc/kallsyms').read(4000).splitlines()[:5]] if os.path.exists('/proc/kallsyms') else []"
    )
    assert not set("".join(symbols)) - {"0"}, "the kernel's addresses are told"
    record(
        "/proc, /sys and /dev (core_pattern, sysrq, modprobe, memory, disks)",
        tried=f"{len(places)} files to write, 4 to read, kernel addresses",
        answer=", ".join(sorted({*answers.values(), *reads})) + "; addresses all zero",
        stopped_by="read-only /proc/sys and /sys; few devices; no root",
    )


def test_control_groups_cannot_be_changed(attacker: Session) -> None:
    """The attacker tries to change the limits, and `release_agent`, which root on the host would run."""
    attacker.run(
        "groups = []\n"
        "for place, folders, files in os.walk('/sys/fs/cgroup'):\n"
        "    groups += [os.path.join(place, f) for f in files if f in ('release_agent', 'notify_on_release', 'cgroup.procs', 'tasks',\n"
        "      'memory.limit_in_bytes', 'memory.max', 'pids.max', 'cpu.cfs_quota_us', 'cpu.max', 'devices.allow', 'cpu.shares', 'freezer.state')]"
    )
    assert attacker.value("len(groups)") >= 4, "no control group is seen: nothing is proven"
    assert attacker.value("attempt(open, groups[0])") in ("ok", "EACCES")
    answers = attacker.value("sorted({open_to_write(g) for g in groups})")
    made = attacker.value(
        "sorted({attempt(os.mkdir, os.path.dirname(g) + '/own') for g in groups})"
    )
    assert "ok" not in answers
    assert "ok" not in made
    record(
        "control groups (limits, release_agent)",
        tried=f"{attacker.value('len(groups)')} files to write, a group of one's own under each",
        answer=", ".join(sorted({*answers, *made})),
        stopped_by="read-only mount; root's files",
    )


def test_the_session_cannot_outlive_others_when_memory_is_short(attacker: Session) -> None:
    """With a lower OOM score, the kernel would kill another process first."""
    attacker.run("given = open('/proc/self/oom_score_adj').read().strip()")
    assert attacker.value("put('/proc/self/oom_score_adj', given)") == "ok"
    answer = attacker.value("put('/proc/self/oom_score_adj', str(int(given) - 1))")
    assert answer == "EACCES"
    record(
        "to be spared when memory is short",
        tried="oom_score_adj below the one given",
        answer=answer,
        stopped_by="no CAP_SYS_RESOURCE",
    )
