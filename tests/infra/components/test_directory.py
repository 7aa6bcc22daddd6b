"""What a site with a directory of logins gets: SSSD's settings, its unit, the hub's PAM service, and the homes of groups."""

import configparser
import datetime
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.components import directory, jupyterhub, passwords, projects
from infra.settings import layout
from infra.settings.accounts import SMOKE_LOGINS, Account
from infra.settings.grants import grants
from infra.settings.ldap import Ldap
from infra.settings.logins import Logins
from infra.settings.projects import load_projects
from infra.settings.site import Site, Storage
from infra.settings.site_file import load_site

SECRET = "= a #1; secret"
PROJECT = """
[projects.soins]
title = "Soins"
purpose = "Essayer"
legal = "Essai"
bases = ["demo"]
groups = ["snds-soins"]
start = 2026-01-01
end = 2027-12-31
authorised_by = "Personne"
members.ada = { end = 2026-06-30 }
"""


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    place = tmp_path / "secret"
    place.write_text(f"{SECRET}\n")
    return place


def ldap(**given: object) -> Ldap:
    least = {"uris": ["ldaps://a.example"], "user_base": "ou=people,dc=a", "addresses": ["10.1.0.5"]}  # fmt: skip
    return Ldap.model_validate(least | given)


def read(settings: Ldap) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, strict=True, delimiters=("=",))
    found.read_string(directory.sssd_conf(settings).decode())
    return found


def test_sssd_serves_the_hub_alone_and_checks_certificates(secret: Path) -> None:
    found = read(ldap(bind_dn="cn=reader,dc=a", bind_password=secret))
    domain = found["domain/directory"]
    assert domain["domain_type"] == "application"
    assert found["pam"]["pam_app_services"] == layout.HUB_PAM
    assert found["ifp"]["allowed_uids"] == "0"
    assert domain["ldap_tls_reqcert"] == "demand"
    started = read(ldap(uris=["ldap://a.example"], start_tls=True))["domain/directory"]
    assert started["ldap_id_use_start_tls"] == "true"
    assert domain["ldap_tls_cacert"] == layout.TRUSTED
    assert domain["ldap_default_authtok"] == SECRET
    files = directory.setting_files(ldap(bind_dn="cn=reader,dc=a", bind_password=secret))
    assert {name: file.mode for name, file in files.items()} == {"sssd.conf": "600"}


def test_a_password_of_the_directory_is_kept_only_for_the_days_that_the_site_says() -> None:
    """SSSD takes 0 days for ever."""
    never, three = read(ldap()), read(ldap(offline_days=3))
    assert never["domain/directory"]["cache_credentials"] == "false"
    assert three["domain/directory"]["cache_credentials"] == "true"
    assert three["pam"]["offline_credentials_expiration"] == "3"


def test_what_is_disabled_is_left_out_and_what_differs_is_named() -> None:
    ours = read(ldap(user_filter="(!(a=b))", group_base="ou=g", group_class="groupOfUniqueNames", member_attribute="uniqueMember"))  # fmt: skip
    domain = ours["domain/directory"]
    assert domain["ldap_user_search_base"] == "ou=people,dc=a?subtree?(!(a=b))"
    assert domain["ldap_group_search_base"] == "ou=g"
    assert domain["ldap_group_object_class"] == "groupOfUniqueNames"
    assert domain["ldap_group_member"] == "uniqueMember"
    theirs = read(ldap(schema_of_groups="ad", user_filter="(a=b)"))["domain/directory"]
    assert theirs["ldap_user_search_base"].endswith(
        "?subtree?(&(a=b)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"
    )
    assert theirs["ldap_user_name"] == "sAMAccountName"


def test_its_unit_is_one_that_systemd_reads(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    [(name, file)] = directory.unit_files(ldap()).items()
    # The program is on a server alone.
    (tmp_path / name).write_bytes(file.content.replace(b"/usr/sbin/sssd", b"/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert name not in done.stderr, done.stderr


def test_it_may_connect_to_the_directory_alone() -> None:
    unit = directory.unit_files(ldap())[layout.DIRECTORY_UNIT].content.decode()
    assert "IPAddressDeny=any\nIPAddressAllow=localhost 10.1.0.5/32\n" in unit


def test_a_site_without_a_directory_has_nothing_of_it_and_one_with_it_no_helper_for_passwords() -> None:  # fmt: skip
    ours, theirs = Logins(), Logins(kind="ldap", ldap=ldap())
    assert directory.packages(ours) == ()
    assert directory.owned(ours).units == ()
    assert directory.owned(theirs).units == (layout.DIRECTORY_UNIT,)
    assert layout.CHANGE_SOCKET_UNIT in passwords.owned(ours).units
    assert passwords.owned(theirs).units == ()


def test_the_smoke_tests_accounts_alone_have_a_password_of_the_server() -> None:
    box = load_site("box")
    site = box.model_copy(update={"logins": Logins(kind="ldap", ldap=ldap())})
    said = jupyterhub.pam_file(site).content.decode()
    auth = [line.split()[1:] for line in said.splitlines() if line.startswith("auth")]
    assert auth[1][-1] == ":".join(SMOKE_LOGINS)
    assert [line[-1] if "so" in line[-1] else line[-2] for line in auth].count("pam_sss.so") == 1
    assert "pam_sss" not in jupyterhub.pam_file(box).content.decode()


def test_every_account_has_a_home_for_a_project_that_a_group_opens(tmp_path: Path) -> None:
    place = tmp_path / "projects.toml"
    place.write_text(PROJECT)
    accounts = [
        Account(login=login, name=login, email=f"{login}@a.example", end=datetime.date.fromisoformat(end))
        for login, end in (("ada", "2027-06-30"), ("bob", "2030-01-01"))
    ]  # fmt: skip
    found = load_projects(place, accounts=accounts, bases=("demo",))
    [soins, *_] = grants(found, accounts=accounts, bases=("demo",), quota_gb=1)
    assert soins.groups == ("snds-soins",)
    assert {login: str(period.last) for login, period in soins.housed.items()} == {
        "ada": "2027-06-30",
        "bob": "2027-12-31",
    }
    assert str(soins.members["ada"].last) == "2026-06-30"
    listed = projects.listing([soins], Storage()).decode()
    assert "bob@soins" in listed
    told = jupyterhub.project_settings(soins, homes=layout.HOMES)
    assert told["groups"] == ["snds-soins"]
    assert told["members"] == {"ada": {"first": "2026-01-01", "last": "2026-06-30"}}


def test_the_hub_is_told_how_long_the_directorys_word_holds() -> None:
    site: Site = load_site("box").model_copy(
        update={"logins": Logins(kind="ldap", ldap=ldap(offline_hours=6))}
    )
    told = jupyterhub.session_settings(site, ())["logins"]
    assert isinstance(told, dict)
    assert told["second_factor"] is False or site.logins.second_factor
    assert told["ldap"]["offline_hours"] == 6
    assert told["ldap"]["local_logins"] == list(SMOKE_LOGINS)
