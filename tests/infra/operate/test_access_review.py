"""`make access-review`: what is past its date, what nobody uses, and what the server gives beyond the files."""

import csv
import datetime
import io
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.operate import access_review
from infra.operate.access_review import COLUMNS, reviewed
from infra.operate.reviewed_rights import Review
from infra.operate.server_rights import script
from infra.settings import layout
from infra.settings.grants import site_grants
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from infra.settings.site_file import load_site

TODAY = datetime.date(2026, 6, 15)
ACCOUNTS = "".join(
    f'[accounts.{login}]\nname = "{name}"\nemail = "a@b.example"\nend = {end}\n'
    for login, name, end in (
        ("mdupont", "Marie Dupont", "2099-12-31"),
        ("jmartin", "Jean Martin", "2099-06-30"),
    )
)
PROJECTS = """[projects.diabete]
title = "Diabète"
purpose = "Mesurer."
legal = "Registre, n° 1"
bases = ["cohorte", "demo"]
source_tables = true
start = 2026-01-01
end = 2099-12-31
authorised_by = "Comité"
reviewers = ["jmartin"]
[projects.diabete.members]
mdupont = {}
"""
FAKE_SSH = """#!/bin/sh
printf '%s\\n' "$*" >> "$NOTES/arguments"
cat > "$NOTES/stdin"
cat "$NOTES/answer"
[ ! -e "$NOTES/fails" ] || { cat "$NOTES/fails" >&2; exit 255; }
"""
ENDED = "2026-06-14"
USED = {"mdupont@diabete": "2026-06-14T10:00:00Z"}
Reviewed = Callable[..., Review]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Give a real site, whose ssh answers what the file `answer` says: today's deploy, without a use."""
    fake = tmp_path / "bin" / "ssh"
    fake.parent.mkdir()
    fake.write_text(FAKE_SSH)
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("NOTES", str(tmp_path))
    (tmp_path / "accounts.toml").write_text(ACCOUNTS)
    (tmp_path / "projects.toml").write_text(PROJECTS)
    box = load_site("box")
    server = box.server.model_copy(update={"address": "big.example"})
    names = {name: str(tmp_path / f"{name}.toml") for name in ("accounts", "projects")}
    site: Site = box.model_copy(update={"box": None, "name": "essai", "server": server, **names})
    answer(site, uses={}, projects=deployed(site))
    return site


def deployed(site: Site) -> list[dict[str, Any]]:
    """Return what a deploy of the site's files writes for the hub."""
    return [
        {
            "slug": grant.slug,
            "title": grant.title,
            "bases": list(grant.bases),
            "source_tables": grant.source_tables,
            "members": {
                login: {
                    "first": period.first.isoformat() if period.first else None,
                    "last": period.last.isoformat() if period.last else None,
                }
                for login, period in grant.members.items()
            },
        }
        for grant in site_grants(site)
    ]


def answer(site: Site, **said: object) -> None:
    """Let the server say this, below the greeting that a server may have."""
    text = json.dumps({"uses": None, "projects": None, "acceptances": None} | said)
    Path(site.projects).with_name("answer").write_text(f"Welcome!\nrights-of-the-server: {text}\n")


def unreachable(site: Site) -> None:
    place = Path(site.projects)
    place.with_name("answer").write_text("")
    place.with_name("fails").write_text(
        "ssh: connect to host big.example port 22: No route to host"
    )


def edit(path: str, *changes: tuple[str, str]) -> None:
    text = Path(path).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    Path(path).write_text(text)


def said(found: Review, kind: str = "notices") -> list[str]:
    return [str(one) for one in getattr(found, kind)]


