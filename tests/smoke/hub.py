"""JupyterHub as a user reaches it, without a browser: the login form, the profile form, the API."""

import html
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

PATIENCE_S = 180
TIMEOUT_S = 30


class HubError(AssertionError):
    """The hub did not do what a user asked, with what it said."""


class Hub:
    """One user's way in, with the cookies of a browser."""

    def __init__(self, url: str, *, trust: Path) -> None:
        self.url = url.rstrip("/")
        self.http = requests.Session()
        self.http.verify = str(trust)
        # Neither a proxy nor another bundle of the operator's environment.
        self.http.trust_env = False
        self.login = ""
        self.token = ""

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(f"{self.url}{path}", timeout=TIMEOUT_S, **options)

    def submit(self, path: str, fields: dict[str, str]) -> requests.Response:
        """Fill in the form of a page and send it, as a browser does."""
        page = self.get(path)
        form = re.search(r'<form[^>]*\saction="([^"]+)"[^>]*\smethod="post"', page.text)
        if not form:
            raise HubError(f"{path} has no form: {page.status_code} {_text(page)[:300]}")
        if hidden := re.search(r'name="_xsrf"\s+value="([^"]+)"', page.text):
            fields = {**fields, "_xsrf": html.unescape(hidden[1])}
        return self.http.post(
            urljoin(page.url, html.unescape(form[1])),
            data=fields,
            timeout=TIMEOUT_S,
            allow_redirects=False,
        )

    def log_in(self, login: str, password: str) -> bool:
        """True when the hub lets them in."""
        answer = self.submit("/hub/login", {"username": login, "password": password})
        self.login = login
        return answer.status_code == 302 and self.is_logged_in()

    def is_logged_in(self) -> bool:
        home = self.get("/hub/home", allow_redirects=False)
        return home.status_code == 200

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        """The hub's API with the user's cookies, as the pages of the hub call it."""
        headers = {"X-XSRFToken": self._cookie("_xsrf"), "Referer": f"{self.url}/hub/home"}
        return self.http.request(
            method, f"{self.url}/hub/api{path}", headers=headers, timeout=TIMEOUT_S, **options
        )

    def make_token(self) -> str:
        """A token for the scripts of a user, which ends by itself."""
        answer = self.api(
            "POST",
            f"/users/{self.login}/tokens",
            json={"expires_in": 3600, "note": "smoke test"},
        )
        if answer.status_code not in (200, 201):
            raise HubError(f"no token for {self.login}: {answer.status_code} {answer.text[:300]}")
        self.token = str(answer.json()["token"])
        return self.token

    def start(self, profile: str) -> None:
        """Choose a profile on the start page, and wait for the session."""
        answer = self.submit("/hub/spawn", {"profile": profile})
        if answer.status_code != 302:
            raise HubError(f"the start page answered {answer.status_code}: {_text(answer)[:300]}")
        deadline = time.monotonic() + PATIENCE_S
        while not self.is_running():
            if time.monotonic() > deadline or not self._state():
                raise HubError(f"no session after {PATIENCE_S} s: {self._state() or 'it failed'}")
            time.sleep(0.5)

    def stop(self) -> None:
        self.api("DELETE", f"/users/{self.login}/server")
        deadline = time.monotonic() + 60
        while self._state():
            if time.monotonic() > deadline:
                raise HubError("the session does not stop")
            time.sleep(0.5)

    def is_running(self) -> bool:
        return bool(self._state().get("ready"))

    def _state(self) -> dict[str, Any]:
        """The default session as the hub knows it; empty when there is none."""
        answer = self.api("GET", f"/users/{self.login}?include_stopped_servers=0")
        if answer.status_code != 200:
            raise HubError(f"the hub answered {answer.status_code}: {answer.text[:300]}")
        servers: dict[str, dict[str, Any]] = answer.json().get("servers") or {}
        return servers.get("", {})

    def _cookie(self, name: str) -> str:
        """The hub's own; sessions have one of the same name under their path."""
        for cookie in self.http.cookies:
            if cookie.name == name and cookie.path.startswith("/hub") and cookie.value:
                return cookie.value
        return ""


def _text(answer: requests.Response) -> str:
    """What a page says, without its markup: its alert if it has one."""
    if alert := re.search(r'(?s)role="alert"[^>]*>(.*?)</', answer.text):
        return html.unescape(" ".join(alert[1].split()))
    body = re.sub(r"(?s)<(script|style|head).*?</\1>", " ", answer.text)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
