"""The operations on a real file system, run by pyinfra's command line on this machine."""

import getpass
import grp
import hashlib
import json
import os
import pwd
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.operations import ops
from infra.operations.facts import OTHER, Entry, Tree
from tests.forked_python import ForkedPython

ROOT = Path(__file__).parents[3]
USER = pwd.getpwuid(os.getuid()).pw_name
GROUP = grp.getgrgid(os.getgid()).gr_name


@cache
def _with_pyinfra() -> ForkedPython:
    modules = (
        "from pyinfra_cli.main import main\n"
        "import infra.operations.environments, infra.operations.ops, infra.settings.site_file"
    )
    return ForkedPython(Path(sys.executable), modules, folder=ROOT, env=os.environ)


def pyinfra(*arguments: str, umask: int = -1) -> subprocess.CompletedProcess[str]:
    """Run pyinfra's command, with the operator's `umask`."""
    return _with_pyinfra().run("sys.exit(main())", *arguments, env=os.environ, umask=umask)


def apply(
    folder: Path,
    code: str,
    how: str = "-y",
    *,
    key: str = "results",
    fails: bool = False,
    umask: int = -1,
) -> Any:
    """Run a deploy of these lines on this machine, with the operator's `umask`.

    Return the part `key` of pyinfra's JSON report, or pyinfra's output if the deploy fails.
    """
    deploy = folder / "deploy.py"
    deploy.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from infra.operations.ops import File, ensure, secret, tree\n"
        "from infra.operations.environments import environment\n"
        f"OWN = dict(owner={USER!r}, group={GROUP!r})\n{code}\n"
    )
    done = pyinfra("@local", str(deploy), how, "--json", umask=umask)
    if fails:
        assert done.returncode != 0, done.stdout
        return {"output": done.stdout + done.stderr}
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    if how == "-y":
        assert results["results"]["totals"]["hosts"] > 0
    return results[key]


def changed(results: dict[str, Any]) -> list[str]:
    return [op["name"] for op in results["operations"] if op["success"]]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "place"


def test_a_tree_is_written_once_and_then_left_alone(tmp_path: Path, place: Path) -> None:
    code = (
        f"tree(name='t', dest={str(place)!r}, files={{'a.txt': File(b'a', **OWN), "
        "'sub/b c.txt': File(b'b', mode='600', **OWN)})"
    )
    assert changed(apply(tmp_path, code)) == ["t"]
    assert (place / "sub/b c.txt").read_bytes() == b"b"
    assert (place / "sub/b c.txt").stat().st_mode & 0o777 == 0o600
    assert changed(apply(tmp_path, code)) == []


def test_a_tree_heals_content_modes_and_extra_files(tmp_path: Path, place: Path) -> None:
    code = f"tree(name='t', dest={str(place)!r}, files={{'a': File(b'a', **OWN)}})"
    apply(tmp_path, code)
    for drift in (
        "echo changed > a",
        "chmod 666 a",
        "echo x > extra; mkdir -p deep/er; echo x > deep/er/f",
        "ln -sf /etc/hostname a",
        "mkdir .staging.dead; echo x > .staging.dead/x",
    ):
        subprocess.run(["sh", "-c", drift], cwd=place, check=True)
        assert changed(apply(tmp_path, code)) == ["t"]
        assert [path.name for path in place.rglob("*")] == ["a"]
        assert (place / "a").read_text() == "a"
        assert not (place / "a").is_symlink()
        assert (place / "a").stat().st_mode & 0o777 == 0o644


