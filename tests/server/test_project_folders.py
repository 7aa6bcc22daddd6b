"""The projects' folders on a real btrfs: rights, quotas, snapshots, the end of a right, and the removal long after it."""

import datetime
import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.settings import layout
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from tests.pace import patience
from tests.server.deployment import deploy, environment, toml_file, variant
from tests.server.machine import Machine, Result

BOX_PROJECTS = "infra/sites/box.projects.toml"
SERVICE = f"{layout.KEEP_UNIT}.service"
# Two members, demo and alix, of whom demo is also one of the other project.
TEAM = f"{layout.TEAMS}/parcours"
SNAPSHOTS = f"{layout.SNAPSHOTS}/parcours"
LONG_AGO = "2020-01-01"


def member(server: Machine, login: str, command: str, *, project: str = "parcours") -> Result:
    """Run a command with the rights of a session: the account's own, and the group of one project."""
    rights = (
        f"setpriv --reuid={login} --regid={login} --groups=analysts,projet-{project} --no-new-privs"
    )
    return server.execute(f"{rights} sh -c {shlex.quote(command)}", timeout_s=300)


def keep(server: Machine) -> None:
    server.succeed(
        f"systemctl start {SERVICE} || {{ journalctl -u {SERVICE} -n 20 -o cat; false; }}"
    )
    server.succeed(f"{layout.KEEP_FOLDERS} check")


def today(server: Machine) -> str:
    return server.succeed("date +%F")


@pytest.fixture
def no_snapshots(server: Machine) -> None:
    """Remove the team's snapshots: tests that began before midnight have one of the day before."""
    server.execute(f"btrfs subvolume delete {SNAPSHOTS}/*")


@pytest.mark.parametrize("umask", ["000", "022", "077", "777"])
def test_what_a_member_makes_is_the_whole_teams_and_nobody_elses(
    umask: str, server: Machine
) -> None:
    place = f"{TEAM}/essai-{umask}"
    try:
        made = member(
            server, "demo", f"umask {umask}; mkdir -p {place}/deep && echo one > {place}/deep/a"
        )
        assert made.status == 0, str(made)
        changed = member(
            server,
            "alix",
            f"umask {umask}; cat {place}/deep/a && echo two >> {place}/deep/a && echo b > {place}/deep/b && mkdir {place}/c",
        )
        assert changed.status == 0, str(changed)
        back = member(server, "demo", f"cat {place}/deep/b && rm -r {place}/c {place}/deep/a")
        assert back.status == 0, str(back)
        # Neither with another project, nor with none.
        assert member(server, "demo", f"ls {place}", project="variations").status != 0
        assert server.execute(f"setpriv --reuid=alix --regid=alix --clear-groups ls {TEAM}").status
        modes = server.succeed(f"find {place} -printf '%G %M\\n'").splitlines()
        assert {line.split()[1][-3:] for line in modes} == {"---"}
        assert {line.split()[0] for line in modes} == {server.succeed(f"stat -c %g {TEAM}")}
    finally:
        server.execute(f"rm -rf {place}")


def test_no_account_is_in_a_projects_group(server: Machine) -> None:
    rows = server.succeed("getent group | grep ^projet-").splitlines()
    assert len(rows) >= 4
    assert [row for row in rows if not row.endswith(":")] == []


def test_a_quota_stops_the_team_and_not_the_others(site: Site, server: Machine) -> None:
    """Also in a subvolume that a member makes inside, which takes no right."""
    too_much = round(site.storage.team_quota_gb * 1024) + 100
    fill = f"head -c {too_much // 2 + 50}M /dev/urandom"
    try:
        assert member(server, "demo", f"{fill} > {TEAM}/half").status == 0
        within = (
            f"btrfs subvolume create {TEAM}/inside && {fill} > {TEAM}/inside/more && sync -f {TEAM}"
        )
        stopped = member(server, "alix", within)
        assert stopped.status != 0
        assert "quota" in (stopped.out + stopped.err).lower(), str(stopped)
        other = member(
            server, "demo", f"echo x > {layout.TEAMS}/variations/x", project="variations"
        )
        assert other.status == 0, str(other)
        assert member(server, "demo", f"rm {TEAM}/half && sync -f {TEAM}").status == 0
    finally:
        server.execute(
            f"btrfs subvolume delete {TEAM}/inside; rm -f {TEAM}/half {layout.TEAMS}/variations/x; sync -f {TEAM}"
        )


