"""`make migrate-projects`: nobody gains and nobody loses a right, and nothing is written before it is asked for."""

import dataclasses
import datetime
import os
import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.operate import migrate_projects
from infra.operate.files_at_once import Change, NotWritten, write_all
from infra.operate.former_rights import Former
from infra.operate.migrate_projects import Migration, migrate
from infra.operate.projects_from_groups import Draft, drafts
from infra.settings.accounts import SMOKE_LOGINS
from infra.settings.grants import Grant, site_grants
from infra.settings.settings_file import SettingsError
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.infra.operate.former_site import TODAY, FormerSite, usual

# Names that need care: taken ones, one that does not fit, others that no project may have.
GROUPS = ("calcul", "sources", "tous", "smoke-test", "l" * 31, "2026", "Équipe n°1", "equipe-n1")
LOGINS = ("mdupont", "jmartin", "apetit", "blegrand", "cmoreau")
ONE_DAY = datetime.timedelta(days=1)


def migrated(root: Path) -> Migration:
    found = migrate("essai", folder=root / "infra/sites", root=root, today=TODAY)
    assert found is not None
    return found


def written(root: Path) -> tuple[Site, dict[str, Grant]]:
    """Migrate a site, and read what it became."""
    write_all(migrated(root).changes)
    site = load_site("essai", folder=root / "infra/sites", root=root)
    granted = site_grants(site, root=root)
    return site, {grant.slug: grant for grant in granted if grant.slug not in SMOKE_LOGINS}


