"""Everything that `synth` plants is found by a build, at the number at which it was planted."""

from __future__ import annotations

import csv
import json
from importlib import resources
from pathlib import Path

import pytest

from tests.openchronic.front_door import Answer, built, openchronic, rows

PATIENTS = 1500


def names(package: str, file: str, column: str, separator: str) -> set[str]:
    text = (resources.files(package) / file).read_text("utf-8")
    return {row[column] for row in csv.DictReader(text.splitlines(), delimiter=separator)}


def extraction(folder: Path, *options: object) -> Path:
    arguments = ("--patients", PATIENTS, "--seed", 5, "--format", "parquet", *options)
    answer = openchronic("synth", folder, *arguments)
    assert answer.status == 0, answer.text
    return folder


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A made-up delivery and the release made of it; read only."""
    folder = tmp_path_factory.mktemp("planted")
    source = extraction(folder / "delivery")
    return source, built(source, folder / "releases")


def compared(release: Path, planted: Path) -> Answer:
    return openchronic("check", release, "--planted", planted, env={"COLUMNS": "200"})


def test_each_planted_thing_has_a_way_to_be_found() -> None:
    planted = names("openchronic.synth", "traps.csv", "name", ",")
    assert names("openchronic.checks", "planted.csv", "trap", ";") == planted


def test_what_was_planted_is_what_a_release_finds(portal: tuple[Path, Path]) -> None:
    source, release = portal
    planted = json.loads((source / "synth.json").read_text())["planted"]
    answer = compared(release, source / "synth.json")
    assert f"\n{len(planted)} of {len(planted)} planted things are found" in answer.out, answer.text
    assert answer.status == 0


def test_a_move_between_two_cares_is_a_period_of_residence(portal: tuple[Path, Path]) -> None:
    planted = json.loads((portal[0] / "synth.json").read_text())["planted"]["moved"]
    twice = "SELECT subject_id FROM residence GROUP BY subject_id HAVING count(*) = 2"
    # The others had no care on one side of the move.
    assert 0.9 * planted < len(rows(portal[1], twice)) <= planted


def test_what_one_record_does_not_say_another_does(portal: tuple[Path, Path]) -> None:
    unsaid = "sex IS NULL OR birth_date IS NULL OR sex_varies OR birth_varies"
    assert rows(portal[1], f"SELECT count(*) FROM patient WHERE {unsaid}") == [(0,)]  # noqa: S608


def test_each_planted_thing_is_there_to_be_found(portal: tuple[Path, Path]) -> None:
    planted = json.loads((portal[0] / "synth.json").read_text())["planted"]
    # Too rare for so few patients.
    rare = {"rehabilitation_ungrouped", "psychiatric_unchained", "home_stays_unchained"}
    assert {name for name, n in planted.items() if n == 0} <= rare


@pytest.mark.parametrize("name", ["twins", "copied", "for_information", "acts_padded", "deaths"])
def test_one_more_or_less_than_planted_is_told(
    portal: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    source, release = portal
    report = json.loads((source / "synth.json").read_text())
    # What reading mends is wanted at nought whatever the number.
    report["planted"][name] += -1
    (tmp_path / "synth.json").write_text(json.dumps(report))
    answer = compared(release, tmp_path / "synth.json")
    total = len(report["planted"])
    right = total - (name != "acts_padded")
    assert f"\n{right} of {total} planted things are found" in answer.out, answer.text
    assert answer.status == (0 if right == total else 1)


def test_what_the_simplified_product_finds_is_of_things_planted() -> None:
    instead = names("openchronic.checks", "planted_simplified.csv", "trap", ";")
    assert instead < names("openchronic.checks", "planted.csv", "trap", ";")


def test_the_simplified_product_finds_all_but_what_it_folds_into_its_acts(tmp_path: Path) -> None:
    source = extraction(tmp_path / "delivery", "--layout", "dcirs")
    report = json.loads((source / "synth.json").read_text())
    # Of two sums of money that are one, nobody can tell how many of each there were.
    told = len(report["planted"]) - len({"surcharges", "complements"})
    release = built(source, tmp_path / "releases")
    answer = compared(release, source / "synth.json")
    assert f"\n{told} of {told} planted things are found" in answer.out, answer.text
    assert "\n2 are nowhere in the tables of this release" in answer.out, answer.text
    assert answer.status == 0
    for name in ("acts", "co_payments", "hospital_drugs"):
        report["planted"][name] += 1
    (tmp_path / "synth.json").write_text(json.dumps(report))
    answer = compared(release, tmp_path / "synth.json")
    assert f"\n{told - 3} of {told} planted things are found" in answer.out, answer.text
    assert answer.status == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No such file"),
        ("{", "not JSON; give the synth.json of synth"),
        ("{}", "not the synth.json that openchronic synth leaves"),
        ('{"planted": {"twins": "22"}}', "not the synth.json that openchronic synth leaves"),
        ('{"planted": {"dragons": 1}}', "unknown here: dragons; made by another version?"),
    ],
)
def test_another_file_is_refused(
    portal: tuple[Path, Path], tmp_path: Path, text: str | None, said: str
) -> None:
    if text is not None:
        (tmp_path / "synth.json").write_text(text)
    answer = compared(portal[1], tmp_path / "synth.json")
    assert said in answer.err
    assert answer.status == 1
