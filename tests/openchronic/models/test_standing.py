"""Details of the simplified product are read under the names of DCIR, whatever their own names."""

from __future__ import annotations

import re

import pytest

from openchronic.catalogue import load_tables, needs
from openchronic.models.standing import KEY, words_of

DETAILS = [
    one.table
    for one in needs()
    if one.instead and load_tables()[one.instead].lines.of == "NS_PRS_F"
]


def named(table: str) -> dict[str, str]:
    """Returns the source of each column of ``table`` in the query."""
    return {
        name: value for value, name in re.findall(r"(\S+) AS (\w+)", words_of(table)["columns"])
    }


def test_every_detail_of_the_simplified_product_stands_for_one_of_the_other() -> None:
    assert [f"ER_{name}_F" for name in ("PHA", "CAM", "BIO", "TIP", "UCD", "TRS")] == DETAILS


@pytest.mark.parametrize("table", DETAILS)
def test_it_has_the_whole_key_and_nothing_that_its_table_does_not_declare(table: str) -> None:
    declared = load_tables()[table]
    found = named(table)
    assert set(declared.key) <= set(found) <= {column.name for column in declared.columns}
    assert {name: found[name] for name in KEY} == KEY
    assert words_of(table)["source"] == f"ns_{table[3:].lower()}"


def test_a_column_of_another_name_is_found_under_that_of_dcir() -> None:
    assert named("ER_PHA_F")["PHA_ACT_QSN"] == "PHA_ACT_QSC"
    assert named("ER_PHA_F")["PHA_DEC_QSU"] == "PHA_DEC_QSD"
    assert named("ER_TRS_F")["ITR_ORD_NUM"] == "TRS_SEQ_NUM"
