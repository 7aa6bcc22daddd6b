"""Site files: accepted settings, defaults from the machine, and the example."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from infra.components import jupyterhub
from infra.settings import layout, site_file
from infra.settings.grants import site_grants
from infra.settings.settings_file import ROOT
from infra.settings.site import Site, SiteError
from infra.settings.site_file import load_site, site_names
from infra.settings.site_people import site_projects
from tests.infra.settings.conftest import MINIMAL, MIRRORS, Read

EXAMPLE = site_file.SITES / "drees.example.toml"


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace this machine by one that sets Debian's mirrors only."""
    monkeypatch.setattr(site_file, "packages_from_machine", lambda: MIRRORS)


def test_a_minimal_site_gets_the_defaults(read: Read) -> None:
    site = read()
    assert site.name == "essai"
    assert site.url == "https://bigdata.example/"
    assert site.bases["cohorte"].source == "/srv/snds/cohorte"
    assert site.storage.require_mounts
    assert site.packages.debian == "http://m.example/d"
    assert site.packages.pypi is None
    assert site.profiles["petite"].projects == ()
    assert (site.storage.team_quota_gb, site.storage.keep_ended_days) == (100, 365)
    assert site_projects(site) == ()
    assert site.box is None


def test_sessions_leave_the_memory_of_all_builds_and_of_the_system(read: Read) -> None:
    site = read()
    assert site.sessions.memory_overcommit == 1
    assert jupyterhub.reserved_gb(site) == 4 + 4, "one base, whose build has 4 GB"
    assert jupyterhub.reserved_gb(read(new="[sessions]\nreserved_gb = 1.5\n")) == 1.5


def test_with_a_session_domain_browsers_open_that_and_the_certificate_is_for_every_host(
    read: Read,
) -> None:
    server = 'address = "10.20.30.40"\nnames = ["bigdata"]\nsession_domain = "big-data.example"'
    site = read(old='address = "bigdata.example"', new=server)
    assert site.url == "https://big-data.example/"
    assert site.server.all_names == ("big-data.example", "*.big-data.example", "10.20.30.40", "bigdata")  # fmt: skip
    assert read().server.all_names == ("bigdata.example",)


def test_a_source_lies_under_the_sites_own_data_folder(read: Read) -> None:
    site = read(new='[storage]\ndata = "/data"\n')
    assert site.bases["cohorte"].source == "/data/cohorte"


def test_a_site_gives_rstudio_as_a_file_or_by_its_address(read: Read) -> None:
    assert not read().packages.has_rstudio
    site = read(new='[packages]\nrstudio_file = "README.md"\n')
    assert site.packages.rstudio_file == ROOT / "README.md"
    assert site.packages.has_rstudio
    pinned = (ROOT / "images/rstudio/rstudio-server.sha256").read_text()
    assert site.packages.rstudio_sha256 == pinned.split()[0]
    site = read(
        new=f'[packages]\nrstudio_url = "https://m.example/r.deb"\nrstudio_sha256 = "{"0" * 64}"\n'
    )
    assert site.packages.has_rstudio
    assert site.packages.rstudio_sha256 == "0" * 64


def test_a_site_that_does_not_exist_shows_those_that_do() -> None:
    with pytest.raises(
        SiteError, match=r"infra/sites/bux\.toml: no such site\. Did you mean box\?"
    ):
        load_site("bux")
    with pytest.raises(SiteError, match=r"Sites: .*\bbox, .*drees\.example\b"):
        load_site("../../etc/passwd")


def test_the_box_has_its_own_address_and_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX", "test")
    site = load_site("box")
    assert site.box is not None
    assert site.server.ssh.key is not None
    assert site.server.ssh.key.name == "id_ed25519"
    assert "-test" in str(site.server.ssh.known_hosts)
    monkeypatch.setenv("BOX", "demo")
    assert load_site("box").server.address != site.server.address
    monkeypatch.setenv("BOX", "no such purpose")
    with pytest.raises(SiteError):
        load_site("box")


def test_every_setting_has_a_meaning() -> None:
    without = [place for place, field in settings(Site) if not field.description]
    assert without == []


def test_the_example_holds_every_setting() -> None:
    """The example shows every setting, set or commented out."""
    text = EXAMPLE.read_text()
    keys = {place.rpartition(".")[2] for place, _ in settings(Site) if place != "name"}
    missing = [
        key for key in keys if not re.search(rf"^#? ?(\[+{key}\b|{key} =|.*\.{key}\])", text, re.M)
    ]
    assert missing == []


def test_the_example_is_a_site_with_two_bases() -> None:
    raw = tomllib.loads(EXAMPLE.read_text())
    site = Site.model_validate({**raw, "name": "drees"})
    assert list(site.bases) == ["exhaustive", "cohorte"]


def test_what_the_example_comments_out_is_the_default() -> None:
    raw = tomllib.loads(EXAMPLE.read_text().replace("# port =", "port ="))
    site = Site.model_validate({**raw, "name": "drees"})
    assert site.server.ssh.port == 22


def test_pyinfra_can_show_it() -> None:
    assert load_site("box").to_json()["server"]["address"]


