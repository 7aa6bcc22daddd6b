"""Attempts to exceed the profile's memory, CPU, processes and disk, and their effect on other sessions."""

import time

import pytest

from infra.settings.offer import Profile
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.escapes.attack import bring, record
from tests.server.machine import Machine
from tests.smoke.session import Session

BUSY_S = 5


@pytest.fixture(scope="module", autouse=True)
def _armed(attacker: Session) -> None:
    bring(attacker, "calls")
    bring(attacker, "disk")


def test_the_memory_limit_stops_a_greedy_program(attacker: Session, profile: Profile) -> None:
    def allocate(size: int) -> int:
        program = f"x = bytearray({size}); x[::4096] = b'1' * len(x[::4096])"
        command = f"subprocess.run(['python3', '-c', {program!r}], capture_output=True).returncode"
        return int(attacker.value(command, timeout_s=120))

    assert allocate(200_000_000) == 0
    status = allocate(int(profile.memory_gb * 2**30))
    assert status == -9
    assert attacker.value("1 + 1") == 2, "the session itself died"
    record(
        "memory beyond the profile",
        tried=f"{profile.memory_gb:g} GiB in one program",
        answer=f"killed (signal {-status}); the session lives",
        stopped_by="memory control group, no swap",
    )


def test_tmp_and_shared_memory_count_as_memory(
    attacker: Session, profile: Profile, server: Machine, demo: Analyst
) -> None:
    size = profile.memory_gb * 1024
    answers = {}
    try:
        for place in ("/tmp/big", "/dev/shm/big"):
            written, why = attacker.value(f"fill({place!r}, {int(size)})", timeout_s=180)
            assert 10 < written < size / 2, f"{place}: {written} MiB"
            answers[place] = f"{written} MiB, {why}"
    finally:
        attacker.run("[os.unlink(p) for p in ('/tmp/big', '/dev/shm/big') if os.path.exists(p)]")
    assert all(answer.endswith("ENOSPC") for answer in answers.values()), answers
    record(
        "memory by way of /tmp and /dev/shm",
        tried=f"{size:g} MiB in each",
        answer="; ".join(
            f"{place.rpartition('/')[0]}: {answer}" for place, answer in answers.items()
        ),
        stopped_by="sizes of the tmpfs, within the memory control group",
    )


def test_the_cpus_are_those_of_the_profile(
    attacker: Session, profile: Profile, server: Machine, demo: Analyst
) -> None:
    """Four busy processes run on a profile with one CPU; the kernel's accounting gives their CPU time."""
    measure = """
import resource, time
def burn(number, seconds):
    program = 'import time; end = time.monotonic() + ' + str(seconds) + '\\nwhile time.monotonic() < end: pass'
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    workers = [subprocess.Popen(['python3', '-I', '-S', '-c', program]) for _ in range(number)]
    [worker.wait() for worker in workers]
    used, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
    return (used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime) / wall
"""
    attacker.run(measure)
    burnt = attacker.value(f"burn(4, {BUSY_S})", timeout_s=BUSY_S * 10)
    # On a busy machine the session gets less, but never more than its profile.
    assert 0.2 < burnt <= profile.cpus * 1.2, f"{burnt:.2f} CPUs of {profile.cpus}"
    record(
        "CPU beyond the profile",
        tried=f"4 busy processes for {BUSY_S} s; the profile has {profile.cpus:g} CPU",
        answer=f"{burnt:.2f} CPU had",
        stopped_by="CPU control group",
    )


def test_the_process_limit_stops_threads(attacker: Session, profile: Profile) -> None:
    bomb = """
import threading
stop, n = threading.Event(), 0
try:
    while n < 5000:
        threading.Thread(target=stop.wait).start()
        n += 1
except RuntimeError:
    pass
stop.set()
print(n)
"""
    command = f"subprocess.run(['python3', '-c', {bomb!r}], capture_output=True, text=True).stdout"
    started = int(attacker.value(command, timeout_s=120))
    assert 100 < started < profile.pids
    record(
        "threads beyond the profile",
        tried=f"5,000 threads; the profile has {profile.pids}",
        answer=f"{started} started",
        stopped_by="pids control group",
    )


# Every child forks until the kernel refuses, then waits. It ends once this file is in the home, and by itself if the test
# fails: it takes all the time that the profile has.
ENOUGH = ".enough"
BOMB = """
import os, signal, time
signal.alarm(45)
end = time.monotonic() + 40
while time.monotonic() < end and not os.path.exists(os.path.expanduser('~/.enough')):
    try:
        if os.fork() == 0:
            signal.alarm(45)
    except OSError:
        time.sleep(0.2)
os._exit(0)
"""


