"""Lines that do not count are removed, each by the filter that says why: small deliveries, results by hand."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.build.case_files import DAY, case
from tests.openchronic.build.cases import Together, built_together, weights
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    RAMIPRIL,
    TWINS,
    Files,
    Row,
    chaining,
    claim,
    pack,
    person,
    stay,
)

# The values of a case, and the filters that remove one line of it each.
CLAIM_FILTERS: dict[str, tuple[Row, str]] = {
    "qualifier": ({"DPN_QLF": "71"}, "drug.sent_for_information"),
    "qualifier of the sender": ({"PRS_DPN_QLP": "71"}, "drug.sent_for_information"),
    "surcharge": ({"CPL_MAJ_TOP": "2"}, "drug.only_surcharge"),
    "copayment": ({"CPL_AFF_COD": "16"}, "drug.only_copayment"),
    "no day": ({"EXE_SOI_DTD": "01/01/1600"}, "drug.without_date"),
    "nobody": ({"BEN_NIR_PSA": "Z" * 17}, "drug.unknown_beneficiary"),
    "no claim": ({"DCT_ORD_NUM": "999"}, "drug.orphan"),
}
STAY_FILTERS: dict[str, tuple[Row, Row]] = {
    "stay.error_ghm": ({"GRG_GHM": "90Z00Z"}, {}),
    "stay.inter_facility": ({"SEJ_TYP": "B"}, {}),
    "stay.generated_otherwise": ({"TYP_GEN_RSA": "4"}, {}),
    "stay.invalid_patient_number": ({}, {"NIR_ANO_17": "x" * 17}),
    "stay.return_code_error": ({}, {"NAI_RET": "9"}),
    "stay.unknown_beneficiary": ({}, {"NIR_ANO_17": "Q" * 17}),
    "stay.without_chaining": ({}, {"RSA_NUM": "0000000999"}),
    "stay.without_date": ({"SOR_ANN": "", "SOR_MOI": ""}, {"EXE_SOI_DTD": "", "EXE_SOI_DTF": ""}),
}
JURIDICAL, GEOGRAPHIC, ALONE = "750712184", "750100042", "690787460"


def of_2017(files: Files) -> Files:
    """Returns the same stays in the files of 2017, the last year in which one number repeats another."""
    moved = {
        name.replace("21", "17"): [
            {column: value.replace("2021", "2017") for column, value in row.items()} for row in rows
        ]
        for name, rows in files.items()
    }
    return {**{name: [] for name in (*files, "PMSI/T_MCO21D.CSV")}, **moved}


TAKEN: dict[str, tuple[Files, list[str]]] = {
    "twins": (
        case(
            people=[person(TWINS, 1), person(TWINS, 2), person(ALICE)],
            claims=[claim(1, TWINS, DAY, rank=1), claim(2, TWINS, "11/03/2021", rank=2)],
            packs=[pack(1, METFORMIN), pack(2, RAMIPRIL)],
            illnesses=[],
            stays=[stay("0000000001"), stay("0000000002")],
            chaining=[chaining("0000000001", TWINS), chaining("0000000002", ALICE)],
        ),
        ["stay.of_twins"],
    ),
    "fictive numbers": (
        case(
            people=[
                person(ALICE),
                person("F" * 17, BEN_CDI_NIR="05"),
                person("G" * 17, BEN_CDI_NIR="03"),
            ],
            claims=[claim(1, "F" * 17, DAY), claim(2, "G" * 17, DAY)],
            packs=[pack(1, METFORMIN), pack(2, METFORMIN)],
        ),
        ["drug.fictive_number", "cost.fictive_number"],
    ),
    "two numbers of a facility": (
        of_2017(
            case(
                stays=[
                    stay("0000000001", facility=JURIDICAL),
                    stay("0000000002", facility=GEOGRAPHIC),
                ],
                chaining=[
                    chaining("0000000001", ALICE, facility=JURIDICAL),
                    chaining("0000000002", ALICE, facility=GEOGRAPHIC),
                ],
            )
        ),
        ["stay.finess_sent_again"],
    ),
    **{
        name: (
            case(claims=[{**claim(1, ALICE, DAY), **said}]),
            [taken, "cost.unknown_beneficiary"] if "BEN_NIR_PSA" in said else [taken],
        )
        for name, (said, taken) in CLAIM_FILTERS.items()
    },
    **{
        name: (
            case(
                stays=[stay("0000000001", **said)],
                chaining=[chaining("0000000001", ALICE, **chain)],
            ),
            [name],
        )
        for name, (said, chain) in STAY_FILTERS.items()
    },
}
# A facility whose juridical number is not in the delivery.
ONE_NUMBER = of_2017(
    case(
        stays=[stay("0000000002", facility=ALONE)],
        chaining=[chaining("0000000002", ALICE, facility=ALONE)],
    )
)


@dataclass(frozen=True)
class Takings:
    """Releases in which filters removed lines: those left of a case, and the number removed from all cases."""

    of: dict[str, tuple[Together, dict[str, int]]]

    def rows(self, name: str, query: str) -> list[tuple[Any, ...]]:
        """Returns the rows left of a case, after checking that each filter removed its lines and no others."""
        together, taken = self.of[name]
        assert removed(together.release) == taken
        return together.rows(name, query)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Takings:
    """A release has 1, 2, 4… copies of each case: a sum shows whose lines a filter removed."""
    of: dict[str, tuple[Together, dict[str, int]]] = {}
    claims, stays = ["fictive numbers", *CLAIM_FILTERS], ["twins", "two numbers of a facility"]
    stays += STAY_FILTERS
    for part in (0, 1):
        copies = weights(claims[part::2]) | weights(stays[part::2])
        cases = {name: TAKEN[name][0] for name in copies}
        taken: Counter[str] = Counter()
        for name, several in copies.items():
            taken += Counter(dict.fromkeys(TAKEN[name][1], several))
        folder = tmp_path_factory.mktemp("takings")
        together = built_together(folder, cases | {"one number": ONE_NUMBER}, copies=copies)
        of |= dict.fromkeys([*cases, "one number"], (together, dict(taken)))
    return Takings(of)


@pytest.mark.parametrize("name", CLAIM_FILTERS)
def test_a_line_that_does_not_count_is_removed_by_the_filter_that_says_why(
    left: Takings, name: str
) -> None:
    assert left.rows(name, "SELECT * FROM event WHERE event_type = 'drug'") == []


@pytest.mark.parametrize("name", STAY_FILTERS)
def test_a_stay_that_does_not_count_is_removed_by_the_filter_that_says_why(
    left: Takings, name: str
) -> None:
    assert left.rows(name, "SELECT * FROM stay") == []


def test_twins_are_two_in_town_and_nobody_in_hospital(left: Takings) -> None:
    twins = "SELECT is_twin, count(*) FROM patient GROUP BY ALL ORDER BY ALL"
    assert left.rows("twins", twins) == [(False, 1), (True, 2)]
    drugs = "SELECT count(DISTINCT subject_id), count(*) FROM event WHERE event_type = 'drug'"
    assert left.rows("twins", drugs) == [(2, 2)]
    whose = "SELECT is_twin FROM stay JOIN patient USING (subject_id)"
    assert left.rows("twins", whose) == [(False,)]


def test_fictive_numbers_are_nobody(left: Takings) -> None:
    assert left.rows("fictive numbers", "SELECT count(*) FROM patient") == [(2,)]


def test_a_geographic_finess_is_dropped_only_beside_its_juridical_one(left: Takings) -> None:
    kept = "SELECT facility_id FROM stay"
    assert left.rows("two numbers of a facility", kept) == [(JURIDICAL,)]
    assert left.rows("one number", kept) == [(ALONE,)]


def removed(release: Path) -> dict[str, int]:
    """Returns the number of rows that each filter removed, by the manifest."""
    manifest = json.loads((release / "manifest.json").read_text())
    return {one["name"]: one["removed"] for one in manifest["filters"] if one["removed"]}