def test_a_file_that_a_member_removed_is_in_the_snapshot_of_the_day(server: Machine) -> None:
    day = f"{SNAPSHOTS}/{today(server)}"
    assert member(server, "demo", f"echo precious > {TEAM}/thesis").status == 0
    server.execute(f"btrfs subvolume delete {day}")
    keep(server)
    assert member(server, "alix", f"rm {TEAM}/thesis").status == 0
    found = member(server, "alix", f"cat {day}/thesis")
    assert found.out == "precious\n", str(found)
    assert member(server, "demo", f"cp {day}/thesis {TEAM}/thesis && rm {TEAM}/thesis").status == 0
    assert "Read-only" in member(server, "demo", f"rm {day}/thesis").err
    assert member(server, "demo", f"ls {day}", project="variations").status != 0


@pytest.mark.usefixtures("no_snapshots")
def test_a_snapshot_goes_after_a_week(server: Machine) -> None:
    now = datetime.date.fromisoformat(today(server))
    days = [str(now - datetime.timedelta(days=days)) for days in (7, 8, 400)]
    for day in days:
        server.succeed(f"btrfs subvolume snapshot -r {TEAM} {SNAPSHOTS}/{day}")
    try:
        keep(server)
        assert server.succeed(f"ls {SNAPSHOTS}").split() == [days[0], str(now)]
    finally:
        server.execute(f"btrfs subvolume delete {' '.join(f'{SNAPSHOTS}/{day}' for day in days)}")


def test_a_link_in_the_place_of_a_folder_is_refused(server: Machine) -> None:
    aside = f"{layout.TEAMS}/.aside"
    server.succeed(f"mv {TEAM} {aside}; mkdir -p /root/elsewhere; ln -s /root/elsewhere {TEAM}")
    try:
        server.fail(f"systemctl start {SERVICE}")
        said = server.succeed(f"journalctl -u {SERVICE} -n 20 -o cat")
        assert f"{TEAM} is a link, or no folder" in said
    finally:
        server.succeed(f"rm {TEAM}; mv {aside} {TEAM}; rmdir /root/elsewhere")
    keep(server)