def test_a_review_says_who_reads_what_as_what_from_when_until_when_and_by_whom(site: Site) -> None:
    answer(site, uses={"mdupont@diabete": "2026-06-01T08:30:00+00:00"}, projects=deployed(site))
    found = reviewed(site, today=TODAY)
    member, reviewer = found.rights
    assert (member.login, member.name, member.project) == ("mdupont", "Marie Dupont", "diabete")
    assert (member.bases, member.source_tables, member.role) == (
        ("cohorte", "demo"),
        True,
        "member",
    )
    assert (str(member.since), str(member.until)) == ("2026-01-01", "2099-12-31")
    assert str(member.last_use) == "2026-06-01 08:30:00+00:00"
    assert (member.legal, member.authorised_by) == ("Registre, n° 1", "Comité")
    assert (reviewer.login, reviewer.role) == ("jmartin", "reviewer")
    assert (reviewer.bases, reviewer.source_tables) == ((), False), "a reviewer reads nothing"
    assert str(reviewer.until) == "2099-06-30", "that of the account"
    assert found.is_sound
    assert (said(found), said(found, "past"), said(found, "server_only")) == ([], [], [])


def test_a_reviewer_who_is_a_member_too_is_one_line(site: Site) -> None:
    edit(site.projects, ("mdupont = {}", "mdupont = {}\njmartin = {}"))
    answer(site, uses={}, projects=deployed(site))
    assert [(one.login, one.role) for one in reviewed(site, today=TODAY).rights] == [
        ("mdupont", "member"),
        ("jmartin", "member, reviewer"),
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "what", "next_step"),
    [
        ("accounts", "2099-12-31", ENDED, "The account mdupont ended on 2026-06-14. Take it out of ", "make deploy SITE=essai"),
        ("projects", "end = 2099-12-31", f"end = {ENDED}", "The project diabete ended on 2026-06-14. Take it out of ", "or give it a later end, then make deploy SITE=essai"),
        ("projects", "mdupont = {}", f"mdupont = {{ end = {ENDED} }}", "The membership of mdupont in diabete ended on 2026-06-14. Take it out of projects.diabete.members in ", "make deploy SITE=essai"),
    ],
)  # fmt: skip
def test_what_is_listed_past_its_date_fails_and_says_what_to_do(
    site: Site, file: str, old: str, new: str, what: str, next_step: str
) -> None:
    edit(getattr(site, file), (old, new))
    answer(site, uses={}, projects=deployed(site))
    found = reviewed(site, today=TODAY)
    [past] = said(found, "past")
    assert past.startswith(what)
    assert past.endswith(next_step)
    assert found.rights[0].state == "over"
    assert not found.is_sound
    on_its_last_day = reviewed(site, today=TODAY - datetime.timedelta(days=1))
    assert said(on_its_last_day, "past") == []


def test_an_ended_account_is_told_once_and_not_for_each_of_its_projects(site: Site) -> None:
    other = PROJECTS.replace("diabete", "asthme")
    Path(site.projects).write_text(
        (PROJECTS + other).replace("{}", f"{{ start = 2026-02-01, end = {ENDED} }}")
    )
    edit(site.accounts, ("2099-12-31", ENDED))
    assert len(said(reviewed(site, today=TODAY), "past")) == 1


@pytest.mark.parametrize(("days", "told"), [(30, True), (31, False), (0, True)])
def test_a_right_that_ends_within_thirty_days_is_told(site: Site, days: int, told: bool) -> None:
    last = TODAY + datetime.timedelta(days=days)
    edit(site.projects, ("mdupont = {}", f"mdupont = {{ end = {last} }}"))
    answer(site, uses=USED, projects=deployed(site))
    found = reviewed(site, today=TODAY)
    expected = [f"mdupont in diabete: ends on {last}, in {days} days"] if told else []
    assert said(found) == expected
    assert found.is_sound, "a notice does not fail the review"


