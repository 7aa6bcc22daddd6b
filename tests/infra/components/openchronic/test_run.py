"""The script by which root runs openchronic for a base: whom it answers, what it starts, and what it refuses."""

import subprocess
from pathlib import Path

import pytest

from infra.components import openchronic
from infra.settings import layout
from infra.settings.offer import Base
from infra.settings.site_file import load_site
from tests.infra.components.openchronic.fake_docker import Server

# The environment that systemd gives to a run of the service.
UNIT = f"{layout.build_unit('demo')}.service"
SERVICE = {"INVOCATION_ID": "0123", "ASKER": UNIT}


@pytest.fixture
def base() -> Base:
    # The box's base without readers, whose group is not on this machine.
    return load_site("box").bases["demo"]


@pytest.fixture
def server(tmp_path: Path, base: Base) -> Server:
    site = load_site("box")
    return Server(tmp_path, site.model_copy(update={"bases": {"demo": base}}))


def test_alone_it_explains_each_verb_with_an_example_and_names_the_bases(server: Server) -> None:
    server.settle(server.site.bases["demo"], "cohorte")
    done = server.run()
    assert (done.returncode, done.stdout) == (2, "")
    for verb in ("build", "rejects", "trace", "export", "synth"):
        [line] = [one for one in done.stderr.splitlines() if one.startswith(f"  {verb} ")]
        assert f"run BASE {verb}" in line
    assert "Bases here: cohorte demo." in done.stderr
    asked = server.run("--help")
    assert (asked.returncode, asked.stdout) == (0, done.stderr)
    assert server.calls == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere", "build"), "no base nowhere here: the bases are cohorte demo"),
        (("../../tmp/demo", "build"), "no base ../../tmp/demo here"),
        (("cohorte demo", "build"), "no base cohorte\\ demo here"),
        (("demo",), "say one of build, rejects, trace, export, synth"),
        (("demo", "biuld"), "unknown verb biuld: say one of build, rejects, trace, export, synth"),
    ],
)
def test_an_unknown_base_or_verb_is_answered_by_the_known_ones(
    server: Server, arguments: tuple[str, ...], told: str
) -> None:
    server.settle(server.site.bases["demo"], "cohorte")
    done = server.run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert server.calls == ""


def test_each_trace_has_a_container_of_its_own_and_ends_nobody_elses(server: Server) -> None:
    for event in ("ab12", "cd34"):
        done = server.run("demo", "trace", event)
        assert done.returncode == 0, done.stderr
    assert list(server.containers.values()) == ["running", "running"]
    assert all(name.startswith("openchronic-trace-demo-") for name in server.containers)


def test_a_second_build_leaves_the_first_alone_and_says_since_when_and_who(server: Server) -> None:
    first = server.run("demo", "build", SUDO_USER="mdurand")
    assert first.returncode == 0, first.stderr
    before = server.containers
    assert before == {"openchronic-build-demo": "running"}
    again = server.run("demo", "build", **SERVICE)
    assert again.returncode == 75
    assert "a build of the base demo runs already, since 20" in again.stderr
    assert "asked for by mdurand" in again.stderr
    assert server.containers == before
    assert "--force" not in server.calls


def test_a_build_of_the_service_says_so_to_the_operator_who_comes_second(server: Server) -> None:
    assert server.run("demo", "build", **SERVICE).returncode == 0
    assert "--label openchronic.service=0123" in server.calls
    again = server.run("demo", "build", SUDO_USER="mdurand")
    assert again.returncode == 75
    assert f"asked for by {UNIT}" in again.stderr


@pytest.mark.parametrize("status", ["exited", "dead", "created"])
def test_what_a_killed_run_left_is_removed_at_the_next_start(server: Server, status: str) -> None:
    server.contain("openchronic-build-demo", status)
    server.contain("openchronic-trace-demo-20260102T030405Z-77", status)
    server.contain("openchronic-trace-demo-20260102T030405Z-78", "running")
    done = server.run("demo", "build")
    assert done.returncode == 0, done.stderr
    assert server.containers == {
        "openchronic-build-demo": "running",
        "openchronic-trace-demo-20260102T030405Z-78": "running",
    }


def test_what_somebody_is_about_to_start_is_left_alone(server: Server) -> None:
    now = subprocess.check_output(["date", "--utc", "+%FT%TZ"], text=True).strip()
    server.contain("openchronic-trace-demo-20260102T030405Z-77", "created", made=now)
    assert server.run("demo", "rejects").returncode == 0
    assert server.containers["openchronic-trace-demo-20260102T030405Z-77"] == "created"


def test_docker_that_cannot_make_the_container_is_no_build_that_runs(server: Server) -> None:
    (server.place / "bin/docker").write_text(
        '#!/bin/sh\n[ "$1" != create ] || { echo "no space left on device" >&2; exit 1; }\n'
    )
    done = server.run("demo", "build")
    assert done.returncode == 1
    assert "no space left on device" in done.stderr


