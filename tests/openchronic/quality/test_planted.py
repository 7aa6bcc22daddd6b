"""A build finds everything that `synth` plants, in the number planted."""

from __future__ import annotations

import csv
import json
import shutil
from importlib import resources
from pathlib import Path

import pytest

from openchronic.synth.odd_files import load_oddities
from openchronic.synth.traps import load_traps
from tests.openchronic.front_door import (
    ONE_YEAR,
    Answer,
    built,
    one_year,
    one_year_release,
    openchronic,
    refused,
    rows,
)


def names(package: str, file: str, column: str, separator: str) -> set[str]:
    text = (resources.files(package) / file).read_text("utf-8")
    return {row[column] for row in csv.DictReader(text.splitlines(), delimiter=separator)}


@pytest.fixture(scope="session")
def portal(many: Path, many_releases: Path) -> tuple[Path, Path]:
    """A synthetic delivery and the release made from it; read only."""
    return many, (many_releases / "snds" / "current").resolve()


# The expected result for each thing where the report states one less than was planted.
WANTED_BUT_ONE = {
    **dict.fromkeys(("twins", "copied", "for_information"), "{}"),
    "acts_padded": "0",
    "deaths": "≤ {}",
}
LABELS = {trap.name: trap.label for trap in load_traps()}


def compared(release: Path, planted: Path) -> Answer:
    return openchronic("check", release, "--planted", planted, env={"COLUMNS": "200"})


def test_each_planted_thing_has_a_way_to_be_found() -> None:
    planted = names("openchronic.synth", "traps.csv", "name", ",")
    planted |= names("openchronic.synth", "odd_files.csv", "name", ",")
    assert names("openchronic.quality", "planted.csv", "trap", ";") == planted


def test_what_was_planted_is_what_a_release_finds(portal: tuple[Path, Path]) -> None:
    source, release = portal
    planted = json.loads((source / "synth.json").read_text())["planted"]
    answer = compared(release, source / "synth.json")
    assert f"\n{len(planted)} of {len(planted)} planted things are found" in answer.out, answer.text
    assert answer.status == 0


def test_a_move_between_two_cares_is_a_period_of_residence(portal: tuple[Path, Path]) -> None:
    planted = json.loads((portal[0] / "synth.json").read_text())["planted"]["moved"]
    twice = "SELECT subject_id FROM residence GROUP BY subject_id HAVING count(*) = 2"
    # The others had no care before or after the move.
    assert 0.9 * planted < len(rows(portal[1], twice)) <= planted


def test_what_one_record_does_not_say_another_does(portal: tuple[Path, Path]) -> None:
    unsaid = "sex IS NULL OR birth_date IS NULL OR sex_varies OR birth_varies"
    assert rows(portal[1], f"SELECT count(*) FROM patient WHERE {unsaid}") == [(0,)]  # noqa: S608


def test_each_planted_thing_is_there_to_be_found(portal: tuple[Path, Path]) -> None:
    planted = json.loads((portal[0] / "synth.json").read_text())["planted"]
    # These are too rare for so few patients.
    rare = {"rehabilitation_ungrouped", "psychiatric_unchained", "home_stays_unchained"}
    assert {name for name, n in planted.items() if n == 0} <= rare


