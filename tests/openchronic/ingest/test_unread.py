"""A column that no rule reads is never a reason to reject a line: the value is emptied and counted."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from openchronic.catalogue import Table, load_tables, needs
from openchronic.models.delivery import every_table
from openchronic.models.filters.filter import load_filters
from openchronic.models.graph import graph_of
from openchronic.models.model import Model
from openchronic.models.products import PRODUCTS
from openchronic.models.query import query_of
from openchronic.models.standing import words_of
from openchronic.models.text import sql
from tests.openchronic.front_door import build, built, rows
from tests.openchronic.parquet_delivery import all_strings, as_parquet
from tests.openchronic.small_delivery import ALICE, METFORMIN, chaining, claim, pack, plain, write

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
CHAINS = "PMSI/T_MCO21C.CSV"
# The models that read claims, beyond the text that names their table.
OF_CLAIMS = ("claim_line", "claimed_service", "cost_line", "trait")
# Details of the simplified product, each with the table of DCIR whose names it takes.
STANDING = {one.instead: one.table for one in needs() if one.instead[:3] == "NS_"}
MODELS = [one for one in graph_of(every_table()).nodes() if isinstance(one, Model)]


def built_and_told(source: Path, releases: Path) -> tuple[Path, str]:
    answer = build(source, releases)
    assert answer.status == 0, answer.text
    return next((releases / "snds").glob("2*")), answer.text


@pytest.mark.parametrize("rank", ["X", "A1", "?"])
def test_a_stay_whose_birth_rank_is_a_letter_stays(
    delivery: Path, releases: Path, rank: str
) -> None:
    write(delivery, {CHAINS: [chaining("0000000001", ALICE, RNG_NAI=rank)]})
    release, said = built_and_told(delivery, releases)
    assert rows(release, "SELECT count(*) FROM stay") == [(1,)]
    # In a column of text nothing is emptied.
    assert "RNG_NAI" not in said


@pytest.mark.parametrize("form", ["text", "parquet"])
def test_bad_values_of_what_no_rule_reads_are_left_empty_and_told(
    tmp_path: Path, releases: Path, form: str
) -> None:
    bad = {"PRE_PRE_DTD": "31/02/2021", "PRS_ACT_COG": "1.2.3", "BEN_AMA_COD": "quatre"}
    claims = [{**claim(1, ALICE, "10/03/2021"), **bad}, claim(2, ALICE, "11/03/2021")]
    packs = [pack(1, METFORMIN, PHA_ACT_PRU="gratuit"), pack(2, METFORMIN)]
    source = write(tmp_path / "snds", plain() | {CLAIMS: claims, PACKS: packs})
    if form == "parquet":
        source = as_parquet(source, tmp_path / "parquet", all_strings)
    release, said = built_and_told(source, releases)
    assert rows(release, "SELECT count(*) FROM event WHERE event_type = 'drug'") == [(2,)]
    assert rows(release, "SELECT count(*) FROM cost") == [(2,)]
    for column, why in (
        ("PRE_PRE_DTD", "no date that counts"),
        ("PRS_ACT_COG", "not a number"),
        ("BEN_AMA_COD", "not a whole number"),
        ("PHA_ACT_PRU", "not a number"),
    ):
        assert f"1 value of {column} {why}: left empty, no rule reads the column" in said
    assert "Rejected" not in said


def test_a_bad_value_of_what_a_rule_reads_still_refuses_its_line(
    delivery: Path, releases: Path
) -> None:
    claims = [claim(1, ALICE, "10/03/2021", PRS_PAI_MNT="gratuit"), claim(2, ALICE, "11/03/2021")]
    write(delivery, {CLAIMS: claims, PACKS: [pack(2, METFORMIN)]})
    assert rows(built(delivery, releases), "SELECT count(*) FROM cost") == [(1,)]


def said(model: Model) -> str:
    """Returns the query of ``model`` without its comments."""
    return re.sub(r"--.*", "", query_of(model, judge="''", words={"year": "2020", "version": "8"}))


def texts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder).with_suffix("")): re.sub(r"--.*", "", path.read_text())
        for path in folder.rglob("*.sql")
    }


def readers(table: str) -> list[str]:
    """Returns the texts and queries that read lines of ``table``, and the conditions of the filters that judge them."""
    every = texts(Path(str(resources.files("openchronic.models"))))
    found = [text for text in every.values() if re.search(rf"\b{table.lower()}\b", text)]
    found += [said(one) for one in MODELS if one.words.get("source_table") == table]
    if load_tables()[table].of_hospitals:
        # A text that serves several tables names none of them.
        found += [said(one) for one in MODELS if table.lower() in one.reads]
    if table in STANDING and table != "NS_PRS_F":
        found.append(words_of(STANDING[table])["columns"])
    steps = {one.step for one in PRODUCTS if table in one.tables}
    if table in ("T_MCOaaB", "T_MCOaaC"):
        steps.add("stay")
        found.append(sql("stay"))
    if table == "ER_PRS_F":
        steps |= {"drug", "service", "cost"}
        found += [sql(name) for name in OF_CLAIMS]
    return found + [one.remove_when for one in load_filters() if one.step in steps]


@pytest.mark.parametrize("declared", load_tables().values(), ids=lambda one: one.name)
def test_no_column_is_said_to_be_unread_that_a_text_names(declared: Table) -> None:
    # A name that a text defines is not one that it reads.
    named = set(re.findall(r"\w+", re.sub(r"\bAS \w+", "", " ".join(readers(declared.name)))))
    if declared.name == "IR_IBA_R":  # replaces IR_BEN_R with all its columns
        named = set(re.findall(r"\w+", " ".join(readers("IR_BEN_R"))))
    unread = {column.name for column in declared.columns if not column.read}
    assert not unread & named, "not read = false in the entry: a rule reads them now"