def test_a_tree_is_read_as_it_is_whatever_the_names_by_few_programs(
    tmp_path: Path, place: Path
) -> None:
    """A link, a pipe and a link to nothing have no content that could be wanted."""
    names = ("a b", "-n", "back\\slash", "'\"$x`", "deep/er/é", "empty", *map(str, range(300)))
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("" if name == "empty" else f"content of {name}")
        (place / name).chmod(0o640)
    (place / "link").symlink_to("empty")
    (place / "nowhere").symlink_to("nothing")
    os.mkfifo(place / "pipe")
    programs, told = tmp_path / "programs", tmp_path / "told"
    programs.mkdir()
    for program in ("stat", "sha256sum"):
        (programs / program).write_text(
            f'#!/bin/sh\necho >> {told}\nexec {shutil.which(program)} "$@"\n'
        )
        (programs / program).chmod(0o755)
    command = Tree().command(path=str(place))
    found = subprocess.run(
        ["sh", "-c", command],
        env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    entries = Tree().process(found.stdout.splitlines())
    assert set(entries) == {*names, "link", "nowhere", "pipe"}
    for name in names:
        digest = hashlib.sha256((place / name).read_bytes()).hexdigest()
        assert entries[name] == Entry("640", USER, GROUP, digest)
    assert {entries[name].sha256 for name in ("link", "nowhere", "pipe")} == {OTHER}
    assert len(told.read_text()) < 10
    some = Tree().command(path=str(place), names=("-n", "absent", "link", "nowhere"))
    found = subprocess.run(["sh", "-c", some], capture_output=True, text=True, check=True)
    assert set(Tree().process(found.stdout.splitlines())) == {"-n", "link"}


def test_a_shared_directory_keeps_what_others_put_there(tmp_path: Path, place: Path) -> None:
    place.mkdir()
    (place / "theirs").write_text("theirs")
    code = f"tree(name='t', dest={str(place)!r}, files={{'a': File(b'a', **OWN)}}, exclusive=False)"
    apply(tmp_path, code)
    assert sorted(path.name for path in place.iterdir()) == ["a", "theirs"]
    assert changed(apply(tmp_path, code)) == []


def test_what_reads_no_input_is_sent_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a command has ended before its input is sent, the deploy fails with « Socket is closed »."""

    class Host:
        def get_fact(self, fact: type, **_: Any) -> Any:
            return {"extra": None} if fact is Tree else False

    monkeypatch.setattr(ops, "host", Host())
    for commands in (
        ops.ensure._inner(condition="false", command="true"),
        ops.tree._inner(dest="/nowhere", files={}),
    ):
        [command] = commands
        assert not command.connector_arguments.get("_stdin")
    [command] = ops.ensure._inner(condition="false", command="cat", stdin="x")
    assert command.connector_arguments["_stdin"] == ["x"]


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path, place: Path) -> None:
    """The new content does not fit on the disk: the operation fails, and the old file stays."""
    if getpass.getuser() != "root":
        pytest.skip("mounts a small file system: needs root")
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], check=True)
    try:
        code = f"tree(name='t', dest={str(place)!r}, files={{'a': File(b'%s' * %d, **OWN)}})"
        apply(tmp_path, code % ("x", 100))
        with pytest.raises(AssertionError, match=r"Wrote only|No space left"):
            apply(tmp_path, code % ("y", 200_000))
        assert (place / "a").read_bytes() == b"x" * 100
        assert [path.name for path in place.iterdir()] == ["a"]
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_what_is_made_is_open_to_services_whatever_umask_the_operator_has(
    tmp_path: Path, place: Path
) -> None:
    """Logins of a hardened host have the umask 027 or 077, under sudo too."""
    code = (
        f"tree(name='t', dest={str(place)!r}, files={{'sub/a': File(b'a', **OWN)}})\n"
        f"ensure(name='e', condition='[ -e {place}-e/made ]', command='mkdir -p {place}-e; touch {place}-e/made')\n"
        f"environment(name='v', path={str(place)!r} + '-v', locks={{'lock': b'1'}}, build='mkdir bin; cp lock bin/x')\n"
        f"secret(name='s', path='{place}-s/key', make='echo x', **OWN)"
    )
    apply(tmp_path, code, umask=0o077)

    def mode(path: str) -> int:
        return Path(f"{place}{path}").stat().st_mode & 0o777

    for folder in ("", "/sub", "-e", "-v", "-v/bin"):
        assert mode(folder) == 0o755, folder
    for file in ("/sub/a", "-e/made", "-v/lock", "-v/bin/x"):
        assert mode(file) == 0o644, file
    assert (mode("-s"), mode("-s/key")) == (0o700, 0o600)


def test_a_secret_is_made_once_and_never_shown(tmp_path: Path, place: Path) -> None:
    secret = place / "key"
    code = (
        f"secret(name='s', path={str(secret)!r}, make='head -c 12 /dev/urandom | od -An -tx1 | tr -d \" \"', "
        "**OWN)"
    )
    results = apply(tmp_path, code)
    assert changed(results) == ["s"]
    value = secret.read_text()
    assert len(value) >= 24
    assert value.strip() not in json.dumps(results)
    assert secret.stat().st_mode & 0o777 == 0o600
    assert changed(apply(tmp_path, code)) == []
    secret.chmod(0o644)
    assert changed(apply(tmp_path, code)) == ["s"]
    assert secret.read_text() == value


def test_what_is_ensured_must_hold_afterwards(tmp_path: Path, place: Path) -> None:
    good = f"ensure(name='e', condition='[ -e {place} ]', command='touch {place}')"
    assert changed(apply(tmp_path, good)) == ["e"]
    assert changed(apply(tmp_path, good)) == []
    with pytest.raises(AssertionError):
        apply(tmp_path, f"ensure(name='e', condition='[ -e {place}.no ]', command='true')")


def test_an_environment_is_switched_by_its_link_and_the_one_before_is_ready_for_a_return(
    tmp_path: Path, place: Path
) -> None:
    log = tmp_path / "builds"
    code = (
        f"environment(name='v', path={str(place)!r}, locks={{'lock': b'%s'}}, "
        f"build='cp lock built; cat lock >> {log}')"
    )
    assert changed(apply(tmp_path, code % "1")) == ["v"]
    first = place.readlink()
    assert (place / "built").read_text() == "1"
    assert changed(apply(tmp_path, code % "1")) == []
    with pytest.raises(AssertionError):
        failing = code.replace("cp lock built", "false")
        apply(tmp_path, failing % "2")
    assert place.readlink() == first
    assert changed(apply(tmp_path, code % "3")) == ["v"]
    assert (place / "built").read_text() == "3"
    assert changed(apply(tmp_path, code % "1")) == ["v"]
    assert place.readlink() == first
    assert log.read_text() == "13", "the return built anew what was there"
    assert changed(apply(tmp_path, code % "4")) == ["v"]
    left = sorted(path.name for path in tmp_path.glob("place-*"))
    assert left == sorted([first.name, place.readlink().name]), "more than one of the old is kept"


def test_what_is_done_here_is_done_where_it_is_asked_for_and_its_refusal_is_one_sentence(
    tmp_path: Path, place: Path
) -> None:
    act = f"lambda: open({str(place)!r}, 'w').write('done')"
    code = f"from infra.operations.ops import from_here\nfrom_here(name='h', condition='test -s {place}', action={act})"
    assert changed(apply(tmp_path, code)) == ["h"]
    assert place.read_text() == "done"
    assert changed(apply(tmp_path, code)) == []
    deploy = tmp_path / "refused.py"
    deploy.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from infra.operations.errors import DeployRefused\nfrom infra.operations.ops import ensure, from_here\n"
        "def act(): raise DeployRefused('the door is shut: knock')\n"
        "from_here(name='h', condition='false', action=act)\n"
        f"ensure(name='after', condition='false', command='touch {tmp_path}/after')\n"
    )
    done = pyinfra("@local", str(deploy), "-y")
    assert done.returncode != 0
    assert "the door is shut: knock" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "after").exists()


def test_a_step_that_fails_ends_what_was_to_be_ensured(tmp_path: Path, place: Path) -> None:
    """The command stops at the failing step, although a later step would make the condition hold."""
    code = f"ensure(name='e', condition='test -e {place}', command='false; touch {place}')"
    apply(tmp_path, code, fails=True)
    assert not place.exists()
