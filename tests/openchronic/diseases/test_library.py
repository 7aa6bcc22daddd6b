"""The definitions of the package: what they name exists, and nothing is said to be surer than it is."""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Iterator
from itertools import chain, combinations
from pathlib import Path

import pytest

from openchronic.diseases import STATUSES, load_library
from openchronic.diseases.expression import holds, names, parse, terms
from openchronic.diseases.french import told
from openchronic.nomenclatures import load_nomenclature

# The reference lies beside the checkout, unless SNDS_REFERENCE names another place.
BESIDE = Path(__file__).parents[4] / "shared" / "reference" / "snds"
REFERENCE = Path(os.environ.get("SNDS_REFERENCE", BESIDE))
LIBRARY = load_library()
needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"no official nomenclatures in {REFERENCE} (SNDS_REFERENCE)"
)


def codes_of(vocabulary: str) -> Iterator[str]:
    for one in LIBRARY.definitions:
        for part in one.codes.values():
            yield from chain(*(some for name, some in part.codes if name == vocabulary))


def listed(folder: str, name: str) -> list[list[str]]:
    path = REFERENCE / "schema-snds" / "nomenclatures" / folder / name
    with gzip.open(path) if name.endswith("gz") else path.open("rb") as file:
        return list(csv.reader(io.StringIO(file.read().decode()), delimiter=";"))


def test_there_are_some_thirty_diseases_and_each_says_where_it_comes_from() -> None:
    assert len(LIBRARY.definitions) >= 30
    order = list(STATUSES)
    for one in LIBRARY.definitions:
        assert one.source
        worst = max(order.index(part.status) for part in one.codes.values())
        assert order.index(one.status) >= worst, one.name


def test_no_column_of_the_cartography_is_that_of_two_diseases() -> None:
    tops = [top for _, form in LIBRARY.forms() for top in form.tops]
    assert len(tops) == len(set(tops)) > 30


@needs_reference
def test_every_diagnosis_is_one_of_the_classification() -> None:
    every = {row[0] for row in listed("ORAVAL", "IR_CIM_V.csv.gz")}
    assert [code for code in codes_of("CIM10") if code not in every] == []


@needs_reference
def test_every_act_and_test_is_one_of_the_official_lists() -> None:
    acts = {row[0] for row in listed("ATIH", "IR_CCAM_V63.csv.gz")}
    assert set(codes_of("CCAM")) <= acts
    tests = {row[0].zfill(4) for row in listed("ORAREF", "IR_BIO_R.csv")}
    assert set(codes_of("NABM")) <= tests


@needs_reference
def test_every_top_is_one_of_the_national_definitions() -> None:
    file = REFERENCE / "derived" / "cartographie_tops.csv"
    with file.open(encoding="utf-8") as lines:
        national = {row["column"].upper() for row in csv.DictReader(lines)}
    assert {top for _, form in LIBRARY.forms() for top in form.tops} <= national


def test_every_service_is_one_of_the_list() -> None:
    services = {row["code"] for row in load_nomenclature("service")}
    assert set(codes_of("PRS_NAT")) <= services


def test_a_definition_reads_as_french_sentences() -> None:
    for one in LIBRARY.definitions:
        text = "\n".join(told(one))
        assert one.fr in text
        assert STATUSES[one.status] in text
        for part in one.criteria:
            assert f"- {part.name}" in text


@pytest.mark.parametrize(
    "text", [text for one in LIBRARY.definitions for text in one.expressions.values()]
)
def test_the_ways_to_be_true_are_those_of_the_expression(text: str) -> None:
    node = parse(text)
    every = names(node)[:10]
    ways = terms(node)
    some = chain(*(combinations(every, n) for n in range(min(len(every), 4) + 1)))
    for true in map(set, some):
        by_ways = any(one.must <= true and not one.must_not & true for one in ways)
        assert by_ways == holds(node, true), true