@pytest.mark.parametrize(
    ("start", "use", "told"),
    [
        ("2026-01-01", "2026-03-17T23:59:59Z", "last used on 2026-03-17"),
        ("2026-01-01", "2026-03-18T00:00:00Z", None),
        ("2026-03-17", None, "never used"),
        ("2026-03-18", None, None),
        ("2026-05-01", "2025-12-01T00:00:00Z", None),
    ],
)
def test_ninety_days_without_a_use_are_told_counted_from_the_right_or_the_last_use(
    site: Site, start: str, use: str | None, told: str | None
) -> None:
    edit(site.projects, ("start = 2026-01-01", f"start = {start}"))
    uses = {"mdupont@diabete": use} if use else {}
    answer(site, uses=uses, projects=deployed(site))
    found = reviewed(site, today=datetime.date(2026, 6, 15))
    text = f"mdupont in diabete: unused for 90 days ({told}). Is it still needed?"
    assert said(found) == ([text] if told else [])
    assert found.rights[0].unused is (told is not None)
    assert found.is_sound


def test_accounts_in_no_project_and_projects_without_members_are_told(site: Site) -> None:
    edit(site.projects, ('reviewers = ["jmartin"]', ""), ("mdupont = {}", ""))
    answer(site, uses={}, projects=deployed(site))
    found = reviewed(site, today=TODAY)
    assert [line.partition(":")[0] for line in said(found)] == [
        "The account mdupont is in no project",
        "The account jmartin is in no project",
        "The project diabete has no member",
    ]
    assert found.is_sound


def test_uses_of_unknown_names_are_told_and_those_of_the_smoke_test_are_known(site: Site) -> None:
    uses = {
        "mdupont@diabete": "2026-06-14T10:00:00Z",
        "jmartin@diabete": "2026-06-14T10:00:00Z",
        "parti@ancien": "2026-06-14T10:00:00Z",
        "smoke-test@smoke-test": "2026-06-14T10:00:00Z",
        "mdupont@autre": "yesterday",
    }
    answer(site, uses=uses, projects=deployed(site))
    assert said(reviewed(site, today=TODAY)) == [
        "A use without a right in the file: jmartin@diabete, on 2026-06-14",
        "A use without a right in the file: parti@ancien, on 2026-06-14",
        "A use without a date: mdupont@autre",
    ]


def test_a_use_after_the_end_of_a_right_is_told(site: Site) -> None:
    edit(site.projects, ("mdupont = {}", "mdupont = { end = 2026-06-01 }"))
    answer(site, uses={"mdupont@diabete": "2026-06-02T10:00:00Z"}, projects=deployed(site))
    assert said(reviewed(site, today=TODAY)) == [
        "mdupont in diabete: used on 2026-06-02, after its end on 2026-06-01. The hub's journal says how"
    ]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ([("mdupont = {}", "jmartin = {}")], "mdupont in diabete: reads cohorte, demo on the server (typed tables too)"),
        ([("diabete", "asthme"), ("diabete", "asthme")], "mdupont in diabete: reads cohorte, demo on the server (typed tables too)"),
        ([('["cohorte", "demo"]', '["cohorte"]')], "mdupont in diabete: reads demo on the server (no typed tables)"),
        ([("source_tables = true", "")], "mdupont in diabete: reads cohorte, demo on the server (typed tables too)"),
        ([("mdupont = {}", "mdupont = { end = 2026-06-14 }")], "mdupont in diabete: reads cohorte, demo on the server (typed tables too)"),
        ([("mdupont = {}", "mdupont = { start = 2026-06-16 }")], "mdupont in diabete: reads cohorte, demo on the server (typed tables too)"),
    ],
)  # fmt: skip
def test_what_the_server_gives_and_the_files_no_longer_do_fails_until_it_is_deployed(
    site: Site, changes: list[tuple[str, str]], what: str
) -> None:
    before = deployed(site)
    edit(site.projects, *changes)
    answer(site, uses={}, projects=before)
    found = reviewed(site, today=TODAY)
    assert said(found, "server_only") == [
        f"{what}, and not by {site.projects}. To take it away: make deploy SITE=essai"
    ]
    assert not found.is_sound


