"""A user of JupyterHub without a browser: login form, profile form, API."""

import html
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.cookies import get_cookie_header

from tests.pace import patience

PATIENCE_S = 180
TIMEOUT_S = 30
# Pages to which the hub leads a user before a session opens.
CHARTER = "charter"
STEPS = ("password", "second-factor", CHARTER)
# The page of the web server's own limit, of logins a minute from one address.
CROWD = "Trop de demandes viennent de votre réseau"
CROWDED_S = 120


class HubError(AssertionError):
    """The hub did not do what a user asked; the message has its answer."""


class Hub:
    """One user's connection to the hub, with the cookies of a browser."""

    def __init__(self, url: str, *, trust: Path) -> None:
        self.url = url.rstrip("/")
        # `enter` changes it if sessions have hosts of their own.
        self.session_url = self.url
        self.http = requests.Session()
        self.http.verify = str(trust)
        # Ignore the proxy and CA bundle of the operator's environment.
        self.http.trust_env = False
        self.login = ""

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(f"{self.url}{path}", timeout=patience(TIMEOUT_S), **options)

    def submit(self, path: str, fields: dict[str, str]) -> requests.Response:
        """Fill in the form of a page, send it as a browser does, and return the answer."""
        page = self.get(path)
        form = re.search(r'<form[^>]*\saction="([^"]+)"[^>]*\smethod="post"', page.text)
        if not form:
            raise HubError(f"{path} has no form: {page.status_code} {_text(page)[:300]}")
        if hidden := re.search(r'name="_xsrf"\s+value="([^"]+)"', page.text):
            fields = {**fields, "_xsrf": html.unescape(hidden[1])}
        answer = self.http.post(
            urljoin(page.url, html.unescape(form[1])),
            data=fields,
            timeout=patience(TIMEOUT_S),
            allow_redirects=False,
        )
        # The hub's pages say their encoding themselves, as browsers read it.
        answer.encoding = "utf-8"
        return answer

    def submit_login(
        self, login: str, password: str, *, code: str = ""
    ) -> tuple[requests.Response, float]:
        """Return the hub's answer to the login form and its seconds, once the web server lets the login through."""
        fields = {"username": login, "password": password} | ({"otp": code} if code else {})
        deadline = time.monotonic() + patience(CROWDED_S)
        while True:
            started = time.monotonic()
            answer = self.submit("/hub/login", fields)
            if answer.status_code != 429 or CROWD not in answer.text:
                return answer, time.monotonic() - started
            if time.monotonic() > deadline:
                raise HubError("the web server lets no login through")
            time.sleep(2)

    def log_in(self, login: str, password: str, *, code: str = "") -> bool:
        """Whether the hub accepts the login. If it asks to accept the charter, this does, as its page says."""
        answer, _ = self.submit_login(login, password, code=code)
        self.login = login
        if answer.status_code != 302 or not self.is_logged_in():
            return False
        if self.step() == CHARTER:
            self.accept_charter()
        return True

    def is_logged_in(self) -> bool:
        home = self.get("/hub/home", allow_redirects=False)
        return home.status_code == 200 or _step_of(home) != ""

    def step(self) -> str:
        """Return the page to which the hub leads before all others; empty if there is nothing left to do."""
        return _step_of(self.get("/hub/home", allow_redirects=False))

    def accept_charter(self) -> None:
        page = self.get(f"/hub/{CHARTER}")
        version = re.search(r'name="version" value="([^"]+)"', page.text)
        if not version:
            raise HubError(f"the charter has no version: {_text(page)[:300]}")
        answer = self.submit(f"/hub/{CHARTER}", {"version": version[1], "accepted": "yes"})
        if answer.status_code != 302 or self.step() == CHARTER:
            raise HubError(f"the charter is not accepted: {_text(answer)[:300]}")

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call the hub's API with the user's cookies, as the pages of the hub do."""
        headers = {"X-XSRFToken": self.xsrf, "Referer": f"{self.url}/hub/home"}
        return self.http.request(
            method,
            f"{self.url}/hub/api{path}",
            headers=headers,
            timeout=patience(TIMEOUT_S),
            **options,
        )

    def enter(self) -> None:
        """Open the user's own session, as a browser does: through the gate and the session's own login."""
        page = self.get(f"/user/{self.login}/lab")
        place = urlsplit(page.url)
        if page.status_code != 200 or not place.path.startswith(f"/user/{self.login}/"):
            raise HubError(f"no way into the session: {page.status_code} at {page.url}")
        self.session_url = f"{place.scheme}://{place.netloc}"

    @property
    def xsrf(self) -> str:
        """The XSRF token that the hub's pages send with changes."""
        return self._cookie("_xsrf", "/hub")

    def session_headers(self) -> dict[str, str]:
        """Return the XSRF header that the session's pages send with changes."""
        return {"X-XSRFToken": self._cookie("_xsrf", f"/user/{self.login}/")}

    def cookies_for(self, path: str) -> str:
        """Return the Cookie header that a browser would send to a path."""
        url = self.session_url if path.startswith("/user/") else self.url
        request = requests.Request("GET", f"{url}{path}").prepare()
        return get_cookie_header(self.http.cookies, request) or ""  # type: ignore[no-untyped-call]

    def start(self, profile: str, *, project: str | None = None) -> None:
        """Choose a project, where there are several, and a profile on the start page, and wait for the session."""
        choice = {"profile": profile, **({"project": project} if project else {})}
        answer = self.submit("/hub/spawn", choice)
        if answer.status_code != 302:
            raise HubError(f"the start page answered {answer.status_code}: {_text(answer)[:300]}")
        deadline = time.monotonic() + patience(PATIENCE_S)
        while not self.is_running():
            if time.monotonic() > deadline or not self._state():
                raise HubError(
                    f"no session after {patience(PATIENCE_S):.0f} s: {self._state() or 'it failed'}"
                )
            time.sleep(0.5)

    def stop(self) -> None:
        self.api("DELETE", f"/users/{self.login}/server")
        deadline = time.monotonic() + patience(60)
        while self._state():
            if time.monotonic() > deadline:
                raise HubError("the session does not stop")
            time.sleep(0.5)

    def is_running(self) -> bool:
        return bool(self._state().get("ready"))

    def is_starting(self) -> bool:
        return bool(self._state().get("pending"))

    @property
    def profile(self) -> str:
        """The profile of the running session; empty where the hub does not say it."""
        return str((self._state().get("user_options") or {}).get("profile", ""))

    def _state(self) -> dict[str, Any]:
        """Return the hub's description of the session; empty when there is none."""
        answer = self.api("GET", f"/users/{self.login}?include_stopped_servers=0")
        if answer.status_code != 200:
            raise HubError(f"the hub answered {answer.status_code}: {answer.text[:300]}")
        servers: dict[str, dict[str, Any]] = answer.json().get("servers") or {}
        return servers.get("", {})

    def _cookie(self, name: str, path: str) -> str:
        """Return the value of a cookie under a path: the hub and each session have one of the same name."""
        for cookie in tuple(iter(self.http.cookies)):
            if cookie.name == name and cookie.path.startswith(path) and cookie.value:
                return cookie.value
        return ""


def _step_of(answer: requests.Response) -> str:
    """Return the step before a session to which an answer leads; empty for another answer."""
    found = re.match(r"/hub/([a-z-]+)\?", answer.headers.get("Location", ""))
    return found[1] if found and found[1] in STEPS else ""


def _text(answer: requests.Response) -> str:
    """Return the text of a page without markup; that of its alert if it has one."""
    if alert := re.search(r'(?s)role="alert"[^>]*>(.*?)</', answer.text):
        return html.unescape(" ".join(alert[1].split()))
    body = re.sub(r"(?s)<(script|style|head).*?</\1>", " ", answer.text)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
