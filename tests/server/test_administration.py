"""The administrators' page of the deployed hub: what it shows, a stop with a message, and who helps analysts."""

import html
import json
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import requests
from playwright.sync_api import Page, expect

from infra.settings import layout
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import PROFILE, Analyst
from tests.server.machine import Machine
from tests.smoke import chromium
from tests.smoke.hub import Hub

PAGE = "/hub/administration"
HOSTILE = "Le serveur redémarre <script>document.title='ran'</script>"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SHOTS = ROOT / "build" / "administration"


@pytest.fixture(scope="module")
def sacha(site: Site, server: Machine) -> Iterator[Analyst]:
    """Give the administrator whom the box's site names."""
    assert site.access.administrators == ("sacha",)
    person = Analyst("sacha", site=site, server=server)
    person.log_in()
    yield person
    person.close()


def stop(hub: Hub, login: str, message: str) -> requests.Response:
    """Fill in the form of the page, for whatever login."""
    token = re.search(r'name="_xsrf" value="([^"]+)"', hub.get(PAGE).text)
    assert token, "no session is open: the page has no form"
    fields = {"login": login, "message": message, "_xsrf": html.unescape(token[1])}
    return hub.http.post(hub.url + PAGE, data=fields, timeout=patience(60))


def said_by(answer: requests.Response) -> str:
    body = answer.text.partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_an_administrator_sees_who_has_a_session_and_how_much_memory_it_uses(
    sacha: Analyst, demo: Analyst, site: Site
) -> None:
    demo.open_session().kernel.close()
    began = time.monotonic()
    answer = sacha.hub.get(PAGE)
    assert time.monotonic() - began < patience(10)
    assert answer.status_code == 200
    said = said_by(answer)
    title = site.profiles[PROFILE].title
    limit = f"{site.profiles[PROFILE].memory_gb:g}"
    row = re.search(
        rf"demo \S+ {title} \d\d/\d\d/\d{{4}} à \d+ h \d\d ([\d,]+) Gio sur {limit} Arrêter", said
    )
    assert row, said
    assert 0 < float(row[1].replace(",", ".")) < float(limit), "no plausible memory"


def test_a_stopped_session_is_gone_and_its_user_reads_why(
    sacha: Analyst, demo: Analyst, server: Machine
) -> None:
    demo.open_session().kernel.close()
    began = server.succeed("date +%s")
    message = f"{HOSTILE} {secrets.token_hex(4)}"
    assert "La session de demo est arrêtée" in said_by(stop(sacha.hub, "demo", message))
    assert not demo.hub.is_running()
    assert server.execute(f"docker inspect {demo.container}").status != 0
    for path in ("/hub/home", "/hub/spawn"):
        page = demo.hub.get(path).text
        assert "Votre session a été arrêtée par un administrateur" in page
        assert "&lt;script&gt;document" in page
        assert "<script>document" not in page
    assert "administrateur le" not in sacha.hub.get("/hub/home").text
    journal = server.succeed(f"journalctl -u {layout.HUB_UNIT} --since=@{began} --output=cat")
    assert f"Administration: sacha stops the session of demo: {message!a}" in journal
    # It is in a file that outlives the hub, which root alone may read.
    assert server.succeed(f"stat -c '%U %a' {layout.HUB_STATE}/notices/demo.json") == "root 600"
    demo.start(PROFILE)
    assert "arrêtée par un administrateur" not in demo.hub.get("/hub/home").text


def test_the_page_is_shown_while_docker_does_not_answer(
    sacha: Analyst, demo: Analyst, server: Machine
) -> None:
    """A Docker that hangs, as when its disk does: it is frozen, and goes on afterwards."""
    demo.open_session().kernel.close()
    assert "Gio sur" in said_by(sacha.hub.get(PAGE))
    freeze = "systemctl kill --kill-whom=main --signal={} docker.service"
    server.succeed(freeze.format("STOP"))
    try:
        began = time.monotonic()
        answer = sacha.hub.get(PAGE)
        took_s = time.monotonic() - began
    finally:
        server.succeed(freeze.format("CONT"))
    assert answer.status_code == 200
    assert "Docker ne répond pas" in said_by(answer)
    assert "demo" in said_by(answer)
    assert took_s < patience(8)
    assert demo.hub.is_running()


