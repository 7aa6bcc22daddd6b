"""A release of format 1 is used as one of today; one of a later format is refused with what to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.errors import ReleaseError
from openchronic.releases.manifest import MANIFEST, read_manifest
from openchronic.releases.renaming import FORMAT, KEYS
from tests.openchronic.front_door import build, built, openchronic, refused
from tests.openchronic.releases.first_format import FIRST_FORMAT
from tests.openchronic.small_delivery import ALICE, claim, plain, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"
# What a format has no part in, and what must be true of the files beside the manifest.
OF_ITS_FILES = ("id", "settings", "tables")
# What manifests say since then.
ADDED = ("diseases", "pathways", "provisional")


def rewrite(release: Path, manifest: dict[str, Any]) -> None:
    (release / MANIFEST).chmod(0o644)
    (release / MANIFEST).write_text(json.dumps(manifest))


@pytest.fixture
def today(plain_base: Path) -> dict[str, Any]:
    """The manifest that this version writes of the plain small delivery."""
    return dict(json.loads((plain_base / MANIFEST).read_text()))


@pytest.fixture
def first(plain_base: Path, today: dict[str, Any]) -> Path:
    """The release in service of a base, its manifest of format 1."""
    rewrite(plain_base, FIRST_FORMAT | {part: today[part] for part in OF_ITS_FILES})
    return plain_base


def test_format_one_is_read_under_the_keys_of_today(first: Path, today: dict[str, Any]) -> None:
    manifest = read_manifest(first)
    assert list(manifest) == [key for key in today if key not in ADDED]
    assert manifest["format"] == today["format"] == FORMAT
    for old, now in KEYS[1].items():
        assert manifest[now] == FIRST_FORMAT[old]


def test_a_manifest_of_today_is_read_as_it_is(plain_base: Path, today: dict[str, Any]) -> None:
    assert read_manifest(plain_base) == today


def test_a_session_uses_a_release_of_format_one(
    first: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    release = oc.release()
    assert (release.path, release.manifest["format"]) == (first, FORMAT)
    assert {one.table: one.filtered for one in release.balance()}["T_MCOaaB"] == {
        "stay.error_ghm": 1
    }
    assert oc.connect().sql("SELECT count(*) FROM event").fetchall() == [(6,)]


def test_info_prints_what_a_release_of_format_one_counted(first: Path, releases: Path) -> None:
    whole = openchronic("info", "--releases", releases)
    assert whole.status == 0, whole.text
    assert "1 ok, 1 accepted" in whole.out
    lines = openchronic("info", "--reconciliation", "--releases", releases)
    assert lines.status == 0, lines.text
    rows = [line.split() for line in lines.out.splitlines()]
    assert ["T_MCOaaB", "2", ".", ".", "1", ".", ".", "1"] in rows
    assert ["T_MCOaaB", "stay.error_ghm", "1"] in rows
    assert "each is accounted for" in lines.out


def test_the_option_of_before_is_understood_and_says_what_it_is_called(
    first: Path, releases: Path
) -> None:
    now, before = (
        openchronic("info", option, "--releases", releases)
        for option in ("--reconciliation", "--accounts")
    )
    assert (before.status, before.out) == (now.status, now.out)
    assert "--accounts is now called --reconciliation" in before.err
    assert not now.err
    assert "--accounts" not in openchronic("info", "--help").out


def test_a_release_of_format_one_is_checked(first: Path) -> None:
    answer = openchronic("check", first, "--json")
    assert answer.status == 0, answer.text
    states = {one["name"]: one["state"] for one in json.loads(answer.out)["checks"]}
    assert states["balance_differs"] == "ok"


def test_a_build_on_top_of_format_one_tells_what_changed(
    first: Path, delivery: Path, releases: Path
) -> None:
    files = plain()
    files[CLAIMS] = [*files[CLAIMS], claim(3, ALICE, "12/03/2021")]
    write(delivery, files)
    release = built(delivery, releases)
    manifest = json.loads((release / MANIFEST).read_text())
    assert (release != first, manifest["format"]) == (True, FORMAT)
    assert not set(KEYS[1]) & set(manifest)
    changes = manifest["changes"]
    assert (changes["since"], changes["filters"]) == (first.name, [])
    costs = {one["name"]: (one["before"], one["after"]) for one in changes["tables"]}["cost"]
    assert costs == (1, 2)
    told = openchronic("diff", first, release)
    assert told.status == 0, told.text
    assert "since release" in told.out


def test_a_build_on_top_of_format_one_refuses_the_loss_of_its_tables(
    first: Path, delivery: Path, releases: Path
) -> None:
    next(delivery.glob("DCIR_2021/ER_PHA_F*")).unlink()
    assert "--accept-missing ER_PHA_F" in refused(delivery, releases)
    assert (releases / "snds" / "current").resolve() == first


def test_a_build_of_the_same_content_leaves_format_one_in_service(
    first: Path, today: dict[str, Any], delivery: Path, releases: Path
) -> None:
    manifest = json.loads((first / MANIFEST).read_text())
    rewrite(first, manifest | {"content_sha256": today["content_sha256"]})
    answer = build(delivery, releases)
    assert answer.status == 0, answer.text
    assert "unchanged, still in service" in answer.out
    assert (releases / "snds" / "current").resolve() == first


def test_a_later_format_is_refused_with_what_to_do(
    plain_base: Path, today: dict[str, Any], releases: Path
) -> None:
    rewrite(plain_base, today | {"format": FORMAT + 1})
    with pytest.raises(ReleaseError) as wrong:
        read_manifest(plain_base)
    english, french = wrong.value.english, str(wrong.value)
    assert f"snds@{today['id']} was made by a later openchronic" in english
    assert "update openchronic, take another release, or build the base again" in english
    assert "a été faite par un openchronic plus récent" in french
    assert "Arrêtez votre session et ouvrez-en une nouvelle" in french
    answer = openchronic("info", "--releases", releases)
    assert answer.status == 1
    assert "was made by a later openchronic" in answer.err


def test_beside_a_release_of_a_later_format_another_can_be_named(
    plain_base: Path, today: dict[str, Any], releases: Path
) -> None:
    later = plain_base.with_name("29991231-later")
    shutil.copytree(plain_base, later)
    rewrite(later, today | {"format": FORMAT + 1, "id": later.name})
    answer = openchronic("info", f"snds@{plain_base.name}", "--releases", releases)
    assert answer.status == 0, answer.text


@pytest.mark.parametrize("written", [None, 0, "2"])
def test_a_format_that_never_was_is_refused(
    plain_base: Path, today: dict[str, Any], written: object
) -> None:
    rewrite(plain_base, today | {"format": written})
    with pytest.raises(ReleaseError, match="n'a pas de format connu"):
        read_manifest(plain_base)


def test_a_build_replaces_a_release_of_a_later_format_and_compares_nothing(
    plain_base: Path, today: dict[str, Any], delivery: Path, releases: Path
) -> None:
    # As after a way back to an earlier openchronic; its content is equal, and even so nobody can read it.
    later = plain_base.rename(plain_base.with_name("20200101-later"))
    other = {"format": FORMAT + 1, "id": later.name, "recipe_sha256": "of other code"}
    rewrite(later, today | other)
    (releases / "snds" / "current").unlink()
    (releases / "snds" / "current").symlink_to(later.name)
    release = built(delivery, releases)
    assert release != later
    assert read_manifest(release)["changes"] is None
