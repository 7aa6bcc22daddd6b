"""Analysts at work through an upgrade, and all that must be the same after it."""

import json
import secrets
import time
from dataclasses import dataclass

from infra.settings import layout
from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.machine import CommandError, Machine, Unreachable
from tests.smoke.session import Session

PATIENCE_S = 180
FILES = 40
# Read by the hub's own Python: the server has no sqlite3 program.
_HUB_ROWS = f"""
import json, sqlite3, sys
db = sqlite3.connect("file:{layout.HUB_DATABASE}?mode=ro", uri=True, timeout=20)
rows = [["user", *row] for row in db.execute("SELECT name, admin, created FROM users")]
rows += [["session", *row] for row in db.execute(
    "SELECT u.name, s.name, s.state, s.started, v.ip, v.port, v.base_url FROM spawners s "
    "JOIN users u ON u.id = s.user_id JOIN servers v ON v.id = s.server_id")]
rows += [["token", *row] for row in db.execute(
    "SELECT u.name, t.hashed FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE t.expires_at IS NULL")]
print(json.dumps([json.dumps(row) for row in rows if row[1] in sys.argv[1:]]))
"""  # noqa: S608 - a folder of the layout


@dataclass(frozen=True)
class State:
    """What an analyst has, on the disk and in the hub's database."""

    container: str
    files: frozenset[str]
    """Checksum and path of each file: of the home and of the releases."""
    hub_rows: frozenset[str]
    """The account, the session and the session's own token."""
    events: int


@dataclass(frozen=True)
class Findings:
    session: str
    files_lost: int
    rows_lost: int

    @property
    def good(self) -> bool:
        return self == Findings(session="as before", files_lost=0, rows_lost=0)


class Witness:
    """An analyst with files, a running session, and a variable that exists nowhere but in its kernel."""

    def __init__(
        self, login: str, *, site: Site, server: Machine, project: str | None = None
    ) -> None:
        """`project`: the one to work for; empty where there are none, None: the usual one."""
        self.server = server
        self.releases = site.storage.releases
        self.analyst = Analyst(login, site=site, server=server)
        self.home = self.analyst.home
        if project is not None:
            self.analyst.project = project
            self.home = f"{site.storage.homes}/{login}"
        self._begin(
            "work.mkdir(exist_ok=True)\n"
            f"for number in range({FILES}):\n"
            "    (work / f'carnet-{number}.txt').write_text(secrets.token_hex(5000))\n"
        )

    def goes_on(self, *, project: str) -> list[str]:
        """Open a session anew after the old one ended, as a deploy across projects makes it; return what is wrong."""
        self.server.wait_until_fails(
            f"docker inspect -f '{{{{.Id}}}}' {self.analyst.container} | grep -qF '{self.before.container.split()[0]}'",
            timeout_s=PATIENCE_S,
        )
        files = self.before.files
        self.analyst.project = project
        self._begin(f"assert len(list(work.iterdir())) == {FILES}, 'the home is another'\n")
        lost = len(files - self.before.files)
        return [f"{self.analyst.login} lost {lost} files"] if lost else []

    def _begin(self, work: str) -> None:
        """Open a session, run a program in it, and keep what the analyst has from now on."""
        self.thesis = secrets.token_hex(8)
        self.session: Session = self.analyst.open_session()
        self.session.run(
            f"thesis = {self.thesis!r}\n"
            "import pathlib, secrets\n"
            "work = pathlib.Path.home() / 'travail'\n"
            f"{work}"
            "import openchronic as oc\n"
            "connection = oc.connect()\n"
        )
        self.before = self._state()
        assert len(self.before.files) > FILES, f"too few files to prove anything: {self.before}"
        assert len(self.before.hub_rows) >= 3, f"the hub knows too little: {self.before.hub_rows}"
        assert self.before.events > 0, "the release is empty"

    def look(self) -> Findings:
        """What is there now, against what was: patient, as a user who reloads the page."""
        session = self._session()
        try:
            now = self._state()
        except (CommandError, Unreachable, AssertionError, OSError) as error:
            return Findings(f"lost: {str(error)[:200]}", -1, -1)
        if now.container != self.before.container:
            session = "another container"
        elif not self.analyst.can_log_in():
            session = "the password is refused"
        return Findings(
            session=session,
            files_lost=len(self.before.files - now.files),
            rows_lost=len(self.before.hub_rows - now.hub_rows)
            + max(0, self.before.events - now.events),
        )

    def close(self) -> None:
        self.session.kernel.close()
        self.analyst.close()

    def _session(self) -> str:
        """Through a new connection and with the token from before: same kernel, and the hub agrees."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.session.kernel.reconnect()
                found = self.session.value("thesis")
                running = self.analyst.hub.is_running()
            except (AssertionError, OSError, ValueError) as error:
                said = f"lost: {str(error)[:200]}"
            else:
                if found == self.thesis and running:
                    return "as before"
                said = "another kernel" if found != self.thesis else "unknown to the hub"
            if time.monotonic() > deadline:
                return said
            time.sleep(1)

    def _state(self) -> State:
        login = self.analyst.login
        places = f"{self.home}/travail {self.releases}"
        files = self.server.succeed(f"find {places} -type f -exec sha256sum {{}} +")
        rows = self.server.succeed(f"{layout.HUB_VENV}/bin/python - {login}", stdin=_HUB_ROWS)
        inspect = "docker inspect -f '{{.Id}} {{.State.StartedAt}} {{.RestartCount}}'"
        return State(
            container=self.server.succeed(f"{inspect} {self.analyst.container}"),
            files=frozenset(files.splitlines()),
            hub_rows=frozenset(json.loads(rows)),
            events=int(
                self.session.value(
                    "oc.connect().sql('SELECT count(*) FROM event').fetchall()[0][0]"
                )
            ),
        )
