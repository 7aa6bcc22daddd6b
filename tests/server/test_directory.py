"""Logins by the site's directory: the test box is deployed with one, which answers, changes, and goes away; then reset."""

import html
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.settings import layout
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.pace import patience
from tests.server.analyst import PARCOURS, VARIATIONS, Analyst
from tests.server.deployment import deploy, environment, toml_file, variant
from tests.server.machine import Machine
from tests.server.slapd import NAME, READER, Slapd, directory, group, person
from tests.server.stepping import hub_settings
from tests.smoke.codes import codes_of
from tests.smoke.hub import Hub

# Of the three, one is an analyst; the others are the server's own.
PEOPLE = ("demo", "sacha", "root", "ops", "zita")
OTHERS = ("root", "ops", "zita", "Demo", "*", "*)(uid=*", "demo)(uid=*", "demo@directory", "d*")
OUTER, INNER = "snds-parcours", "equipe-parcours"
WITHIN_S = 60
# Attempts to log in that are made at once: fewer than nginx lets through.
AT_ONCE = 6
AWAY = "L’annuaire de votre organisme ne répond pas"
REFUSED = "Identifiant ou mot de passe refusé."
HELPER = f"test -e {layout.CHANGE_SOCKET} || test -e {layout.CHANGE_SCRIPTS}"
# Says whether a PAM service takes a password.
TAKES = f"""{layout.HUB_VENV}/bin/python -c '
import pamela, sys
try:
    pamela.authenticate(*sys.stdin.read().split(), service=sys.argv[1], check=False, resetcred=0)
except pamela.PAMError:
    sys.exit(1)
' """
PLAIN = {
    "pam": f"cat {layout.PAM}/common-*",
    "names": "cat /etc/nsswitch.conf",
    "hub": f"cat {layout.PAM}/{layout.HUB_PAM}",
}


@pytest.fixture(scope="module")
def slapd(site: Site, server: Machine) -> Iterator[Slapd]:
    groups = {INNER: [person("sacha")], OUTER: [group(INNER)], "autres": [person("zita")]}
    address = site.server.address
    with directory(server, people=PEOPLE, groups=groups, address=address) as made:
        yield made


