"""A release of the previous version, whose filters had other names, is read like a current one."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from openchronic.models.filters.switching import load_old_names
from openchronic.releases import open_release
from tests.openchronic.front_door import build, built, openchronic, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    claim,
    facility,
    pack,
    plain,
    stay,
    write,
)

OLD = {now: old for old, now in load_old_names().items()}


def as_before(told: Any) -> Any:
    """Returns the same with the former names of filters."""
    if isinstance(told, dict):
        return {OLD.get(name, name): as_before(value) for name, value in told.items()}
    if isinstance(told, list):
        return [as_before(one) for one in told]
    return OLD.get(told, told) if isinstance(told, str) else told


def delivered() -> dict[str, list[dict[str, str]]]:
    """Returns a claim for information, with its amounts, and a stay in error with its detail lines."""
    files = {name: [dict(row) for row in rows] for name, rows in plain().items()}
    files["DCIR_2021/ER_PRS_F_2021.CSV"] = [
        claim(1, ALICE, "10/03/2021"),
        claim(2, ALICE, "11/03/2021", DPN_QLF="71"),
    ]
    files["DCIR_2021/ER_PHA_F_2021.CSV"] = [pack(1, METFORMIN), pack(2, METFORMIN)]
    files["DCIR_2021/ER_ETE_F_2021.CSV"] = [facility(1)]
    files["PMSI/T_MCO21B.CSV"] = [stay("0000000001", GRG_GHM="90Z00Z")]
    return files


@dataclass(frozen=True)
class Both:
    """Releases of a base, and the same as the previous version would have made them; ``release``: in service."""

    source: Path
    today: Path
    before: Path
    release: str


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Read only."""
    folder = tmp_path_factory.mktemp("both")
    source, today, before = (folder / name for name in ("delivery", "today", "before"))
    write(source, delivered())
    built(source, today)
    release = built(source, today, "--with-filter", "cost.sent_for_information").name
    shutil.copytree(today, before, symlinks=True)
    for manifest in (before / "snds").glob("2*/manifest.json"):
        manifest.write_text(json.dumps(as_before(json.loads(manifest.read_text()))))
    return Both(source, today, before, release)


@pytest.fixture
def changing(both: Both, tmp_path: Path) -> Both:
    """The same, which may be changed."""
    shutil.copytree(both.source, tmp_path / "delivery")
    shutil.copytree(both.before, tmp_path / "before", symlinks=True)
    return replace(both, source=tmp_path / "delivery", before=tmp_path / "before")


def test_its_filters_are_read_under_their_names_of_today(both: Both) -> None:
    text = (both.before / "snds" / both.release / "manifest.json").read_text()
    assert '"cost_for_information"' in text
    assert '"drug.sent_for_information"' not in text
    today, before = (
        dict(open_release(one / "snds" / both.release).manifest)
        for one in (both.today, both.before)
    )
    assert before == today
    assert list(before["settings"]["filters"]) == list(today["settings"]["filters"])
    assert {one["removed_by"] for one in before["stays_by_year"]} == {"stay.error_ghm"}
    assert [one["name"] for one in before["changes"]["filters"]] == ["cost.sent_for_information"]
    assert "cost.sent_for_information" in {
        name for one in before["euros"] for name in one["filtered"]
    }


@pytest.mark.parametrize(
    "verb", [("info",), ("info", "--reconciliation"), ("filters",), ("check",)]
)
def test_a_verb_tells_of_it_as_of_a_release_of_today(both: Both, verb: tuple[str, ...]) -> None:
    today, before = (
        openchronic(*verb, "snds", "--releases", one) for one in (both.today, both.before)
    )
    assert (before.status, before.err) == (today.status, today.err)
    assert before.out.replace(str(both.before), str(both.today)) == today.out
    assert "stay.error_ghm" in today.out or verb == ("check",)


def test_beside_a_release_of_today_no_filter_has_changed(both: Both) -> None:
    folders = [one / "snds" / both.release for one in (both.before, both.today)]
    told = openchronic("diff", *folders)
    assert told.status == 0, told.text
    assert "since release" in told.out
    assert "filter" not in told.out


def test_an_event_of_it_is_traced_with_the_filters_that_it_was_made_with(both: Both) -> None:
    release = both.before / "snds" / both.release
    ((event,),) = rows(release, "SELECT event_id FROM event WHERE event_type = 'drug'")
    told = openchronic("trace", event, "--releases", both.before)
    assert told.status == 0, told.text
    assert "ER_PHA_F" in told.out


def test_the_next_build_tells_what_changed_since_it_and_no_filter_did(changing: Both) -> None:
    more = delivered()
    more["DCIR_2021/ER_PRS_F_2021.CSV"].append(claim(3, ALICE, "12/03/2021"))
    write(changing.source, more)
    release = built(changing.source, changing.before, "--with-filter", "cost.sent_for_information")
    changes = json.loads((release / "manifest.json").read_text())["changes"]
    assert (changes["since"], changes["filters"]) == (changing.release, [])


def test_a_build_that_puts_it_back_into_service_tells_of_it_with_the_names_of_today(
    changing: Both,
) -> None:
    current = changing.before / "snds" / "current"
    (other,) = {one.parent.name for one in current.parent.glob("2*/manifest.json")} - {
        changing.release
    }
    current.unlink()
    current.symlink_to(other)
    told = build(changing.source, changing.before, "--with-filter", "cost.sent_for_information")
    assert told.status == 0, told.text
    assert current.resolve().name == changing.release
    assert "stay.error_ghm" in told.out
    assert " error_ghm" not in told.out