@pytest.mark.usefixtures("no_snapshots")
def test_a_kill_at_any_moment_leaves_nothing_half_done(server: Machine) -> None:
    """Killed after each twelfth of the time that it takes when nobody disturbs it, with as much to do each time."""
    days = [f"2019-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 16)]
    made = f"[ -e {SNAPSHOTS}/$day ] || btrfs subvolume snapshot -r {TEAM} {SNAPSHOTS}/$day"
    much_to_do = (
        f"for day in {' '.join(days)}; do {made} || exit 1; done > /dev/null; rm -f {layout.ENDED_FOLDERS}; "
        f"btrfs subvolume delete {SNAPSHOTS}/{today(server)} > /dev/null || true"
    )
    server.succeed(much_to_do)
    took_s = float(
        server.succeed(
            f"TIMEFORMAT=%R; {{ time {layout.KEEP_FOLDERS} keep > /dev/null 2>&1; }} 2>&1"
        )
    )
    killed = 0
    for twelfth in range(1, 13):
        server.succeed(much_to_do)
        seconds = max(0.01, took_s * twelfth / 12)
        # A shell's own status: `timeout` kills itself likewise, which ssh would take for an end of its own.
        done = server.execute(f"timeout -s KILL {seconds:.3f} {layout.KEEP_FOLDERS} keep || exit 1")
        killed += done.status != 0
        record = server.execute(f"cat {layout.ENDED_FOLDERS}").out
        assert not record or json.loads(record)["folders"]
        closed = f"for s in {SNAPSHOTS}/*; do btrfs property get -ts $s ro; done | sort -u"
        assert server.succeed(closed) in ("", "ro=true")
    assert killed > 3, f"it was killed {killed} times only: nothing is proven"
    keep(server)
    assert server.succeed(f"ls {SNAPSHOTS}") == today(server)
    assert server.succeed(f"ls -A {layout.RECORDS} | grep -c '[.]new$' || true") == "0"


def project(slug: str, *, end: str) -> str:
    return f"""
[projects.{slug}]
title = "Essai"
purpose = "Essayer"
legal = "Démonstration"
bases = ["cohorte"]
start = 2020-01-01
end = {end}
authorised_by = "Personne"

[projects.{slug}.members]
demo = {{}}
alix = {{}}
"""


def deployed(text: str) -> tuple[str, ...]:
    """Deploy the box's site with one more project; return the names of what changed."""
    whole = (ROOT / BOX_PROJECTS).read_text() + text
    with (
        toml_file("projects", whole) as path,
        variant({f'"{BOX_PROJECTS}"': f'"{path}"'}, name="projects") as site,
    ):
        done = deploy(site)
    assert done.status == 0, str(done)
    return done.changed


@contextmanager
def ended(server: Machine, *paths: str, last: str) -> Iterator[None]:
    """Let the rights to these folders have ended, as a deploy of such a projects file says it to what keeps them."""
    before = server.succeed(f"cat {layout.PROJECT_FOLDERS}") + "\n"
    listed = json.loads(before)
    for folder in listed["folders"]:
        if folder["path"] in paths:
            folder["last"] = last
    server.succeed(f"cat > {layout.PROJECT_FOLDERS}", stdin=json.dumps(listed))
    keep(server)
    yield
    server.succeed(f"cat > {layout.PROJECT_FOLDERS}", stdin=before)
    keep(server)


def test_what_ends_is_read_only_until_the_right_is_prolonged(site: Site, server: Machine) -> None:
    """A membership first, then the project. A deploy makes nothing for what has ended, and a second one has nothing to
    do."""
    now = datetime.date.fromisoformat(today(server))
    yesterday = str(now - datetime.timedelta(days=1))
    team = f"{layout.TEAMS}/essai"
    demos, alixs = (f"{site.storage.homes}/{login}@essai" for login in ("demo", "alix"))

    def may(login: str, place: str) -> bool:
        return member(server, login, f"touch {place}/a", project="essai").status == 0

    text = project("essai", end="2099-12-31") + project("jamais", end=yesterday)
    deployed(text)
    assert may("demo", team)
    assert may("demo", demos)
    assert may("alix", alixs)
    assert server.succeed(f"ls {layout.SNAPSHOTS}/essai") == str(now)
    server.fail(f"ls -d {layout.TEAMS}/jamais")
    server.fail("getent group projet-jamais")
    with ended(server, alixs, last=yesterday):
        assert may("demo", demos)
        assert not may("alix", alixs)
    with ended(server, team, demos, alixs, last=yesterday):
        assert not may("demo", team)
        assert not may("demo", demos)
        assert "Read-only" in server.execute(f"touch {team}/a").err
        record = json.loads(server.succeed(f"cat {layout.ENDED_FOLDERS}"))["folders"]
        assert record[team]["since"] == str(now)
    assert may("demo", team)
    assert may("alix", alixs)
    assert deployed(text) == ()


def test_what_ended_long_ago_is_removed_once_the_operator_agrees(
    site: Site, server: Machine
) -> None:
    """A deploy of the box's own file names the project no more, so that it has ended."""
    if server.execute(f"ls -d {layout.TEAMS}/essai").status != 0:
        deployed(project("essai", end="2099-12-31"))
    team, home = f"{layout.TEAMS}/essai", f"{site.storage.homes}/demo@essai"
    inside = f"btrfs subvolume create {home}/mine && touch {home}/mine/x && btrfs property set {home}/mine ro true"
    made = member(server, "demo", inside, project="essai")
    assert made.status == 0, str(made)
    done = deploy()
    assert done.status == 0, str(done)
    server.fail(f"touch {team}/a")
    assert "nothing to remove" in verb().stdout
    ours = (team, home, f"{site.storage.homes}/alix@essai")
    for path in (*ours, TEAM):
        _say_ended(server, path)
    refused = verb()
    assert refused.returncode == 1
    assert "no terminal" in refused.stderr
    assert all(path in refused.stdout for path in ours)
    assert TEAM not in refused.stdout, "its project is open, whatever the record says"
    status, said = verb_in_a_terminal("yes")
    assert status == 1, said
    assert "that is not its name" in said
    server.succeed(f"ls -d {' '.join(ours)}")
    status, said = verb_in_a_terminal(site.name)
    assert status == 0, said
    for path in (*ours, f"{layout.SNAPSHOTS}/essai"):
        server.fail(f"ls -d {path}")
    server.succeed(f"ls -d {TEAM} {SNAPSHOTS} {site.storage.homes}/demo@parcours")
    noted = server.succeed("journalctl --identifier=openchronic-folders -o cat --since=-10min")
    assert '"event": "removed", "operator": ' in noted
    assert home in noted
    keep(server)
    assert "nothing to remove" in verb().stdout


def _say_ended(server: Machine, path: str) -> None:
    record = json.loads(server.succeed(f"cat {layout.ENDED_FOLDERS}"))
    record["folders"][path]["since"] = LONG_AGO
    server.succeed(f"cat > {layout.ENDED_FOLDERS}", stdin=json.dumps(record))


def verb() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.operate.remove_ended"],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience(120),
        check=False,
    )


def verb_in_a_terminal(typed: str) -> tuple[int, str]:
    """Run the verb in a terminal in which somebody types; return its status and what it said."""
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "infra.operate.remove_ended"],
            cwd=ROOT,
            env=environment(),
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as running:
            os.write(ours, f"{typed}\n".encode())
            said, _ = running.communicate(timeout=patience(300))
    finally:
        os.close(ours)
        os.close(theirs)
    return running.returncode, said
