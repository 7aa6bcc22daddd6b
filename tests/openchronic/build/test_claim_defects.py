"""Errors of published code on claims, each on a table small enough to read.

``published`` is the rule in its published form, run on the same rows.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.build.drawn_rows import check_claims, compare_claims, drawn, drawn_claims
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    RAMIPRIL,
    Files,
    Row,
    claim,
    illness,
    pack,
    plain,
    write,
)

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"


def case(**files: list[Row]) -> Files:
    """Returns the files of a case that differ from the plain delivery."""
    names = {"claims": CLAIMS, "packs": PACKS, "illnesses": "IR_IMB_R.CSV"}
    return {names[name]: one for name, one in files.items()}


def deliver(folder: Path, **files: list[Row]) -> Path:
    """Builds the plain delivery with some files replaced."""
    return built(write(folder / "delivery", {**plain(), **case(**files)}), folder / "releases")


def regularised(release: Path) -> dict[str, Any]:
    """Returns the netting of claims in the manifest."""
    manifest = json.loads((release / "manifest.json").read_text())
    return dict(manifest["regularised"])


# Tables for one build, each with the claims of a woman of her own.
TABLES = {
    "qualifiers": """
        n | DPN_QLF | PRS_DPN_QLP | kept | published
        1 | 0       | 0           | yes  | yes
        2 | 71      | 0           | no   | no
        3 | 0       | 71          | no   | no
        4 | .       | .           | yes  | no
        5 | 0       | .           | yes  | no
        6 | .       | 71          | no   | no
        7 | 72      | 0           | yes  | yes
    """,
    "information": """
        n | DPN_QLF | PRS_DPN_QLP | kept | published
        1 | 0       | 0           | yes  | yes
        2 | 0       | 71          | yes  | no
        3 | 71      | 71          | no   | no
        4 | .       | .           | yes  | no
    """,
    "surcharges": """
        n | CPL_MAJ_TOP | CPL_AFF_COD | kept | published
        1 | 0           | 0           | yes  | yes
        2 | 1           | 0           | yes  | yes
        3 | 2           | 0           | no   | no
        4 | 0           | 16          | no   | no
        5 | .           | .           | yes  | no
    """,
    "complements": """
        n | BSE_PRS_NAT | CPL_MAJ_TOP | kept | published
        1 | 1111        | 0           | yes  | yes
        2 | 1111        | 1           | yes  | yes
        3 | 0           | 1           | no   | no
        4 | 0           | 0           | no   | no
        5 | .           | .           | yes  | no
    """,
    "retrocession": """
        n | PRS_NAT_REF | kept | published
        1 | 3303        | yes  | yes
        2 | 3317        | no   | no
        3 | 3351        | no   | no
        4 | 3357        | no   | no
        5 | 3331        | yes  | yes
    """,
}
# The lines of dispensings: one or more packs of metformin on 10 March.
SUMS = """
    lines    | kept | n_lines | positive | distinct
    2        | 2    | 1       | 2        | 2
    2 -2     | .    | .       | 2        | 0
    2 -2 1   | 1    | 3       | 3        | 1
    2 -1     | 1    | 2       | 2        | 1
    1 1      | 2    | 2       | 2        | 1
    1 1 -1   | 1    | 3       | 2        | 0
    -1       | .    | .       | .        | -1
    -1 1     | .    | .       | 1        | 0
"""
SUMMED = drawn(SUMS)


def summed(lines: str) -> Files:
    """Returns the lines, each in a flux of its own."""
    quantities = [int(one) for one in lines.split()]
    flux = [f"01/{4 + n:02}/2021" for n in range(len(quantities))]
    return case(
        claims=[claim(n, ALICE, "10/03/2021", flux=flux[n]) for n in range(len(quantities))],
        packs=[pack(n, METFORMIN, one, flux=flux[n]) for n, one in enumerate(quantities)],
    )


JOINED_CLAIMS: list[Row] = [claim(1, ALICE, "10/03/2021", PRS_PAI_MNT="10.50", PRS_ACT_QTE="1")]
JOINED_PACKS: list[Row] = [
    pack(1, METFORMIN, order=1),
    pack(1, RAMIPRIL, order=2),
    pack(1, METFORMIN, order=3),
]
DATES = drawn("""
    n | EXE_SOI_DTD | flux       | year
    1 | 30/12/2020  | 01/01/2021 | 2020
    2 | 10/03/2021  | 01/05/2022 | 2021
    3 | 01/01/1600  | 01/04/2021 | .
    4 | .           | 01/04/2021 | .