def test_what_has_ended_on_the_server_too_is_in_force_nowhere(site: Site) -> None:
    before = deployed(site)
    before[0]["members"]["mdupont"]["last"] = "2026-06-14"
    edit(site.projects, ("mdupont = {}", ""))
    answer(site, uses={}, projects=before)
    assert reviewed(site, today=TODAY).is_sound


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ([("mdupont = {}", "mdupont = {}\njmartin = { start = 2026-06-01 }")], "jmartin in diabete: not on the server yet"),
        ([("mdupont = {}", "mdupont = { end = 2026-12-31 }")], "mdupont in diabete: ends on 2099-12-31 on the server, on 2026-12-31 by the file"),
    ],
)  # fmt: skip
def test_what_is_not_deployed_yet_is_told_and_fails_nothing(
    site: Site, changes: list[tuple[str, str]], what: str
) -> None:
    before = deployed(site)
    edit(site.projects, *changes)
    answer(site, uses=USED, projects=before)
    found = reviewed(site, today=TODAY)
    assert said(found) == [f"{what}. To deploy it: make deploy SITE=essai"]
    assert found.is_sound


def test_more_bases_in_the_file_than_on_the_server_are_told(site: Site) -> None:
    before = deployed(site)
    before[0]["bases"].remove("demo")
    answer(site, uses=USED, projects=before)
    assert said(reviewed(site, today=TODAY)) == [
        "mdupont in diabete: reads less on the server than by the file. To deploy it: make deploy SITE=essai"
    ]


def test_without_the_server_the_review_is_made_without_last_uses_and_says_so(site: Site) -> None:
    unreachable(site)
    found = reviewed(site, today=TODAY)
    [told] = said(found)
    assert told.startswith(
        "The server was not asked, so last uses are unknown: the server big.example does not answer"
    )
    assert found.is_sound
    assert not found.rights[0].unused
    edit(site.accounts, ("2099-12-31", ENDED))
    assert not reviewed(site, today=TODAY).is_sound, "the dates fail it all the same"


def test_a_server_of_an_earlier_version_is_not_compared(site: Site) -> None:
    answer(site)
    found = reviewed(site, today=TODAY)
    assert [line.partition(":")[0] for line in said(found)] == [
        "The server records no uses yet, so last uses are unknown",
        "The server has no projects yet",
    ]
    assert found.is_sound


def test_projects_of_a_form_that_is_not_understood_are_not_taken_for_none(site: Site) -> None:
    answer(site, uses={}, projects=[{"slug": "diabete"}])
    assert "has projects of another form" in said(reviewed(site, today=TODAY))[0]


def test_the_server_is_asked_once_as_root_and_told_nothing(site: Site, tmp_path: Path) -> None:
    reviewed(site, today=TODAY)
    [arguments] = (tmp_path / "arguments").read_text().splitlines()
    assert arguments.endswith("ops@big.example sudo -n python3 -I -")
    asked = (tmp_path / "stdin").read_text()
    assert f"{layout.HUB_CONFIGURATION}/site.json" in asked
    assert layout.HUB_USES in asked


def test_the_servers_program_reads_files_alone(tmp_path: Path) -> None:
    uses = tmp_path / "uses"
    uses.mkdir()
    (tmp_path / "site.json").write_text('{"projects": [{"slug": "é"}], "other": 1}')
    (uses / "a@b").write_text("2026-06-14T10:00:00Z\n" + "x" * 10_000)
    (uses / "folder").mkdir()
    (tmp_path / "secret").write_text("secret")
    (uses / "link").symlink_to(tmp_path / "secret")
    text = script(configuration=str(tmp_path), uses=str(uses))
    assert ran(text)["projects"] == [{"slug": "é"}]
    assert ran(text)["uses"] == {"a@b": "2026-06-14T10:00:00Z\n" + "x" * 19}


