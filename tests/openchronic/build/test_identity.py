"""Identity: small sets of beneficiaries, and the persons that they must become."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.front_door import build, built, everything, openchronic, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    TWINS,
    Files,
    Row,
    chaining,
    claim,
    pack,
    person,
    plain,
    stay,
    write,
)

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
STAYS, CHAINING = "PMSI/T_MCO21B.CSV", "PMSI/T_MCO21C.CSV"
BOB = "B" * 17
LAST, BEFORE = {"MAX_TRT_DTD": "01/06/2021"}, {"MAX_TRT_DTD": "01/06/2020"}
OWN = {"BEN_IDT_TOP": "1"}


def case(people: list[Row], **files: list[Row]) -> Files:
    """Returns these beneficiaries, and other files by their names."""
    names = {"claims": CLAIMS, "packs": PACKS, "stays": STAYS, "chaining": CHAINING}
    return {"IR_BEN_R.CSV": people, **{names[name]: one for name, one in files.items()}}


def known(tmp_path: Path, people: list[Row], **files: list[Row]) -> Path:
    """Builds the plain delivery with these beneficiaries and files."""
    delivery = write(tmp_path / "delivery", {**plain(), **case(people, **files)})
    return built(delivery, tmp_path / "releases")


def told(release: Path) -> dict[str, Any]:
    """Returns the identity report, without zeros."""
    identity = json.loads((release / "manifest.json").read_text())["identity"]
    return {name: number for name, number in identity.items() if number}


def one(release: Path, columns: str) -> tuple[Any, ...]:
    """Returns some columns of the only patient."""
    (row,) = rows(release, f"SELECT {columns} FROM patient")  # noqa: S608
    return row


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


ANONYMOUS = {"RGM_GRG_COD": "1", "RGM_COD": "888"}
BACK = {"PRS_PAI_MNT": "-10.50", "PRS_ACT_QTE": "-1"}
Death = tuple[str | None, str | None, bool]
# The deaths in the referential and in hospital, the resulting death, and its counts.
DEATHS: dict[str, tuple[list[str], str | None, Death, dict[str, int]]] = {
    "nobody says so": (["01/01/1600"], None, (None, None, False), {}),
    "both on one day": (
        ["05/03/2021"],
        "05MAR2021",
        ("2021-03-05", "IR_BEN_R", False),
        {"deaths": 1},
    ),
    "in hospital alone": (
        ["01/01/1600"],
        "05MAR2021",
        ("2021-03-05", "T_MCOaaB", False),
        {"deaths": 1, "deaths_known_in_hospital_only": 1},
    ),
    "thirty days apart": (
        ["04/04/2021"],
        "05MAR2021",
        ("2021-04-04", "IR_BEN_R", False),
        {"deaths": 1},
    ),
    "thirty-one days apart": (
        ["05/04/2021"],
        "05MAR2021",
        ("2021-04-05", "IR_BEN_R", False),
        {"deaths": 1, "death_differs_in_hospital": 1},
    ),
    "two days in the referential": (
        ["09/04/2021", "05/04/2021"],
        None,
        ("2021-04-05", "IR_BEN_R", False),
        {"deaths": 1, "death_dates_vary": 1},
    ),
    "before birth": (["05/04/1949"], None, (None, None, True), {"death_before_birth": 1}),
    "before birth, and later": (
        ["05/04/1949", "05/04/2021"],
        None,
        ("2021-04-05", "IR_BEN_R", True),
        {"deaths": 1, "death_before_birth": 1, "death_dates_vary": 1},
    ),
    "before birth, and in hospital": (
        ["05/04/1949"],
        "05MAR2021",
        ("2021-03-05", "T_MCOaaB", True),
        {"deaths": 1, "deaths_known_in_hospital_only": 1, "death_before_birth": 1},
    ),
}


def dead(deaths: list[str], hospital: str | None) -> Files:
    discharge = {"EXE_SOI_DTF": f"{hospital}:00:00:00"} if hospital else {}
    return case(
        [person(ALICE, BEN_DCD_DTE=death) for death in deaths],
        stays=[stay("0000000001", SOR_MOD="9" if hospital else "8")],
        chaining=[chaining("0000000001", ALICE) | discharge],
    )


def cared_for(day: str) -> Files:
    """Returns care on a day after a death on 10 March."""
    return case(
        [person(ALICE, BEN_DCD_DTE="10/03/2021")],
        claims=[claim(1, ALICE, day, flux="01/05/2021")],
        packs=[pack(1, METFORMIN, flux="01/05/2021")],
    )


CASES: dict[str, Files] = {
    **{name: dead(deaths, hospital) for name, (deaths, hospital, _, _) in DEATHS.items()},
    "a lifelong number": case(
        [
            person(ALICE, identity="ONE") | OWN | BEFORE,
            person(ALICE) | LAST,
            person(BOB, identity="ONE") | OWN,
        ],
    ),
    "no identity": case(
        [
            person(ALICE) | {"BEN_IDT_ANO": "", "BEN_IDT_TOP": "", "BEN_NIR_ANO": "ONE"},
            person(BOB, identity="ONE") | OWN,
            person("C" * 17) | {"BEN_IDT_ANO": "", "BEN_NIR_ANO": ""},
            person("D" * 17, identity="C" * 17 + "1"),
        ],
    ),
    "a fictive scheme": case([person(ALICE)], claims=[claim(1, ALICE, "10/03/2021") | ANONYMOUS]),
    "a kind of number in the claim": case(
        [person(ALICE, BEN_CDI_NIR="")],
        claims=[claim(1, ALICE, "10/03/2021", BEN_CDI_NIR="05")],
    ),
    "care of 09/04/2021": cared_for("09/04/2021"),
    "care of 10/04/2021": cared_for("10/04/2021"),
    "care cancelled": case(
        [person(ALICE, BEN_DCD_DTE="10/03/2021")],
        claims=[
            claim(1, ALICE, "20/05/2021", flux="01/06/2021"),
            claim(2, ALICE, "20/05/2021", flux="01/07/2021") | BACK,
        ],
        packs=[
            pack(1, METFORMIN, 2, flux="01/06/2021"),
            pack(2, METFORMIN, -2, flux="01/07/2021"),
        ],
    ),
}
# The last three are also cases of deaths, each in the referential.
COUNTED: Counter[str] = sum(
    (Counter(counted) for *_, counted in DEATHS.values()),
    Counter(deaths=3, care_after_death=1, pairs_that_changed_identity=1),
)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    """A release of all cases."""
    return built_together(tmp_path_factory.mktemp("cases"), CASES)


@pytest.fixture(scope="module")
def counted(many: Together) -> Counter[str]:
    return Counter({n: number for n, number in told(many.release).items() if n != "pairs_by_kind"})


def test_a_lifelong_number_once_known_is_not_unlearnt(
    many: Together, counted: Counter[str]
) -> None:
    assert many.rows("a lifelong number", "SELECT count(*) FROM patient") == [(1,)]
    assert counted["pairs_that_changed_identity"] == 1


def test_a_pair_without_identity_in_its_record_is_its_own_number_or_itself(
    many: Together,
) -> None:
    assert many.rows("no identity", "SELECT count(*) FROM patient") == [(2,)]


def test_two_lifelong_numbers_under_one_pair_name_nobody_in_hospital(tmp_path: Path) -> None:
    release = known(
        tmp_path,
        [
            person(ALICE, identity="ONE") | OWN | BEFORE,
            person(ALICE, identity="TWO") | OWN | LAST,
        ],
    )
    assert told(release)["pairs_of_two_persons"] == 1
    assert one(release, "is_twin") == (True,)
    assert rows(release, "SELECT count(*) FROM stay") == [(0,)]
    assert rows(release, "SELECT count(*) FROM event WHERE event_type = 'drug'") == [(1,)]


def test_a_month_goes_with_its_year_and_a_commune_with_its_department(tmp_path: Path) -> None:
    other = {"BEN_NAI_ANN": "1949", "BEN_NAI_MOI": "7", "BEN_RES_DPT": "029", "BEN_RES_COM": "019"}
    latest = {"BEN_NAI_MOI": "", "BEN_RES_COM": ""}
    release = known(tmp_path, [person(ALICE) | BEFORE | other, person(ALICE) | LAST | latest])
    columns = (
        "CAST(birth_date AS VARCHAR), birth_precision, residence_department, residence_commune"
    )
    assert one(release, columns) == ("1950-01-01", "year", "35", None)
    assert told(release)["birth_varies"] == 1


def test_the_scheme_of_fictive_numbers_is_nobody(many: Together) -> None:
    filters = json.loads((many.release / "manifest.json").read_text())["filters"]
    removed = {one["name"]: one["removed"] for one in filters}
    drugs = "SELECT count(*) FROM event WHERE event_type = 'drug'"
    assert many.rows("a fictive scheme", drugs) == [(0,)]
    assert many.rows("a fictive scheme", "SELECT count(*) FROM cost") == [(0,)]
    # Only its claim states that the number of the other person is fictive.
    assert {name: n for name, n in removed.items() if n} == {
        "drug.fictive_number": 2,
        "cost.fictive_number": 2,
    }


def test_a_kind_of_number_that_the_referential_lacks_is_the_claim_s(many: Together) -> None:
    case = "a kind of number in the claim"
    assert many.rows(case, "SELECT count(*) FROM cost") == [(0,)]


@pytest.mark.parametrize("name", DEATHS)
def test_death_is_the_referential_s_then_the_hospital_s_and_contradictions_are_counted(
    many: Together, counted: Counter[str], name: str
) -> None:
    query = "SELECT CAST(death_date AS VARCHAR), death_source, death_before_birth FROM patient"
    assert many.rows(name, query) == [DEATHS[name][2]]
    # The counts of all cases together are the sum of the counts of each case.
    plainly = {"records", "pairs", "subjects", "subjects_without_own_number"}
    plainly |= {"pairs_without_identity", "subjects_with_several_numbers", "pairs_united"}
    assert {name: n for name, n in counted.items() if name not in plainly} == COUNTED


def test_a_death_in_hospital_before_birth_is_none(tmp_path: Path) -> None:
    release = known(
        tmp_path,
        [person(ALICE, BEN_NAI_ANN="2021", BEN_NAI_MOI="6")],
        stays=[stay("0000000001", SOR_MOD="9")],
    )
    assert one(release, "death_date, death_before_birth") == (None, True)


@pytest.mark.parametrize(("day", "late"), [("09/04/2021", False), ("10/04/2021", True)])
def test_care_over_thirty_days_after_death_is_kept_and_flagged(
    many: Together, counted: Counter[str], day: str, late: bool
) -> None:
    assert many.rows(f"care of {day}", "SELECT care_after_death FROM patient") == [(late,)]
    drugs = "SELECT count(*) FROM event WHERE event_type = 'drug'"
    assert many.rows(f"care of {day}", drugs) == [(1,)]
    assert counted["care_after_death"] == 1


def test_care_after_death_that_was_cancelled_is_no_care(many: Together) -> None:
    assert many.rows("care cancelled", "SELECT care_after_death FROM patient") == [(False,)]


# Numbers of four bits instead of 53, so that they collide.
FEW = (
    "import openchronic.runtime.database as engine\n"
    "whole = engine.sql\n"
    "engine.sql = lambda name: whole(name).replace('>> 3', '>> 52')\n"
)
KEY = "k" * 64


def full(identity: str) -> str:
    """Returns the hash of a subject's number."""
    key = sha256(KEY.encode()).hexdigest()
    return sha256(f"{key}|subject|{identity}".encode()).hexdigest()


