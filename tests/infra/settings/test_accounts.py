"""The accounts file: accepted accounts, and errors with their places and reasons."""

import datetime
import re
from pathlib import Path

import pytest

from infra.settings.accounts import AccountsError, load_accounts
from infra.settings.settings_file import ROOT

MINIMAL = """
[accounts.mdupont]
name = "Marie Dupont"
email = "marie.dupont@exemple.invalid"
end = 2027-12-31
"""


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "accounts.toml"
    path.write_text(text)
    with pytest.raises(AccountsError) as error:
        load_accounts(path)
    return re.sub(rf"^{re.escape(str(path))}(:\d+)?: ", "", str(error.value), flags=re.M)


@pytest.mark.parametrize("file", ["onboarding/accounts.toml", "infra/sites/box.accounts.toml"])
def test_the_files_of_the_repository(file: str) -> None:
    accounts = load_accounts(ROOT / file)
    assert len(accounts) >= 2
    assert "password" not in (ROOT / file).read_text().lower().replace(
        "no password here", ""
    ).replace("make password", "")


def test_the_box_has_a_demo_login() -> None:
    assert load_accounts(ROOT / "infra/sites/box.accounts.toml")[0].login == "demo"


def test_the_end_is_the_last_open_day(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text(MINIMAL)
    [account] = load_accounts(path)
    assert not account.has_ended(datetime.date(2027, 12, 31))
    assert account.has_ended(datetime.date(2028, 1, 1))


def test_no_account_at_all_is_a_normal_file(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text("")
    assert load_accounts(path) == ()


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("mdupont", "root", "accounts.root.login: root is a name of the server's own, choose another"),
        ("mdupont", "smoke-test", "accounts.smoke-test.login: smoke-test is a name of the server's own, choose another"),
        ("mdupont", "projet-diabete", "accounts.projet-diabete.login: names that begin with projet- are of projects' groups"),
        ("mdupont", "MDupont", "accounts.MDupont: 'MDupont' does not have the form"),
        ("mdupont", '"m;dupont"', "accounts.m;dupont: 'm;dupont' does not have the form"),
        ("end = 2027-12-31", "", "accounts.mdupont.end: is required: Last day on which the account is open"),
        ("2027-12-31", '"soon"', "accounts.mdupont.end: Input should be a valid date"),
        ("end =", 'groups = ["calcul"]\nend =', "accounts.mdupont.groups: rights are those of projects now: make migrate-projects SITE=… writes them from the groups"),
        ("end =", 'password = "x"\nend =', "accounts.mdupont.password: no such setting"),
        ("@", " at ", "accounts.mdupont.email: 'marie.dupont at exemple.invalid' does not have the form"),
        ("Marie Dupont", "Marie:Dupont", "accounts.mdupont.name: 'Marie:Dupont' does not have the form"),
        ("[accounts.mdupont]", "[accounts.mdupont]\nname = 1", "not valid TOML: Cannot overwrite a value (at line 4"),
        ("end =", "groups = []\nend =", "accounts.mdupont.groups: rights are those of projects now"),
        ("end =", 'group = "calcul"\nend =', "accounts.mdupont.group: no such setting"),
        ("2027-12-31", '"2027-12-31"', "accounts.mdupont.end: Input should be a valid date, not a text: '2027-12-31'"),
        ('"Marie Dupont"', "1", "accounts.mdupont.name: Input should be a valid text, not a number: 1"),
        ("accounts.", "account.", "account: no such setting, did you mean accounts?"),
    ],
)  # fmt: skip
def test_a_wrong_account_is_refused(tmp_path: Path, old: str, new: str, error: str) -> None:
    assert error in refused(tmp_path, MINIMAL.replace(old, new, 1))


def test_the_same_login_twice_is_refused(tmp_path: Path) -> None:
    assert "not valid TOML" in refused(tmp_path, MINIMAL + MINIMAL)


def test_all_errors_come_at_once_each_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text(
        MINIMAL.replace("end =", "open = true\nbegin = 1\nend =")
        + '[accounts.root]\nname = ""\nemail = 1\nend = "x"\n'
    )
    with pytest.raises(AccountsError) as error:
        load_accounts(path)
    found = [
        line.removeprefix(f"{path}:").split(": ")[:2] for line in str(error.value).splitlines()
    ]
    assert found == [
        ["5", "accounts.mdupont.open"],
        ["6", "accounts.mdupont.begin"],
        ["8", "accounts.root.login"],
        ["9", "accounts.root.name"],
        ["10", "accounts.root.email"],
        ["11", "accounts.root.end"],
    ]


def test_every_group_of_an_earlier_version_comes_with_its_line_and_the_verb_that_takes_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "accounts.toml"
    second = MINIMAL.replace("mdupont", "jmartin")
    path.write_text((MINIMAL + second).replace("end =", "groups = []\nend ="))
    with pytest.raises(AccountsError) as error:
        load_accounts(path)
    said = str(error.value).splitlines()
    assert [line.split(": ")[0] for line in said] == [f"{path}:5", f"{path}:11"]
    assert all("make migrate-projects SITE=…" in line for line in said)
