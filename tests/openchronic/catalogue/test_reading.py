"""The catalogue is read strictly: anything that is no entry is refused with its file and line."""

from __future__ import annotations

import shutil
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from openchronic.catalogue import load_products, load_tables
from openchronic.catalogue.reading import read_catalogue

CATALOGUE = Path(str(resources.files("openchronic.catalogue")))
TABLES = load_tables()
COLUMNS = (CATALOGUE / "columns.toml").read_text("utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(CATALOGUE, tmp_path / "catalogue")


def refusal(copy: Path, file: str, old: str, new: str) -> str:
    """Returns the error for the catalogue with ``new`` instead of ``old``; the line number is a colon."""
    path = copy / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    number = text[: text.index(old)].count("\n") + 1
    with pytest.raises(ValueError, match="line") as said:
        read_catalogue(copy)
    return str(said.value).replace(f"{file}, line {number}:", f"{file}:")


def test_each_table_has_one_entry_and_each_entry_a_table() -> None:
    assert {path.name for path in (CATALOGUE / "tables").iterdir()} == {f"{n}.toml" for n in TABLES}
    assert read_catalogue(CATALOGUE) == dict(TABLES)


def test_tables_are_told_product_by_product() -> None:
    products = list(load_products())
    order = [(products.index(one.product), one.place) for one in TABLES.values()]
    assert order == sorted(order)
    assert set(products) == {one.product for one in TABLES.values()}


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("ER_TRS_F", "unique = true", "uniqe = true", "unknown key uniqe"),
        ("ER_TRS_F", "unique = true", 'unique = "1"', "unique: '1' is not of the type bool"),
        ("ER_TRS_F", "place = 70", "place = true", "place: True is not of the type int"),
        ("ER_TRS_F", "since = 2007", 'since = "2007"', "since: '2007' is not of the type int"),
        ("ER_TRS_F", 'period = "flux_year"', 'period = "month"', "period: 'month' is not one of "),
        ("ER_TRS_F", '"ITR_ORD_NUM"]', '"ITR_NUM"]', "key: no column ITR_NUM"),
        ("ER_TRS_F", 'product = "DCIR"', 'product = "DSIR"', "no product DSIR"),
        ("ER_TRS_F", "place = 70", "place = 80", "place 80 of DCIR is of another table too"),
        ("ER_TRS_F", 'level = "useful"', 'level = "nice"', "level: 'nice' is not one of required"),
        ("ER_TRS_F", 'instead = "NS_TRS_F"', 'instead = "NS_TRS"', "instead: no table NS_TRS"),
        ("ER_TRS_F", 'role = "events"', 'role = "event"', "role: 'event' is not one of events"),
        ("ER_TRS_F", 'of = "ER_PRS_F"', 'of = "ER_PRS"', "of: no table ER_PRS"),
        ("ER_TRS_F", "month_without", "month_with", "unknown key month_with"),
        ("ER_PHA_F", "PHA_DEC_TOP = {}", "PHA_DEC_TOP = { unit = 1 }", "unknown key unit"),
        ("ER_PHA_F", "PHA_DEC_TOP = {}", "PHA_DEC_TOP = 5", "PHA_DEC_TOP is a column"),
        ("ER_PHA_F", "PHA_DEC_TOP = {}", 'PHA_DEC = { type = "date" }', "PHA_DEC: missing meaning"),
        (
            "ER_PHA_F",
            "PHA_DEC_TOP = {}",
            'PHA_DEC_TOP = { type = "text" }',
            "type: 'text' is not one of string, integer, decimal, date",
        ),
        (
            "ER_PHA_F",
            "PHA_DEC_TOP = {}",
            'PHA_DEC_TOP = { instead = ["X"] }',
            "PHA_DEC_TOP: instead: no column X",
        ),
        ("ER_PHA_F", "PHA_DEC_TOP = {}", "PHA_DEC_TOP = {", "not TOML"),
        ("T_MCOaaC", 'person = ["NIR_ANO_17"]', 'person = ["NIR"]', "person: no column NIR"),
        ("T_HADaaB", 'facility = "ETA_NUM_EPMSI"', 'facility = "ETA"', "facility: no column ETA"),
        ("IR_BEN_R_ARC", 'columns_of = "IR_BEN_R"', 'columns_of = "X"', "columns_of is a table"),
    ],
)
def test_what_is_not_of_an_entry_is_refused_where_it_stands(
    copy: Path, file: str, old: str, new: str, said: str
) -> None:
    assert refusal(copy, f"tables/{file}.toml", old, new).startswith(f"tables/{file}.toml: {said}")


