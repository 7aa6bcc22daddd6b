"""An analyst of the test box, with a password, a session and code that runs in it."""

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
    """Logged in by the form, as from an office: what the server then lets them do."""

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
        """A browser that has no cookie yet."""
        return Hub(self.site.url, trust=self.trust).log_in(self.login, self.password)

    def log_in(self) -> None:
        """As a browser that has no cookie yet: whoever is logged in gets no form."""
        self.hub.http.cookies.clear()
        assert self.hub.log_in(self.login, self.password), f"{self.login} cannot log in"

    def open_session(self, profile: str = PROFILE) -> Session:
        """A running session with a kernel of its own."""
        if not self.hub.is_logged_in():
            self.log_in()
        if not self.hub.is_running():
            self.hub.start(profile)
        return Session(Kernel(self.hub))

    def close(self) -> None:
        if self.hub.is_logged_in() and self.hub.is_running():
            self.hub.stop()
        self._folder.cleanup()
