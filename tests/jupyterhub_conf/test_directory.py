"""What the hub makes of the directory's word: who goes on, who is a member, and for how long while it is away."""

import datetime
import logging
from typing import Any

import infopipe
import pytest
from directory import Directory
from infopipe import DirectoryAway, Word, understood
from projects import membership_group, open_projects
from settings import Ldap, Period, Project

LOG = logging.getLogger("test")
LDAP = Ldap(cache_s=15, offline_hours=2, password_url=None, local_logins=["smoke-test"])
NOW = 1_800_000_000.0
EVER = Period(first=None, last=None)


class Fake:
    """A directory with a clock."""

    def __init__(self) -> None:
        self.now = NOW
        self.people: dict[str, frozenset[str]] = {"rose": frozenset({"snds"})}
        self.away = False
        self.asked: list[str] = []
        self.directory = Directory(LDAP, ask=self.ask, clock=lambda: self.now)
        self.told = NOW

    def ask(self, login: str) -> Word | None:
        self.asked.append(login)
        if not self.away:
            self.told = self.now
        if login in self.people:
            return Word(self.people[login], self.told, is_fresh=not self.away)
        if self.away:
            raise DirectoryAway("no server")
        return None


@pytest.fixture
def fake() -> Fake:
    return Fake()


def test_whoever_the_directory_has_goes_on_and_has_its_groups(fake: Fake) -> None:
    assert fake.directory.groups("rose") == frozenset()
    assert fake.directory.lets_go_on("rose", log=LOG)
    assert fake.directory.groups("rose") == {"snds"}
    assert not fake.directory.is_away


def test_whoever_it_has_no_more_is_ended_and_is_in_no_group(fake: Fake) -> None:
    fake.directory.lets_go_on("rose", log=LOG)
    del fake.people["rose"]
    assert not fake.directory.lets_go_on("rose", log=LOG)
    assert fake.directory.groups("rose") == frozenset()


def test_while_it_is_away_what_it_last_said_holds_for_the_sites_hours(
    fake: Fake, caplog: pytest.LogCaptureFixture
) -> None:
    """Each look finds the old word again, which does not make it newer; the journal has it once."""
    fake.directory.lets_go_on("rose", log=LOG)
    fake.away = True
    for minutes in (1, 60, 119):
        fake.now = NOW + minutes * 60
        assert fake.directory.lets_go_on("rose", log=LOG)
        assert fake.directory.groups("rose") == {"snds"}, minutes
    fake.now = NOW + 121 * 60
    assert fake.directory.lets_go_on("rose", log=LOG), "a session of a member by name goes on"
    assert fake.directory.groups("rose") == frozenset()
    assert caplog.text.count("The directory does not answer") == 1
    fake.away = False
    fake.directory.lets_go_on("rose", log=LOG)
    assert fake.directory.groups("rose") == {"snds"}
    assert "answers again" in caplog.text


def test_somebody_unknown_is_not_taken_for_dismissed_while_it_is_away(fake: Fake) -> None:
    fake.away = True
    assert fake.directory.lets_go_on("claire", log=LOG)
    assert fake.directory.groups("claire") == frozenset()
    assert not fake.directory.answers(log=LOG)
    fake.away = False
    assert fake.directory.answers(log=LOG)


def test_a_local_login_is_none_of_the_directorys(fake: Fake) -> None:
    fake.people["smoke-test"] = frozenset({"snds"})
    assert fake.directory.lets_go_on("smoke-test", log=LOG)
    assert fake.directory.groups("smoke-test") == frozenset()
    assert fake.asked == []


def told(*groups: str, ends: float = NOW) -> dict[str, Any]:
    places = [f"name={one}@directory,cn=groups,cn=directory,cn=sysdb" for one in groups]
    return {"memberof": {"data": places}, "initgrExpireTimestamp": {"data": [str(int(ends))]}}


def test_sssds_attributes_are_read() -> None:
    word = understood(told("snds", r"a\2Cb c", "é@x", ends=NOW + 5), cache_s=15, now=NOW)
    assert word == Word(frozenset({"snds", "a,b c", "é@x"}), NOW - 10, is_fresh=True)
    old = understood(told(ends=NOW - 60), cache_s=15, now=NOW)
    assert (old.groups, old.is_fresh) == (frozenset(), False)


@pytest.mark.parametrize(
    "said",
    [{}, {"memberof": {"data": []}}, told() | {"memberof": {"data": ["name=snds@other,cn=groups"]}}, {"initgrExpireTimestamp": None}],
)  # fmt: skip
def test_attributes_of_another_form_are_no_groups(said: dict[str, Any]) -> None:
    with pytest.raises(DirectoryAway, match="something else than groups"):
        understood(said, cache_s=15, now=NOW)


def test_without_an_sssd_the_directory_is_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DirectoryAway, match="SSSD does not answer"):
        infopipe.ask("rose", cache_s=15)


def project(**given: Any) -> Project:
    return Project(slug="soins", title="Soins", purpose="Essayer", group="projet-soins", bases=[], source_tables=False, home="/homes/{login}", **{"members": {}, "groups": ["snds", "dess"], "period": EVER, **given})  # fmt: skip


def test_a_group_makes_a_member_for_the_projects_days() -> None:
    day = datetime.date(2026, 6, 1)
    ended = Period(first=None, last=datetime.date(2026, 5, 31))

    def opened(one: Project, *groups: str) -> bool:
        return bool(open_projects([one], login="rose", day=day, groups=frozenset(groups)))

    assert opened(project(), "autres", "dess")
    assert not opened(project(), "autres")
    assert not opened(project())
    assert not opened(project(period=ended), "snds")
    assert opened(project(members={"rose": ended}), "snds"), "the group holds where the name ended"
    assert opened(project(members={"rose": EVER}))
    assert not opened(project(members={"rose": ended}))


@pytest.mark.parametrize(("members", "group"), [({}, "snds"), ({"rose": EVER}, "")])
def test_a_membership_by_name_is_not_said_to_be_by_a_group(
    members: dict[str, Period], group: str
) -> None:
    found = membership_group(
        project(members=members),
        login="rose",
        day=datetime.date(2026, 6, 1),
        groups=frozenset({"snds"}),
    )
    assert found == group
