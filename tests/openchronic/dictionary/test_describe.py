"""``openchronic describe`` and ``oc.describe``: the content of a table, in French, from the declarations."""

from __future__ import annotations

import re
from collections import defaultdict
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import pytest

import openchronic as oc
from openchronic.catalogue import load_tables
from openchronic.dictionary.released import load_release_tables
from openchronic.engines.specs import load_specs, spec_files
from tests.openchronic.front_door import openchronic

TABLES = load_tables()
RELEASED = list(load_release_tables())


class Cells(HTMLParser):
    """Collects the text of each cell, by section of the page, and all external resources."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: dict[str, list[str]] = {}
        self.fetched: list[str] = []
        self._cell: list[str] | None = None
        self._section = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "section":
            self._section = given["id"] or ""
        if tag == "td":
            self._cell = []
        if tag in ("script", "img", "link", "iframe"):
            self.fetched.append(tag)
        self.fetched += [value for name in ("src", "href") if (value := given.get(name) or "")]

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "td" and self._cell is not None:
            self.sections.setdefault(self._section, []).append("".join(self._cell))
            self._cell = None


@pytest.mark.parametrize("name", TABLES)
def test_a_description_holds_all_that_is_declared(name: str) -> None:
    table = TABLES[name]
    text = str(oc.describe(name))
    for fact in (table.meaning_fr, table.used_for_fr, table.source, " ".join(table.key)):
        assert fact in text
    lines = {line.split()[0].lstrip("*"): line for line in text.splitlines() if line.strip()}
    for column in table.columns:
        line = lines[column.name]
        assert line.startswith("*") == column.required
        for fact in (column.nomenclature, column.meaning_fr, *column.aliases):
            assert fact in line
        for year in (column.since, column.until):
            assert year is None or str(year) in line


def test_one_meaning_has_one_translation() -> None:
    french: defaultdict[str, set[str]] = defaultdict(set)
    for table in TABLES.values():
        for column in table.columns:
            french[column.meaning].add(column.meaning_fr)
    assert {meaning: told for meaning, told in french.items() if len(told) > 1} == {}


def test_the_command_says_what_python_says() -> None:
    answer = openchronic("describe", "er_prs_f")
    assert answer.status == 0
    assert answer.out == f"{oc.describe('ER_PRS_F')}\n"
    assert answer.out.startswith("ER_PRS_F : une ligne par prestation")


def test_without_a_name_every_table_is_listed() -> None:
    listed = openchronic("describe").out
    assert [line.split()[0] for line in listed.splitlines() if line.startswith(" ")] == [
        *RELEASED,
        *TABLES,
    ]
    assert repr(oc.describe()) + "\n" == listed


@pytest.mark.parametrize("name", ["T_MCO16UM", "t_mcoaaum", "YY_T_MCO22UM.parquet", " T_MCOaaUM "])
def test_a_table_is_found_by_the_name_of_its_files(name: str) -> None:
    assert str(oc.describe(name)).startswith("T_MCOaaUM : ")


def test_an_unknown_name_is_an_error_with_those_that_come_near() -> None:
    answer = openchronic("describe", "ER_PRSF")
    assert answer.status == 2
    assert "no table ER_PRSF in the dictionary (is it ER_PRS_F" in answer.err
    assert "Traceback" not in answer.text
    with pytest.raises(oc.OpenChronicError, match="Pas de table « remboursements »"):
        oc.describe("remboursements")
    with pytest.raises(oc.OpenChronicError, match="est une colonne, de IR_BEN_R, IR_BEN_R_ARC"):
        oc.describe("num_enq_ano")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of the whole page."""
    file = tmp_path_factory.mktemp("page") / "dictionnaire.html"
    answer = openchronic("describe", "--html", file)
    assert answer.status == 0, answer.text
    return file.read_text("utf-8")


def test_the_page_holds_every_column_and_fetches_nothing(page: str) -> None:
    cells = Cells()
    cells.feed(page)
    assert list(cells.sections)[: len(RELEASED) + len(TABLES)] == [*RELEASED, *TABLES]
    assert cells.sections["IR_TAA_V"][:4] == ["0", "HORS TAA", "1", "TAA PUBLIQUE"]
    # The arrows and boxes of the drawing are no sections.
    led_to = {one[1:] for one in cells.fetched if one[:3] not in ("#g-", "#r-")}
    assert led_to == set(cells.sections)
    for name, table in TABLES.items():
        width = len(cells.sections[name]) // len(table.columns)
        names = cells.sections[name][::width]
        assert names == [column.name for column in table.columns]
        assert cells.sections[name][width - 1 :: width] == [one.meaning_fr for one in table.columns]
    assert all(one.startswith("#") for one in cells.fetched), cells.fetched
    assert not re.search(r"@import|url\(|\$\{?[a-z]", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize(
    ("name", "value"),
    [("IR_SPE_V", "1   MEDECINE GENERALE"), ("ms_sor_v", "9   Décès"), ("IR_NAT_V", "1111  ")],
)
def test_a_nomenclature_is_described_by_its_values(name: str, value: str) -> None:
    text = str(oc.describe(name))
    assert f"\n  {value}" in text
    users = text.splitlines()[0].partition(" : valeurs de ")[2].split(", ")
    for user in users:
        table, column = user.split(".")
        assert TABLES[table].column(column).nomenclature == name.upper()
        assert name.upper() in str(oc.describe(table)).splitlines()[-1]


def test_a_notebook_shows_the_same_table_as_the_page(page: str) -> None:
    assert oc.describe("KI_ECD_R")._repr_html_() in page
    assert "KI_ECD_R" in oc.describe()._repr_html_()


def test_a_page_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    answer = openchronic("describe", "--html", tmp_path / "no" / "page.html")
    assert answer.status == 2
    assert "there is no folder" in answer.err
    refused = openchronic("describe", "ER_PRS_F", "--html", tmp_path / "page.html")
    assert refused.status == 2
    assert "leave the table out" in refused.err


def test_the_page_shows_every_rule_that_both_engines_are_tested_by(page: str) -> None:
    examples = page.partition('id="exemples"')[2]
    specs = [spec for name in spec_files() for spec in load_specs(name)]
    assert examples.count("<h2>") == len(specs)
    assert all(escape(spec.expression) in examples for spec in specs)
    assert "<td>2020-02-28</td><td>2</td><td>2020-03-01</td>" in examples
