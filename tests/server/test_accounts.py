"""Accounts as code: those in the accounts file may log in until their end date, and nobody else may."""

import datetime
import re
import subprocess
import sys
from contextlib import ExitStack

import pytest

from infra.settings.accounts import SMOKE_LOGIN
from infra.settings.grants import site_grants
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.deployment import deploy, environment, toml_file, variant
from tests.server.machine import Machine

BOX_ACCOUNTS = "infra/sites/box.accounts.toml"
BOX_PROJECTS = "infra/sites/box.projects.toml"
FAR = datetime.date(2099, 12, 31)
FOUR = ("zoe", "paul", "alix", "sacha")
CLOSED = ("zoe", "paul", "alix")


def accounts(**ends: datetime.date) -> str:
    return "".join(
        f'[accounts.{login}]\nname = "{login.title()} Essai"\n'
        f'email = "{login}@exemple.invalid"\nend = {end.isoformat()}\n'
        for login, end in ends.items()
    )


def deploy_accounts(**ends: datetime.date) -> None:
    """Deploy the box's site with these accounts instead of its own, members of one of its projects while they are open."""
    ours = (ROOT / BOX_PROJECTS).read_text()
    assert ours.endswith("alix = {}\n")
    others = "".join(f"{login} = {{}}\n" for login in ends if login not in ("demo", "alix"))
    with (
        # The box's site names sacha among those who see all sessions.
        toml_file("accounts", accounts(**ends, sacha=FAR)) as path,
        toml_file("projects", ours + others) as projects,
        variant(
            {f'"{BOX_ACCOUNTS}"': f'"{path}"', f'"{BOX_PROJECTS}"': f'"{projects}"'},
            name="accounts",
        ) as site,
    ):
        done = deploy(site)
    assert done.status == 0, str(done)


def test_analysts_have_no_shell_and_a_home_of_their_own_for_each_project(
    site: Site, server: Machine
) -> None:
    members = server.succeed("getent group analysts | cut -d: -f4").split(",")
    assert {"demo", "alix", SMOKE_LOGIN} <= set(members)
    for login in members:
        row = server.succeed(f"getent passwd {login}").split(":")
        assert row[5:] == [f"{site.storage.homes}/{login}", "/usr/sbin/nologin"]
        assert set(server.succeed(f"id -nG {login}").split()) == {login, "analysts"}
    for grant in site_grants(site):
        for login in grant.members:
            home = grant.home(login, homes=site.storage.homes)
            assert server.succeed(f"stat -c '%U %a' {home}") == f"{login} 700"


def test_an_account_lives_from_its_line_to_its_end(
    site: Site, server: Machine, images: dict[str, str]
) -> None:
    """An account is locked after its end date and when it is removed from the file, its home is kept, and it is unlocked
    when it is in the file again."""
    today = datetime.date.fromisoformat(server.succeed("date +%F"))
    yesterday = today - datetime.timedelta(days=1)
    with ExitStack() as afterwards:
        afterwards.callback(
            server.execute, "docker rm --force session-zoe session-paul session-alix"
        )
        deploy_accounts(demo=FAR, alix=FAR, zoe=FAR, paul=today)
        people = {login: Analyst(login, site=site, server=server) for login in FOUR}
        for person in people.values():
            afterwards.callback(person.close)
        afterwards.callback(server.execute, f"rm -f {people['alix'].home}/thesis")
        try:
            _live_and_end(people, yesterday, site=site, server=server, image=images["spark"])
        finally:
            last = deploy()
        assert last.status == 0, str(last)
        assert people["alix"].can_log_in(), "alix is back in the file with her password"
        for login in ("zoe", "paul"):
            assert not people[login].can_log_in(), f"{login} is not in the box's own file"


def _live_and_end(
    people: dict[str, Analyst],
    yesterday: datetime.date,
    *,
    site: Site,
    server: Machine,
    image: str,
) -> None:
    for person in people.values():
        assert person.can_log_in(), f"{person.login} should be able to log in"
    for login in CLOSED:
        home = people[login].home
        server.succeed(f"echo thesis > {home}/thesis")
        name = f"session-{login}"
        server.succeed(f"docker run --detach --rm --name {name} --network none {image} sleep 600")
    # Two have ended, of whom one is to come back; the third is gone from the file.
    deploy_accounts(demo=FAR, alix=yesterday, zoe=yesterday)
    assert people["sacha"].can_log_in(), "the others may no longer log in: nothing is proven"
    for login in CLOSED:
        assert not people[login].can_log_in(), f"{login} may still log in"
        assert server.succeed(f"getent shadow {login}").split(":")[1].startswith("!")
        server.fail(f"docker inspect session-{login}")
        assert server.succeed(f"cat {people[login].home}/thesis") == "thesis"


def test_the_password_verb_sets_a_password_and_shows_none(site: Site, server: Machine) -> None:
    alix = Analyst("alix", site=site, server=server)
    try:
        chosen = "un-mot-de-passe-choisi"
        said = password_verb("alix", typed=f"{chosen}\n")
        assert said.returncode == 0, said.stderr
        assert chosen not in said.stdout + said.stderr
        assert not alix.can_log_in(), "the old password still logs in"
        alix.password = chosen
        assert alix.can_log_in()
        said = password_verb("alix", "--generate")
        assert said.returncode == 0, said.stderr
        shown = re.search(r"password: (\S{16,})", said.stdout)
        assert shown, said.stdout
        alix.password = shown[1]
        assert alix.can_log_in()
        assert shown[1] not in server.succeed(
            "journalctl --namespace='*' --no-pager --output=cat --since=-10min"
        )
    finally:
        alix.close()


@pytest.mark.parametrize("login", ["root", "operator", "nobody-here", SMOKE_LOGIN])
def test_the_password_verb_is_for_analysts_alone(site: Site, login: str) -> None:
    said = password_verb(login, typed="un-mot-de-passe-choisi\n")
    assert said.returncode != 0
    assert login in said.stderr
    assert "Traceback" not in said.stderr


def password_verb(login: str, *options: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.operate.password", login, *options],
        cwd=ROOT,
        env=environment(),
        input=typed,
        capture_output=True,
        text=True,
        timeout=patience(60),
        check=False,
    )
