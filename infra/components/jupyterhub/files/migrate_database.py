"""migrate_database.py DATABASE COPIES: before the hub starts, migrates its database to this JupyterHub's schema.

To a newer schema, a copy of the database is kept, and another one is migrated, which then replaces the database. An older
JupyterHub cannot downgrade a schema: the copy that was kept of an older schema is put back, with the rows that users
changed since; the newer database stays among the copies. COPIES holds one database per schema, named by its revision.
"""

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import alembic.script

KEPT = 5
# alembic's table, which holds the schema's revision and no other content.
STAMP = "alembic_version"


class Refused(Exception):
    """The hub must not start on this database; the message has the reason and what an operator can do."""


class Unfit(Exception):
    """Today's rows do not fit into the older schema; the message has the reason."""


def main(database: Path, copies: Path) -> int:
    os.umask(0o077)
    try:
        migrate(database, copies)
    except (Refused, sqlite3.Error, OSError) as error:
        say(f"{error}. Nothing was changed.", file=sys.stderr)
        return 1
    return 0


def migrate(database: Path, copies: Path) -> None:
    scripts = alembic.script.ScriptDirectory(str(schema_folder()))
    head = scripts.get_current_head()
    current = revision(database)
    if current in (None, head):
        return
    known = {script.revision for script in scripts.walk_revisions()}
    copies.mkdir(exist_ok=True)
    kept = copies / f"{current}.sqlite"
    copy(database, kept)
    say(f"the database has schema {current}, this JupyterHub wants {head}; a copy is kept: {kept}")
    with work_folder(database.parent / ".migration") as folder:
        if current in known:
            work = folder / "upgraded.sqlite"
            copy(database, work)
            upgrade(work)
        else:
            work = put_back(older_copy(copies, known, head), today=kept, folder=folder)
        if (reached := revision(work)) != head:
            raise Refused(f"the migration ended at schema {reached}, not {head}")
        replace(work, database)
    say(f"the database has schema {head} now")
    prune(copies)


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """Make an empty folder on the database's disk, so that the result can be renamed, and remove it at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def schema_folder() -> Path:
    """Return JupyterHub's folder of migrations. Importing JupyterHub would take a second at each start of the hub.

    Raises Refused when there is none.
    """
    for place in sys.path:
        if (found := Path(place, "jupyterhub", "alembic")).is_dir():
            return found
    raise Refused(f"{sys.executable} has no JupyterHub")


def revision(database: Path) -> str | None:
    """Return the revision of a database's schema; None when the database or the revision is missing."""
    if not database.exists():
        return None
    with closing(sqlite3.connect(database)) as connection:
        if STAMP not in tables(connection):
            return None
        row = connection.execute(f"SELECT version_num FROM {STAMP}").fetchone()  # noqa: S608
    return str(row[0]) if row else None


def older_copy(copies: Path, known: set[str], head: str | None) -> Path:
    """Return the copy with this JupyterHub's schema, else the newest copy with an older one.

    Raises Refused when there is none.
    """
    found = [path for path in copies.glob("*.sqlite") if path.stem in known]
    if not found:
        raise Refused(
            f"a newer JupyterHub wrote this database, and {copies} has no copy from before: deploy the newer "
            "commit again, or move the database away to begin with an empty one (sessions end, homes stay)"
        )
    return max(found, key=lambda path: (path.stem == head, path.stat().st_mtime))


def put_back(older: Path, *, today: Path, folder: Path) -> Path:
    """Return a database in this JupyterHub's schema, made of the older copy and of today's rows.

    If today's rows do not fit, it is the older copy alone, and the journal lists what is lost.
    """
    plain, merged = folder / "plain.sqlite", folder / "merged.sqlite"
    copy(older, plain)
    upgrade(plain)
    copy(plain, merged)
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(older.stat().st_mtime))
    say(f"putting back {older}, made on {made}")
    since = changes(then=plain, now=today)
    try:
        carry_over(today, merged)
        read_everything(merged)
    except Exception as error:  # noqa: BLE001 whatever the error, the older copy alone can be used
        say(f"what happened since does not fit into it ({error}) and is lost: {since or 'nothing'}")
        say("a container of a session that it does not know is replaced when its user starts one")
        return plain
    say(f"what happened since is carried over: {since or 'nothing'}")
    return merged


