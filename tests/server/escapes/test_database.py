"""Attempts to fill the hub's database."""

import re
from concurrent.futures import ThreadPoolExecutor

from infra.settings import layout
from tests.server.analyst import Analyst
from tests.server.escapes.attack import record
from tests.server.machine import Machine
from tests.smoke.hub import Hub

DATABASE = layout.HUB_DATABASE


def test_the_hub_stores_nothing_large(demo: Analyst, server: Machine) -> None:
    """After a thousand of the largest requests that the hub accepts, its database is still small."""
    demo.be_logged_in()
    if demo.hub.is_running():
        demo.hub.stop()
    demo.hub.get("/hub/home")
    size = f"cat {DATABASE} {DATABASE}-wal {DATABASE}-journal 2>/dev/null | wc -c"
    large = "x" * 900_000
    refused = {
        "a note": demo.hub.api("POST", "/users/demo/tokens", json={"note": large}).status_code,
        "a profile": demo.hub.api(
            "POST", "/users/demo/server", json={"profile": large}
        ).status_code,
        "an option": demo.hub.api("POST", "/users/demo/server", json={large: "x"}).status_code,
        "a server's name": demo.hub.api("POST", f"/users/demo/servers/{'x' * 8_000}").status_code,
    }
    form = demo.hub.submit("/hub/spawn", {"profile": large[:900_000]})
    assert set(refused.values()) <= {400, 403, 404}, refused
    assert form.status_code == 400, "the form stored it"
    # No start of a session was left half-way.
    assert demo.hub.get("/hub/home").text.count("Aucune session n’est ouverte") == 1
    journal = "journalctl --unit=jupyterhub --since=-2min --output=cat | grep -c xxxxxxxxxxxx | cat"
    written = int(server.succeed("journalctl --unit=jupyterhub --since=-2min --output=cat | wc -c"))
    assert int(server.succeed(journal)) > 0, "nothing is told at all"
    assert written < 500_000, f"{written} B in the journal"
    demo.open_session().kernel.close()
    ask = "/hub/api/oauth2/authorize?client_id=jupyterhub-user-demo&response_type=code&redirect_uri=%2Fuser%2Fdemo%2Foauth_callback&state="
    cookies = demo.hub.cookies_for("/hub/api/oauth2/authorize")
    fat = {
        "Cookie": re.sub(
            r"jupyterhub-session-id=[^;]*", "jupyterhub-session-id=" + "x" * 6_000, cookies
        )
    }
    stranger = Hub(demo.hub.url, trust=demo.trust)
    told = stranger.get(ask + "x", headers=fat, allow_redirects=False)
    # The hub refuses it, or the web server does, whose limit the answer's cookie exceeds.
    assert told.status_code >= 400, "a session's name of 6 KB was stored"
    accepted = 0
    # As long as the columns allow, and as often as the web server allows.
    longest = {
        "Cookie": re.sub(
            r"jupyterhub-session-id=[^;]*", "jupyterhub-session-id=" + "x" * 255, cookies
        )
    }
    with ThreadPoolExecutor(8) as pool:
        for answer in pool.map(
            lambda number: (
                stranger.get(
                    f"{ask}{'x' * 3000}{number}", headers=longest, allow_redirects=False
                ).status_code
            ),
            range(1000),
        ):
            accepted += answer in (200, 302)
    assert accepted > 200, "hardly anything was accepted: nothing is proven"
    grown = int(server.succeed(size))
    assert grown < 5_000_000, f"{grown} B"
    record(
        "a hub made to store too much",
        tried=f"900 KB as note, profile, option, name; {accepted} of 1,000 logins of sessions, as large as accepted",
        answer=f"400, 403, 404; the database has {grown} B",
        stopped_by="columns' lengths are held; no tokens",
    )
