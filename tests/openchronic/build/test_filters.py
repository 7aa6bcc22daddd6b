"""`openchronic filters`: the list of filters, and what each removed from a release."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.front_door import Answer, built, openchronic
from tests.openchronic.small_delivery import ALICE, claim, pack, write

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"


def listed(*options: object) -> dict[str, dict[str, Any]]:
    """Returns the filters by name, from the JSON output."""
    answer = openchronic("filters", *options, "--json")
    assert answer.status == 0, answer.text
    return {one["name"]: one for one in json.loads(answer.out)["filters"]}


def refused(*options: object, status: int) -> str:
    """Runs a call that must be refused; returns the message, which is no traceback."""
    answer: Answer = openchronic("filters", *options)
    assert answer.status == status, answer.text
    assert "Traceback" not in answer.text
    assert "internal error" not in answer.text
    return answer.err


def two_claims_one_for_information(delivery: Path) -> Path:
    """Writes two dispensings, one of which was sent for information."""
    other = claim(2, ALICE, "11/03/2021", DPN_QLF="71")
    packs = [pack(1, "3400930000001"), pack(2, "3400930000001")]
    return write(delivery, {CLAIMS: [claim(1, ALICE, "10/03/2021"), other], PACKS: packs})


def test_every_filter_is_told_with_its_default_meaning_source_and_condition() -> None:
    answer = openchronic("filters")
    assert answer.status == 0, answer.text
    filters = listed()
    assert filters["stay.error_ghm"] == {
        "rule": "error_ghm",
        "step": "stay",
        "name": "stay.error_ghm",
        "default": "on",
        "meaning": "the grouper could not classify the stay",
        "source": "Documentation-SNDS, depenses_hopital_public",
        "remove_when": "GRG_GHM LIKE '90%'",
        "reads": ["GRG_GHM"],
        "without": "kept: a stay of no group is not known to be in error",
    }
    for one in filters.values():
        (heading,) = re.findall(rf"^{one['rule']}: (.+)$", answer.out, re.M)
        state = re.search(rf"(on|off) in [a-z_, ]*\b{one['step']}\b", heading)
        assert state, heading
        assert state[1] == one["default"]
        for part in ("meaning", "source", "remove_when", "without"):
            assert one[part], one
            assert one[part] in answer.out


def test_rows_before_after_and_removed_are_those_of_the_release(
    delivery: Path, releases: Path
) -> None:
    release = built(two_claims_one_for_information(delivery), releases)
    name = f"snds@{release.name}"
    for which in (
        ("--releases", releases),
        ("--releases", releases, "--base", "snds"),
        ("--releases", releases, "--release", name),
        ("--release", release),
        (release,),
        ("snds", "--releases", releases),
    ):
        one = listed(*which)["drug.sent_for_information"]
        assert (one["used"], one["before"], one["after"], one["removed"]) == (True, 2, 1, 1)
    out = openchronic("filters", "--release", release).out
    assert f"release {name}" in out
    assert "\nstep drug: 2 rows before, 1 after, 1 removed\n" in out
    assert "  drug.sent_for_information: on; 2 rows before, 1 after, 1 removed" in out
    assert out.count("\nsent_for_information: ") == 1
    assert "  not counted in this release: procedure, biology, device, hospital_drug" in out


def test_the_steps_and_what_regularisation_took_are_told(delivery: Path, releases: Path) -> None:
    claims = [claim(n, ALICE, "10/03/2021", flux=f"01/{3 + n:02}/2021") for n in (1, 2, 3)]
    packs = [
        pack(n, "3400930000001", one, flux=f"01/{3 + n:02}/2021")
        for n, one in ((1, 2), (2, -1), (3, 0))
    ]
    claims[2] |= {"EXE_SOI_DTD": "01/01/1600"}
    release = built(write(delivery, {CLAIMS: claims, PACKS: packs}), releases)
    told = json.loads(openchronic("filters", release, "--json").out)
    assert told["steps"] == {
        "drug": {"before": 3, "after": 2, "removed": 1},
        "service": {"before": 0, "after": 0, "removed": 0},
        "cost": {"before": 3, "after": 3, "removed": 0},
        "stay": {"before": 1, "after": 1, "removed": 0},
        "ald": {"before": 1, "after": 1, "removed": 0},
    }
    assert told["regularised"]["cancelling_lines"] == told["regularised"]["reduced"] == 1
    assert (
        "1 cancelling lines in all, 1 sums reduced and kept" in openchronic("filters", release).out
    )


def test_a_filter_switched_off_for_a_build_is_told_as_off_and_removed_nothing(
    delivery: Path, releases: Path
) -> None:
    release = built(
        two_claims_one_for_information(delivery),
        releases,
        "--without-filter",
        "drug.sent_for_information",
    )
    one = listed("--release", release)["drug.sent_for_information"]
    assert (one["default"], one["used"], one["before"], one["removed"]) == ("on", False, 2, 0)
    out = openchronic("filters", "--release", release).out
    assert "  drug.sent_for_information: off (default on); 2 rows before, 2 after, 0 removed" in out


def test_a_release_of_another_version_tells_the_filters_that_it_was_made_with(
    plain_base: Path, releases: Path, tmp_path: Path
) -> None:
    manifest = json.loads((plain_base / "manifest.json").read_text())
    switches = manifest["settings"]["filters"]
    switches["long_gone"] = switches.pop("stay.error_ghm")
    manifest["filters"] = [
        one | ({"name": "long_gone"} if one["name"] == "stay.error_ghm" else {})
        for one in manifest["filters"]
    ]
    old = tmp_path / "old"
    old.mkdir()
    (old / "manifest.json").write_text(json.dumps(manifest))
    filters = listed("--release", old)
    assert filters["stay.error_ghm"]["used"] is None
    assert filters["stay.error_ghm"]["before"] is None
    assert filters["long_gone"]["before"] == 1
    out = openchronic("filters", "--release", old).out
    assert "\nerror_ghm: on in stay\n  not counted in this release: stay\n" in out
    assert "  long_gone: no longer a filter; 1 rows before, 1 after, 0 removed" in out


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--release", "no/such/folder"), 1, "no release there"),
        (
            ("--release", "snds@nonsense"),
            1,
            "no release snds@nonsense; of this base there are snds@",
        ),
        (("--base", "nonsense"), 1, "no such base: nonsense; in "),
        (("--release", "snds", "--base", "snds"), 2, "name one of them"),
        (("snds", "--base", "snds"), 2, "name one of them"),
        (("no/such/folder",), 1, "no release there"),
    ],
)
def test_a_release_that_is_not_there_is_a_message(
    plain_base: Path, releases: Path, options: tuple[str, ...], status: int, said: str
) -> None:
    assert said in refused("--releases", releases, *options, status=status)