def test_a_number_is_the_first_53_bits_of_the_keyed_hash_whatever_the_build(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    names = [f"N{number}" for number in range(20)]
    people: list[Row] = [person(f"{one:A>17}", identity=one) | OWN for one in names]
    numbers = []
    for order in (people, people[::-1]):
        delivery = write(tmp_path / "delivery", plain() | {"IR_BEN_R.CSV": order})
        release = built(delivery, tmp_path / "releases", "--key", tmp_path / "key", "--rebuild")
        numbers.append({number for (number,) in rows(release, "SELECT subject_id FROM patient")})
    assert numbers[0] == numbers[1] == {int(full(one), 16) >> (256 - 53) for one in names}
    assert all(number < 2**53 for number in numbers[0])


def draw(first: str, after: str = "0123456789abcdef", *, place: int = 0) -> str:
    """Returns an identity whose hash begins with ``first`` and whose next bits are among ``after``."""
    for number in count(place * 100_000):
        hashed = full(f"N{number}")
        if hashed[0] == first and hashed[14] in after:
            return f"N{number}"
    raise AssertionError


def collide(tmp_path: Path, identities: list[str]) -> tuple[int, str, set[int]]:
    """Builds with short numbers; returns status, message and the subjects' numbers."""
    (tmp_path / "key").write_text(KEY)
    people = [person(chr(65 + n) * 17, identity=one) | OWN for n, one in enumerate(identities)]
    delivery = write(tmp_path / "delivery", plain() | {"IR_BEN_R.CSV": people})
    answer = build(delivery, tmp_path / "releases", "--key", tmp_path / "key", before=FEW)
    current = tmp_path / "releases" / "snds" / "current"
    found = rows(current, "SELECT subject_id FROM patient") if answer.status == 0 else []
    return answer.status, answer.err, {number for (number,) in found}


def test_of_persons_with_the_same_first_bits_all_but_one_take_their_next(tmp_path: Path) -> None:
    three = [draw("7", "1"), draw("7", "2", place=1), draw("7", "3", place=2)]
    status, message, numbers = collide(tmp_path, three)
    assert status == 0, message
    first, *others = sorted(full(one) for one in three)
    assert numbers == {int(first[0], 16), *(int(one[14], 16) for one in others)}


@pytest.mark.parametrize("third", [draw("7", "1", place=2), draw("1", place=3)])
def test_next_bits_that_somebody_has_are_refused(tmp_path: Path, third: str) -> None:
    both = [draw("7", "1"), draw("7", "1", place=1)]
    status, message, _ = collide(tmp_path, [*both, third])
    assert status == 1
    assert "shared by two persons: choose another site key" in message


TANGLED: list[Row] = [
    person(ALICE, identity="ONE", BEN_RES_DPT="029") | OWN | BEFORE,
    person(ALICE, BEN_NAI_MOI="") | LAST,
    person(ALICE, BEN_SEX_COD="1") | LAST,
    person(BOB, identity="ONE", BEN_DCD_DTE="05/04/2021") | OWN,
    person(BOB, identity="ONE", BEN_DCD_DTE="09/04/2021", BEN_RES_COM="") | OWN,
    person(TWINS, 1, BEN_CDI_NIR=""),
    person(TWINS, 1, BEN_CDI_NIR="04"),
    person(TWINS, 2, identity="TWO") | OWN,
    person(TWINS, 2, identity="THREE") | OWN,
    person("F" * 17, BEN_CDI_NIR="05"),
    person("F" * 17, BEN_CDI_NIR="00", MAX_TRT_DTD="", BEN_DTE_MAJ=""),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return known(tmp_path_factory.mktemp("whole"), TANGLED)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(order=st.permutations(TANGLED), cut=st.integers(1, len(TANGLED)))
def test_neither_order_nor_archive_of_records_changes_who_is_who(
    whole: Path, order: list[Row], cut: int
) -> None:
    with TemporaryDirectory() as folder:
        halves = {"IR_BEN_R.CSV": order[:cut], "IR_BEN_R_ARC.CSV": order[cut:]}
        delivery = write(Path(folder, "delivery"), plain() | halves)
        again = built(delivery, Path(folder, "releases"))
        assert everything(again) == everything(whole)
        assert told(again) == told(whole)
