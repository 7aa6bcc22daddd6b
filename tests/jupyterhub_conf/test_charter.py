"""The charter: its version is read, its acceptances are kept line by line, whatever interrupts the writing."""

import json
import threading
from pathlib import Path

import pytest
from charter import Acceptances, Charter, NoCharter, as_html, read_charter
from hypothesis import given
from hypothesis import strategies as st

from infra.components.web.static_pages import Words, page_files
from infra.settings.settings_file import ROOT
from tests.jupyterhub_conf.conftest import CONFIGURATION

ONE = Charter("1", "# Charte\n\nVersion 1\n")


@pytest.fixture
def record(tmp_path: Path) -> Acceptances:
    assert CONFIGURATION.is_dir()
    return Acceptances(tmp_path / "charter.jsonl")


def test_the_projects_own_charter_has_a_version_and_its_public_page_says_the_same() -> None:
    charter = read_charter(ROOT / "onboarding")
    assert charter.version.isdigit()
    public = page_files(Words("Essai"))["charte.html"].content.decode()
    assert f"version {charter.version} du " in public


@pytest.mark.parametrize(
    "text", ["", "# Charte\n\nSans version\n", "Version\n", "\n" * 8 + "Version 1\n", "version 1\n"]
)
def test_a_charter_without_a_version_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "charte.md").write_text(text)
    with pytest.raises(NoCharter):
        read_charter(tmp_path)


def test_no_charter_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoCharter, match="No such file"):
        read_charter(tmp_path)


def test_an_acceptance_is_of_one_login_and_one_version(record: Acceptances) -> None:
    assert not record.has("demo", "1")
    record.add("demo", ONE, address="192.0.2.1")
    assert record.has("demo", "1")
    assert not record.has("demo", "2")
    assert not record.has("alix", "1")


def test_a_line_says_who_when_and_what(record: Acceptances) -> None:
    record.add("demo", ONE, address="192.0.2.1")
    line = json.loads(record.place.read_text())
    assert set(line) == {"login", "when", "version", "sha256", "address"}
    assert (line["login"], line["version"], line["sha256"]) == ("demo", "1", ONE.digest)
    assert line["when"].endswith("+00:00")
    assert record.place.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("torn", [b'{"login": "alix", "ver', b"\xff\xfe", b"[]", b"1"])
def test_half_a_line_accepts_nothing_and_swallows_nothing(record: Acceptances, torn: bytes) -> None:
    record.add("demo", ONE, address="")
    with record.place.open("ab") as file:
        file.write(torn)
    record.add("alix", ONE, address="")
    assert record.has("demo", "1")
    assert record.has("alix", "1")
    assert torn in record.place.read_bytes(), "nothing of the record is ever taken away"


def test_acceptances_at_once_are_all_kept(record: Acceptances) -> None:
    logins = [f"user{number}" for number in range(30)]
    threads = [
        threading.Thread(target=record.add, args=(login, ONE), kwargs={"address": ""})
        for login in logins
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [login for login in logins if not record.has(login, "1")] == []
    assert len(record.place.read_text().splitlines()) == 30


def test_a_link_in_the_place_of_the_record_is_not_followed(record: Acceptances) -> None:
    record.place.symlink_to(record.place.with_name("elsewhere"))
    with pytest.raises(OSError, match="symbolic"):
        record.add("demo", ONE, address="")


def test_the_charter_is_shown_as_written() -> None:
    text = "# Titre\n\nVersion 3\n\nDeux règles.\n\n1. **Un.** Premier & dernier.\n2. **Deux.** <b>non</b>\n\nFin.\n"
    assert as_html(text) == (
        "<p>Version 3</p>\n<p>Deux règles.</p>\n<ol><li><strong>Un.</strong> Premier &amp; dernier.</li>"
        "<li><strong>Deux.</strong> &lt;b&gt;non&lt;/b&gt;</li></ol>\n<p>Fin.</p>"
    )
    shown = as_html((ROOT / "onboarding/charte.md").read_text())
    assert shown.count("<li>") == 6


@given(st.text())
def test_no_charter_writes_markup_of_its_own(text: str) -> None:
    shown = as_html(text)
    for tag in ("<p>", "</p>", "<ol>", "</ol>", "<li>", "</li>", "<strong>", "</strong>"):
        shown = shown.replace(tag, "")
    assert "<" not in shown
