"""An analyst of the test box: logs in, opens a session and runs code in it."""

import secrets
import tempfile
from pathlib import Path

from infra.settings.site import Site
from tests.server.machine import Machine
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel
from tests.smoke.session import Session
from tests.smoke.trust import write_bundle

PROFILE = "petite"


class Analyst:
    """An analyst with a password, who logs in by the form, as a user does."""

    def __init__(self, login: str, *, site: Site, server: Machine) -> None:
        self.login = login
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

    def can_log_in(self) -> bool:
        """Whether the password is accepted, in a new browser without cookies."""
        return Hub(self.site.url, trust=self.trust).log_in(self.login, self.password)

    def log_in(self) -> None:
        """Log in without cookies: the hub shows no form to a user who is logged in."""
        self.hub.http.cookies.clear()
        assert self.hub.log_in(self.login, self.password), f"{self.login} cannot log in"

    def open_session(self, profile: str = PROFILE) -> Session:
        """Log in and start a session if need be, and return it with a new kernel."""
        if not self.hub.is_logged_in():
            self.log_in()
        if not self.hub.is_running():
            self.hub.start(profile)
        return Session(Kernel(self.hub))

    def close(self) -> None:
        if self.hub.is_logged_in() and self.hub.is_running():
            self.hub.stop()
        self._folder.cleanup()
