"""The comparison with the national cartography: each rule of the definitions, the identities, the choice of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.openchronic.build.mapped_patients import (
    OPEN,
    TOPS,
    Patient,
    agreement,
    days,
    delivered,
    link,
    manifest,
    mapped,
    number,
)
from tests.openchronic.front_door import build, built, openchronic, rows
from tests.openchronic.small_delivery import claim, person, write

CASES: dict[str, Patient] = {
    "nothing": Patient(),
    "an open ALD": Patient(("diabetes",), ald=(("E11", "15/02/2015", OPEN),)),
    "an ALD that ends in the year": Patient(
        ("diabetes",), ald=(("E119", "15/02/2015", "02/01/2021"),)
    ),
    "an ALD that ended before": Patient(ald=(("E119", "15/02/2015", "31/12/2020"),)),
    "an ALD that begins after": Patient(ald=(("E119", "01/01/2022", OPEN),)),
    "a stay of the year before": Patient(("diabetes",), stays=((2020, "E110", "", ()),)),
    "a stay of two years before": Patient(stays=((2019, "E110", "", ()),)),
    "a stay of four years before": Patient(("heart_failure",), stays=((2017, "I500", "", ()),)),
    "a stay of five years before": Patient(stays=((2016, "I500", "", ()),)),
    "a related diagnosis": Patient(("colorectal_cancer",), stays=((2018, "Z511", "C187", ()),)),
    "associated in the year": Patient(("heart_failure",), stays=((2021, "J189", "", ("I501",)),)),
    "associated the year before": Patient(stays=((2020, "J189", "", ("I501",)),)),
    "a cancer associated the year before": Patient(
        ("lung_cancer",), stays=((2020, "J189", "", ("C349",)),)
    ),
    "a complication of diabetes": Patient(("diabetes",), stays=((2020, "H360", "", ("E113",)),)),
    "what is no complication of diabetes": Patient(stays=((2020, "J189", "", ("E113",)),)),
    "a complication and the disease apart": Patient(
        stays=((2020, "H360", "", ()), (2020, "J189", "", ("E113",)))
    ),
    "a hypertensive heart failing": Patient(
        ("heart_failure",), stays=((2019, "I110", "", ("I500",)),)
    ),
    "a hypertensive heart": Patient(stays=((2019, "I110", "", ()),)),
    "a narrow artery of the brain": Patient(stays=((2021, "I652", "", ()),)),
    "an ALD for hemiplegia": Patient(("stroke",), ald=(("G819", "15/02/2015", OPEN),)),
    "three days of drugs": Patient(
        ("diabetes",), drugs=days("A10BA02", "10/01/2021", "10/03/2021", "10/05/2021")
    ),
    "three packs on two days": Patient(
        drugs=days("A10BA02", "10/01/2021", "10/03/2021", "10/03/2021")
    ),
    "two days with a large pack": Patient(
        ("diabetes",), drugs=(("A10BA02", "10/01/2021"), ("A10BB12", "10/03/2021"))
    ),
    "two days with a large pack that does not count": Patient(
        drugs=days("R03AC02", "10/01/2021", "10/03/2021")
    ),
    "three days over two years": Patient(
        drugs=days("A10BA02", "10/11/2020", "10/12/2020", "10/01/2021")
    ),
    "three days of the year before": Patient(
        ("diabetes",), drugs=days("A10BA02", "10/10/2020", "10/11/2020", "10/12/2020")
    ),
    "three days of the year before, of what counts this year only": Patient(
        drugs=days("N04BA02", "10/10/2020", "10/11/2020", "10/12/2020")
    ),
    "a drug that is left out": Patient(
        drugs=days("A10BX06", "10/01/2021", "10/03/2021", "10/05/2021")
    ),
    "a treatment without a disease": Patient(
        ("hypertension_treated",), drugs=days("C09AA05", "10/01/2021", "10/03/2021", "10/05/2021")
    ),
    "a treatment of somebody whose disease explains it": Patient(
        ("diabetes",),
        ald=(("E11", "15/02/2015", OPEN),),
        drugs=days("C09AA05", "10/01/2021", "10/03/2021", "10/05/2021"),
    ),
    "lungs": Patient(
        ("chronic_respiratory",), drugs=days("R03AC02", "10/01/2021", "10/03/2021", "10/05/2021")
    ),
    "lungs of cystic fibrosis": Patient(
        ("cystic_fibrosis",),
        ald=(("E84", "15/02/2015", OPEN),),
        drugs=days("R03AC02", "10/01/2021", "10/03/2021", "10/05/2021"),
    ),
    "a man's breast": Patient(ald=(("C509", "15/02/2015", OPEN),), sex="1"),
    "a woman's breast": Patient(("breast_cancer",), ald=(("C509", "15/02/2015", OPEN),)),
    "two diseases": Patient(
        ("parkinson", "epilepsy"),
        ald=(("G20", "15/02/2015", OPEN), ("G40", "15/02/2015", OPEN)),
    ),
    # A top of the other sex concerns no compared patient.
    "a man said to have a woman's cancer": Patient(sex="1", tops=("TOP_CANSEIF_ACT",)),
}


OURS = """name = "diabetes_of_ours"
fr = "Diabète selon les seules ALD"
version = 1
status = "to_validate"
source = "this test"
tops = ["TOP_FDIABET_IND"]
[codes.diabetes]
CIM10 = ["E10", "E11", "E12", "E13", "E14"]
status = "to_validate"
[criteria.ald]
find = "ald"
codes = "diabetes"
[states]
case = "ald"
"""


def test_a_sites_own_definition_is_compared_under_its_own_name(tmp_path: Path) -> None:
    """Two patients of the cartography by an ALD, two by stays, which the site's definition does not see."""
    folder = tmp_path / "definitions"
    folder.mkdir()
    (folder / "diabetes_of_ours.toml").write_text(OURS)
    ald = Patient(("diabetes",), ald=(("E11", "15/02/2015", OPEN),))
    by_stay = CASES["a stay of the year before"]
    unknown = Patient(ald=(("E11", "15/02/2015", OPEN),))
    patients = [ald, ald, by_stay, by_stay, by_stay, unknown, Patient()]
    release = built(
        write(tmp_path / "in", delivered(patients)), tmp_path / "out", "--definitions", folder
    )
    found = agreement(release)
    assert found["diabetes"] == (5, 0, 1, 1)
    assert found["diabetes_of_ours"] == (2, 3, 1, 1)
    listed = openchronic("diseases", "--release", release, "--definitions", folder)
    assert "Diabète selon les seules ALD" in listed.text
    assert "sensitivity 0.40" in listed.text.partition("diabetes_of_ours")[2]