def test_an_administrator_is_no_administrator_of_jupyterhub(sacha: Analyst, demo: Analyst) -> None:
    demo.open_session().kernel.close()
    assert sacha.hub.get("/hub/admin").status_code == 403
    assert sacha.hub.get("/hub/gate/user/demo/lab").status_code == 403
    assert sacha.hub.api("GET", "/users").status_code in (403, 404)
    assert sacha.hub.api("DELETE", "/users/demo/server").status_code in (403, 404)
    assert demo.hub.is_running()


def test_pages_name_who_helps_and_lead_to_the_sites_texts(site: Site, demo: Analyst) -> None:
    email = site.help.email
    assert email
    stranger = Hub(site.url, trust=demo.trust)
    assert f'href="mailto:{email}"' in stranger.get("/hub/login").text
    for path in ("/", "/hub/home", "/hub/nothing", "/nothing", "/charte.html"):
        page = demo.hub.get(path).text
        assert f'href="mailto:{email}"' in page, path
        for text in ("mentions-legales", "accessibilite", "charte"):
            assert f'href="/{text}.html"' in page
    for text, words in (
        ("mentions-legales", "Mentions légales"),
        ("accessibilite", "non conforme"),
        ("assistance", email),
    ):
        answer = demo.hub.get(f"/{text}.html")
        assert (answer.status_code, words in answer.text) == (200, True)


def test_jupyterlabs_help_menu_leads_to_who_helps(
    site: Site, demo: Analyst, sacha: Analyst, tmp_path: Path
) -> None:
    if reason := chromium.missing():
        pytest.skip(reason)
    demo.open_session().kernel.close()
    SHOTS.mkdir(parents=True, exist_ok=True)
    with chromium.browsing(site, folder=tmp_path) as page:
        log_in(page, site, demo)
        page.goto(f"{site.url}user/demo/lab")
        menu = page.locator("#jp-MainMenu .lm-MenuBar-item", has_text=re.compile("^(Aide|Help)"))
        menu.click()
        entry = page.locator(".lm-Menu-itemLabel", has_text="Écrire à l’assistance")
        expect(entry).to_be_visible()
        page.screenshot(path=SHOTS / "lab-help.png")
        with page.context.expect_page() as opened:
            entry.click()
        expect(opened.value.locator("h1")).to_have_text("Assistance")
        page.context.clear_cookies()
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.goto(f"{site.url}hub/login")
            page.screenshot(path=SHOTS / f"login-{scheme}.png")
        log_in(page, site, sacha)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.goto(f"{site.url}hub/administration")
            page.locator("details > summary").first.click()
            page.screenshot(path=SHOTS / f"administration-{scheme}.png", full_page=True)


def log_in(page: Page, site: Site, person: Analyst) -> None:
    page.goto(f"{site.url}hub/login")
    page.fill("#username_input", person.login)
    page.fill("#password_input", person.password)
    page.click("#login_submit")
    page.wait_for_url(re.compile(r".*/hub/(?!login).*|.*/user/.*"))


def test_the_lab_setting_is_read_only_in_sessions(demo: Analyst, server: Machine) -> None:
    session = demo.open_session()
    place = f"{layout.ONBOARDING}/.jupyter/labconfig/default_setting_overrides.json"
    try:
        assert json.loads(server.succeed(f"cat {place}"))
        assert session.value("__import__('os').environ['JUPYTER_CONFIG_PATH']") == f"{layout.ONBOARDING}/.jupyter"  # fmt: skip
        assert session.value(f"__import__('os').access({place!r}, 2)") is False
    finally:
        session.kernel.close()
