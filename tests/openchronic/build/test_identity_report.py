"""The report of a build on identity: who is who, and who was left out."""

from __future__ import annotations

import json
from pathlib import Path

from tests.openchronic.build.beneficiaries import BOB, OWN, known, told
from tests.openchronic.front_door import build, openchronic, rows
from tests.openchronic.small_delivery import ALICE, TWINS, person


def test_the_report_tells_pairs_merges_twins_and_what_was_left_out(tmp_path: Path) -> None:
    release = known(
        tmp_path,
        [
            person(ALICE, identity="ONE") | OWN,
            person(BOB, identity="ONE") | OWN,
            person(TWINS, 1),
            person(TWINS, 2),
            person("F" * 17, BEN_CDI_NIR="05"),
            person("G" * 17, BEN_CDI_NIR="11"),
            person("P" * 17, BEN_CDI_NIR="4"),
            person("x" * 17, identity="x" * 17),
        ],
    )
    assert told(release) == {
        "records": 8,
        "pairs": 8,
        "fictive_pairs": 2,
        "pairs_without_identity": 1,
        "provisional_pairs": 1,
        "subjects": 4,
        "subjects_with_several_numbers": 1,
        "pairs_united": 2,
        "subjects_without_own_number": 3,
        "provisional_subjects": 1,
        "numbers_shared_by_twins": 1,
        "twins": 2,
        "pairs_by_kind": {"00": 5, "04": 1, "05": 1, "11": 1},
    }
    assert rows(release, "SELECT count(*) FROM patient WHERE is_provisional") == [(1,)]


def test_the_end_of_a_build_says_who_is_who(delivery: Path, releases: Path) -> None:
    answer = build(delivery, releases)
    said = " ".join(answer.out.split())
    assert "Who is who" in said
    assert "subjects: persons 1" in said
    assert "pairs of kind 00: NIR NORMAL (ni fictif ni provisoire) 1" in said
    assert "fictive_pairs" not in said  # none: no line


def test_a_release_made_before_the_report_is_still_shown(plain_base: Path, releases: Path) -> None:
    manifest = plain_base / "manifest.json"
    content = json.loads(manifest.read_text())
    some = content | {"identity": {"subjects": 1, "a_count_that_is_no_more": 3}}
    for older in ({name: one for name, one in content.items() if name != "identity"}, some):
        manifest.chmod(0o644)
        manifest.write_text(json.dumps(older))
        answer = openchronic("info", "--releases", releases, env={"COLUMNS": "160"})
        assert answer.status == 0, answer.text
        assert "patient" in answer.out
        assert ("subjects: persons" in answer.out) is ("identity" in older)
        assert ("Who is who" in answer.out) is ("identity" in older)
