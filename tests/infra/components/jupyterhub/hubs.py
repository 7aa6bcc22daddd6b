"""Installs JupyterHubs with two schemas from the machine's package index, and makes databases with each."""

import os
import re
import shlex
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.metadata import PackageNotFoundError
from pathlib import Path

from infra.settings import layout
from infra.settings.settings_file import ROOT
from tests.forked_python import ForkedPython
from tests.pace import patience

# The last version before the schema of 6.0.
OLDER = "5.5.4"
SCRIPT = ROOT / "infra/components/jupyterhub/files/migrate_database.py"
LIMIT_S = 300
# Without PYTHONDONTWRITEBYTECODE: these tests start many processes, which need compiled modules.
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}

# The migrations load the whole hub too.
_MODULES = "import alembic.command, alembic.config, alembic.script, jupyterhub.app; from jupyterhub import dbutil, orm"
_SCRIPT = """
import runpy
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
_SPEAK = """
db = orm.new_session_factory("sqlite:///" + sys.argv[1])()
"""
_MAKE = """
db.add_all([orm.OAuthClient(identifier="jupyterhub"), orm.Role(name="server", scopes=[])])
db.commit()
"""
_ADD = f"""
user = orm.User(name=sys.argv[2])
spawner = orm.Spawner(name="", user=user, state={{"object_id": "of " + user.name}}, server=orm.Server(port={layout.SESSION_PORT}))
db.add_all([user, spawner])
db.commit()
print(orm.APIToken.new(user=user, scopes=[]))
"""
_WHOSE = """
found = orm.APIToken.find(db, sys.argv[2])
print(found.user.name, found.user.orm_spawners[""].state["object_id"] if found else "", sep=": ")
"""


@dataclass(frozen=True)
class HubVersion:
    """A version of JupyterHub, in a virtual environment of its own."""

    version: str
    python: Path

    def start(self, database: Path) -> subprocess.CompletedProcess[str]:
        """Run the migration script in a fork of a process that has its modules."""
        forked = _with_jupyterhub(self.python)
        return forked.run(_SCRIPT, *self._command(database)[1:], env=ENVIRONMENT)

    def start_alone(self, database: Path, *, limit: str = ":") -> subprocess.CompletedProcess[str]:
        """Run it as systemd does before this hub starts, after the shell command `limit` (ulimit)."""
        return subprocess.run(
            ["bash", "-c", f"{limit}; exec {shlex.join(self._command(database))}"],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=patience(LIMIT_S),
            check=False,
        )

    def begin(self, database: Path) -> subprocess.Popen[bytes]:
        """Run the migration script in the background, to be killed."""
        return subprocess.Popen(
            self._command(database),
            env=ENVIRONMENT,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _command(self, database: Path) -> list[str]:
        return [str(self.python), str(SCRIPT), str(database), str(database.parent / "schemas")]

    def make(self, database: Path) -> None:
        """Make a database with this version's schema."""
        self._say(_MAKE, str(database))

    def add(self, database: Path, login: str) -> str:
        """Add a user with a running session, and return the session's token."""
        return self._say(_ADD, str(database), login)

    def session_of(self, database: Path, token: str) -> str:
        """Return the hub's answer to a session's question whose session it is."""
        return self._say(_WHOSE, str(database), token)

    def _say(self, code: str, *arguments: str) -> str:
        """Run code with this JupyterHub; it fails on a database with another schema, as the hub does."""
        done = _with_jupyterhub(self.python).run(_SPEAK + code, *arguments, env=ENVIRONMENT)
        assert done.returncode == 0, f"JupyterHub {self.version}: {done.stderr[-1500:]}"
        return done.stdout.strip()


@cache
def _with_jupyterhub(python: Path) -> ForkedPython:
    return ForkedPython(python, _MODULES, folder=ROOT, env=ENVIRONMENT)


def current_version() -> str:
    """Return the version of the server, from its lock."""
    lock = (ROOT / "infra/components/jupyterhub/requirements.txt").read_text()
    found = re.search(r"^jupyterhub==(\S+)", lock, re.M)
    assert found, "the lock holds no jupyterhub"
    return found[1]


def install(version: str) -> HubVersion:
    """Return this version: that of the tests if it is the same, else one installed once under build/.

    Raises OSError when the package index does not answer.
    """
    with suppress(PackageNotFoundError):
        if metadata.version("jupyterhub") == version:
            return HubVersion(version, Path(sys.executable))
    folder = ROOT / "build" / f"jupyterhub-{version}"
    hub = HubVersion(version, folder / "bin/python")
    if (folder / "complete").exists():
        return hub
    settings = subprocess.run(
        [sys.executable, "-m", "infra.settings.pip_settings"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    uv = shlex.quote(str(Path(sys.executable).with_name("uv")))
    script = (
        f"set -e; {settings}\n{uv} venv --quiet --clear --python {shlex.quote(sys.executable)} {shlex.quote(str(folder))}\n"
        f"{uv} pip install --quiet --compile-bytecode --python {shlex.quote(str(hub.python))} jupyterhub=={version}\n"
    )
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "UV_LINK_MODE": "hardlink"},
        capture_output=True,
        text=True,
        timeout=patience(600),
        check=False,
    )
    if done.returncode != 0:
        raise OSError(f"JupyterHub {version} cannot be installed here: {done.stderr[-500:]}")
    (folder / "complete").touch()
    return hub
