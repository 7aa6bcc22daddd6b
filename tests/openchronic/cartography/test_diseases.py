"""The definitions of diseases: they are read strictly, and name columns and codes of the SNDS."""

from __future__ import annotations

import csv
import os
from importlib import resources
from pathlib import Path

import pytest

from openchronic.cartography import load_diseases, read_diseases

# The reference lies beside the checkout, unless SNDS_REFERENCE names another place.
BESIDE = Path(__file__).parents[4] / "shared" / "reference" / "snds"
REFERENCE = Path(os.environ.get("SNDS_REFERENCE", BESIDE))

TEXT = (resources.files("openchronic.cartography") / "diseases.csv").read_text("utf-8")
HEADER, FIRST = TEXT.splitlines()[:2]


def test_no_top_is_in_two_diseases() -> None:
    tops = [top for one in load_diseases() for top in one.tops]
    assert len(tops) == len(set(tops)) > 20


def test_a_drug_or_an_associated_diagnosis_that_counts_has_its_years() -> None:
    for one in load_diseases():
        assert one.main_years <= 4
        assert one.drug or not (one.drug_years or one.large_pack or one.drug_not), one.name
        assert one.associated or not one.associated_years, one.name


@pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"no official nomenclatures in {REFERENCE} (SNDS_REFERENCE)"
)
def test_every_top_is_one_of_the_national_definitions() -> None:
    file = REFERENCE / "derived" / "cartographie_tops.csv"
    with file.open(encoding="utf-8") as lines:
        national = {row["column"].upper() for row in csv.DictReader(lines)}
    assert {top for one in load_diseases() for top in one.tops} <= national


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name;fr;tops", "name;tops;fr", "its columns must be"),
        ("diabetes;", "Diabetes;", "name 'Diabetes'"),
        ("TOP_FDIABET_IND", "TOP_FDIABETE", "no column of CT_IND_AAAA_GN: TOP_FDIABETE"),
        ("TOP_FDIABET_IND", "", "tops is empty"),
        (";;;E10 E11", ";;;E1.0 E11", "ald 'E1.0'"),
        (";A10BX06;1;", ";A10BX06;x;", "drug_years 'x'"),
        (";1;1;SNDS", ";1;2;SNDS", "large_pack '2'"),
        ("TOP_FDIABET_IND;;", "TOP_FDIABET_IND;X;", "sex 'X'"),
        ("TOP_FDIABET_IND;;", "TOP_FDIABET_IND;;flu", "diabetes unless 'flu'"),
        (FIRST, "diabetes;Diabète", "line 2: 2 values, 17 are needed"),
        (FIRST, f"{FIRST}\n{FIRST}", "line 3: diabetes is there twice"),
        (
            FIRST,
            "diabetes;D;TOP_FDIABET_IND;;;;;0;;0;E10;;;0;0;us;no",
            "nobody would be found",
        ),
    ],
)
def test_a_wrong_row_is_a_sentence_with_its_line(old: str, new: str, said: str) -> None:
    text = f"{HEADER}\n{FIRST}\n"
    assert text.count(old) == 1
    with pytest.raises(ValueError) as problem:
        read_diseases(text.replace(old, new))
    assert str(problem.value).startswith("diseases.csv")
    assert said in str(problem.value)
