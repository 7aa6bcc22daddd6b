"""An analyst of the test box: logs in, opens a session and runs code in it."""

import json
import secrets
import tempfile
from pathlib import Path

from infra.settings import layout
from infra.settings.site import Site
from tests.server.machine import Machine
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel
from tests.smoke.session import Session
from tests.smoke.trust import write_bundle

PROFILE = "petite"
# The one that gets one of the site's two cards, which are devices that exist everywhere.
WITH_A_CARD = "grande"
# The box's projects: `demo` is a member of both.
VARIATIONS, PARCOURS = "variations", "parcours"
# What a test asks for when it does not say.
USUAL = {"demo": VARIATIONS}


def home_of(login: str, *, project: str, site: Site) -> str:
    return f"{site.storage.homes}/{login}@{project}"


class Analyst:
    """An analyst with a password, who logs in by the form, as a user does, and opens sessions for one project."""

    def __init__(
        self, login: str, *, site: Site, server: Machine, project: str | None = None
    ) -> None:
        self.login = login
        self.project = project or USUAL.get(login, PARCOURS)
        self.site = site
        self.server = server
        self._folder = tempfile.TemporaryDirectory(prefix="analyst-")
        self.trust = Path(self._folder.name) / "authorities.pem"
        write_bundle(site, self.trust)
        self.password = secrets.token_urlsafe(18)
        server.succeed("chpasswd", stdin=f"{login}:{self.password}\n")
        self.hub = Hub(site.url, trust=self.trust)

    @property
    def container(self) -> str:
        return f"session-{self.login}"

    @property
    def home(self) -> str:
        """The path on the server of the analyst's home for the project."""
        return home_of(self.login, project=self.project, site=self.site)

    def can_log_in(self) -> bool:
        """Whether the password is accepted, in a new browser without cookies."""
        return Hub(self.site.url, trust=self.trust).log_in(self.login, self.password)

    def log_in(self) -> None:
        """Log in without cookies: the hub shows no form to a user who is logged in."""
        self.hub.http.cookies.clear()
        assert self.hub.log_in(self.login, self.password), f"{self.login} cannot log in"

    def be_logged_in(self) -> None:
        """Log in, unless the browser is and the hub asks for nothing before a session."""
        if not self.hub.is_logged_in() or self.hub.step():
            self.log_in()

    def start(self, profile: str = PROFILE) -> None:
        """Start a session for the analyst's project by the start page."""
        self.hub.start(profile, project=self.project)

    def open_session(self, profile: str = PROFILE) -> Session:
        """Log in and start a session if need be, and return it with a new kernel."""
        self.be_logged_in()
        if not self.hub.is_running():
            self.start(profile)
        return Session(Kernel(self.hub))

    def cards(self) -> list[str]:
        """Return the cards of the running session, as whoever is in it sees them; none where no session runs."""
        listed = self.server.execute(f"docker exec {self.container} sh -c 'ls -d /dev/nvidia*'")
        return listed.out.split() if listed.status == 0 else []

    def open_session_of(self, profile: str) -> Session:
        """As open_session(), in a session of this very profile: one of another image is stopped first."""
        self.be_logged_in()
        if self.hub.is_running():
            running = self.server.succeed(
                f"docker inspect --format '{{{{.Config.Image}}}}' {self.container}"
            )
            wanted = json.loads(self.server.succeed(f"cat {layout.IMAGES_IN_SERVICE}"))
            if running != wanted[self.site.profiles[profile].image]:
                self.hub.stop()
        return self.open_session(profile)

    def close(self) -> None:
        if self.hub.is_logged_in() and self.hub.is_running():
            self.hub.stop()
        self._folder.cleanup()
