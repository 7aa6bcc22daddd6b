"""Identity: small sets of beneficiaries, and the persons that they must become."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.openchronic.build.beneficiaries import BEFORE, BOB, LAST, OWN, case, known, one, told
from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.front_door import built, everything, rows
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
