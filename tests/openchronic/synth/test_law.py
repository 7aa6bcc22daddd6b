"""A law of treatments: read strictly, drawn for adults alone, true to its values, and without effect on other lines."""

from __future__ import annotations

import csv
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from importlib import resources
from itertools import pairwise
from pathlib import Path

import pytest

from openchronic.diseases import load_library
from openchronic.errors import SettingsError
from openchronic.synth.law import SHIPPED, read_law
from openchronic.synth.truths import WINDOW, truths

Synth = Callable[..., int]
SHIPPED_TEXT = (resources.files("openchronic.synth") / SHIPPED).read_text("utf-8")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, synth: Synth) -> Path:
    """300 patients of seed 7 over two years, with the law; read only."""
    folder = tmp_path_factory.mktemp("planted") / "snds"
    assert (
        synth(folder, "--seed", "7", "--years", "2", "--tidy", "--treatment-law", patients=300) == 0
    )
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, synth: Synth) -> Path:
    """The same patients without the law; read only."""
    folder = tmp_path_factory.mktemp("plain") / "snds"
    assert synth(folder, "--seed", "7", "--years", "2", "--tidy", patients=300) == 0
    return folder


def purchases(folder: Path) -> Mapping[str, Mapping[str, Sequence[date]]]:
    """Returns the days on which each patient bought a drug of the law, by class; cancelled lines are not bought."""
    packs = (resources.files("openchronic.nomenclatures.lists") / "drug.csv").read_text("utf-8")
    classes = {row["cip13"]: row["atc"] for row in csv.DictReader(packs.splitlines())}
    wanted = set(read_law().drugs)
    key = ("FLX_DIS_DTD", "DCT_ORD_NUM", "PRS_ORD_NUM", "FLX_EMT_ORD", "ORG_CLE_NUM")
    claims: dict[tuple[str, ...], tuple[str, date]] = {}
    for path in sorted(folder.glob("DCIR_*/ER_PRS_F_*.CSV")):
        for row in csv.DictReader(path.read_text("utf-8").splitlines(), delimiter=";"):
            day = datetime.strptime(row["EXE_SOI_DTD"], "%d/%m/%Y").date()
            person = f"{row['BEN_NIR_PSA']} {row['BEN_RNG_GEM']}"
            claims[tuple(row[one] for one in key)] = (person, day)
    bought: dict[tuple[str, str, date], int] = defaultdict(int)
    seen = set()
    for path in sorted(folder.glob("DCIR_*/ER_PHA_F_*.CSV")):
        for row in csv.DictReader(path.read_text("utf-8").splitlines(), delimiter=";"):
            line = tuple(row[one] for one in key)
            if (line, row["PHA_PRS_C13"]) not in seen and classes[row["PHA_PRS_C13"]] in wanted:
                seen.add((line, row["PHA_PRS_C13"]))
                person, day = claims[line]
                bought[person, classes[row["PHA_PRS_C13"]], day] += int(row["PHA_ACT_QSN"])
    told: dict[str, dict[str, list[date]]] = defaultdict(lambda: defaultdict(list))
    for (person, atc, day), packs_of_day in sorted(bought.items()):
        if packs_of_day > 0:
            told[person][atc].append(day)
    return told


def test_a_law_makes_nobody_ill() -> None:
    """The national cartography of the delivery knows nothing of the drugs of a law, and no shipped pathway does."""
    counted = {
        prefix
        for one in load_library().definitions
        for codes in one.codes.values()
        for vocabulary, prefixes in codes.codes
        if vocabulary == "ATC"
        for prefix in prefixes
    }
    for file in (resources.files("openchronic.pathway") / "shipped").iterdir():
        counted |= set(re.findall(r'"([A-Z][0-9]{2}[A-Z0-9]*)"', file.read_text("utf-8")))
    assert len(counted) > 100
    assert not [drug for drug in read_law().drugs if drug.startswith(tuple(counted))]


def test_a_law_changes_no_other_line(planted: Path, plain: Path) -> None:
    for path in sorted(plain.glob("DCIR_*/*.CSV")):
        with_law = (planted / path.relative_to(plain)).read_text("utf-8").splitlines()
        assert set(path.read_text("utf-8").splitlines()) <= set(with_law), path.name
    assert not purchases(plain)


def test_each_who_takes_part_takes_all_parts_and_the_others_none(planted: Path) -> None:
    law = read_law()
    everybody = purchases(planted)
    firsts = {law.persistence.drug, law.switch.from_, law.lines.first, law.adherence.drug}
    whole = [drugs for drugs in everybody.values() if firsts <= drugs.keys()]
    # Some die, or have another pseudonym, before a part begins.
    assert 0.9 * len(everybody) <= len(whole) <= len(everybody)
    assert 0.5 * 300 < len(whole) < law.share * 300


