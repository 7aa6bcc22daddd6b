"""The script that migrates the hub's database, through an upgrade and back, with two real JupyterHubs."""

import hashlib
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.infra.components.jupyterhub.hubs import OLDER, HubVersion, current_version, install

DATABASE = "jupyterhub.sqlite"


@pytest.fixture(scope="module")
def older() -> HubVersion:
    return _installed(OLDER)


@pytest.fixture(scope="module")
def newer() -> HubVersion:
    return _installed(current_version())


@pytest.fixture(scope="module")
def made(older: HubVersion, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Give the older hub's database, in which demo has a session, and the token of that session."""
    place = tmp_path_factory.mktemp("hub") / DATABASE
    older.make(place)
    return place, older.add(place, "demo")


@pytest.fixture(scope="module")
def migrated(
    made: tuple[Path, str], newer: HubVersion, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """Give a folder with that database after an upgrade, beside its copies, and what the upgrade said."""
    folder = tmp_path_factory.mktemp("upgraded")
    database = Path(shutil.copy(made[0], folder))
    started = newer.start_alone(database)
    assert started.returncode == 0, started.stderr
    return folder, started.stdout.replace(str(folder), "")


@pytest.fixture(scope="module")
def alix_begun(
    migrated: tuple[Path, str], newer: HubVersion, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """Give such a folder in which alix began a session after the upgrade, and the token of that session."""
    folder = tmp_path_factory.mktemp("begun")
    shutil.copytree(migrated[0], folder, dirs_exist_ok=True)
    return folder, newer.add(folder / DATABASE, "alix")


@pytest.fixture
def database(tmp_path: Path, made: tuple[Path, str]) -> Path:
    return Path(shutil.copy(made[0], tmp_path))


@pytest.fixture
def upgraded(tmp_path: Path, migrated: tuple[Path, str]) -> Path:
    """Give a database after its upgrade, beside its copies."""
    shutil.copytree(migrated[0], tmp_path, dirs_exist_ok=True)
    return tmp_path / DATABASE


@pytest.fixture
def with_alix(tmp_path: Path, alix_begun: tuple[Path, str]) -> Path:
    """Give such a database with alix's session."""
    shutil.copytree(alix_begun[0], tmp_path, dirs_exist_ok=True)
    return tmp_path / DATABASE


@pytest.fixture
def token(made: tuple[Path, str]) -> str:
    return made[1]


def test_the_two_hubs_differ_in_schema(
    database: Path, older: HubVersion, newer: HubVersion, token: str
) -> None:
    """Otherwise the other tests would prove nothing."""
    assert older.session_of(database, token) == "demo: of demo"
    with pytest.raises(AssertionError, match="DatabaseSchemaMismatch"):
        newer.session_of(database, token)


def test_an_upgrade_keeps_a_copy_and_every_session(
    *,
    made: tuple[Path, str],
    upgraded: Path,
    migrated: tuple[Path, str],
    newer: HubVersion,
    older: HubVersion,
    token: str,
) -> None:
    before = revision(made[0])
    assert newer.session_of(upgraded, token) == "demo: of demo"
    copy = upgraded.parent / "schemas" / f"{before}.sqlite"
    assert older.session_of(copy, token) == "demo: of demo"
    assert f"/schemas/{copy.name}" in migrated[1]
    assert mode(copy) == "600"


def test_another_start_changes_nothing_and_says_nothing(
    database: Path, older: HubVersion, migrated: tuple[Path, str], newer: HubVersion, tmp_path: Path
) -> None:
    newly = Path(shutil.copytree(migrated[0], tmp_path / "newly")) / DATABASE
    for hub, there in ((older, database), (newer, newly)):
        before = digest(there), sorted(there.parent.rglob("*"))
        again = hub.start(there)
        assert (again.returncode, again.stdout) == (0, "")
        assert (digest(there), sorted(there.parent.rglob("*"))) == before


def test_a_return_puts_the_copy_back_and_keeps_the_newer_one_aside(
    upgraded: Path, made: tuple[Path, str], older: HubVersion, newer: HubVersion, token: str
) -> None:
    before = revision(made[0])
    newest = revision(upgraded)
    assert newest != before
    returned = older.start(upgraded)
    assert returned.returncode == 0, returned.stderr
    assert revision(upgraded) == before
    assert older.session_of(upgraded, token) == "demo: of demo"
    assert newer.session_of(upgraded.parent / "schemas" / f"{newest}.sqlite", token)


def test_what_happened_between_the_copy_and_the_return_is_carried_over(
    with_alix: Path, alix_begun: tuple[Path, str], older: HubVersion, token: str
) -> None:
    """Otherwise a session started since would go on, but the hub would refuse its unknown token."""
    change(
        with_alix,
        "UPDATE spawners SET server_id = NULL WHERE user_id = (SELECT id FROM users WHERE name = 'demo')",
    )
    returned = older.start(with_alix)
    assert returned.returncode == 0, returned.stderr
    assert older.session_of(with_alix, alix_begun[1]) == "alix: of alix"
    assert older.session_of(with_alix, token) == "demo: of demo"
    assert "users new: alix" in returned.stdout
    assert "sessions gone: demo" in returned.stdout


def test_what_the_older_hub_cannot_read_is_lost_and_told(
    with_alix: Path, alix_begun: tuple[Path, str], older: HubVersion, token: str
) -> None:
    change(with_alix, "UPDATE spawners SET state = 'of another form'")
    returned = older.start(with_alix)
    assert returned.returncode == 0, returned.stderr
    assert older.session_of(with_alix, token) == "demo: of demo"
    with pytest.raises(AssertionError, match="NoneType"):
        older.session_of(with_alix, alix_begun[1])
    assert "is lost: users new: alix; sessions new: alix" in returned.stdout
    assert "carried over" not in returned.stdout


def test_a_column_that_the_newer_schema_dropped_is_no_reason_to_invent_rows(
    with_alix: Path, older: HubVersion, token: str
) -> None:
    change(with_alix, "ALTER TABLE group_role_map DROP COLUMN managed_by_auth")
    returned = older.start(with_alix)
    assert returned.returncode == 0, returned.stderr
    assert "group_role_map wants managed_by_auth" in returned.stdout
    assert older.session_of(with_alix, token) == "demo: of demo"


def test_a_return_without_a_copy_is_refused_with_the_ways_out(
    upgraded: Path, older: HubVersion
) -> None:
    for copy in (upgraded.parent / "schemas").iterdir():
        copy.unlink()
    before = digest(upgraded)
    refused = older.start(upgraded)
    assert refused.returncode == 1
    assert "deploy the newer commit again" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert digest(upgraded) == before


def test_a_full_disk_leaves_the_database_as_it_was(
    database: Path, newer: HubVersion, token: str
) -> None:
    before = digest(database)
    stopped = newer.start_alone(database, limit="trap '' XFSZ; ulimit -f 4")
    assert stopped.returncode == 1, "the disk was not full: nothing is proven"
    assert "Nothing was changed" in stopped.stderr
    assert digest(database) == before
    assert newer.start(database).returncode == 0
    assert newer.session_of(database, token) == "demo: of demo"


def test_a_migration_killed_midway_leaves_the_database_as_it_was(
    database: Path, newer: HubVersion, token: str
) -> None:
    before = digest(database)
    work = database.parent / ".migration"
    process = newer.begin(database)
    while not work.exists():
        assert process.poll() is None, "the migration ended before the kill: nothing is proven"
        time.sleep(0.005)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert work.exists()
    assert digest(database) == before
    assert newer.start(database).returncode == 0
    assert newer.session_of(database, token) == "demo: of demo"
    assert not work.exists(), "what the kill left is still there"


def test_a_database_that_a_kill_left_midway_is_healed_before_it_is_copied(
    database: Path, newer: HubVersion, token: str
) -> None:
    """SQLite's journal says what to roll back; beside a copy made without it, it would damage that copy."""
    whole = database.read_bytes()
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("PRAGMA cache_spill = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM users")
        connection.execute("CREATE TABLE filling (text)")
        connection.executemany("INSERT INTO filling VALUES (?)", [["x" * 2000]] * 200)
        torn, journal = database.read_bytes(), journal_of(database).read_bytes()
    database.write_bytes(torn)
    journal_of(database).write_bytes(journal)
    assert torn != whole, "nothing was torn: nothing is proven"
    assert newer.start(database).returncode == 0
    assert newer.session_of(database, token) == "demo: of demo"
    assert not journal_of(database).exists()


def test_an_empty_server_has_nothing_to_migrate(tmp_path: Path, newer: HubVersion) -> None:
    started = newer.start(tmp_path / DATABASE)
    assert (started.returncode, started.stdout) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_copies_are_bounded(database: Path, newer: HubVersion) -> None:
    folder = database.parent / "schemas"
    folder.mkdir()
    for number in range(9):
        (folder / f"old{number}.sqlite").touch()
    newer.start(database)
    assert len(list(folder.iterdir())) == 5


def revision(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def change(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute(statement).rowcount != 0


def journal_of(database: Path) -> Path:
    return database.with_name(f"{database.name}-journal")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:o}"


def _installed(version: str) -> HubVersion:
    try:
        return install(version)
    except OSError as error:
        pytest.skip(str(error))
