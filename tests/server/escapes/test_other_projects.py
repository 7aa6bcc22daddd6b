"""Attacks across projects: what a session of one project can find, ask for or keep of another, also of its own user's."""

import time
import tomllib
from collections.abc import Iterator

import pytest

from infra.settings import layout
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import PARCOURS, PROFILE, VARIATIONS, Analyst
from tests.server.escapes.attack import bring, record
from tests.server.machine import Machine
from tests.server.membership import projects_changed
from tests.smoke.hub import Hub
from tests.smoke.session import Session

OTHER_BASE = "cohorte"


@pytest.fixture(scope="module", autouse=True)
def _armed(attacker: Session) -> None:
    bring(attacker, "calls")


@pytest.fixture(scope="module")
def planted(server: Machine, demo: Analyst, site: Site) -> dict[str, str]:
    """Put a file where the attacker, in a session for one project, has rights in another project alone; by what it is."""
    places = {
        "shared folder": f"{layout.TEAMS}/{PARCOURS}/plan",
        "home": f"{site.storage.homes}/{demo.login}@{PARCOURS}/notes",
    }
    for place in places.values():
        server.succeed(f"echo secret > {place}; chmod 777 {place}")
    base = f"{site.storage.releases}/{OTHER_BASE}"
    return {**places, "release": server.succeed(f"ls -d {base}/*/manifest.json").splitlines()[0]}


def test_another_projects_base_is_not_there(attacker: Session, planted: dict[str, str]) -> None:
    own = "demo"
    assert attacker.value(f"os.listdir({layout.RELEASES!r})") == [own]
    ways = [
        f"{before}{layout.RELEASES}{after}/{{0}}/current/manifest.json"
        for before, after in (
            ("", ""),
            ("", "/demo/.."),
            ("/proc/1/root", ""),
            ("/proc/self/cwd/../..", ""),
        )
    ]
    reads = "[w for w in {} if os.path.exists(w)]"
    assert len(attacker.value(reads.format([way.format(own) for way in ways]))) >= 3
    assert attacker.value(reads.format([way.format(OTHER_BASE) for way in ways])) == []
    attacker.run(
        "def named(names):\n"
        "    return [os.path.join(place, one) for place, folders, files in os.walk('/', followlinks=False) "
        "if not place.startswith(('/proc', '/sys')) for one in [*folders, *files] if one in names]"
    )
    assert attacker.value("named(['demo', 'manifest.json'])", timeout_s=120)
    found = attacker.value(f"named([{OTHER_BASE!r}, {PARCOURS!r}, 'plan'])", timeout_s=120)
    assert found == [], "its base, its shared folder or its snapshots"
    record(
        "a base of another project of the same user",
        tried=f"{len(ways)} paths; a search of the whole session for its base, folder and files",
        answer=f"{len(found)} there",
        stopped_by="a session mounts the bases of its project, one by one",
    )


def test_another_projects_folders_have_no_path(
    attacker: Session, demo: Analyst, planted: dict[str, str]
) -> None:
    own = f"{layout.TEAMS}/{VARIATIONS}"
    assert attacker.value(f"put('{own}/mine', 'x')") == "ok", "its own folder: nothing is proven"
    places = [planted["shared folder"], planted["home"], f"{layout.SNAPSHOTS}/{PARCOURS}"]
    ways = [*places, *(f"/proc/1/root{place}" for place in places)]
    assert attacker.value(f"[w for w in {ways!r} if os.path.exists(w)]") == []
    assert attacker.value(f"sorted(os.listdir({layout.TEAMS!r}))") == [".instantanes", VARIATIONS]
    assert attacker.value(f"os.listdir({layout.SNAPSHOTS!r})") == [VARIATIONS]
    attacker.run(
        f"for n, to in enumerate({places!r}):\n"
        f"    place = f'{own}/link{{n}}'; attempt(os.unlink, place); os.symlink(to, place)"
    )
    # By a link in the common folder, from inside and by Jupyter's own service.
    assert (
        attacker.value(f"[attempt(open, f'{own}/link{{n}}') for n in range(3)]") == ["ENOENT"] * 3
    )
    attacker.run(f"os.symlink({own!r}, os.path.expanduser('~/commun'))")
    answers = {
        demo.hub.get(f"/user/{demo.login}/{service}/commun/link{n}").status_code
        for n in range(3)
        for service in ("files", "api/contents")
    }
    attacker.run(
        f"[os.unlink(f'{own}/link{{n}}') for n in range(3)]; os.unlink(os.path.expanduser('~/commun')); os.unlink('{own}/mine')"
    )
    assert answers <= {400, 403, 404}, answers
    record(
        "another project's shared folder, snapshots and home",
        tried=f"{len(ways)} paths, 3 links in the common folder, through Jupyter's services",
        answer=", ".join(map(str, sorted(answers))),
        stopped_by="not mounted; a link leads nowhere",
    )


