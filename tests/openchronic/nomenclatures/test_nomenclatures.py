"""Code lists are complete, have a source, and hold the facts that rules need."""

from importlib import resources

import pytest

from openchronic.catalogue import load_tables
from openchronic.nomenclatures import load_nomenclature, load_values

FOLDER = resources.files("openchronic.nomenclatures.lists")
NAMES = sorted(
    path.name.removesuffix(".csv") for path in FOLDER.iterdir() if path.name.endswith(".csv")
)


@pytest.mark.parametrize("name", NAMES)
def test_a_list_is_read_and_its_source_given(name: str) -> None:
    rows = load_nomenclature(name)
    assert rows
    assert all(None not in row and None not in row.values() for row in rows)
    assert f"`{name}.csv`" in FOLDER.joinpath("SOURCES.md").read_text("utf-8")


def test_an_unknown_list_is_an_error() -> None:
    with pytest.raises(KeyError, match="no code list ald31"):
        load_nomenclature("ald31")


def test_every_ald_has_its_label_and_the_listed_ones_their_diagnoses() -> None:
    labels = {int(row["number"]): row["label"] for row in load_nomenclature("ald")}
    assert set(range(1, 33)) <= set(labels)
    assert labels[8] == "Diabète de type 1 et diabète de type 2"
    diagnoses = load_nomenclature("ald_icd10")
    assert len(diagnoses) == 2586
    # Number 12 is in the list although it accepts no new patient.
    assert {int(row["number"]) for row in diagnoses} == set(range(1, 31))
    assert {row["icd10"] for row in diagnoses if row["icd10"][:3] in ("E10", "E11")}
    # The value table gives these no ALD: this list alone never defines a disease.
    assert not {row["icd10"] for row in diagnoses if row["icd10"][:3] in ("J44", "E14", "I12")}


def test_fictive_nir_are_those_to_drop() -> None:
    fictive = {row["code"] for row in load_nomenclature("nir_kind") if row["fictive"] == "1"}
    assert fictive == {"01", "05", "06", "08", "09", "11", "12", "13", "14", "15"}


def test_duplicated_facilities_are_the_two_published_lists() -> None:
    rows = load_nomenclature("finess_duplicates")
    assert all(len(row["eta_num"]) == 9 for row in rows)
    assert sum(row["short_list"] == "1" for row in rows) == 46
    assert sum(row["long_list"] == "1" for row in rows) == 166
    kept = {row["hospital"]: row["eta_num"] for row in rows if row["role"] == "juridical"}
    assert kept == {"APHP": "750712184", "APHM": "130786049", "HCL": "690781810"}


def test_drugs_have_both_codes_and_a_complete_class() -> None:
    rows = load_nomenclature("drug")
    assert len({row["cip13"] for row in rows}) == len(rows) > 5000
    for row in rows:
        assert len(row["cip13"]) == 13
        assert row["cip13"].startswith("3400")
        assert row["cip7"].isdigit()
        assert len(row["atc"]) == 7
        assert row["large_pack"] in ("O", "N", "")
        assert row["pack_size"] in ("GC", "NGC")
    assert len(FOLDER.joinpath("drug.csv").read_bytes()) < 600_000


def test_the_values_of_a_column_are_found_by_their_official_name() -> None:
    assert dict(load_values("IR_SPE_V"))["13"].startswith("PNEUMOLOGIE")
    assert dict(load_values("IR_NIR_V"))["01"] == "NIR FICTIF IVG"
    assert dict(load_values("MS_SOR_V"))["9"] == "Décès"
    assert dict(load_values("IR_EXO_V")).keys() >= {"41", "42", "43", "44", "45", "46"}
    assert load_values("IR_CCAM_V63") == ()


def test_a_short_list_is_short_names_each_code_once_and_serves_a_column() -> None:
    declared = {one.nomenclature for table in load_tables().values() for one in table.columns}
    for name in {row["table"] for row in load_nomenclature("short_lists")}:
        assert name in declared
        codes = [code for code, _ in load_values(name)]
        assert len(codes) == len(set(codes)) <= 90
        assert all(label == label.strip() != "" for _, label in load_values(name))
