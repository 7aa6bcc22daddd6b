"""The script by which root runs openchronic for a base, with a fake `docker` that keeps containers as files."""

import os
import subprocess
from pathlib import Path

import pytest

from infra.components import openchronic
from infra.operations.folders import SOUND
from infra.settings import layout
from infra.settings.offer import Base
from infra.settings.site import Site
from infra.settings.site_file import load_site

# A container is a file of three lines: its status, who asked for it, and when it was created. `docker start` sets its
# status and returns at once.
DOCKER = r"""#!/bin/bash
echo "$*" >> "$CALLS"
verb=$1; shift
name=$(sed -n 's/.*--name \([^ ]*\) .*/\1/p' <<< " $* ")
asker=$(sed -n 's/.*openchronic.asker=\(.*\) --label openchronic.service.*/\1/p' <<< " $* ")
make() {
  if [ -e "$STORE/$name" ]; then
    echo "Error response from daemon: Conflict. The container name \"/$name\" is already in use by container \"1\"." >&2
    exit 1
  fi
  printf '%s\n%s\n%s\n' "$1" "$asker" "$(date --utc +%FT%T.%NZ)" > "$STORE/$name"
}
case $verb in
  ps)
    for one in "$STORE"/*; do
      [ -e "$one" ] && [[ $* == *"status=$(sed -n 1p "$one")"* ]] && basename "$one"
    done ;;
  inspect)
    [ -e "$STORE/${!#}" ] || exit 1
    case $* in *StartedAt*|*Created*) sed -n 3p ;; *asker*) sed -n 2p ;; esac < "$STORE/${!#}" ;;
  rm) for one; do [ "$(sed -n 1p "$STORE/$one")" != running ] && rm "$STORE/$one"; done ;;
  create) make created; echo 0123abcd ;;
  start) sed -i '1s/.*/running/' "$STORE/${!#}" ;;
  run) make running ;;
esac
exit 0
"""


# The environment that systemd gives to a run of the service.
UNIT = f"{layout.build_unit('demo')}.service"
SERVICE = {"INVOCATION_ID": "0123", "ASKER": UNIT}


class Server:
    """The script with its settings and the folders of one base."""

    def __init__(self, place: Path, site: Site) -> None:
        self.place = place
        self.site = site
        self.top = place / "top"
        self.store = place / "containers"
        for folder in (self.top, self.store, place / "bin"):
            folder.mkdir()
        self.storage = site.storage.model_copy(
            update={name: str(self.top / name) for name in ("data", "releases", "restricted")}
        )
        self.settle(site.bases["demo"])
        (place / "current.json").write_text('{"spark": "image"}')
        (place / "folders.sh").write_text(SOUND)
        for name, text in (
            ("docker", DOCKER),
            ("logger", f'#!/bin/sh\necho "$@" >> {place}/logged\n'),
        ):
            (place / "bin" / name).write_text(text)
            (place / "bin" / name).chmod(0o755)
        script = openchronic.script().decode()
        for where in (
            layout.BUILDS,
            layout.IMAGES,
            layout.BUILD_SCRIPTS,
        ):
            assert where in script
            script = script.replace(where, str(place))
        script = script.replace(f"id -u {layout.BUILDER}", "id -u")
        script = script.replace(f"id -g {layout.BUILDER}", "id -g")
        (place / "run").write_text(script)
        (place / "run").chmod(0o755)

    def settle(self, base: Base, slug: str = "demo") -> None:
        """Make the base's settings and folders as a deploy does."""
        base = base.model_copy(update={"source": f"{self.storage.data}/{slug}"})
        text = openchronic.settings(slug, base, self.storage)
        (self.place / f"{slug}.env").write_text(text)
        for folder in (
            base.source,
            f"{self.storage.releases}/{slug}",
            *openchronic.restricted_folders(slug, base, self.storage),
        ):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.place / "run"), *arguments],
            env={
                "PATH": f"{self.place / 'bin'}:{os.environ['PATH']}",
                "FOLDERS_BELOW": str(self.top),
                "STORE": str(self.store),
                "CALLS": str(self.place / "calls"),
                **env,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def contain(self, name: str, status: str, *, made: str = "2026-01-02T03:04:05.678Z") -> None:
        """Make a container in advance."""
        (self.store / name).write_text(f"{status}\nmdurand\n{made}\n")

    @property
    def calls(self) -> str:
        file = self.place / "calls"
        return file.read_text() if file.exists() else ""

    @property
    def containers(self) -> dict[str, str]:
        """Return the status of each container by name."""
        return {one.name: one.read_text().splitlines()[0] for one in sorted(self.store.iterdir())}


@pytest.fixture
def base() -> Base:
    # The box's base without readers, whose group is not on this machine.
    return load_site("box").bases["demo"].model_copy(update={"source_readers": ()})


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
