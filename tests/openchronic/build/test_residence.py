"""Residence: the places in claims and in the referential, and the periods that they become."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.front_door import build, built, everything, rows
from tests.openchronic.small_delivery import ALICE, Files, Row, claim, person, plain, write

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
RENNES = {"BEN_RES_DPT": "035", "BEN_RES_COM": "238"}
BREST = {"BEN_RES_DPT": "029", "BEN_RES_COM": "019"}
FOUGERES = {"BEN_RES_DPT": "035", "BEN_RES_COM": "115"}
NOWHERE = {"BEN_RES_DPT": "", "BEN_RES_COM": ""}
WHERE = "start_date, end_date, department, commune"


def care(month: int, home: Row, *, late: int = 1, number: int = 0) -> dict[str, str]:
    """Returns a claim for care on the tenth of a month of 2021, of a person living at ``home``."""
    flux = f"01/{month + late:02}/2021"
    return claim(number or month, ALICE, f"10/{month:02}/2021", flux=flux) | dict(home)


def case(claims: Sequence[Row], records: Sequence[Row] | None = None) -> Files:
    """Returns one woman with these claims and records (by default a record without values)."""
    people = records or [person(ALICE) | NOWHERE | {"ORG_AFF_BEN": ""}]
    return {"IR_BEN_R.CSV": people, CLAIMS: claims or plain()[CLAIMS], PACKS: []}


def lived(
    tmp_path: Path, claims: Sequence[Row], records: Sequence[Row] | None = None, *options: object
) -> Path:
    """Builds a release of these claims and records."""
    files: Files = {**plain(), **case(claims, records)}
    there = {name: lines for name, lines in files.items() if name != PACKS}
    return built(write(tmp_path / "delivery", there), tmp_path / "releases", *options)


def periods(release: Path, columns: str = WHERE) -> list[Any]:
    return rows(release, f"SELECT {columns} FROM residence ORDER BY start_date")  # noqa: S608


BARE = {"BEN_RES_DPT": "035", "BEN_RES_COM": "999"}
GUADELOUPE = {"BEN_RES_DPT": "971", "BEN_RES_COM": "101"}
SOMEWHERE = {"BEN_RES_DPT": "097", "BEN_RES_COM": "000"}
UNDATED = {"MAX_TRT_DTD": "", "BEN_DTE_MAJ": "", "BEN_DTE_INS": ""}
OLD = {"MAX_TRT_DTD": "15/03/2020", "BEN_DTE_MAJ": "02/04/2020"}
# Each case is a woman of her own.
CASES: dict[str, Files] = {
    "a move": case([care(1, RENNES), care(3, RENNES), care(6, BREST), care(8, BREST)]),
    "back": case([care(1, RENNES), care(3, BREST), care(5, RENNES)]),
    "the last flux": case(
        [care(1, RENNES, number=1), care(1, RENNES, number=2), care(1, BREST, late=2, number=3)]
    ),
    "the most lines": case(
        [care(1, RENNES, number=1), care(1, RENNES, number=2), care(1, BREST, number=3)]
    ),
    "a late claim": case([care(2, RENNES, late=7), care(6, BREST)]),
    "the referential": case([care(3, RENNES)], [person(ALICE) | BREST | OLD]),
    "an undated referential": case([care(3, RENNES)], [person(ALICE) | BREST | UNDATED]),
    "no commune": case(
        [
            care(1, BARE),
            care(2, RENNES),
            care(3, BARE),
            care(4, FOUGERES),
            care(6, BREST),
            care(8, BARE),
        ]
    ),
    "overseas": case([care(1, GUADELOUPE), care(2, SOMEWHERE), care(3, GUADELOUPE)]),
    "nothing said": case(
        [
            care(1, NOWHERE),
            claim(2, ALICE, "01/01/1600") | BREST,
            claim(3, ALICE, "10/03/2011") | BREST,
        ]
    ),
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    return built_together(tmp_path_factory.mktemp("lives"), CASES)


def periods_of(many: Together, name: str, columns: str = WHERE) -> list[Any]:
    return many.rows(name, f"SELECT {columns} FROM residence ORDER BY start_date")  # noqa: S608


def test_months_in_the_same_commune_are_one_period_until_another_is_seen(many: Together) -> None:
    columns = "start_date, end_date, known_date, department, commune, source_table, n_source_rows"
    assert periods_of(many, "a move", columns) == [
        (date(2021, 1, 1), date(2021, 5, 31), date(2021, 2, 1), "35", "35238", "ER_PRS_F", 2),
        (date(2021, 6, 1), None, date(2021, 7, 1), "29", "29019", "ER_PRS_F", 2),
    ]


def test_who_comes_back_has_three_periods(many: Together) -> None:
    assert periods_of(many, "back", "commune") == [("35238",), ("29019",), ("35238",)]


def test_of_a_month_with_two_places_the_last_flux_counts_then_the_most_lines(
    many: Together,
) -> None:
    assert periods_of(many, "the last flux", "commune") == [("29019",)]
    assert periods_of(many, "the most lines", "commune") == [("35238",)]


def test_a_late_claim_says_where_care_was_not_where_the_patient_is_now(many: Together) -> None:
    assert periods_of(many, "a late claim", "commune") == [("35238",), ("29019",)]


def test_the_referential_counts_in_the_month_of_its_last_service(many: Together) -> None:
    columns = "start_date, known_date, commune, source_table"
    assert periods_of(many, "the referential", columns) == [
        (date(2020, 3, 1), date(2020, 4, 2), "29019", "IR_BEN_R"),
        (date(2021, 3, 1), date(2021, 4, 1), "35238", "ER_PRS_F"),
    ]


def test_a_referential_without_a_date_comes_before_all_claims(many: Together) -> None:
    query = "SELECT start_date, known_date, commune FROM residence ORDER BY commune"
    assert many.rows("an undated referential", query) == [
        (None, None, "29019"),
        (date(2021, 3, 1), date(2021, 4, 1), "35238"),
    ]


def test_a_month_without_a_commune_is_where_the_patient_was_in_that_department(
    many: Together,
) -> None:
    assert periods_of(many, "no commune") == [
        (date(2021, 1, 1), date(2021, 3, 31), "35", "35238"),
        (date(2021, 4, 1), date(2021, 5, 31), "35", "35115"),
        (date(2021, 6, 1), date(2021, 7, 31), "29", "29019"),
        (date(2021, 8, 1), None, "35", None),
    ]


def test_overseas_without_a_department_is_no_move(many: Together) -> None:
    assert periods_of(many, "overseas") == [(date(2021, 1, 1), None, "971", "97101")]


def test_months_that_say_nothing_and_care_of_no_credible_day_are_no_residence(
    many: Together,
) -> None:
    assert periods_of(many, "nothing said") == []
    home = "SELECT residence_department, residence_commune FROM patient"
    assert many.rows("nothing said", home) == [(None, None)]


def place(department: str, commune: str, body: str = "01C351001") -> tuple[str, str, str]:
    return department, commune, body


PLACES = [
    (place("035", "238"), "35", "35238"),
    (place("35", "238"), "35", "35238"),
    (place(" 1", "004"), "01", "01004"),
    # One code for all overseas: the commune gives the département.
    (place("097", "101"), "971", "97101"),
    (place("097", "209"), "972", "97209"),
    (place("097", "302"), "973", "97302"),
    (place("097", "411"), "974", "97411"),
    (place("097", "502"), "975", "97502"),
    (place("097", "608"), "976", "97608"),
    (place("097", "999"), "97", None),
    (place("097", "999", "01C974001"), "974", None),
    # MSA and RSI write the whole département; RSI does not repeat its last figure in the commune.
    (place("971", "101", "02A971000"), "971", "97101"),
    (place("974", "011", "03A974000"), "974", "97411"),
    (place("974", "101", "02A974000"), "974", None),
    (place("979", "101"), "971", "97101"),
    # Corsica, under its old and its current codes: one series of communes for both.
    (place("02A", "004"), "2A", "2A004"),
    (place("02b", "033"), "2B", "2B033"),
    (place("201", "004"), "2A", "2A004"),
    (place("202", "033"), "2B", "2B033"),
    (place("209", "004"), "2A", "2A004"),
    (place("020", "033"), "2B", "2B033"),
    (place("209", "999", "01C202000"), "2B", None),
    (place("209", "999"), "20", None),
    (place("02A", "033"), "2A", None),
    # The military fund writes 999; 000 is a missing commune.
    (place("083", "999", "08C831000"), "83", None),
    (place("035", "000"), "35", None),
    (place("035", ""), "35", None),
    # The end of 35400, which is no commune; an end that is a commune's number cannot be recognised.
    (place("035", "400"), "35", None),
    (place("035", "35238"), "35", None),
    (place("035", "2B8"), "35", None),
    # A student section keeps the first figures of the département: the fund gives the whole one.
    (place("003", "238", "01M351617"), "35", None),
    (place("003", "001", "01M031601"), "03", "03001"),
    # The département is missing: that of the fund is taken, where the scheme has one in each
    # département.
    (place("099", "999"), "35", None),
    (place("", "", "01C751000"), "75", None),
    (place("1600", "1600"), "35", None),
    (place("000", "000", "08C831000"), None, None),
    (place("", "", "04S590000"), None, None),
    (place("", "", ""), None, None),
    (place("999", "238", ""), None, None),
    (place("991", "238"), "99", None),
    (place("098", "735"), "98", "98735"),
]


@pytest.mark.parametrize("source", ["claims", "referential"])
def test_a_place_is_named_by_the_codes_of_the_insee_or_not_at_all(
    tmp_path: Path, source: str
) -> None:
    claims: list[Row] = [claim(99, "Z" * 17, "10/03/2021")]
    people: list[Row] = []
    names = ("BEN_RES_DPT", "BEN_RES_COM", "ORG_AFF_BEN")
    # Each place is that of a woman identified by her year of birth.
    for number, (written, _, _) in enumerate(PLACES):
        psa, home = f"{number:017}", dict(zip(names, written, strict=True))
        told = source == "referential"
        unsaid = {"ORG_AFF_BEN": ""} | NOWHERE
        people.append(person(psa, BEN_NAI_ANN=str(1900 + number)) | (home if told else unsaid))
        claims.append(claim(number, psa, "10/03/2021") | (unsaid if told else home))
    release = lived(tmp_path, claims, people)
    found = rows(
        release,
        "SELECT year(birth_date), department, commune FROM residence RIGHT JOIN patient "
        "ON patient.subject_id = residence.subject_id",
    )
    assert {
        PLACES[born - 1900][0]: (department, commune) for born, department, commune in found
    } == {written: (department, commune) for written, department, commune in PLACES}


def test_the_last_period_is_where_a_patient_lives(synthetic_releases: Path) -> None:
    release = (synthetic_releases / "snds" / "current").resolve()
    assert rows(
        release,
        "SELECT count(*) > 50, count(*) FILTER (WHERE residence.department IS DISTINCT FROM "
        "residence_department OR residence.commune IS DISTINCT FROM residence_commune) "
        "FROM patient LEFT JOIN residence "
        "ON residence.subject_id = patient.subject_id AND residence.end_date IS NULL",
    ) == [(True, 0)]
    assert rows(
        release,
        "SELECT count(*) FROM (SELECT *, lead(start_date) OVER (PARTITION BY subject_id "
        "ORDER BY start_date) AS next FROM residence) WHERE end_date < start_date "
        "OR end_date IS DISTINCT FROM CAST(next - INTERVAL 1 DAY AS DATE)",
    ) == [(0,)]


MOVES: list[Row] = [care(1, RENNES), care(1, BREST, number=20), care(2, NOWHERE), care(4, FOUGERES)]


def test_neither_order_nor_buckets_change_where_people_lived(tmp_path: Path) -> None:
    records = [person(ALICE) | BREST, person(ALICE) | RENNES, person("B" * 17) | FOUGERES]
    whole = lived(tmp_path / "whole", MOVES, records)
    for number, order in enumerate(list(permutations(MOVES))[5::9]):
        again = lived(tmp_path / str(number), list(order), records[::-1], "--buckets", 7)
        assert everything(again) == everything(whole)


def test_a_build_without_claims_of_anybody_known_still_has_the_referential(tmp_path: Path) -> None:
    stranger = claim(1, "Z" * 17, "10/03/2021") | BREST
    release = lived(tmp_path, [stranger], [person(ALICE) | RENNES])
    assert periods(release) == [(date(2021, 6, 1), None, "35", "35238")]
    assert build(tmp_path / "delivery", tmp_path / "releases").status == 0