def carry_over(newer: Path, older: Path) -> None:
    """Replace the older database's rows by the newer one's, for the columns that both have, in one transaction.

    Raises Unfit when a required column is missing or a foreign key would be broken.
    """
    with closing(sqlite3.connect(older, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS newer", (str(newer),))
        connection.execute("BEGIN IMMEDIATE")
        for table in sorted(tables(connection) & tables(connection, "newer") - {STAMP}):
            there = columns(connection, "newer", table)
            mine = columns(connection, "main", table)
            if wanting := [name for name in mine if name not in there and mine[name]]:
                raise Unfit(f"{table} wants {', '.join(wanting)}")
            names = ", ".join(f'"{name}"' for name in mine if name in there)
            connection.execute(f'DELETE FROM main."{table}"')  # noqa: S608
            connection.execute(
                f'INSERT INTO main."{table}" ({names}) SELECT {names} FROM newer."{table}"'  # noqa: S608
            )
        orphans = len(connection.execute("PRAGMA main.foreign_key_check").fetchall())
        if orphans > len(connection.execute("PRAGMA newer.foreign_key_check").fetchall()):
            raise Unfit("rows would lack the rows that they belong to")
        connection.execute("COMMIT")


def read_everything(database: Path) -> None:
    """Read all rows through this JupyterHub's classes, so that a value that it cannot read is found before it starts."""
    import sqlalchemy
    from jupyterhub import orm
    from sqlalchemy.orm import Session

    engine = sqlalchemy.create_engine(f"sqlite:///{database}")
    with Session(engine) as session:
        for mapper in orm.Base.registry.mappers:
            session.query(mapper.class_).all()
    engine.dispose()


def changes(*, then: Path, now: Path) -> str:
    """Return a line for the journal with the users and sessions that were added or removed between two databases."""
    parts = []
    for what, query in (
        ("users", "SELECT name FROM users"),
        (
            "sessions",
            "SELECT u.name FROM spawners s JOIN users u ON u.id = s.user_id WHERE s.server_id IS NOT NULL",
        ),
    ):
        before, after = names_in(then, query), names_in(now, query)
        parts += [f"{what} new: {', '.join(sorted(after - before))}"] if after - before else []
        parts += [f"{what} gone: {', '.join(sorted(before - after))}"] if before - after else []
    return "; ".join(parts)


def names_in(database: Path, query: str) -> set[str]:
    """Return the names that a query finds; none where the schema lacks its tables, as they are for the journal only."""
    with closing(sqlite3.connect(database)) as connection, suppress(sqlite3.OperationalError):
        return {str(row[0]) for row in connection.execute(query)}
    return set()


def upgrade(database: Path) -> None:
    """Migrate a database to this JupyterHub's schema by its own migrations; no change when it has it."""
    import alembic.command
    import alembic.config
    from jupyterhub import dbutil

    with tempfile.TemporaryDirectory() as folder:
        settings = str(Path(folder, "alembic.ini"))
        dbutil.write_alembic_ini(settings, f"sqlite:///{database}")
        alembic.command.upgrade(alembic.config.Config(settings), "head")


def copy(source: Path, target: Path) -> None:
    """Copy a database by SQLite's backup, which also recovers one after a kill; the copy appears by a rename, synced."""
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(partial)) as new:
            old.backup(new)
        replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def replace(source: Path, target: Path) -> None:
    for place in (source, source.parent):
        sync(place)
    source.replace(target)
    sync(target.parent)


def sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def prune(copies: Path) -> None:
    newest_first = sorted(copies.glob("*.sqlite"), key=lambda path: -path.stat().st_mtime)
    for path in newest_first[KEPT:]:
        path.unlink()


def tables(connection: sqlite3.Connection, schema: str = "main") -> set[str]:
    listed = f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table'"  # noqa: S608
    return {name for (name,) in connection.execute(listed) if not name.startswith("sqlite_")}


def columns(connection: sqlite3.Connection, schema: str, table: str) -> dict[str, bool]:
    """Return a table's columns by name, with whether a row must have a value for it."""
    rows = connection.execute(f'PRAGMA {schema}.table_info("{table}")')
    return {name: bool(required) and default is None for _, name, _, required, default, _ in rows}


def say(text: str, **options: Any) -> None:
    print(f"migrate-database: {text}", flush=True, **options)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
