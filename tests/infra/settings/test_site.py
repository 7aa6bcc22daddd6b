"""Site files: accepted settings, defaults from the machine, and the example."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from infra.settings import site_file
from infra.settings.site import Site, SiteError
from infra.settings.site_file import load_site, site_names
from tests.infra.settings.conftest import MIRRORS, Read

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
    assert site.bases["cohorte"].source_readers == (), "pseudonyms are opened by name alone"
    assert site.box is None


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


def test_tests_run_on_the_box_that_users_get_but_for_the_size_of_its_base() -> None:
    box, test = (load_site(name).model_dump() for name in ("box", "test"))
    for site in (box, test):
        del site["name"]
        del site["bases"]["demo"]["synthetic"]
    assert test == box


def test_accounts_files_are_no_sites() -> None:
    names = site_names()
    assert {"box", "drees.example"} <= set(names)
    assert not [name for name in names if name.endswith("accounts")]


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