@pytest.fixture(scope="module")
def mapped_cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of all cases, without amounts."""
    folder = tmp_path_factory.mktemp("cases")
    return built(write(folder / "in", delivered(list(CASES.values()))), folder / "out")


def test_each_rule_finds_whom_it_says_and_nobody_else(mapped_cases: Path) -> None:
    patients, release = list(CASES.values()), mapped_cases
    found = agreement(release)
    assert set(found) == set(TOPS)
    for name, (both, cartography, ours, neither) in found.items():
        expected = sum(name in one.diseases for one in patients)
        assert (both, cartography, ours) == (expected, 0, 0), name
        women = sum(one.sex == "2" for one in patients)
        everybody = {"breast_cancer": women, "prostate_cancer": len(patients) - women}
        assert both + neither == everybody.get(name, len(patients)), name
    (year,) = manifest(release)["cartography"]
    assert year == {
        "year": 2021,
        "version": 8,
        "persons": len(patients),
        "linked": len(patients),
        "several": 0,
    }


def test_counts_are_by_sex_and_the_age_reached_in_the_year(tmp_path: Path) -> None:
    ill: tuple[tuple[str, str, str], ...] = (("E11", "15/02/2015", OPEN),)
    patients = [
        Patient(("diabetes",), ald=ill, written={"BEN_NAI_ANN": "1951"}),
        Patient((), ald=ill, sex="1", written={"BEN_NAI_ANN": "1952"}),
        Patient(("diabetes",), sex="1", written={"BEN_NAI_ANN": "1925"}),
        Patient(written={"BEN_NAI_ANN": "1925"}, sex="1"),
    ]
    release = built(write(tmp_path / "in", delivered(patients)), tmp_path / "out")
    assert rows(
        release,
        "SELECT year, version, sex, age_class, n_both, n_cartography_only, n_release_only, "
        "n_neither FROM cartography WHERE disease = 'diabetes' ORDER BY ALL",
    ) == [
        (2021, 8, "F", "70-79", 1, 0, 0, 0),
        (2021, 8, "M", "60-69", 0, 0, 1, 0),
        (2021, 8, "M", "90+", 0, 1, 0, 1),
    ]
    # The criterion that found the man whom the cartography does not have, and found him alone.
    assert rows(release, "FROM cartography_criterion") == [(2021, 8, "diabetes", "ald", 1, 1)]


def test_a_person_is_known_by_any_pair_and_compared_once(tmp_path: Path) -> None:
    patients = [Patient(("diabetes",), ald=(("E11", "15/02/2015", OPEN),)) for _ in range(3)]
    # The second person has another number, the only one in the cartography.
    files = delivered(patients)
    same = {"BEN_IDT_ANO": "I" * 17, "BEN_NIR_ANO": "I" * 17, "BEN_IDT_TOP": "1"}
    files["IR_BEN_R.CSV"][1] = {**files["IR_BEN_R.CSV"][1], **same}
    files["IR_BEN_R.CSV"].append(person("Z" * 17) | same)
    files["CT_IDE_G8_2021.CSV"][1] = link(1, "Z" * 17)
    # The first person is there twice, by two pairs; the number of the third is unknown; one leads
    # to two persons.
    files["CT_IDE_G8_2021.CSV"].append(link(0, number(0), 2))
    files["CT_IDE_G8_2021.CSV"][2] = link(2, "unknown")
    files["CT_IND_G8_2021.CSV"].append(mapped(9))
    files["CT_IDE_G8_2021.CSV"] += [link(9, number(0)), link(9, number(1))]
    release = built(write(tmp_path / "in", files), tmp_path / "out")
    (year,) = manifest(release)["cartography"]
    assert (year["persons"], year["linked"], year["several"]) == (4, 2, 1)
    assert agreement(release)["diabetes"] == (2, 0, 0, 0)


def test_the_newest_version_that_can_be_linked_counts(tmp_path: Path) -> None:
    ill = Patient(("diabetes",), ald=(("E11", "15/02/2015", OPEN),))
    files = delivered([ill])
    files["ct_ind_2021_g10.csv"] = files.pop("CT_IND_G8_2021.CSV")
    files["ct_ide_2021_g10.csv"] = files.pop("CT_IDE_G8_2021.CSV")
    files["CT_IND_G9_2021.CSV"] = [mapped(0)]
    files["CT_IDE_G9_2021.CSV"] = [link(0, number(0)) | {"VERSION": "G9"}]
    files["CT_IND_G11_2021.CSV"] = [mapped(0)]
    release = built(write(tmp_path / "in", files), tmp_path / "out")
    assert manifest(release)["cartography"][0]["version"] == 10
    assert agreement(release)["diabetes"] == (1, 0, 0, 0)
    assert "cartography of 2021: of its versions, G10 is compared" in manifest(release)["notes"]


def test_years_whose_files_are_equal_are_two_years(tmp_path: Path) -> None:
    files = delivered([Patient(("diabetes",), ald=(("E11", "15/02/2015", OPEN),))])
    for table in ("IND", "IDE"):
        files[f"CT_{table}_G8_2020.CSV"] = files[f"CT_{table}_G8_2021.CSV"]
    # A copy of the same file is not counted again.
    files["again/CT_IDE_G8_2020.CSV"] = files["CT_IDE_G8_2020.CSV"]
    release = built(write(tmp_path / "in", files), tmp_path / "out")
    assert [(one["year"], one["linked"]) for one in manifest(release)["cartography"]] == [
        (2020, 1),
        (2021, 1),
    ]
    assert manifest(release)["rows_read"]["CT_IDE_AAAA_GN"]["rows"] == 2
    assert agreement(release)["diabetes"] == (2, 0, 0, 0)


def test_a_year_outside_the_care_of_the_release_is_not_compared(tmp_path: Path) -> None:
    files = delivered([Patient()], year=2019)
    source = write(tmp_path / "in", files)
    answer = build(source, tmp_path / "out")
    assert answer.status == 0, answer.text
    assert (
        "cartography of 2019: the release has not all care of that year, not compared"
        in answer.text
    )
    release = (tmp_path / "out" / "snds" / "current").resolve()
    assert "cartography" not in manifest(release)["tables"]


def test_a_top_that_a_version_does_not_have_is_not_taken_for_nobody(tmp_path: Path) -> None:
    ill = Patient(("diabetes",), ald=(("E11", "15/02/2015", OPEN),))
    files = delivered([ill, Patient(sex="1")])
    files["CT_IND_G8_2021.CSV"] = [
        {column: value for column, value in one.items() if column != "TOP_CVIC_AIG"}
        for one in files["CT_IND_G8_2021.CSV"]
    ]
    release = built(write(tmp_path / "in", files), tmp_path / "out")
    assert set(agreement(release)) == set(TOPS) - {"heart_failure"}
    assert "cartography of 2021: it does not tell heart_failure" in manifest(release)["notes"]


def test_expenses_of_the_year_are_compared_patient_by_patient(tmp_path: Path) -> None:
    files = delivered([Patient() for _ in range(5)])
    lines = [
        # Patient, day, service, reimbursed amount, complement, for information.
        (0, "10/03/2021", "3313", "60", "", "0"),
        (0, "10/04/2021", "3311", "44", "0", "0"),
        (0, "10/04/2021", "3313", "1000", "", "71"),
        (0, "10/04/2021", "1111", "1000", "", "0"),
        (0, "10/12/2020", "3313", "1000", "", "0"),
        (1, "10/03/2021", "3313", "94", "", "0"),
        (2, "10/03/2021", "3313", "0.50", "", "0"),
        (3, "10/03/2021", "3211", "20", "3", "0"),
    ]
    for place, (who, day, service, paid, complement, information) in enumerate(lines, start=50):
        year = int(day[-4:])
        files.setdefault(f"ER_PRS_F_{year + 1}.CSV", []).append(
            claim(place, number(who), day, flux=f"01/02/{year + 1}")
            | {"PRS_NAT_REF": service, "BSE_REM_MNT": paid, "CPL_REM_MNT": complement}
            | {"DPN_QLF": information}
        )
    amounts = [("100", ""), ("100", "0"), ("0", "0"), ("0", "23"), ("7", "0")]
    files["CT_DEP_G8_2021.CSV"] = [
        {"ID_CARTO": f"C{place}", "TOT_DEP_MNT": "0", "DEP_SDV_PHARMACIE_MNT": drugs}
        | {"DEP_SDV_BIO_MNT": tests}
        for place, (drugs, tests) in enumerate(amounts)
    ]
    release = built(write(tmp_path / "in", files), tmp_path / "out")
    # 104 for 100 and half a euro for none agree; 94 for 100 and none for 7 do not.
    assert [
        (*one[:4], float(one[4]), float(one[5]))
        for one in rows(
            release,
            "SELECT year, expense, sum(n_patients), sum(n_close), sum(national_amount), "
            "sum(release_amount) FROM cartography_expense GROUP BY ALL ORDER BY ALL",
        )
    ] == [(2021, "biology", 1, 1, 23, 23), (2021, "drugs", 4, 2, 207, 198.5)]


def test_without_amounts_diseases_are_compared_all_the_same(mapped_cases: Path) -> None:
    tables = set(manifest(mapped_cases)["tables"])
    assert "cartography" in tables
    assert "cartography_expense" not in tables


def test_without_the_links_nothing_is_compared_and_it_is_said(tmp_path: Path) -> None:
    files = delivered([Patient()])
    del files["CT_IDE_G8_2021.CSV"]
    answer = build(write(tmp_path / "in", files), tmp_path / "out")
    assert answer.status == 0, answer.text
    assert (
        "cartography of 2021: no CT_IDE_AAAA_GN of its version, it is not compared" in answer.text
    )


def test_a_delivery_without_it_has_no_such_table(plain_releases: Path) -> None:
    release = plain_releases / "snds" / "current"
    assert "cartography" not in manifest(release)["tables"]
    assert manifest(release)["cartography"] == []
