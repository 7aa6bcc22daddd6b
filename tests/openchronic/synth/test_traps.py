"""Every planted trap is counted again in the files, in plain Python, and compared with its rate."""

import json

import pytest

from tests.openchronic.synth.conftest import Extraction
from tests.openchronic.synth.counting import count_all

# Traps that no file shows by itself: a release finds them (quality/test_planted.py).
ELSEWHERE = {
    *("moved", "deaths_unknown", "deaths_told", "cancelled_of_persons"),
    *("lines_fictive", "drug_lines_fictive", "drug_lines_undated"),
    *("ungrouped_once", "served_once", "unchained_once", "doubtful_once", "stays_of_twins"),
    *("visits_unchained_once", "visits_of_twins", "visits_fictive"),
    *("cartography_ill", "cartography_well", "cartography_missed", "cartography_added"),
}


@pytest.fixture(scope="module")
def counted(extraction: Extraction) -> dict[str, int]:
    return count_all(extraction)


def test_what_is_told_is_what_is_in_the_files(
    extraction: Extraction, counted: dict[str, int]
) -> None:
    told = {name: n for name, n in extraction.planted.items() if name not in ELSEWHERE}
    assert counted == told


@pytest.mark.parametrize(
    ("trap", "among", "low", "high"),
    [
        ("twins", "patients", 0.5, 1.6),
        ("two_pseudonyms", "patients", 3.5, 7),
        ("fictive", "patients", 0.2, 0.9),
        ("provisional", "patients", 0.2, 0.9),
        ("archived", "pseudonyms", 1, 4),
        ("archived_and_not", "archived", 20, 50),
        ("soldiers", "pseudonyms", 0.5, 1.6),
        ("unsaid", "pseudonyms", 0.5, 1.7),
        ("lines_before_move", "lines", 3, 9),
        ("repeated", "lines", 0.08, 0.3),
        ("without_nir_ano", "patients", 1.2, 2.8),
        ("deaths", "patients", 2, 4),
        ("ald_patients", "patients", 16, 23),
        ("exemptions_repeated", "exemptions", 6, 14),
        ("exemptions_2099", "exemptions", 5, 11),
        ("exemptions_1600", "exemptions", 2.5, 7),
        ("exemptions_padded", "exemptions", 3, 7),
        ("exemptions_unnumbered", "exemptions", 2, 5),
        ("cancelled", "acts", 1.8, 2.2),
        ("billed_again", "cancelled", 22, 28),
        ("for_information", "lines", 0.9, 1.5),
        ("surcharges", "lines", 1, 1.7),
        ("complements", "lines", 1.5, 2.4),
        ("co_payments", "lines", 5, 7),
        ("undated", "lines", 0.07, 0.14),
        ("undated_prescriptions", "lines", 0.15, 0.3),
        ("late", "lines", 0.85, 1.2),
        ("next_year", "lines", 10, 15),
        ("sessions", "stays", 5, 35),
        ("ungrouped", "stays", 0.2, 1),
        ("transferred", "stays", 0.8, 2.5),
        ("served", "stays", 0.1, 1.2),
        ("copied", "stays", 4, 12),
        ("unchained", "stays", 0.7, 2.2),
        ("doubtful", "stays", 0.2, 1.3),
        ("public_t2a", "lines", 0.4, 1.0),
        ("private_t2a", "lines", 0.8, 2.2),
        ("acts_padded", "lines", 0.1, 0.4),
        ("devices", "lines", 0.1, 1),
        ("rentals", "devices", 20, 90),
        ("transports", "lines", 0.5, 2),
        ("ages_unknown", "lines", 0.05, 0.2),
        ("students", "pseudonyms", 0.8, 3),
        ("corsicans", "pseudonyms", 0.1, 1),
        ("hospital_drugs", "lines", 0.05, 0.6),
        ("visits_copied", "visits", 2, 10),
        ("visits_unchained", "visits", 0.8, 1.7),
        ("emergencies", "visits", 8, 12),
        ("second_units", "units", 5, 20),
        ("rehabilitation_ungrouped", "rehabilitation_weeks", 0, 4),
        ("home_stays_unchained", "home_stays", 0, 12),
        ("psychiatric_unchained", "psychiatric_stays", 0, 15),
        ("certificates", "deaths", 75, 97),
        ("certificates_contradictory", "certificates", 0.5, 12),
    ],
)
def test_traps_are_as_frequent_as_announced(
    counted: dict[str, int], trap: str, among: str, low: float, high: float
) -> None:
    assert low <= 100 * counted[trap] / counted[among] <= high


def test_about_forty_lines_a_patient_year(extraction: Extraction, counted: dict[str, int]) -> None:
    asked = json.loads((extraction.folder / "synth.json").read_text())
    assert counted["patients"] == asked["patients"]
    assert 36 <= counted["lines"] / (asked["patients"] * asked["years"]) <= 45