def test_another_projects_group_is_not_held(
    attacker: Session, server: Machine, demo: Analyst
) -> None:
    gid = int(server.succeed(f"getent group projet-{PARCOURS} | cut -d: -f3"))
    own = int(server.succeed(f"getent group projet-{VARIATIONS} | cut -d: -f3"))
    held = attacker.value("os.getgroups()")
    assert own in held
    assert gid not in held
    answer = attacker.value(f"attempt(os.setgroups, [{gid}])")
    assert answer == "EPERM"
    assert demo.login not in server.succeed(f"getent group projet-{PARCOURS}")
    record(
        "another project's Unix group",
        tried="the session's groups, setgroups",
        answer=answer,
        stopped_by="the hub gives a session the group of its project alone; no account is a member",
    )


def test_the_session_and_the_hub_tell_nothing_of_a_project_that_is_not_the_users(
    victim: Session, alix: Analyst
) -> None:
    """alix is no member of `variations`: neither its name nor its title comes to her, by page, API, environment or file."""
    words = (VARIATIONS, "Variations de pratique")
    told = victim.value("sorted(os.environ.items())")
    assert any(PARCOURS in value for _, value in told)
    pages = {
        path: alix.hub.get(path).text
        for path in ("/hub/home", "/hub/spawn", "/hub/api/user", f"/hub/api/users/{alix.login}")
    }
    seen = {**pages, "environment": str(told), "groups": victim.value("open('/etc/group').read()")}
    assert any(PARCOURS in text for text in pages.values())
    assert [(where, word) for where, text in seen.items() for word in words if word in text] == []
    record(
        "the names of others' projects",
        tried="the hub's pages and API, the session's variables and /etc/group",
        answer="0 found",
        stopped_by="a user's own projects alone are told",
    )


@pytest.fixture
def idle(alix: Analyst) -> Iterator[Analyst]:
    """Give alix logged in, without a session."""
    alix.be_logged_in()
    if alix.hub.is_running():
        alix.hub.stop()
    yield alix
    alix.hub.stop()


