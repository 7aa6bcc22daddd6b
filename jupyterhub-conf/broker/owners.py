"""Finds whose session asks, by the token that the hub gave the session at its start and takes back at its end."""

import json
from http import HTTPStatus
from urllib.parse import urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

LIMIT_S = 10.0
LONGEST_TOKEN = 200


class HubAway(Exception):
    """The hub does not answer."""


async def owner_of(token: str, *, hub: str) -> str | None:
    """Return the login whose session has this token; None for a token of nobody's session. Raises HubAway."""
    if not token or len(token) > LONGEST_TOKEN or not token.isalnum():
        return None
    request = HTTPRequest(
        f"{hub}/hub/api/user",
        headers={"Authorization": f"token {token}"},
        request_timeout=LIMIT_S,
        connect_timeout=LIMIT_S,
        follow_redirects=False,
    )
    try:
        answer = await AsyncHTTPClient().fetch(request)
    except HTTPClientError as error:
        if error.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return None
        raise HubAway(f"{urlsplit(hub).netloc}: {error}") from error
    except OSError as error:
        raise HubAway(f"{urlsplit(hub).netloc}: {error}") from error
    told = json.loads(answer.body)
    # A token of a service, or of a page that was only allowed to know who its user is, is no session's.
    if told.get("kind") != "user" or not _is_of_a_session(told):
        return None
    return str(told["name"])


def _is_of_a_session(told: dict[str, object]) -> bool:
    """Whether the token is one that the hub gave a server: it may report that server's activity."""
    scopes = told.get("scopes")
    return isinstance(scopes, list) and any(
        str(one).startswith("users:activity!user=") for one in scopes
    )