def everything(root: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    usual().write(tmp_path)
    return tmp_path


@st.composite
def former_sites(draw: st.DrawFn) -> FormerSite:
    logins = draw(st.lists(st.sampled_from(LOGINS), unique=True, max_size=5))
    groups = {
        login: draw(st.lists(st.sampled_from(GROUPS), unique=True, max_size=3)) for login in logins
    }
    held = sorted({group for named in groups.values() for group in named})
    some = st.lists(st.sampled_from(held), unique=True, max_size=2) if held else st.just([])
    return FormerSite(
        groups=groups,
        readers={base: draw(some) for base in ("a", "b", "c")[: draw(st.integers(1, 3))]},
        users={profile: draw(some) for profile in ("p", "q", "r")[: draw(st.integers(1, 3))]},
        ends={login: TODAY + ONE_DAY * draw(st.integers(-400, 800)) for login in logins},
    )


def sessions_before(former: FormerSite, login: str) -> tuple[set[str], set[str]]:
    """Return what the hub of earlier versions did: the bases whose typed tables it mounted, the profiles it offered."""
    groups = {*former.groups[login]}
    tables = {base for base, readers in former.readers.items() if groups & {*readers}}
    return tables, {one for one, users in former.users.items() if not users or groups & {*users}}


def rights_on(
    day: datetime.date, login: str, site: Site, granted: dict[str, Grant]
) -> set[tuple[str, bool, str]]:
    """Return what the hub gives by projects on a day: base, whether typed, profile."""
    return {
        (base, typed, profile)
        for slug, grant in granted.items()
        if login in grant.members and grant.members[login].holds(day)
        for base in grant.bases
        for typed in {False, grant.source_tables}
        for profile, one in site.profiles.items()
        if not one.projects or slug in one.projects
    }


@settings(max_examples=60)
@given(former=former_sites())
def test_whatever_the_groups_nobody_gains_and_nobody_loses(
    tmp_path_factory: pytest.TempPathFactory, former: FormerSite
) -> None:
    root = tmp_path_factory.mktemp("old")
    former.write(root)
    site, granted = written(root)
    for login, end in former.ends.items():
        tables, profiles = sessions_before(former, login)
        had = {
            (base, typed, profile)
            for base in former.readers
            for typed in {False, base in tables}
            for profile in profiles
        }
        for day in {TODAY, max(TODAY, end), max(TODAY, end + ONE_DAY)}:
            assert rights_on(day, login, site, granted) == (had if day <= end else set())
        mine = [grant for grant in granted.values() if login in grant.members]
        together = {
            (frozenset(grant.bases), profile)
            for grant in mine
            for profile, one in site.profiles.items()
            if (not one.projects or grant.slug in one.projects) and grant.source_tables
        }
        for profile in profiles:
            assert not tables or any(
                tables <= bases and profile == used for bases, used in together
            ), "the typed tables that somebody read together are read in one session"
        assert [grant.slug for grant in mine if grant.keeps_first_homes] == [next(iter(granted))]
    shutil.rmtree(root)


def test_a_profile_and_typed_tables_of_different_groups_meet_in_a_project_of_those_who_had_both(
    root: Path,
) -> None:
    site, granted = written(root)
    assert {slug: (grant.bases, grant.source_tables, [*grant.members]) for slug, grant in granted.items()} == {
        "tous": (("exhaustive", "cohorte"), False, ["mdupont", "jmartin", "apetit", "blegrand"]),
        "calcul": (("exhaustive", "cohorte"), False, ["mdupont", "apetit"]),
        "sources-calcul": (("cohorte",), True, ["mdupont"]),
        "sources": (("cohorte",), True, ["mdupont", "blegrand"]),
    }  # fmt: skip
    assert site.profiles["grande"].projects == ("calcul", "sources-calcul")
    assert site.profiles["petite"].projects == ()


def test_a_right_that_everybody_had_is_the_common_projects(tmp_path: Path) -> None:
    groups = {login: ["sources", "calcul"] for login in usual().groups}
    readers = {"exhaustive": ["sources"], "cohorte": ["sources"]}
    dataclasses.replace(usual(), groups=groups, readers=readers).write(tmp_path)
    site, granted = written(tmp_path)
    assert [(slug, grant.source_tables) for slug, grant in granted.items()] == [("tous", True)]
    assert site.profiles["grande"].projects == ("tous",), "who comes later does not get it"


def test_a_project_ends_with_the_last_of_its_members(root: Path) -> None:
    _, granted = written(root)
    assert granted["calcul"].period.last == datetime.date(2028, 1, 31)
    assert granted["sources"].period.last == datetime.date(2027, 12, 31)


def test_names_of_groups_become_names_of_projects_that_differ(tmp_path: Path) -> None:
    dataclasses.replace(
        usual(),
        groups=dict(zip(LOGINS, (["tous"], ["smoke-test"], ["l" * 31], ["Équipe n°1"]), strict=False)),
        ends=dict.fromkeys(LOGINS[:4], TODAY),
        readers={"a": ["tous"], "b": ["l" * 31], "c": ["Équipe n°1"]},
        users={"petite": [], "grande": ["smoke-test"]},
    ).write(tmp_path)  # fmt: skip
    _, granted = written(tmp_path)
    assert list(granted) == ["tous", "smoke-test-2", "tous-tables", "l" * 25, "equipe-n1"]


def test_comments_and_order_stay_and_what_is_not_of_rights_is_not_touched(root: Path) -> None:
    before = everything(root)
    written(root)
    accounts, site = root / "onboarding/essai.toml", root / "infra/sites/essai.toml"
    kept = [line for line in before[accounts].splitlines() if not line.startswith("groups")]
    assert accounts.read_text().splitlines() == kept
    assert [line for line in site.read_text().splitlines() if "projects" not in line] == [
        line
        for line in before[site].splitlines()
        if not line.startswith(("groups", "source_readers"))
    ]
    assert site.read_text().splitlines()[2] == 'projects = "infra/sites/essai.projects.toml"'


def test_every_way_to_write_a_list_is_taken_out_or_refused(root: Path) -> None:
    path = root / "onboarding/essai.toml"
    path.write_text(
        '[accounts]\na-b = { name = "N", email = "a@b.example", groups = ["calcul"], end = 2027-01-01 }\n'
        '[accounts."c"]\nname = "groups = []"\nemail = "a@b.example"\ngroups = [\n  "sources", # ]\n]\nend = 2027-01-01\n'
    )
    written(root)
    assert tomllib.loads(path.read_text())["accounts"]["c"]["name"] == "groups = []"


def test_ends_of_lines_stay_as_they_are(root: Path) -> None:
    for path in everything(root):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    written(root)
    for name in ("onboarding/essai.toml", "infra/sites/essai.toml"):
        text = (root / name).read_bytes()
        assert text.count(b"\n") == text.count(b"\r\n")


@pytest.fixture
def verb(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the verb work on the site in this folder."""
    monkeypatch.setattr(migrate_projects, "SITES", root / "infra/sites")
    monkeypatch.setattr(migrate_projects, "ROOT", root)
    return root


def test_nothing_is_written_unless_asked(verb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything(verb)
    assert migrate_projects.main(["--site", "essai"]) == 0
    assert everything(verb) == before
    shown = capsys.readouterr().out
    assert "Nobody gains a right, and nobody loses one." in shown
    assert '\n-groups = ["calcul", "sources"]\n' in shown
    assert '\n+projects = ["calcul", "sources-calcul"]\n' in shown
    assert "\n+[projects.sources]\n" in shown
    assert "projects.tous: title, purpose, legal, authorised_by" in shown
    assert (
        "blegrand: the typed tables of cohorte (in sources) and the releases of exhaustive" in shown
    )
    assert "Nothing is written. With WRITE=1" in shown


def test_a_second_run_says_that_there_is_nothing_to_do(
    verb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate_projects.main(["--site", "essai", "--write"]) == 0
    before = everything(verb)
    assert len(before) == 3
    capsys.readouterr()
    assert migrate_projects.main(["--site", "essai", "--write"]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert everything(verb) == before


def test_what_people_must_complete_is_marked_in_the_file(root: Path) -> None:
    _, granted = written(root)
    text = (root / "infra/sites/essai.projects.toml").read_text()
    assert text.count('= "À compléter') == 4 * len(granted)


def test_a_projects_file_is_not_overwritten(verb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (verb / "infra/sites/essai.projects.toml").write_text("# ours\n")
    before = everything(verb)
    assert migrate_projects.main(["--site", "essai", "--write"]) == 1
    assert "essai.projects.toml exists, and is not overwritten" in capsys.readouterr().err
    assert everything(verb) == before


def test_groups_that_another_site_needs_are_not_taken_away(
    verb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sites = verb / "infra/sites"
    (sites / "autre.toml").write_text((sites / "essai.toml").read_text())
    assert migrate_projects.main(["--site", "essai", "--write"]) == 1
    assert (
        "autre.toml gives rights by the groups of onboarding/essai.toml as well"
        in capsys.readouterr().err
    )
    assert not (sites / "essai.projects.toml").exists()


def test_a_profile_of_a_group_without_members_is_refused_for_it_would_open_to_everybody(
    root: Path,
) -> None:
    path = root / "infra/sites/essai.toml"
    path.write_text(path.read_text().replace('["calcul"]', '["calcu"]'))
    line = path.read_text().splitlines().index('groups = ["calcu"]') + 1
    with pytest.raises(
        SettingsError,
        match=rf"essai\.toml:{line}: profiles\.grande\.groups: no account is in .* calcu",
    ):
        migrated(root)


@pytest.mark.parametrize(
    ("file", "old", "new", "error"),
    [
        ("onboarding/essai.toml", 'groups = ["calcul"]', 'groups = "calcul"', "accounts.apetit.groups: must be a list"),
        ("onboarding/essai.toml", "end = 2027-06-30", "", "accounts.jmartin.end: is required"),
        ("infra/sites/essai.toml", 'source_readers = ["sources"]', "source_readers = 1", "bases.cohorte.source_readers: must be a list"),
        ("infra/sites/essai.toml", '"onboarding/', '"/onboarding/', "accounts: '/onboarding/essai.toml' is no TOML file in the checkout"),
        ("infra/sites/essai.toml", "memory_gb = 2", "memory_gb = 0", "the new files would be refused, mend this first:\ninfra/sites/essai.toml:"),
        ("infra/sites/essai.toml", "title", "title =", "not valid TOML"),
    ],
)  # fmt: skip
def test_files_that_a_deploy_would_refuse_are_refused_before_anything_is_written(
    verb: Path, capsys: pytest.CaptureFixture[str], file: str, old: str, new: str, error: str
) -> None:
    path = verb / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    before = everything(verb)
    assert migrate_projects.main(["--site", "essai", "--write"]) == 1
    assert error in capsys.readouterr().err
    assert everything(verb) == before


def test_a_wrong_call_ends_with_2(verb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate_projects.main(["--site", "esai"]) == 2
    assert "Did you mean essai?" in capsys.readouterr().err
    with pytest.raises(SystemExit) as wrong:
        migrate_projects.main(["--wirte"])
    assert wrong.value.code == 2


def test_a_gain_or_a_loss_is_shown_and_stops_the_writing(
    verb: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The comparison does not trust the design of the projects: here all of them open everything."""

    def generous(former: Former, *, today: datetime.date) -> tuple[Draft, ...]:
        found = drafts(former, today=today)
        return tuple(dataclasses.replace(one, source_tables=True) for one in found)

    monkeypatch.setattr(migrate_projects, "drafts", generous)
    before = everything(verb)
    assert migrate_projects.main(["--site", "essai", "--write"]) == 1
    shown = capsys.readouterr().out
    assert "gains  jmartin: the typed tables of cohorte, in sessions petite: not at all before, until 2027-06-30 after" in shown  # fmt: skip
    assert "loses" not in shown.partition("The files:")[0]
    assert everything(verb) == before


def test_files_are_all_written_or_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = migrated(root).changes
    before = everything(root)
    real = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "essai.toml" and "sites" in target.parts:
            raise OSError("No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(NotWritten, match="No space left on device: nothing is written"):
        write_all(changes)
    assert everything(root) == before


def test_a_file_that_changed_after_it_was_shown_is_not_overwritten(root: Path) -> None:
    changes = migrated(root).changes
    (root / "onboarding/essai.toml").write_text("# new\n")
    before = everything(root)
    with pytest.raises(NotWritten, match=r"onboarding/essai\.toml has changed in the meantime"):
        write_all(changes)
    assert everything(root) == before


def test_a_file_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "secret.toml"
    path.write_text("a")
    path.chmod(0o600)
    write_all([Change(path=path, before="a", after="b")])
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("b", 0o600)
    assert os.listdir(tmp_path) == ["secret.toml"]  # noqa: PTH208 nothing is left beside it
