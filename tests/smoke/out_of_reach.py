"""Ports and addresses that a session must not reach."""

from infra.settings import layout

# Ports on which a host might listen: SSH, web, proxy, hub, Docker, Spark, a database, a notebook.
HOST_PORTS = [
    22,
    25,
    53,
    80,
    111,
    443,
    2375,
    2376,
    5432,
    7077,
    layout.PROXY_PORT,
    layout.PROXY_API_PORT,
    layout.HUB_PORT,
    layout.SESSION_PORT,
    18080,
]
# Well-known servers on the Internet, which answer wherever it is reachable.
FAR_AWAY = (("1.1.1.1", 443), ("9.9.9.9", 53))