def test_no_request_opens_a_session_for_anothers_project(
    idle: Analyst, server: Machine, site: Site
) -> None:
    """By the form, by its fields twice, in the address, by the API, in the body of the API; for her own it opens. She
    reviews the other project, which makes her no member of it."""
    projects = tomllib.loads((ROOT / site.projects).read_text())["projects"]
    assert idle.login in projects[VARIATIONS]["reviewers"]
    hub = idle.hub
    forms = [
        {"profile": PROFILE, "project": VARIATIONS},
        {"profile": PROFILE, "project": f"{VARIATIONS}\0"},
        {"profile": PROFILE, "project": f"{PARCOURS}/../{VARIATIONS}"},
        {"profile": PROFILE, "project": PARCOURS, "bases": "demo"},
        {"profile": PROFILE, "project": PARCOURS, "OPENCHRONIC_PROJECT": VARIATIONS},
    ]
    answers = []
    for form in forms:
        # After a refusal the start page says for a moment that a session stops.
        deadline = time.monotonic() + patience(30)
        while hub.is_starting() and time.monotonic() < deadline:
            time.sleep(0.2)
        answers.append(hub.submit("/hub/spawn", form).status_code)
    bodies = [
        {"project": VARIATIONS},
        {"project": [VARIATIONS]},
        {"project": PARCOURS, "volumes": {"/": "/host"}},
        {"user_options": {"project": VARIATIONS}},
    ]
    answers += [
        hub.api("POST", f"/users/{idle.login}/server", json=body).status_code for body in bodies
    ]
    hub.get(f"/hub/spawn?project={VARIATIONS}&profile={PROFILE}")
    assert set(answers) == {400}, answers
    for _ in range(3):
        server.fail(f"docker inspect {idle.container}")
        time.sleep(1)
    session = idle.open_session()
    assert session.value("os.environ['OPENCHRONIC_PROJECT']") == PARCOURS
    session.kernel.close()
    record(
        "a session for a project that is not the user's, who reviews it",
        tried=f"{len(forms)} forged forms, {len(bodies)} bodies of the API, the address",
        answer=", ".join(map(str, sorted(set(answers)))),
        stopped_by="the hub reads members and dates itself at each start",
    )


def test_a_session_takes_nothing_along_to_the_next_project(
    demo: Analyst, server: Machine, site: Site
) -> None:
    """What a user left in /tmp, in their home and in the kernel's memory of one project is not in the next one; the
    cookies of the session that ended open nothing in it."""
    first = demo.open_session()
    first.run(
        "open('/tmp/carried', 'w').write('x'); open(os.path.expanduser('~/carried'), 'w').write('x')"
    )
    contents = f"/user/{demo.login}/api/contents"
    own = f"/user/{demo.login}/"
    before = Hub(site.url, trust=demo.trust)
    for cookie in demo.hub.http.cookies:
        if cookie.path.startswith(own):
            before.http.cookies.set_cookie(cookie)
    assert before.get(contents).status_code == 200, "its cookies open not even their own session"
    first.kernel.close()
    demo.hub.stop()
    other = Analyst(demo.login, site=site, server=server, project=PARCOURS)
    try:
        session = other.open_session()
        carried = (
            "[p for p in ('/tmp/carried', os.path.expanduser('~/carried')) if os.path.exists(p)]"
        )
        assert session.value(carried) == []
        assert session.value(f"os.listdir({layout.RELEASES!r})") == [OTHER_BASE]
        assert session.value(f"os.listdir({layout.TEAMS!r})") != [VARIATIONS]
        assert other.hub.get(contents).status_code == 200
        answer = before.get(contents, allow_redirects=False).status_code
        assert answer in (302, 403), answer
        session.kernel.close()
    finally:
        other.close()
        server.execute(f"rm -f {demo.home}/carried")
        # Analyst() has set another password.
        demo.password = other.password
    record(
        "files carried from one project to the next",
        tried="/tmp, the home, the shared folder, the cookies of the session before",
        answer=f"0 there, {answer}",
        stopped_by="a container and a home for each project; a session's server makes its own secret for cookies",
    )


def test_a_renamed_project_is_another_one(idle: Analyst, server: Machine) -> None:
    """A project's slug is its identity: under another slug the running session ends, and the old one opens nothing."""
    session = idle.open_session()
    session.kernel.close()

    def rename(projects: dict[str, dict[str, object]]) -> None:
        projects[PARCOURS]["slug"] = "renamed"

    with projects_changed(server, rename):
        server.wait_until_fails(f"docker inspect {idle.container}", timeout_s=60)
        answer = idle.hub.submit("/hub/spawn", {"profile": PROFILE, "project": PARCOURS})
        assert answer.status_code == 400
    record(
        "a renamed project",
        tried="its running session; a new one under the old name",
        answer="the session ended; 400",
        stopped_by="the hub compares the session's project with those of today",
    )