def test_refills_are_those_of_the_law(planted: Path) -> None:
    law = read_law()
    longest = law.refill_days + max(law.adherence.most_days_late.values())
    for drugs in purchases(planted).values():
        for atc, days in drugs.items():
            gaps = {(after - before).days for before, after in pairwise(days)}
            least, most = law.refill_days, law.refill_days
            if atc == law.adherence.drug:
                most = longest
            assert all(least <= gap <= most for gap in gaps), (atc, gaps)


def test_a_delivery_tells_its_truths_and_one_without_a_law_has_none(
    planted: Path, plain: Path
) -> None:
    assert json.loads((planted / "synth.json").read_text())["truths"] == dict(truths(read_law()))
    assert "truths" not in json.loads((plain / "synth.json").read_text())


def test_truths_are_what_chance_gives() -> None:
    """The formulas, against the same law drawn 20,000 times in plain Python."""
    law, draw, times = read_law(), random.Random(1), 20_000  # noqa: S311 - no secret

    def left_at(hazards: Callable[[int], float], since: int = 0) -> int:
        refill = since + 1
        while draw.random() >= hazards(refill):
            refill += 1
        return refill

    stops = [
        left_at(
            lambda refill: (
                law.persistence.first_refill if refill == 1 else law.persistence.later_refill
            )
        )
        for _ in range(times)
    ]
    switches = [
        30 * left_at(lambda _: law.switch.hazard) - law.switch.early_days for _ in range(times)
    ]
    seconds = [left_at(lambda _: law.lines.to_second) for _ in range(times)]
    thirds = [left_at(lambda _: law.lines.to_third, second) for second in seconds]

    def covered(late: int) -> float:
        total = day = 0
        while day < WINDOW:
            total += min(30, WINDOW - day)
            day += 30 + draw.randint(0, late)
        return total / WINDOW

    drawn = {
        "persistence_182_days": sum(30 * one > 182 for one in stops) / times,
        "persistence_365_days": sum(30 * one > 365 for one in stops) / times,
        "switched_182_days": sum(one <= 182 for one in switches) / times,
        "switched_365_days": sum(one <= 365 for one in switches) / times,
        "first_regimen_of_two": law.lines.together,
        "second_line_365_days": sum(30 * one <= 365 for one in seconds) / times,
        "third_line_365_days": sum(30 * one <= 365 for one in thirds) / times,
        **{
            f"pdc_360_days_{home}": sum(covered(late) for _ in range(times // 10)) / (times // 10)
            for home, late in law.adherence.most_days_late.items()
        },
    }
    assert truths(law) == pytest.approx(drawn, abs=0.012)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("share = 0.85", "shares = 0.85", "line 5: unknown key shares"),
        ("share = 0.85", "share = 1.85", "line 5: share: a probability, 0.0 to 1.0"),
        (
            "first_refill = 0.15",
            "first_refill = 1",
            "line 11: first_refill: 1 is not of the type float",
        ),
        ("later_refill = 0.06", "", "line 9: missing later_refill"),
        ("hazard = 0.04", "hazard = -0.04", "line 17: hazard: a probability"),
        ("early_days = 5", "early_days = 30", "line 18: early_days: fewer days than refill_days"),
        ('drug = "N03AX18"', 'drug = "C08"', "line 31: drug: C08 is no full ATC class"),
        ('drug = "N03AX18"', 'drug = "C01DX16"', "C01DX16 has two roles"),
        ('"59" = 6', '"059" = 6', "line 34: 059: a département of mainland France"),
        ('"59" = 6', '"59" = 31', "line 34: 59: a whole number of days, 0 to 30"),
        ("other = 14", "", "line 33: missing other"),
        ("[lines]", "[lines", "line 20: not TOML"),
    ],
)
def test_a_wrong_law_is_refused_with_its_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    file = tmp_path / "law.toml"
    file.write_text(SHIPPED_TEXT.replace(before, after), "utf-8")
    with pytest.raises(SettingsError, match=r"law\.toml") as told:
        read_law(file)
    assert said in str(told.value)


def test_a_drug_that_others_take_is_refused_and_nothing_is_written(
    tmp_path: Path, synth: Synth, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "law.toml"
    file.write_text(SHIPPED_TEXT.replace("N03AX18", "A10BA02"), "utf-8")
    assert synth(tmp_path / "snds", "--treatment-law", str(file)) == 2
    assert "A10BA02: no small pack is known, or others take it too" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [file]


def test_a_law_that_is_not_there_is_refused(
    tmp_path: Path, synth: Synth, capsys: pytest.CaptureFixture[str]
) -> None:
    assert synth(tmp_path / "snds", "--treatment-law", str(tmp_path / "no.toml")) == 2
    assert "no.toml: No such file" in capsys.readouterr().err
