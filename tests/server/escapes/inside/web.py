"""HTTP requests with any method and any header."""

import json
import os
import urllib.error
import urllib.request
from typing import Any


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)


def http(
    method: str, url: str, headers: dict[str, str] | None = None, data: str | None = None
) -> dict[str, Any]:
    """Send a request; return the status, the headers in lower case and the beginning of the page."""
    body = None if data is None else data.encode()
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)  # noqa: S310 - of the tests' own making
    try:
        answer = _opener.open(request, timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    except OSError as error:
        return {"status": 0, "said": str(error), "headers": {}}
    return {
        "status": answer.status,
        "headers": {name.lower(): value for name, value in answer.headers.items()},
        "said": answer.read(3000).decode(errors="replace"),
    }


def api(method: str, path: str, token: str, body: object = None) -> int:
    """Call the hub's API with a token, and return the status."""
    headers = {"Authorization": f"token {token}"} if token else {}
    data = None if body is None else json.dumps(body)
    return int(http(method, os.environ["JUPYTERHUB_API_URL"] + path, headers, data)["status"])
