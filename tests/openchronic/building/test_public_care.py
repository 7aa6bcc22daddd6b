"""Care of public hospitals and of clinics among the claims: what ER_ETE_F tells apart."""

from __future__ import annotations

import json
from pathlib import Path

from tests.openchronic.building.drawn_rows import check_claims, drawn
from tests.openchronic.front_door import rows
from tests.openchronic.small_delivery import Row, facility

T2A = """
    n | ETE_IND_TAA | kept | published
    1 | 0           | yes  | yes
    2 | 1           | no   | no
    3 | 2           | yes  | yes
    4 | .           | yes  | no
"""


def facilities(table: str, *extra: Row) -> list[Row]:
    """ER_ETE_F with a row for each drawn one that says anything of its facility, and others."""
    said: list[Row] = [
        facility(int(row["n"]), **{name: cell for name, cell in row.items() if name[:3] == "ETE"})
        for row in drawn(table)
        if any(cell for name, cell in row.items() if name.startswith("ETE"))
    ]
    return [*said, *extra]


def test_city_care_has_no_facility_and_stays(tmp_path: Path) -> None:
    """Lines without a row in ER_ETE_F are city care: the printed form, not NULL-safe, loses them."""
    form = "ETE_IND_TAA <> 1"
    check_claims(tmp_path / "care", T2A, published=form, facilities=facilities(T2A))
    # Money is kept whole, marked, and a switch away from the rule.
    whole = T2A.replace("| no   | no", "| yes  | no")
    release = check_claims(tmp_path / "money", whole, of="cost", facilities=facilities(T2A))
    assert rows(release, "SELECT day(start_date), flags FROM cost WHERE flags IS NOT NULL") == [
        (2, "public_t2a")
    ]
    switch = ("--with-filter", "cost_public_t2a")
    check_claims(
        tmp_path / "less", T2A, *switch, of="cost", published=form, facilities=facilities(T2A)
    )


def test_several_facilities_of_one_line_multiply_nothing(tmp_path: Path) -> None:
    """Line 1 has the same row twice, 2 a public one among three: it is public."""
    more = [
        facility(1, ETE_IND_TAA="0"),
        facility(2, ETE_IND_TAA="0"),
        facility(2, ETE_IND_TAA="2"),
        facility(4, ETE_IND_TAA=""),
    ]
    check_claims(tmp_path / "care", T2A, facilities=facilities(T2A, *more))
    whole = T2A.replace("| no   | no", "| yes  | no")
    release = check_claims(tmp_path / "money", whole, of="cost", facilities=facilities(T2A, *more))
    assert rows(release, "SELECT count(*), CAST(sum(billed) AS DOUBLE) FROM cost") == [(4, 42.0)]


def test_care_within_clinics_is_left_out_only_on_demand(tmp_path: Path) -> None:
    table = """
        n | ETE_MCO_DDP | ETE_IND_TAA | kept | published
        1 | M           | 2           | no   | no
        2 | Z           | 2           | yes  | yes
        3 | X           | 0           | yes  | yes
        4 | .           | .           | yes  | no
        5 | Z           | 2           | no   | yes
    """
    more = facilities(table, facility(5, ETE_MCO_DDP="C", ETE_IND_TAA="2"))
    form = "ETE_MCO_DDP IN ('Z', 'X')"
    check_claims(
        tmp_path / "less", table, "--with-filter", "clinic_stay", published=form, facilities=more
    )
    check_claims(tmp_path / "all", table.replace("| no ", "| yes"), facilities=more)


def test_without_the_facilities_the_build_says_what_it_costs(tmp_path: Path) -> None:
    table = T2A.replace("| no   | no", "| yes  | no")
    release = check_claims(tmp_path / "none", table, published="ETE_IND_TAA <> 1")
    manifest = json.loads((release / "manifest.json").read_text())
    assert any("no ER_ETE_F: lines of public hospitals" in one for one in manifest["notes"])
    # A month without any is a hole in what is there.
    later = facility(1, ETE_IND_TAA="0", flux="01/09/2021")
    release = check_claims(tmp_path / "hole", table, facilities=[later])
    manifest = json.loads((release / "manifest.json").read_text())
    assert any("ER_ETE_F has no line in 1 month in" in one for one in manifest["notes"])