def test_an_entry_without_what_it_must_say_is_refused(copy: Path) -> None:
    path = copy / "tables/ER_TRS_F.toml"
    text = path.read_text("utf-8")
    for line, said in (
        ("unique = true\n", "line 1: missing unique"),
        (text[text.index("[lines]") : text.index("[columns]")], "line 1: missing [lines]"),
        (text[text.index("[columns]") :], "line 1: missing [columns]"),
        ('level = "useful"\n', f"line {text[: text.index('[need]')].count(chr(10)) + 1}: missing"),
    ):
        path.write_text(text.replace(line, "", 1), "utf-8")
        with pytest.raises(ValueError) as refused:
            read_catalogue(copy)
        assert str(refused.value).startswith(f"tables/ER_TRS_F.toml, {said}")


def test_what_several_tables_say_of_a_column_is_checked_as_well(copy: Path) -> None:
    line = next(one for one in COLUMNS.splitlines() if one.startswith("FLX_TRT_DTD"))
    assert refusal(copy, "columns.toml", line, line.replace("type", "kind")) == (
        "columns.toml: unknown key kind"
    )


def test_a_column_that_one_table_has_is_said_in_its_entry() -> None:
    shared = [line.split(" ")[0] for line in COLUMNS.splitlines() if not line.startswith("#")]
    assert shared == sorted(set(shared))
    for name in shared:
        held = [one for one in TABLES.values() if name in {column.name for column in one.columns}]
        assert len(held) > 1, name


def test_a_column_is_in_dcirs_what_it_is_in_the_table_that_it_stands_for(copy: Path) -> None:
    """Its type and meaning are said there, and what its absence costs in each."""
    told = TABLES["ER_TRS_F"].column("TRS_DTD_DTE")
    there = TABLES["NS_TRS_F"].column("TRS_DTD_DTE")
    assert replace(told, since=None) == there
    entry = copy / "tables/NS_TRS_F.toml"
    own = 'TRS_DTD_DTE = { meaning = "when it left" }'
    entry.write_text(entry.read_text("utf-8").replace("TRS_DTD_DTE = {}", own), "utf-8")
    said = read_catalogue(copy)["NS_TRS_F"].column("TRS_DTD_DTE")
    assert said == replace(there, meaning="when it left")


def test_only_a_table_and_the_one_that_stands_for_it_need_no_line_beside_them() -> None:
    for line in COLUMNS.splitlines()[1:]:
        name = line.split(" ")[0]
        held = [one for one in TABLES.values() if name in {column.name for column in one.columns}]
        told = {one.need.instead for one in held if one.need}
        assert len({one.name for one in held} - told) > 1 or " without = " in line, name


def test_an_entry_says_what_it_is_read_for_or_what_becomes_of_its_lines() -> None:
    for table in TABLES.values():
        made = table.lines.role in ("events", "costs")
        assert made == (not table.lines.read_for), table.name
        assert table.lines.every_year <= bool(table.lines.of), table.name


def test_what_is_missed_has_its_cost_unless_it_stands_for_another() -> None:
    standing = {one.need.instead for one in TABLES.values() if one.need}
    for table in TABLES.values():
        assert (table.need is None) == (table.name in standing or table.name == "PASSAGE")


def test_a_column_of_the_simplified_product_has_the_name_of_one_that_the_other_has() -> None:
    for table in TABLES.values():
        if table.need and table.need.instead:
            names = {column.name for column in table.columns}
            there = TABLES[table.need.instead]
            if there.lines.of:
                assert {column.dcir for column in there.columns if column.dcir} <= names