def test_tests_run_on_the_box_that_users_get_but_for_the_size_of_its_base_and_invented_cards() -> (
    None
):
    box, test = (load_site(name).model_dump() for name in ("box", "test"))
    for site in (box, test):
        del site["name"], site["gpu"]
        del site["bases"]["demo"]["synthetic"]
        for profile in site["profiles"].values():
            del profile["gpus"]
    assert test == box


def test_accounts_and_projects_files_are_no_sites() -> None:
    names = site_names()
    assert {"box", "drees.example"} <= set(names)
    assert not [name for name in names if name.endswith(("accounts", "projects"))]


def test_the_box_grants_the_projects_of_its_file_and_the_smoke_tests_two() -> None:
    found = {grant.slug: grant for grant in site_grants(load_site("box"))}
    assert list(found) == ["variations", "parcours", "smoke-test", "smoke-colleague"]
    assert found["smoke-test"].bases == ("demo", "cohorte")
    assert found["smoke-colleague"].bases == ()
    assert found["parcours"].quota_gb == 0.25


def test_a_profile_may_be_limited_to_projects_of_the_file(read: Read) -> None:
    site = read(
        text=MINIMAL.replace("tests/infra/settings/no.projects", "onboarding/projects")
        .replace("infra/sites/box.accounts", "onboarding/accounts")
        .replace("cpus = 1", 'cpus = 1\nprojects = ["diabete-territoires"]')
        + "[bases.exhaustive]\n"
    )
    assert site.profiles["petite"].projects == ("diabete-territoires",)


DEVICES = ("nvidia.com/gpu=0", "nvidia.com/gpu=1:0", "nvidia.com/gpu=GPU-3f1b-7a")


def test_sessions_may_have_cards_and_slices_of_cards_which_the_hub_is_told(
    read: Read, tmp_path: Path
) -> None:
    described = [{"name": name.partition("=")[2], "containerEdits": {}} for name in DEVICES]
    cdi = tmp_path / "cards.json"
    cdi.write_text(json.dumps({"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu", "devices": described}))  # fmt: skip
    gpu = f'[gpu]\ndevices = {json.dumps(DEVICES)}\ncdi = "{cdi}"'
    site = read(old="cpus = 1", new=f"cpus = 1\ngpus = 1\n{gpu}")
    told = jupyterhub.session_settings(site, site_grants(site))
    assert (site.gpu.devices, site.gpu.cdi) == (DEVICES, cdi)
    assert told["gpu_devices"] == list(DEVICES)
    assert told["profiles"][0]["gpus"] == 1  # type: ignore[index]
    assert (read().gpu.devices, read().profiles["petite"].gpus) == ((), 0)


def test_the_container_toolkit_comes_from_the_sites_mirror(read: Read, tmp_path: Path) -> None:
    key = tmp_path / "key.gpg"
    key.write_bytes(b"key")
    site = read(
        new=f'[gpu]\ndevices = ["nvidia.com/gpu=0"]\nrepository = "https://m.example/n"\nrepository_key = "{key}"\n'
    )
    assert (site.gpu.repository, site.gpu.repository_key) == ("https://m.example/n", key)


OIDC = """
[logins]
kind = "oidc"
[logins.oidc]
issuer = "https://sso.example/realms/agents"
client_id = "bigdata"
client_secret = "{secret}"
group_claim = "groups"
groups = ["analystes"]
acr = ["eidas2"]
amr = ["mfa"]
addresses = ["10.20.0.5"]
"""


def test_a_provider_may_check_logins_with_its_secret_in_no_file_of_the_server_but_its_own(
    read: Read, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of-this-test\n")
    secret.chmod(0o600)
    site = read(new=OIDC.format(secret=secret))
    assert site.logins.oidc is not None
    assert site.logins.oidc.username_claim == "preferred_username"
    assert site.logins.oidc.addresses == ("10.20.0.5/32",)
    told = jupyterhub.session_settings(site, site_grants(site))
    assert "of-this-test" not in json.dumps(told)
    assert told["logins"]["second_factor"] is False  # type: ignore[index]
    files = {
        **jupyterhub.secret_files(site.logins.oidc),
        **jupyterhub.unit_files(site),
        **jupyterhub.configuration_files(site, site_grants(site)),
    }
    assert [name for name, file in files.items() if b"of-this-test" in file.content] == ["oidc"]
    assert (files["oidc"].content, files["oidc"].mode) == (b"of-this-test", "600")
    assert (
        b"IPAddressAllow=localhost 172.30.0.0/24 10.20.0.5/32\n" in files[layout.HUB_UNIT].content
    )
    without = jupyterhub.unit_files(read())[layout.HUB_UNIT].content
    assert b"IPAddressAllow=localhost 172.30.0.0/24\n" in without


def settings(model: type[BaseModel], place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every setting with its place, those of nested tables included."""
    for name, field in model.model_fields.items():
        yield f"{place}{name}", field
        for kind in kinds(field.annotation):
            yield from settings(kind, f"{place}{name}.")


def kinds(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from kinds(argument)
