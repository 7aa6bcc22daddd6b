"""The site's broker, where a session has one: it makes executors of Spark and workers of Dask as pods of the user's own."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from openchronic.errors import OpenChronicError

LIMIT_S = 60.0


@dataclass(frozen=True)
class Broker:
    """Its address, the session's token and place, and the most executors and workers of the session together."""

    url: str
    token: str
    namespace: str
    address: str
    most: int


def find_broker() -> Broker | None:
    """Returns the broker that the hub told this session of; None on a site without one."""
    given = [os.environ.get(name, "") for name in NAMES]
    if not all(given) or not given[-1].isdigit() or int(given[-1]) < 1:
        return None
    url, token, namespace, address, most = given
    return Broker(url.rstrip("/"), token, namespace, address, int(most))


NAMES = (
    "OPENCHRONIC_BROKER",
    "JUPYTERHUB_API_TOKEN",
    "OPENCHRONIC_NAMESPACE",
    "OPENCHRONIC_POD_IP",
    "OPENCHRONIC_EXECUTORS",
)


def broker_for(count: int, what: str) -> Broker:
    """Returns the broker, asked for ``count`` of ``what`` (a French word, in the plural). Raises OpenChronicError."""
    broker = find_broker()
    if broker is None:
        raise OpenChronicError(
            f"this site has no {what} outside of sessions: leave the number out, and all runs in the session",
            f"Cette plateforme n’a pas d’autres {what} que ceux de la session : n’en demandez pas, le calcul se "
            "fait dans la session.",
        )
    if not 1 <= count <= broker.most:
        raise OpenChronicError(
            f"a session has from 1 to {broker.most} {what}, not {count}",
            f"Une session a de 1 à {broker.most} {what}, et non {count}.",
        )
    return broker


def ask(broker: Broker, path: str, given: object = None, *, method: str) -> Any:
    """Returns the broker's answer. Raises OpenChronicError with its reason."""
    request = urllib.request.Request(  # noqa: S310  # the hub gives the address
        f"{broker.url}/{path}",
        data=None if given is None else json.dumps(given).encode(),
        headers={
            "Authorization": f"Bearer {broker.token}",
            "Content-Type": "application/json",
        },
        method=method,
    )
    try:
        # No proxy of the environment: the broker is the site's own.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=LIMIT_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        reason = _reason(error)
    except OSError as error:
        reason = str(error)
    raise OpenChronicError(
        f"the broker refuses: {reason}",
        f"La plateforme refuse : {reason}. Réessayez dans quelques minutes, puis écrivez à l’assistance.",
    )


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["message"])
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}"
