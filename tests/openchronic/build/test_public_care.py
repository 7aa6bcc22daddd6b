"""Care of public hospitals and of clinics in claims, as ER_ETE_F distinguishes them."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from tests.openchronic.build.claim_lines import DOCTOR, delivery, line, manifest_of, removed
from tests.openchronic.build.drawn_rows import check_claims, compare_claims, drawn
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    Row,
    claim,
    facility,
    outpatients,
    pack,
    write,
)

T2A = """
    n | ETE_IND_TAA | kept | published
    1 | 0           | yes  | yes
    2 | 1           | no   | no
    3 | 2           | yes  | yes
    4 | .           | yes  | no
"""


def facilities(table: str, *extra: Row) -> list[Row]:
    """Returns ER_ETE_F with a row for each drawn row that has facility values, and others."""
    said: list[Row] = [
        facility(int(row["n"]), **{name: cell for name, cell in row.items() if name[:3] == "ETE"})
        for row in drawn(table)
        if any(cell for name, cell in row.items() if name.startswith("ETE"))
    ]
    return [*said, *extra]


def test_city_care_has_no_facility_and_stays(tmp_path: Path) -> None:
    """Lines without a row in ER_ETE_F are city care: the published rule, not NULL-safe, loses them."""
    form = "ETE_IND_TAA <> 1"
    release = check_claims(
        tmp_path, T2A, published=form, facilities=facilities(T2A), others=outpatients()
    )
    # All amounts are kept and flagged; a switch applies the rule to them.
    whole = T2A.replace("| no   | no", "| yes  | no")
    compare_claims(partial(rows, release), whole, of="cost")
    assert rows(release, "SELECT day(start_date), flags FROM cost WHERE flags IS NOT NULL") == [
        (2, "public_t2a")
    ]
    switch = ("--with-filter", "cost.already_in_pmsi")
    check_claims(
        tmp_path / "less",
        T2A,
        *switch,
        of="cost",
        published=form,
        facilities=facilities(T2A),
        others=outpatients(),
    )


def test_several_facilities_of_one_line_multiply_nothing(tmp_path: Path) -> None:
    """Line 1 has the same row twice, line 2 one public row of three: line 2 is public."""
    more = [
        facility(1, ETE_IND_TAA="0"),
        facility(2, ETE_IND_TAA="0"),
        facility(2, ETE_IND_TAA="2"),
        facility(4, ETE_IND_TAA=""),
    ]
    release = check_claims(tmp_path, T2A, facilities=facilities(T2A, *more), others=outpatients())
    whole = T2A.replace("| no   | no", "| yes  | no")
    compare_claims(partial(rows, release), whole, of="cost")
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
        tmp_path / "less",
        table,
        "--with-filter",
        "drug.during_clinic_stay",
        published=form,
        facilities=more,
    )
    check_claims(tmp_path / "all", table.replace("| no ", "| yes"), facilities=more)


def test_without_the_facilities_the_build_says_what_it_costs(tmp_path: Path) -> None:
    table = T2A.replace("| no   | no", "| yes  | no")
    release = check_claims(tmp_path / "none", table, published="ETE_IND_TAA <> 1")
    manifest = json.loads((release / "manifest.json").read_text())
    assert any("no ER_ETE_F: lines of public hospitals" in one for one in manifest["notes"])
    # A month without any row is a gap.
    later = facility(1, ETE_IND_TAA="0", flux="01/09/2021")
    release = check_claims(tmp_path / "hole", table, facilities=[later])
    manifest = json.loads((release / "manifest.json").read_text())
    assert any("ER_ETE_F has no line in 1 month in" in one for one in manifest["notes"])


def public_visits(*days: str) -> dict[str, list[Row]]:
    """Returns a visit to a public hospital on each day, with an act, a test and a pack."""
    claims = [
        claim(n, ALICE, day, flux="01/06/2021") | DOCTOR | {"PFS_PRE_NUM": "35100001"}
        for n, day in enumerate(days, start=1)
    ]
    details: list[Row] = []
    for n in range(1, len(days) + 1):
        details += [line(table, n, flux="01/06/2021") for table in ("CAM", "BIO")]
        details += [pack(n, METFORMIN, flux="01/06/2021")]
    places = [facility(n, flux="01/06/2021", ETE_IND_TAA="1") for n in range(1, len(days) + 1)]
    return delivery(claims, details, places)


def kept_of(release: Path) -> list[tuple[object, ...]]:
    return rows(
        release,
        "SELECT event_type, year(start_date), flags FROM event WHERE source_table LIKE 'ER%' "
        "ORDER BY 1, 2",
    )


def test_public_care_stays_where_no_hospital_file_tells_of_it(tmp_path: Path) -> None:
    """Without the outpatient tables of the PMSI this care is in claims only: removing it would lose it."""
    files = public_visits("10/03/2020", "10/03/2021")
    release = built(write(tmp_path / "none", files), tmp_path / "releases")
    kinds = ("biology", "drug", "procedure", "visit")
    assert kept_of(release) == [
        (kind, year, "public_t2a") for kind in kinds for year in (2020, 2021)
    ]
    assert not any("already_in_pmsi" in name for name in removed(release))
    (told,) = [one for one in manifest_of(release)["notes"] if "ETE_IND_TAA" in one]
    assert "8 lines" in told
    assert "T_MCOaaCSTC" in told


def test_public_care_is_removed_for_the_years_and_kinds_that_the_hospital_files_tell(
    tmp_path: Path,
) -> None:
    files = public_visits("10/03/2020", "10/03/2021") | outpatients("21")
    release = built(write(tmp_path / "whole", files), tmp_path / "releases")
    assert {year for _, year, _ in kept_of(release)} == {2020}
    # Acts are in one table, fees in another: only care in a delivered table is there twice.
    del files["PMSI/T_MCO21FMSTC.CSV"]
    release = built(write(tmp_path / "part", files), tmp_path / "others")
    assert [kind for kind, year, _ in kept_of(release) if year == 2021] == ["procedure"]
    # Visits without their detail lines do not hold this care.
    alone = {name: rows for name, rows in files.items() if not name.startswith("PMSI/T_MCO21F")}
    release = built(write(tmp_path / "alone", alone), tmp_path / "third")
    assert len([kind for kind, year, _ in kept_of(release) if year == 2021]) == 4