def planted(server: Server, place: Path) -> Path:
    """Replace a folder by a link, and return the target of the link."""
    victim = server.place / "victim"
    victim.mkdir()
    victim.chmod(0o751)
    place.rename(server.place / "aside")
    place.symlink_to(victim)
    return victim


@pytest.mark.parametrize(
    "where",
    [
        "data/demo",
        "releases",
        "releases/demo",
        "restricted/demo",
        "restricted/demo/openchronic-demo-exports",
        "restricted/demo/openchronic-demo-store",
    ],
)
@pytest.mark.parametrize("verb", ["build", "export"])
def test_no_link_in_the_place_of_a_folder_is_followed(
    server: Server, where: str, verb: str
) -> None:
    place = server.top / where
    victim = planted(server, place)
    before = victim.stat()
    done = server.run("demo", verb, "--meds", "x")
    assert done.returncode == 1
    assert f"{place} is a link (to {victim})" in done.stderr
    assert server.calls == "", "docker was asked"
    after = victim.stat()
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)
    assert list(victim.iterdir()) == []


def test_a_folder_around_that_others_may_write_in_is_refused(server: Server) -> None:
    (server.top / "restricted/demo").chmod(0o770)
    done = server.run("demo", "build")
    assert done.returncode == 1
    assert f"{server.top}/restricted/demo belongs to " in done.stderr
    assert "could put a link in the place" in done.stderr
    assert server.calls == ""


def test_a_delivery_that_is_a_link_is_refused(server: Server, base: Base) -> None:
    """The builder itself may write in the source of invented data."""
    assert base.synthetic is not None
    (server.top / "data/demo/extraction").symlink_to("/etc")
    done = server.run("demo", "build")
    assert done.returncode == 1
    assert "data/demo/extraction is a link (to /etc)" in done.stderr
    (server.top / "data/demo/extraction").unlink()
    assert server.run("demo", "build").returncode == 0
    assert f"--volume {server.top}/data/demo:/source:ro " in server.calls
    assert " openchronic build /source/extraction /releases " in server.calls


@pytest.mark.parametrize(("keep", "option"), [(None, "--max-rejects 0.01"), (3, "--keep 3")])
def test_a_build_keeps_as_many_releases_as_the_site_says_and_all_unless_it_does(
    server: Server, base: Base, keep: int | None, option: str
) -> None:
    server.settle(
        base.model_copy(update={"build": base.build.model_copy(update={"keep_releases": keep})})
    )
    done = server.run("demo", "build")
    assert done.returncode == 0, done.stderr
    [asked] = [one for one in server.calls.splitlines() if one.startswith("create ")]
    assert asked.endswith(option)


def test_who_traces_an_event_is_in_the_journal_and_given_the_key(server: Server) -> None:
    done = server.run("demo", "trace", "ab12", SUDO_USER="mdurand")
    assert done.returncode == 0, done.stderr
    logged = (server.place / "logged").read_text()
    assert "mdurand asked of the base demo: trace ab12" in logged
    [asked] = [one for one in server.calls.splitlines() if one.startswith("run ")]
    assert asked.endswith("--key /run/site.key ab12")
    assert "--env SUDO_USER=mdurand" in asked
    assert f"{layout.SECRETS}/openchronic-demo.key:/run/site.key:ro" in asked


def test_an_export_sees_its_zone_and_the_folders_that_the_site_allows(
    server: Server, base: Base
) -> None:
    allowed = server.top / "exports"
    base = base.model_copy(update={"export_folders": (str(allowed),)})
    assert openchronic.exports_text(base) == f'folders = ["{allowed}"]\n'
    server.settle(base)
    absent = server.run("demo", "export", "--meds", "cancer")
    assert absent.returncode == 1
    assert f"no folder {allowed}" in absent.stderr
    allowed.mkdir()
    done = server.run("demo", "export", "--meds", "cancer", SUDO_USER="mdurand")
    assert done.returncode == 0, done.stderr
    [asked] = [one for one in server.calls.splitlines() if one.startswith("run ")]
    assert f"--volume {allowed}:{allowed}" in asked
    assert f"--workdir {layout.RESTRICTED}/demo/openchronic-demo-exports" in asked
    assert "site.key" not in asked
    logged = (server.place / "logged").read_text()
    assert "mdurand asked of the base demo: export --meds cancer" in logged
    victim = planted(server, allowed)
    refused = server.run("demo", "export", "--meds", "cancer")
    assert refused.returncode == 1
    assert f"{allowed} is a link (to {victim})" in refused.stderr


def test_the_service_ends_its_own_container_and_no_other(base: Base) -> None:
    """A build that an operator started has the same container name, and goes on when the service's is refused."""
    text = openchronic.build_units("demo", base)[UNIT].content.decode()
    [stop] = [line for line in text.splitlines() if line.startswith("ExecStopPost=")]
    assert "label=openchronic.service=$$INVOCATION_ID" in stop
    assert "Environment=ASKER=%n\n" in text
    assert "openchronic-build-demo" not in stop
