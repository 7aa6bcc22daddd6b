"""`make status`: one SSH call, one screen, and status 1 with the next step when something needs a hand."""

import datetime
import http.server
import json
import os
import socketserver
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from infra.operate import status
from infra.operate.files import look
from infra.settings import layout
from infra.settings.settings_file import GB
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.pace import patience

FAKE_SSH = """#!/bin/sh
echo "$*" >> "$NOTES/calls"
[ -z "$SSH_SAYS" ] || { echo "$SSH_SAYS" >&2; exit 255; }
echo 'Welcome. {"this": "is a greeting"}'
for command; do :; done
exec sh -c "$command"
"""
FAKES = {
    "ssh": FAKE_SSH,
    "sudo": '#!/bin/sh\n[ -z "$SUDO_SAYS" ] || { echo "sudo: $SUDO_SAYS" >&2; exit 1; }\nshift; exec "$@"\n',
    "docker": """#!/bin/sh
[ -z "$DOCKER_AWAY" ] || exit 1
case $1 in ps) echo c0ffee ;; inspect) cat "$NOTES/container.json" ;; esac
""",
    "systemctl": """#!/bin/sh
case "$*" in
  *--failed*) echo "broken.service loaded failed failed Broken" ;;
  *build-demo.service*) echo Result=exit-code; echo ActiveState=failed; echo ExecMainStatus=1; echo ExecMainExitTimestamp=@1700000000 ;;
  list-timers*) echo '[{"next":1900000000000000,"left":1,"last":0,"unit":"a.timer"}]' ;;
  *) echo ActiveState=active ;;
esac
""",
    "btrfs": """#!/bin/sh
case $1 in
  qgroup) printf 'Qgroupid Referenced Exclusive Max referenced Path\\n-------- \\n0/256 10 10 none alix\\n1/256 950 950 1000 <none>\\n1/257 1 1 none <none>\\n' ;;
  subvolume) printf 'ID 256 gen 9 top level 5 path alix@asthme\\nID 257 gen 9 top level 5 path homes/demo\\n' ;;
esac
""",
    "openssl": "#!/bin/sh\necho 'notAfter=Jan 15 08:00:00 2020 GMT'\n",
    "timedatectl": "#!/bin/sh\necho yes\n",
}
CONTAINER = [
    {
        "Id": "c0ffee",
        "Name": "/session-alix",
        "Config": {"Env": ["OPENCHRONIC_PROJECT=asthme", "ODD"]},
        "State": {"StartedAt": "2026-11-29T18:00:00.123456789Z"},
        "HostConfig": {"Memory": 2 * GB, "NanoCpus": 0, "CpuQuota": 150_000, "CpuPeriod": 0, "PidsLimit": 1024},
    }
]  # fmt: skip


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Replace ssh and the server's programs, so that the program for the server runs here."""
    (tmp_path / "bin").mkdir()
    for name, text in FAKES.items():
        fake = tmp_path / "bin" / name
        fake.write_text(text)
        fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "container.json").write_text(json.dumps(CONTAINER))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("NOTES", str(tmp_path))
    monkeypatch.setattr(status, "refuse_absent_box", lambda site: None)
    return tmp_path


@pytest.fixture
def box() -> Site:
    return load_site("box")