def test_the_servers_program_says_what_there_is_not(tmp_path: Path) -> None:
    none = str(tmp_path / "none")
    text = script(configuration=str(tmp_path), uses=none, acceptances=none)
    assert ran(text) == {"projects": None, "uses": None, "acceptances": None, "groups": None}


def test_the_last_charter_that_was_accepted_is_in_the_review(site: Site, tmp_path: Path) -> None:
    """A line that a crash tore accepts nothing; an account without a line has accepted none."""
    record = tmp_path / "charter.jsonl"
    line = '{{"login": "mdupont", "when": "2026-0{}-01T08:00:00+00:00", "version": "{}"}}\n'
    record.write_text(line.format(1, 1) + '{"login": "jmartin", "wh\n' + line.format(5, 2))
    found = ran(script(configuration=str(tmp_path), uses="/none", acceptances=str(record)))
    assert found["acceptances"] == {"mdupont": ["2", "2026-05-01T08:00:00+00:00"]}
    answer(site, uses={}, projects=deployed(site), acceptances=found["acceptances"])
    by_login = {right.login: right.charter for right in reviewed(site, today=TODAY).rights}
    assert by_login == {"mdupont": "2, 2026-05-01", "jmartin": ""}


def ran(text: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-I", "-"], input=text, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.removeprefix("rights-of-the-server: "))
    return found


@pytest.fixture
def verb(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Let the verb review this site by the name of another."""
    monkeypatch.setattr(access_review, "load_site", lambda _: site)
    return site


def test_the_table_has_a_line_for_each_right_and_the_verdict_is_last(
    verb: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert access_review.main(["--site", "box"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert re.split(r"  +", shown[2]) == [
        *("mdupont", "Marie Dupont", "diabete", "cohorte, demo", "yes", "member"),
        *("2026-01-01", "2099-12-31", "in force", "-", "unused", "Comité"),
    ]
    assert shown[-1].startswith("access-review: essai, ")
    assert shown[-1].endswith("every right is within its dates")


def test_a_right_past_its_date_ends_the_verb_with_1(
    verb: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(verb.accounts, ("2099-12-31", "2026-02-01"))
    for form in ([], ["--json"], ["--csv"]):
        assert access_review.main(["--site", "box", *form]) == 1
    assert "The account mdupont ended on 2026-02-01" in capsys.readouterr().err


def test_json_has_all_and_csv_has_every_column(
    verb: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert access_review.main(["--site", "box", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rights"][0]["bases"] == ["cohorte", "demo"]
    assert found["rights"][0]["until"] == "2099-12-31"
    assert {"past", "server_only", "notices"} <= set(found)
    assert access_review.main(["--site", "box", "--csv"]) == 0
    shown = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(shown.out)))
    assert [row["login"] for row in rows] == ["mdupont", "jmartin"]
    assert rows[0]["legal reference"] == "Registre, n° 1"
    assert set(rows[0]) == {column.title for column in COLUMNS}
    assert "every right is within its dates" in shown.err


def test_a_name_from_the_server_cannot_act_on_the_terminal(
    verb: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(verb, uses={"a\x1b[2J\udcff@b": "2026-06-14T10:00:00Z"}, projects=deployed(verb))
    access_review.main(["--site", "box"])
    assert "a?[2J?@b" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--jsn"], ["--json", "--csv"]])
def test_a_wrong_option_ends_with_2(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error:
        access_review.main(wrong)
    assert error.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_site_that_does_not_exist_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert access_review.main(["--site", "bux"]) == 2
    assert "Did you mean box?" in capsys.readouterr().err


def test_files_that_cannot_be_read_end_with_1_and_their_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "infra/sites/box.toml").read_text().replace("title =", "titel =", 1)
    (tmp_path / "box.toml").write_text(text)
    monkeypatch.setattr(access_review, "load_site", lambda name: load_site(name, folder=tmp_path))
    assert access_review.main(["--site", "box"]) == 1
    assert "box.toml:4: titel: no such setting, did you mean title?" in capsys.readouterr().err