def test_a_fork_bomb_bothers_nobody_else(
    demo: Analyst, attacker: Session, victim: Session, server: Machine, profile: Profile
) -> None:
    """Meanwhile the hub's pages, another session and the server answer; afterwards the attacked session does too."""
    identity = server.succeed(f"docker inspect -f '{{{{.Id}}}}' {demo.container}")
    count = f"cat $(find /sys/fs/cgroup -path '*{identity}*' -name pids.current | head -n 1)"
    quiet = int(server.succeed(count))
    server.succeed(f"rm -f {demo.home}/{ENOUGH}")
    attacker.run(
        f"subprocess.Popen(['python3', '-I', '-S', '-c', {BOMB!r}], start_new_session=True)"
    )
    deadline = time.monotonic() + patience(60)
    while (most := int(server.succeed(count))) < profile.pids * 0.9:
        assert time.monotonic() < deadline, f"no bomb: {most} processes"
        time.sleep(0.3)
    assert most <= profile.pids
    started = time.monotonic()
    assert demo.hub.get("/hub/login").status_code == 200
    assert victim.value("sum(range(10))", timeout_s=60) == 45
    assert server.succeed("echo alive") == "alive"
    others_s = time.monotonic() - started
    assert int(server.succeed(count)) > quiet * 2, "it was over before the others were asked"
    server.succeed(f"touch {demo.home}/{ENOUGH}")
    deadline = time.monotonic() + patience(150)
    while int(server.succeed(count)) > quiet + 20:
        assert time.monotonic() < deadline, "the bomb does not end"
        time.sleep(0.5)
    assert attacker.value("1 + 1", timeout_s=60) == 2
    server.succeed(f"rm {demo.home}/{ENOUGH}")
    record(
        "a fork bomb",
        tried=f"os.fork in every child; the profile has {profile.pids} processes",
        answer=f"{most} processes at most; hub, server and alix's session answered in {others_s:.1f} s; demo's lives on",
        stopped_by="pids control group, CPU control group",
    )


def test_the_home_has_a_quota(attacker: Session, site: Site) -> None:
    quota = site.storage.home_quota_gb * 1024
    home = "os.path.expanduser('~/big')"
    try:
        assert attacker.value(f"fill({home}, 20)", timeout_s=120) == [20, "ok"]
        written, why = attacker.value(f"fill({home}, {int(quota) + 100})", timeout_s=180)
    finally:
        attacker.run(f"os.remove({home})")
    assert why == "EDQUOT"
    assert quota / 2 < written <= quota + 1
    assert attacker.value("put(os.path.expanduser('~/small'), 'x')") == "ok"
    record(
        "disk beyond the home's quota",
        tried=f"{int(quota) + 100} MiB; the quota is {quota:.0f}",
        answer=f"{written} MiB, {why}",
        stopped_by="btrfs quota",
    )


def test_a_subvolume_in_the_home_does_not_widen_it(attacker: Session, site: Site) -> None:
    """Any user of btrfs may make a subvolume, and its older kind of quotas would count it apart, without a limit."""
    quota = site.storage.home_quota_gb * 1024
    attacker.run("nested = os.path.expanduser('~/nested')")
    made = attacker.value("make_subvolume(os.path.expanduser('~'), 'nested')")
    assert made == "ok", f"none can be made ({made}): nothing is proven"
    try:
        written, why = attacker.value(f"fill(nested + '/big', {int(quota) + 100})", timeout_s=180)
    finally:
        attacker.run("attempt(os.unlink, nested + '/big'); os.rmdir(nested)")
    assert why == "EDQUOT"
    assert quota / 2 < written <= quota + 1
    record(
        "disk by a btrfs subvolume of one's own",
        tried=f"{int(quota) + 100} MiB in a subvolume made inside the home",
        answer=f"{written} MiB, {why}",
        stopped_by="btrfs simple quotas: what is made in a home counts with it",
    )


def test_files_without_content_count_too(
    attacker: Session, server: Machine, site: Site, demo: Analyst
) -> None:
    """btrfs does not limit the number of inodes, but names take space, which counts in the quota."""
    show = f"btrfs qgroup show --raw --sync {site.storage.homes} | awk -v g=1/$(btrfs inspect-internal rootid {demo.home}) '$1 == g {{ print $2 }}'"
    before = int(server.succeed(show))
    made, why = attacker.value("make_files(os.path.expanduser('~/many'), 20000)", timeout_s=180)
    counted = int(server.succeed(show)) - before
    attacker.run("shutil.rmtree(os.path.expanduser('~/many'))", timeout_s=180)
    assert (made, why) == (20000, "ok")
    assert counted / made > 200, f"{counted} bytes for {made} files"
    record(
        "disk by files without content",
        tried=f"{made:,} empty files",
        answer=f"{counted / made:.0f} bytes counted for each",
        stopped_by="btrfs quota counts metadata",
    )


def test_a_flood_of_output_fills_no_disk(
    attacker: Session, server: Machine, demo: Analyst, site: Site
) -> None:
    """A session can write to the output of its first process, which Docker logs on the host."""
    logs = f"du -sb {site.storage.docker}/containers/$(docker inspect -f '{{{{.Id}}}}' {demo.container})/local-logs | cut -f1"
    before = int(server.succeed(logs))
    flood = "import os\nout = os.open('/proc/1/fd/1', os.O_WRONLY)\nfor _ in range(1200): os.write(out, os.urandom(50_000).hex().encode() + b'\\n')"
    status = attacker.value(
        f"subprocess.run(['python3', '-c', {flood!r}], capture_output=True, timeout=150).returncode",
        timeout_s=180,
    )
    assert status == 0
    after = int(server.succeed(logs))
    assert after > before, "nothing was logged: nothing is proven"
    assert after < 31e6
    record(
        "the host's disk by a flood of output",
        tried="120 MB on the session's standard output",
        answer=f"{after / 1e6:.0f} MB kept",
        stopped_by="Docker's log options: 3 files of 10 MB",
    )