def test_one_ssh_call_tells_all_and_what_needs_a_hand_is_status_1(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status.main(["--site", "box"]) == 1
    assert len((notes / "calls").read_text().splitlines()) == 1
    shown = capsys.readouterr().out
    for line in (
        "! broken.service failed",
        "! the last build of demo failed (exit-code)",
        "→ journalctl -u openchronic-build-demo",
        "! the home of alix in asthme is full to 95%",
        "! the certificate ended",
        "backups      none is set up",
    ):
        assert line in shown, line
    assert "alix             asthme" in shown
    assert len(shown.splitlines()) < 50, "more than a screen"


def test_json_has_what_was_found_and_what_needs_a_hand(
    notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status.main(["--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["site"] == "box"
    assert found["backup"] is None
    assert [(one["login"], one["project"]) for one in found["quotas"]] == [("alix", "asthme")]
    assert found["sessions"][0] == {
        "login": "alix",
        "project": "asthme",
        "started": "2026-11-29T18:00:00.123456789Z",
        "used": None,
        "limit": 2 * GB,
        "cpus": 1.5,
        "pids": 1024,
    }
    assert {"what", "next"} == set(found["needs"][0])


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("SSH_SAYS", "ssh: connect to host big port 22: Connection refused", "nothing listens on port 22"),
        ("SUDO_SAYS", "a password is required", "and not act as root (sudo: a password is required)"),
    ],
)  # fmt: skip
def test_a_server_that_cannot_be_used_is_a_sentence_and_status_1(
    notes: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    told: str,
) -> None:
    monkeypatch.setenv(variable, value)
    assert status.main([]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert told in shown.err
    assert len(shown.err.splitlines()) == 1


def test_a_box_that_is_not_there_and_a_wrong_site_are_sentences(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOX", "absent")
    assert status.main([]) == 1
    assert "`make box` makes it" in capsys.readouterr().err
    assert status.main(["--site", "bux"]) == 1
    assert "Did you mean box?" in capsys.readouterr().err


def test_without_docker_the_rest_is_told(
    notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_AWAY", "1")
    assert status.main([]) == 1
    shown = capsys.readouterr().out
    assert "! Docker does not answer" in shown
    assert "the last build of demo failed" in shown


def test_a_program_that_hangs_or_is_missing_is_unknown(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "PATIENCE_S", 0.2)
    (notes / "bin" / "timedatectl").write_text("#!/bin/sh\nexec sleep 600\n")
    began = time.monotonic()
    assert look.ask("timedatectl", "show") is None
    assert time.monotonic() - began < patience(4)
    assert look.ask("no-such-program") is None
    assert look.certificate_end("/nowhere") == datetime.datetime(2020, 1, 15, 8, tzinfo=datetime.UTC).timestamp()  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "used"),
    [
        ({"usage": 900, "stats": {"inactive_file": 100}}, 800),
        # Where control groups are of version 1.
        ({"usage": 900, "stats": {"inactive_file": 1, "total_inactive_file": 200}}, 700),
        ({}, None),
    ],
)
def test_a_sessions_memory_is_what_docker_counts(
    tmp_path: Path, answer: dict[str, Any], used: int | None
) -> None:
    place = str(tmp_path / "docker.sock")
    asked = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"memory_stats": answer}).encode())

        def address_string(self) -> str:
            return "a socket"

    with socketserver.UnixStreamServer(place, Answer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert look.memory_in_use("c0ffee", place) == used
    assert asked == ["/containers/c0ffee/stats?stream=false&one-shot=true"]
    assert look.memory_in_use("c0ffee", "/nowhere.sock") is None


def test_the_release_in_service_has_its_age(notes: Path) -> None:
    release = notes / "demo" / "2027-01-01-abc"
    release.mkdir(parents=True)
    (release / "manifest.json").touch()
    (notes / "demo" / "current").symlink_to(release.name)
    found = look.build("demo", "openchronic-build-demo", str(notes))
    assert (found["release"], found["result"]) == ("2027-01-01-abc", "exit-code")
    assert abs(found["made"] - time.time()) < patience(60)
    assert found["next"] == 1_900_000_000
    assert look.build("other", "openchronic-build-other", str(notes))["release"] == ""


def test_a_disk_is_told_once(tmp_path: Path) -> None:
    found = look.disks([str(tmp_path), str(tmp_path.parent), "/nowhere"])
    assert [one["place"] for one in found] == [str(tmp_path)]
    assert found[0]["size"] > 0


def test_the_program_for_the_server_and_the_verb_agree(box: Site) -> None:
    assert status.BEGIN == look.BEGIN
    builds = {slug: layout.build_unit(slug) for slug in ("demo", "cohorte")}
    assert status.places(box)["builds"] == builds
