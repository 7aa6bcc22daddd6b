"""What published code gets wrong of claims, each on a table small enough to read.

``published`` is the form of the rule as it is printed, run on the same rows.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.building.drawn_rows import check_claims, drawn
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    RAMIPRIL,
    Row,
    claim,
    illness,
    pack,
    plain,
    write,
)

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"


def deliver(folder: Path, **files: list[Row]) -> Path:
    """The plain delivery with some files replaced, built."""
    names = {"claims": CLAIMS, "packs": PACKS, "illnesses": "IR_IMB_R.CSV"}
    changed = {names[name]: one for name, one in files.items()}
    return built(write(folder / "delivery", {**plain(), **changed}), folder / "releases")


def regularised(release: Path) -> dict[str, Any]:
    """What the manifest says of regularisations."""
    manifest = json.loads((release / "manifest.json").read_text())
    return dict(manifest["regularised"])


def test_lines_without_a_qualifier_are_not_for_information(tmp_path: Path) -> None:
    check_claims(
        tmp_path,
        """
        n | DPN_QLF | PRS_DPN_QLP | kept | published
        1 | 0       | 0           | yes  | yes
        2 | 71      | 0           | no   | no
        3 | 0       | 71          | no   | no
        4 | .       | .           | yes  | no
        5 | 0       | .           | yes  | no
        6 | .       | 71          | no   | no
        7 | 72      | 0           | yes  | yes
        """,
        published="DPN_QLF <> 71 AND PRS_DPN_QLP <> 71",
    )


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
        "for_information_72",
        published="DPN_QLF NOT IN (71, 72)",
    )


def test_copayments_of_care_for_information_stay_money(tmp_path: Path) -> None:
    table = """
        n | DPN_QLF | PRS_DPN_QLP | kept | published
        1 | 0       | 0           | yes  | yes
        2 | 0       | 71          | yes  | no
        3 | 71      | 71          | no   | no
        4 | .       | .           | yes  | no
    """
    form = "DPN_QLF <> 71 AND PRS_DPN_QLP <> 71"
    switch = ("--with-filter", "cost_for_information")
    check_claims(tmp_path / "theirs", table, *switch, of="cost", published=form)
    # By default money is kept whole, and marked.
    whole = table.replace("3 | 71      | 71          | no ", "3 | 71      | 71          | yes")
    release = check_claims(tmp_path / "ours", whole, of="cost")
    assert rows(
        release, "SELECT day(start_date) FROM cost WHERE flags = 'for_information' ORDER BY ALL"
    ) == [(2,), (3,)]


def test_surcharges_and_copayments_are_money_and_no_acts(tmp_path: Path) -> None:
    table = """
        n | CPL_MAJ_TOP | CPL_AFF_COD | kept | published
        1 | 0           | 0           | yes  | yes
        2 | 1           | 0           | yes  | yes
        3 | 2           | 0           | no   | no
        4 | 0           | 16          | no   | no
        5 | .           | .           | yes  | no
    """
    form = "CPL_MAJ_TOP < 2 AND CPL_AFF_COD <> 16"
    check_claims(tmp_path / "acts", table, published=form)
    money = table.replace("| no   | no", "| yes  | no")
    check_claims(tmp_path / "money", money, of="cost", published=form)


def test_a_line_that_is_only_a_complement_is_money_and_no_act(tmp_path: Path) -> None:
    table = """
        n | BSE_PRS_NAT | CPL_MAJ_TOP | kept | published
        1 | 1111        | 0           | yes  | yes
        2 | 1111        | 1           | yes  | yes
        3 | 0           | 1           | no   | no
        4 | 0           | 0           | no   | no
        5 | .           | .           | yes  | no
    """
    form = "BSE_PRS_NAT <> 0"
    check_claims(tmp_path / "acts", table, published=form)
    money = table.replace("| no   | no", "| yes  | no")
    check_claims(tmp_path / "money", money, of="cost", published=form)


def test_drugs_that_a_hospital_hands_out_are_left_out_only_on_demand(tmp_path: Path) -> None:
    table = """
        n | PRS_NAT_REF | kept | published
        1 | 3303        | yes  | yes
        2 | 3317        | no   | no
        3 | 3351        | no   | no
        4 | 3357        | no   | no
        5 | 3331        | yes  | yes
    """
    check_claims(tmp_path / "city", table, "--with-filter", "retrocession")
    check_claims(tmp_path / "all", table.replace("| no   | no", "| yes  | no"))


# What is dispensed: one pack (or more) of metformin on 10 March, as its lines say.
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


@pytest.mark.parametrize("row", drawn(SUMS), ids=lambda row: row["lines"])
def test_quantities_are_kept_or_not_after_summing(tmp_path: Path, row: Row) -> None:
    """``positive`` drops negative lines before summing, ``distinct`` true repeats: both published."""
    quantities = [int(one) for one in row["lines"].split()]
    flux = [f"01/{4 + n:02}/2021" for n in range(len(quantities))]
    release = deliver(
        tmp_path,
        claims=[claim(n, ALICE, "10/03/2021", flux=flux[n]) for n in range(len(quantities))],
        packs=[pack(n, METFORMIN, one, flux=flux[n]) for n, one in enumerate(quantities)],
    )
    expected = [(float(row["kept"]), int(row["n_lines"]))] if row["kept"] else []
    query = "SELECT quantity, n_source_rows FROM event WHERE event_type = 'drug'"
    assert rows(release, query) == expected
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
        "cost_lines": 2,
    }
    # Nothing of the money is netted line by line: it adds up by itself.
    assert rows(release, "SELECT count(*) FROM cost") == [(len(lines),)]


def test_joining_detail_multiplies_no_amount(tmp_path: Path) -> None:
    claims: list[Row] = [claim(1, ALICE, "10/03/2021", PRS_PAI_MNT="10.50", PRS_ACT_QTE="1")]
    packs: list[Row] = [
        pack(1, METFORMIN, order=1),
        pack(1, RAMIPRIL, order=2),
        pack(1, METFORMIN, order=3),
    ]
    release = deliver(tmp_path, claims=claims, packs=packs)
    joined = len([1 for one in claims for two in packs if one["DCT_ORD_NUM"] == two["DCT_ORD_NUM"]])
    assert joined * 10.50 == 31.50  # as SCALPEL's flat table would have it
    assert rows(release, "SELECT CAST(sum(billed) AS DOUBLE), sum(quantity) FROM cost") == [
        (10.50, 1)
    ]
    query = "SELECT code, quantity FROM event WHERE event_type = 'drug' ORDER BY code"
    assert rows(release, query) == [(METFORMIN, 2.0), (RAMIPRIL, 1.0)]


def test_care_is_of_its_own_day_and_not_of_its_flux(tmp_path: Path) -> None:
    """Care of December arrives in January, or fourteen months later; 1600 is no date."""
    table = drawn("""
        n | EXE_SOI_DTD | flux       | year
        1 | 30/12/2020  | 01/01/2021 | 2020
        2 | 10/03/2021  | 01/05/2022 | 2021
        3 | 01/01/1600  | 01/04/2021 | .
        4 | .           | 01/04/2021 | .
    """)
    release = deliver(
        tmp_path,
        claims=[claim(int(r["n"]), ALICE, r["EXE_SOI_DTD"], flux=r["flux"]) for r in table],
        packs=[pack(int(r["n"]), METFORMIN, flux=r["flux"]) for r in table],
    )
    query = "SELECT year(start_date) FROM event WHERE event_type = 'drug' ORDER BY start_date"
    assert rows(release, query) == [(int(row["year"]),) for row in table if row["year"]]


def test_an_illness_without_an_end_lasts(tmp_path: Path) -> None:
    """1600, 2099 and nothing all mean open; sndsTools leaves such rows out."""
    table = drawn("""
        diagnosis | IMB_ALD_DTF | ends       | sndstools
        E11       | 01/01/1600  | .          | no
        I10       | 31/12/2099  | .          | no
        J45       | .           | .          | no
        G20       | 31/12/2025  | 2025-12-31 | yes
    """)
    release = deliver(
        tmp_path,
        illnesses=[
            illness(ALICE, "15/02/2020", row["IMB_ALD_DTF"], row["diagnosis"]) for row in table
        ],
    )
    expected = {
        row["diagnosis"]: date.fromisoformat(row["ends"]) if row["ends"] else None for row in table
    }
    assert dict(rows(release, "SELECT icd10, end_date FROM ald")) == expected