@pytest.fixture(scope="module")
def there(
    site: Site,
    server: Machine,
    slapd: Slapd,
    demo: Analyst,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Deploy the site with its directory, after stopping demo's session; then without again, and as it was."""
    if demo.hub.is_logged_in() and demo.hub.is_running():
        demo.hub.stop()
    before = {what: server.succeed(how) for what, how in PLAIN.items()}
    folder = tmp_path_factory.mktemp("directory")
    secret, authorities = folder / "secret", folder / "ca.pem"
    secret.touch(mode=0o600)
    secret.write_text(slapd.reader + "\n")
    authorities.write_text(slapd.read("ca.pem"))
    table = (
        f'uris = ["ldaps://{NAME}"]\nca_certificates = "{authorities}"\nbind_dn = "{READER}"\nbind_password = "{secret}"\n'
        f'user_base = "ou=people,{READER.partition(",")[2]}"\nuser_filter = "(!(employeeType=parti))"\n'
        f'group_base = "ou=groups,{READER.partition(",")[2]}"\npassword_url = "https://{NAME}/mot-de-passe"\n'
        f'addresses = ["{site.server.address}"]\n'
    )
    projects = (ROOT / site.projects).read_text()
    projects = projects.replace(
        f"[projects.{PARCOURS}]", f'[projects.{PARCOURS}]\ngroups = ["{OUTER}"]'
    )
    try:
        with toml_file("directory-projects", projects) as file:
            replaced = {
                "[logins]": '[logins]\nkind = "ldap"',
                "second_factor = false": f"second_factor = false\n\n[logins.ldap]\n{table}",
                site.projects: file,
            }
            with variant(replaced, name="directory") as name:
                done = deploy(name)
                assert done.status == 0, str(done)
                yield load_site(name)
    finally:
        last = deploy()
        server.execute(f"btrfs subvolume delete {site.storage.homes}/sacha@{PARCOURS}")
    assert last.status == 0, str(last)
    assert {what: server.succeed(how) for what, how in PLAIN.items()} == before
    assert server.unit_state(layout.DIRECTORY_UNIT) == "inactive"
    server.fail(f"test -e {layout.DIRECTORY} || test -e {layout.UNITS}/{layout.DIRECTORY_UNIT}")
    server.succeed(HELPER)


@pytest.fixture(scope="module")
def sacha(there: Site, server: Machine) -> Iterator[Analyst]:
    analyst = Analyst("sacha", site=there, server=server, project=PARCOURS)
    yield analyst
    analyst.close()


@pytest.fixture
def _forgotten(there: Site, server: Machine) -> Iterator[None]:
    """Let the hub forget the wrong passwords of other tests, and those of this one."""

    def forget() -> None:
        server.succeed(f"systemctl restart {layout.HUB_UNIT}")
        server.wait_until_succeeds(f"curl -sf -o /dev/null {layout.PROXY_URL}/hub/health")

    forget()
    yield
    forget()


class Door:
    """The login form, as anybody meets it."""

    def __init__(self, analyst: Analyst) -> None:
        self.analyst = analyst

    def answer(self, login: str, password: str) -> tuple[int, str, float]:
        """Return the answer's status, its page and its seconds."""
        hub = Hub(self.analyst.site.url, trust=self.analyst.trust)
        said, seconds = hub.submit_login(login, password)
        return said.status_code, html.unescape(said.text), seconds

    def opens(self, login: str, password: str) -> bool:
        return self.answer(login, password)[0] == 302


@pytest.fixture
def door(there: Site, demo: Analyst) -> Door:
    return Door(demo)


def test_the_directorys_password_opens_a_login_and_no_other_does(
    door: Door, demo: Analyst, slapd: Slapd
) -> None:
    theirs = slapd.passwords["demo"]
    assert door.opens("demo", theirs)
    status, page, _ = door.answer("demo", f"{theirs}x")
    assert (status, REFUSED in page) == (403, True), page
    assert not door.opens("demo", demo.password), "the server's own password is taken"
    assert not door.opens("demo", slapd.passwords["sacha"])


def test_whoever_else_the_directory_has_opens_nothing(door: Door, slapd: Slapd) -> None:
    """Neither the server's own people, nor who has no account here, nor who asks the directory in its own language."""
    tried = [
        (login, password)
        for login in OTHERS
        for password in {slapd.passwords.get(login, ""), slapd.passwords["demo"]} - {""}
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(lambda one: door.answer(*one), tried)
    for (login, _), (status, page, seconds) in zip(tried, answers, strict=True):
        assert (status, REFUSED in page) == (403, True), (login, page)
        assert seconds > 1.9, f"the answer to {login} comes too soon"


def test_the_directory_makes_no_user_of_the_server_and_opens_nothing_but_the_hub(
    there: Site, server: Machine, slapd: Slapd
) -> None:
    server.fail("getent passwd zita")
    server.fail(f"getent group {OUTER}")
    given = {login: f"{login} {slapd.passwords[login]}" for login in PEOPLE}
    server.succeed(f"{TAKES} {layout.HUB_PAM}", stdin=given["demo"])
    asked = [
        (service, login)
        for service in ("login", "sshd", "sudo")
        for login in ("demo", "root", "ops", "zita")
    ] + [(layout.HUB_PAM, "root")]
    # Each refusal takes its time.
    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = pool.map(
            lambda one: server.execute(f"{TAKES} {one[0]}", stdin=given[one[1]]).status, asked
        )
    assert dict(zip(asked, statuses, strict=True)) == dict.fromkeys(asked, 1)
    assert server.succeed(f"stat -c '%U %a' {layout.DIRECTORY_SETTINGS}") == "root 600"
    # It also says that there is no folder of snippets, and fails for that.
    said = server.execute(f"sssctl config-check --config {layout.DIRECTORY_SETTINGS}").out
    assert "Issues identified by validators: 0" in said


@pytest.mark.usefixtures("_forgotten")
def test_guesses_are_slowed_down_as_everywhere(door: Door, slapd: Slapd) -> None:
    for _ in range(5):
        assert door.answer("demo", "wrong")[0] == 403
    status, page, _ = door.answer("demo", slapd.passwords["demo"])
    assert (status, "Trop d’essais" in page) == (429, True), page


def test_passwords_are_changed_in_the_directory(
    door: Door, demo: Analyst, server: Machine, slapd: Slapd
) -> None:
    server.fail(HELPER)
    hub = Hub(demo.site.url, trust=demo.trust)
    assert hub.log_in("demo", slapd.passwords["demo"])
    page = hub.get("/hub/password")
    assert f"https://{NAME}/mot-de-passe" in page.text
    assert "<form" not in page.text.partition("<main")[2]
    tried = hub.http.post(
        f"{hub.url}/hub/password",
        data={
            "old": slapd.passwords["demo"],
            "new": "x" * 20,
            "again": "x" * 20,
            "_xsrf": hub.xsrf,
        },
        timeout=patience(30),
    )
    assert tried.status_code == 403
    assert door.opens("demo", slapd.passwords["demo"])


def test_a_second_factor_is_set_up_and_its_code_works_once(
    demo: Analyst, server: Machine, slapd: Slapd
) -> None:
    place = f"{layout.SECOND_FACTORS}/demo {layout.ENROLMENTS}/demo"
    password = slapd.passwords["demo"]

    def logs_in(code: str, given: str = password) -> bool:
        return Hub(demo.site.url, trust=demo.trust).log_in("demo", given, code=code)

    try:
        with hub_settings(server, second_factor=True):
            hub = Hub(demo.site.url, trust=demo.trust)
            assert hub.log_in("demo", password)
            assert hub.step() == "second-factor"
            shown = hub.get("/hub/second-factor").text.partition('<dd id="secret">')[2]
            secret = shown.partition("<")[0].replace(" ", "")
            codes = codes_of(secret)
            assert (
                hub.submit("/hub/second-factor", {"code": codes.fresh(ahead=True)}).status_code
                == 302
            )
            assert not logs_in("")
            code = codes.fresh(ahead=True)
            assert not logs_in(code, f"{password}x"), "a wrong password is taken"
            assert logs_in(code)
            assert not logs_in(code), "a code was taken twice"
    finally:
        server.execute(f"rm -f {place}")


def test_a_group_within_a_group_opens_a_project_until_its_member_leaves(
    there: Site, sacha: Analyst, server: Machine, slapd: Slapd
) -> None:
    """The administrators' page and the review say by which group; the session ends within a minute."""
    assert sacha.hub.log_in("sacha", slapd.passwords["sacha"])
    page = sacha.hub.get("/hub/spawn").text
    assert PARCOURS in page
    assert VARIATIONS not in page
    sacha.start()
    assert f"{PARCOURS} (par le groupe {OUTER})" in sacha.hub.get("/hub/administration").text
    review = subprocess.run(
        [sys.executable, "-m", "infra.operate.access_review", "--site", there.name, "--json"],
        cwd=ROOT, env=os.environ | environment(there.name), capture_output=True, text=True, check=False,
    )  # fmt: skip
    rights = json.loads(review.stdout)["rights"]
    by_group = {one["login"]: one["group"] for one in rights if one["group"]}
    assert by_group == {"sacha": OUTER}, review.stderr
    slapd.change(group(INNER), "replace: member", f"member: {person('zita')}")
    started = time.monotonic()
    try:
        server.wait_until_fails(f"docker inspect {sacha.container}", timeout_s=WITHIN_S)
        assert time.monotonic() - started < patience(WITHIN_S)
        said = server.succeed(f"journalctl --unit={layout.HUB_UNIT} --since=-2min --output=cat")
        assert "was taken away: the session of sacha ends" in said
    finally:
        slapd.change(group(INNER), "replace: member", f"member: {person('sacha')}")


def test_whoever_is_disabled_in_the_directory_loses_sessions_within_a_minute(
    there: Site, door: Door, demo: Analyst, server: Machine, slapd: Slapd
) -> None:
    running = _running(demo, slapd)
    try:
        slapd.change(person("demo"), "replace: employeeType", "employeeType: parti")
        started = time.monotonic()
        server.wait_until_fails(f"docker inspect {running.container}", timeout_s=WITHIN_S)
        assert time.monotonic() - started < patience(WITHIN_S)
        assert door.answer("demo", slapd.passwords["demo"])[0] == 403
        # The page of whoever is logged in stays for minutes more, and opens nothing.
        again = running.hub.api("POST", "/users/demo/server", json={"profile": "petite"})
        assert again.status_code >= 400, again.text
    finally:
        slapd.change(person("demo"), "replace: employeeType")
    # For a second or two, each of SSSD's services keeps to its own « nobody ».
    _opens_again(door, "demo", slapd)


def test_while_the_directory_is_away_sessions_go_on_and_the_login_page_says_why(
    there: Site, door: Door, demo: Analyst, sacha: Analyst, server: Machine, slapd: Slapd
) -> None:
    running = _running(demo, slapd)
    _running(sacha, slapd)
    slapd.stop()
    try:
        # Longer than SSSD and the hub need to end a session for which the directory says no.
        time.sleep(WITHIN_S)
        answers = {
            login: door.answer(login, password)
            for login, password in (
                ("demo", slapd.passwords["demo"]),
                ("sacha", "wrong"),
                ("nobody", "wrong"),
            )
        }
        for login, (status, page, seconds) in answers.items():
            assert (status, AWAY in page) == (503, True), (login, page)
            assert seconds > 1.9
        for analyst in (running, sacha):
            assert analyst.hub.is_running()
            server.succeed(f"docker inspect {analyst.container}")
        said = server.succeed(f"journalctl --unit={layout.HUB_UNIT} --since=-3min --output=cat")
        assert "The directory does not answer" in said
    finally:
        slapd.start()
    _opens_again(door, "sacha", slapd)
    assert door.answer("demo", "wrong")[0] == 403
    for analyst in (running, sacha):
        analyst.hub.stop()


def test_a_directory_with_a_certificate_of_another_authority_is_not_asked(
    door: Door, server: Machine, slapd: Slapd
) -> None:
    theirs = slapd.read("ca.pem")
    restart = f"systemctl restart {layout.DIRECTORY_UNIT}"
    try:
        server.succeed(f"cat > {layout.DIRECTORY_AUTHORITIES}; {restart}", stdin=slapd.read("other-ca.pem"))  # fmt: skip
        status, page, _ = door.answer("demo", slapd.passwords["demo"])
        assert (status, AWAY in page) == (503, True), page
    finally:
        server.succeed(f"cat > {layout.DIRECTORY_AUTHORITIES}; {restart}", stdin=theirs)
    assert door.opens("demo", slapd.passwords["demo"])


def _opens_again(door: Door, login: str, slapd: Slapd) -> None:
    deadline = time.monotonic() + patience(WITHIN_S)
    while not door.opens(login, slapd.passwords[login]):
        assert time.monotonic() < deadline, (
            f"{login} is in the directory again, and logs in no more"
        )
        time.sleep(2)


def _running(analyst: Analyst, slapd: Slapd) -> Analyst:
    """Give an analyst with a running session, logged in by the directory's password."""
    analyst.hub.http.cookies.clear()
    assert analyst.hub.log_in(analyst.login, slapd.passwords[analyst.login])
    if not analyst.hub.is_running():
        analyst.start()
    return analyst
