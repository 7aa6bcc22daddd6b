"""Strangers at the administrators' page: they learn nothing and stop nobody."""

from collections.abc import Callable

import pytest

from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.outside.door import Door, form

PAGE = "/hub/administration"
BODY = b"login=demo&message=x&_xsrf=x"


@pytest.fixture
def at_work(demo: Analyst) -> Analyst:
    demo.open_session().kernel.close()
    return demo


def test_a_stranger_is_led_to_the_login_and_stops_nobody(
    at_work: Analyst, door: Door, site: Site, note: Callable[..., None]
) -> None:
    seen = set()
    for path in (PAGE, f"{PAGE}/", f"{PAGE}?login=demo"):
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
            answer = door.patiently(path, method=method)
            seen.add(answer.status)
            assert answer.status in (302, 403, 404, 405), f"{method} {path}"
            assert at_work.login.encode() not in answer.body
            assert site.access.administrators[0].encode() not in answer.body
    assert "/hub/login" in door.patiently(PAGE).header("Location")
    for headers in ({}, {"Cookie": "_xsrf=x"}, {"X-XSRFToken": "x", "Cookie": "_xsrf=x"}):
        sent = door.ask(PAGE, method="POST", headers=form(headers), body=BODY)
        assert sent.status == 403
    assert at_work.hub.is_running()
    note(
        "the administrators' page",
        tried="look, stop demo, a made-up token",
        answer=", ".join(map(str, sorted(seen | {403}))),
        by="JupyterHub's login",
    )