@pytest.fixture(scope="session")
def one_less(portal: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """The output for a report with one less of each of these than was planted."""
    source, release = portal
    report = json.loads((source / "synth.json").read_text())
    for name in WANTED_BUT_ONE:
        report["planted"][name] -= 1
    file = tmp_path_factory.mktemp("less") / "synth.json"
    file.write_text(json.dumps(report))
    return compared(release, file)


@pytest.mark.parametrize("name", WANTED_BUT_ONE)
def test_one_more_or_less_than_planted_is_told(
    portal: tuple[Path, Path], one_less: Answer, name: str
) -> None:
    there = json.loads((portal[0] / "synth.json").read_text())["planted"][name]
    (row,) = [line for line in one_less.out.splitlines() if line.startswith(f" {LABELS[name]}  ")]
    wanted, found = WANTED_BUT_ONE[name].format(f"{there - 1:,}"), f"{there:,}"
    if name == "acts_padded":
        found = "0"
    told = " ".join(row.removeprefix(f" {LABELS[name]}").split())
    assert told.startswith(f"{there - 1:,} {wanted} {found} "), row


def test_each_of_those_is_wrong_and_nothing_else(
    portal: tuple[Path, Path], one_less: Answer
) -> None:
    total = len(json.loads((portal[0] / "synth.json").read_text())["planted"])
    # acts_padded, which reading corrects, must be zero whatever the number.
    right = total - len(WANTED_BUT_ONE) + 1
    assert f"\n{right} of {total} planted things are found" in one_less.out, one_less.text
    assert one_less.status == 1


def test_what_reading_mends_may_be_of_any_number(portal: tuple[Path, Path], tmp_path: Path) -> None:
    source, release = portal
    report = json.loads((source / "synth.json").read_text())
    report["planted"]["acts_padded"] -= 1
    (tmp_path / "synth.json").write_text(json.dumps(report))
    answer = compared(release, tmp_path / "synth.json")
    total = len(report["planted"])
    assert f"\n{total} of {total} planted things are found" in answer.out, answer.text
    assert answer.status == 0


def test_what_the_simplified_product_finds_is_of_things_planted() -> None:
    instead = names("openchronic.quality", "planted_simplified.csv", "trap", ";")
    assert instead < names("openchronic.quality", "planted.csv", "trap", ";")


def test_the_simplified_product_finds_all_but_what_it_folds_into_its_acts(
    many_simplified: Path, many_simplified_releases: Path, tmp_path: Path
) -> None:
    source = many_simplified
    release = (many_simplified_releases / "snds" / "current").resolve()
    report = json.loads((source / "synth.json").read_text())
    # Two amounts are added into one, so that their numbers cannot be separated.
    told = len(report["planted"]) - len({"surcharges", "complements"})
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
    assert answer.status == 2


def test_files_as_people_leave_them_are_found_and_change_nothing(
    tmp_path: Path, releases: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = tmp_path / "delivery"
    assert openchronic("synth", source, *ONE_YEAR).status == 0
    release = built(source, releases)
    tables, tidy = (
        json.loads((one / "manifest.json").read_text())["tables"]
        for one in (release, one_year_release(tmp_path_factory))
    )
    # Labels hold the quotes that were planted in them; headers within files are rejects.
    differ = {name for name in tidy if tables[name]["sha256"] != tidy[name]["sha256"]}
    assert differ == {"code", "reject"}
    planted = json.loads((source / "synth.json").read_text())["planted"]
    odd = {one.name: planted[one.name] for one in load_oddities()}
    assert {name for name, n in odd.items() if not n} == {
        one.name for one in load_oddities() if one.hard
    }
    answer = compared(release, source / "synth.json")
    assert f"\n{len(planted)} of {len(planted)} planted things are found" in answer.out, answer.text


def test_files_that_no_build_can_read_are_refused_each_with_its_cause(
    tmp_path: Path, releases: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    hard = tmp_path / "hard"
    assert openchronic("synth", hard, *ONE_YEAR, "--hard").status == 0
    tidy = Path(shutil.copytree(one_year(tmp_path_factory), tmp_path / "tidy"))
    planted = json.loads((hard / "synth.json").read_text())["planted"]
    causes = {
        "files_with_exponents": ("DCIR_2018/ER_UCD_F_2018.CSV", "UCD_UCD_COD is in scientific notation"),
        "files_with_booleans": ("PMSI/T_HAD18C.CSV", "NIR_RET holds true or false"),
        "files_with_nul": ("PMSI/T_MCO18UM.CSV", "column ETA_NUM: byte 0x00"),
    }  # fmt: skip
    assert {one.name for one in load_oddities() if one.hard} == causes.keys()
    for kind, (file, cause) in causes.items():
        assert planted[kind]
        good = (tidy / file).read_bytes()
        (tidy / file).write_bytes((hard / file).read_bytes())
        said = refused(tidy, releases)
        assert file in said
        assert cause in said
        (tidy / file).write_bytes(good)
