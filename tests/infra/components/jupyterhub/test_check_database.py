"""The script that checks the hub's database before the hub starts, and copies it while the hub runs."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from infra.components.jupyterhub import FILES

SCRIPT = FILES / "check-database"


def fill(file: Path, *, logins: int) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS users (name TEXT)")
        rows = [(f"user-{number:05}" * 20,) for number in range(logins)]
        connection.executemany("INSERT INTO users VALUES (?)", rows)


def count(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM users").fetchone()[0])


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "jupyterhub.sqlite"
    fill(file, logins=200)
    return file


def check(verb: str, database: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), verb, str(database)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": ""},
    )


def copies(database: Path) -> list[Path]:
    return sorted((database.parent / "copies").glob("*.sqlite"))


def kept(database: Path) -> list[Path]:
    return sorted(database.parent.glob("*.damaged-*"))


def garbage_in_the_header(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(b"\xff" * 100)


def cut_in_half(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def garbage_in_a_page(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(2 * 4096)
        opened.write(b"\xff" * 4096)


DAMAGES = (garbage_in_the_header, cut_in_half, emptied, garbage_in_a_page)


def test_a_sound_database_is_copied_and_left_alone(database: Path) -> None:
    before = database.read_bytes()
    for verb in ("start", "copy"):
        done = check(verb, database)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert database.read_bytes() == before
    assert [count(copy) for copy in copies(database)] == [200, 200]
    assert [copy.stat().st_mode & 0o777 for copy in copies(database)] == [0o600] * 2


@pytest.mark.parametrize("break_it", DAMAGES)
def test_a_damaged_database_is_kept_aside_and_its_copy_put_back(
    database: Path, break_it: Callable[[Path], None]
) -> None:
    check("start", database)
    break_it(database)
    broken = database.read_bytes()
    done = check("start", database)
    assert done.returncode == 0
    assert "<3>" in done.stdout
    assert "is damaged" in done.stdout
    assert count(database) == 200
    assert [file.read_bytes() for file in kept(database)] == [broken]


@pytest.mark.parametrize("break_it", [garbage_in_the_header, cut_in_half, garbage_in_a_page])
def test_without_a_copy_the_hub_begins_with_none(
    database: Path, break_it: Callable[[Path], None]
) -> None:
    break_it(database)
    done = check("start", database)
    assert done.returncode == 0
    assert "there is no copy" in done.stdout
    assert not database.exists()
    assert len(kept(database)) == 1


def test_a_server_without_a_database_yet_says_nothing(tmp_path: Path) -> None:
    done = check("start", tmp_path / "jupyterhub.sqlite")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_a_lost_database_comes_back_from_its_copy(database: Path) -> None:
    check("copy", database)
    database.unlink()
    check("start", database)
    assert count(database) == 200


def test_a_damaged_copy_is_passed_over(database: Path) -> None:
    check("copy", database)
    fill(database, logins=10)
    check("copy", database)
    garbage_in_the_header(copies(database)[-1])
    garbage_in_the_header(database)
    check("start", database)
    assert count(database) == 200


def test_damage_is_never_copied(database: Path) -> None:
    check("copy", database)
    garbage_in_a_page(database)
    done = check("copy", database)
    assert done.returncode == 1
    assert "is damaged" in done.stdout
    assert len(copies(database)) == 1


def test_copies_and_damaged_files_are_bounded_and_the_newest_stay(database: Path) -> None:
    for number in range(16):
        fill(database, logins=1)
        check("copy", database)
        if number % 4 == 3:
            garbage_in_the_header(database)
            check("start", database)
    assert len(copies(database)) == 12
    assert count(copies(database)[-1]) == 216
    assert len(kept(database)) == 3


def test_a_clock_that_was_ahead_does_not_make_old_copies_the_newest(database: Path) -> None:
    check("copy", database)
    [first] = copies(database)
    first.rename(first.with_name(f"{first.name[:7]}21261124T000000.000000Z.sqlite"))
    fill(database, logins=1)
    check("copy", database)
    garbage_in_the_header(database)
    check("start", database)
    assert count(database) == 201


def test_what_is_being_written_is_copied_as_it_was_before(database: Path) -> None:
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO users VALUES ('half-way')")
        assert check("copy", database).returncode == 0
        writer.rollback()
    assert [count(copy) for copy in copies(database)] == [200]


def test_a_half_written_transaction_is_taken_back(database: Path) -> None:
    """If the hub was killed during a transaction, SQLite rolls it back from the journal beside the database."""
    program = (
        "import os, sqlite3; c = sqlite3.connect(r'%s', isolation_level=None);"
        "c.execute('PRAGMA cache_size=1'); c.execute('BEGIN');"
        "c.execute('UPDATE users SET name = upper(name)'); c.execute('INSERT INTO users VALUES (1)');"
        "os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", program % database], check=False)
    assert Path(f"{database}-journal").stat().st_size > 0, "nothing was left half-written"
    assert check("start", database).returncode == 0
    assert count(database) == 200
    assert kept(database) == []