""")
ENDS = drawn("""
    diagnosis | IMB_ALD_DTF | ends       | sndstools
    E11       | 01/01/1600  | .          | no
    I10       | 31/12/2099  | .          | no
    J45       | .           | .          | no
    G20       | 31/12/2025  | 2025-12-31 | yes
""")
CASES: dict[str, Files] = {
    **{name: drawn_claims(text) for name, text in TABLES.items()},
    **{row["lines"]: summed(row["lines"]) for row in SUMMED},
    "joined": case(claims=JOINED_CLAIMS, packs=JOINED_PACKS),
    "dates": case(
        claims=[claim(int(r["n"]), ALICE, r["EXE_SOI_DTD"], flux=r["flux"]) for r in DATES],
        packs=[pack(int(r["n"]), METFORMIN, flux=r["flux"]) for r in DATES],
    ),
    "ends": case(
        illnesses=[
            illness(ALICE, "15/02/2020", row["IMB_ALD_DTF"], row["diagnosis"]) for row in ENDS
        ],
    ),
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    return built_together(tmp_path_factory.mktemp("claims"), CASES)


def changed(table: str, *rows_of_it: str, old: str, new: str) -> str:
    """Returns the table with another word in the rows that begin so. All have the old word."""
    lines = table.splitlines()
    for number in rows_of_it:
        ((place, line),) = [
            one for one in enumerate(lines) if one[1].strip().startswith(f"{number} |")
        ]
        assert old in line
        lines[place] = line.replace(old, new)
    return "\n".join(lines)


def money_too(many: Together, name: str, published: str) -> None:
    """Asserts that the lines which are no acts are in the costs."""
    compare_claims(many.of(name), TABLES[name], published=published)
    money = changed(TABLES[name], "3", "4", old="| no   | no", new="| yes  | no")
    compare_claims(many.of(name), money, of="cost", published=published)


def test_lines_without_a_qualifier_are_not_for_information(many: Together) -> None:
    form = "DPN_QLF <> 71 AND PRS_DPN_QLP <> 71"
    compare_claims(many.of("qualifiers"), TABLES["qualifiers"], published=form)


def test_the_other_qualifier_of_one_published_form_is_a_switch_away(tmp_path: Path) -> None:
    check_claims(
        tmp_path,
        """
        n | DPN_QLF | kept | published
        1 | 0       | yes  | yes
        2 | 71      | no   | no
        3 | 72      | no   | no
        4 | .       | yes  | no
        """,
        "--with-filter",
        "drug.qualifier_72",
        published="DPN_QLF NOT IN (71, 72)",
    )


def test_copayments_of_care_for_information_stay_money(many: Together, tmp_path: Path) -> None:
    table = TABLES["information"]
    form = "DPN_QLF <> 71 AND PRS_DPN_QLP <> 71"
    switch = ("--with-filter", "cost.sent_for_information")
    check_claims(tmp_path, table, *switch, of="cost", published=form)
    # By default all amounts are kept, and flagged.
    whole = changed(table, "3", old="| no ", new="| yes")
    compare_claims(many.of("information"), whole, of="cost", published=form)
    marked = "SELECT day(start_date) FROM cost WHERE flags = 'for_information' ORDER BY ALL"
    assert many.rows("information", marked) == [(2,), (3,)]


def test_surcharges_and_copayments_are_money_and_no_acts(many: Together) -> None:
    money_too(many, "surcharges", "CPL_MAJ_TOP < 2 AND CPL_AFF_COD <> 16")


def test_a_line_that_is_only_a_complement_is_money_and_no_act(many: Together) -> None:
    money_too(many, "complements", "BSE_PRS_NAT <> 0")


def test_drugs_that_a_hospital_hands_out_are_left_out_only_on_demand(
    many: Together, tmp_path: Path
) -> None:
    table = TABLES["retrocession"]
    check_claims(tmp_path, table, "--with-filter", "retrocession")
    everything = changed(table, "2", "3", "4", old="| no   | no", new="| yes  | no")
    compare_claims(many.of("retrocession"), everything)


@pytest.mark.parametrize("row", SUMMED, ids=lambda row: row["lines"])
def test_quantities_are_kept_or_not_after_summing(many: Together, row: Row) -> None:
    """Both rules are published: ``positive`` drops negative lines before the sum, ``distinct`` real repeats."""
    expected = [(float(row["kept"]), int(row["n_lines"]))] if row["kept"] else []
    query = "SELECT quantity, n_source_rows FROM event WHERE event_type = 'drug'"
    assert many.rows(row["lines"], query) == expected
    quantities = [int(one) for one in row["lines"].split()]
    assert sum(one for one in quantities if one > 0) == int(row["positive"] or 0)
    assert sum(set(quantities)) == int(row["distinct"] or 0)


def test_what_regularisation_took_is_counted(tmp_path: Path) -> None:
    quantities = {"10": [2, -2], "11": [2, -1], "12": [1, 1], "13": [0], "14": [3]}
    lines = [(day, one) for day, several in quantities.items() for one in several]
    release = deliver(
        tmp_path,
        claims=[
            claim(n, ALICE, f"{day}/03/2021", PRS_ACT_QTE=str(one), PRS_PAI_MNT=f"{one * 10}.50")
            for n, (day, one) in enumerate(lines)
        ],
        packs=[pack(n, METFORMIN, one) for n, (_, one) in enumerate(lines)],
    )
    counted = regularised(release)
    assert "line by line" in counted.pop("cost")
    assert counted == {
        "lines": 3,  # two of the 10th, one of the 13th
        "sums": 2,
        "without_quantity": 1,  # the 13th
        "cancelling_lines": 2,
        "reduced": 1,  # the 11th
        "below_zero": 0,
        "cost_lines": 2,
    }
    # Amounts are not netted line by line: their sum is right by itself.
    assert rows(release, "SELECT count(*) FROM cost") == [(len(lines),)]


def test_joining_detail_multiplies_no_amount(many: Together) -> None:
    joined = [
        1
        for one in JOINED_CLAIMS
        for two in JOINED_PACKS
        if one["DCT_ORD_NUM"] == two["DCT_ORD_NUM"]
    ]
    assert len(joined) * 10.50 == 31.50  # the result of SCALPEL's flat table
    sums = "SELECT CAST(sum(billed) AS DOUBLE), sum(quantity) FROM cost"
    assert many.rows("joined", sums) == [(10.50, 1)]
    query = "SELECT code, quantity FROM event WHERE event_type = 'drug' ORDER BY code"
    assert many.rows("joined", query) == [(METFORMIN, 2.0), (RAMIPRIL, 1.0)]


def test_care_is_of_its_own_day_and_not_of_its_flux(many: Together) -> None:
    """Care of December arrives in January, or fourteen months later; 1600 is a missing date."""
    query = "SELECT year(start_date) FROM event WHERE event_type = 'drug' ORDER BY start_date"
    assert many.rows("dates", query) == [(int(row["year"]),) for row in DATES if row["year"]]


def test_an_illness_without_an_end_lasts(many: Together) -> None:
    """1600, 2099 and an empty end all mean open; sndsTools leaves such rows out."""
    expected = {
        row["diagnosis"]: date.fromisoformat(row["ends"]) if row["ends"] else None for row in ENDS
    }
    assert dict(many.rows("ends", "SELECT icd10, end_date FROM ald")) == expected
