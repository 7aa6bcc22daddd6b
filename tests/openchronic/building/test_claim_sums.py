"""Lines of claims that are one act: cancellations take back what they cancel, and nothing else is summed."""

from __future__ import annotations

from pathlib import Path

from tests.openchronic.building.claim_lines import (
    DOCTOR,
    FLUX,
    LINES,
    QUANTITY,
    STEPS,
    line,
    manifest_of,
    of_claims,
    release_of,
)
from tests.openchronic.building.drawn_rows import drawn
from tests.openchronic.front_door import rows
from tests.openchronic.small_delivery import ALICE, Row, claim

SUMS = drawn("""
    day | lines  | kept | n_lines
    1   | 2      | 2    | 1
    2   | 1 1    | 2    | 2
    3   | 2 -1   | 1    | 2
    4   | 1 -1   | .    | .
    5   | 1 -1 1 | 1    | 3
    6   | -1     | .    | .
    7   | 0      | .    | .
    8   | 1 .    | 1    | 2
""")


def summed(number: int = 0) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Claims and details of ``SUMS``, each line in a flux of its own, for every table and a visit."""
    claims, details = [], []
    for row in SUMS:
        for at, quantity in enumerate(row["lines"].replace(".", "").split(" ")):
            number += 1
            flux = f"01/{4 + at:02}/2021"
            day = f"{row['day'].zfill(2)}/03/2021"
            claims.append(claim(number, ALICE, day, flux=flux) | DOCTOR | {"PRS_ACT_QTE": quantity})
            details += [
                line(table, number, flux=flux) | {QUANTITY[table]: quantity}
                if table in QUANTITY
                else line(table, number, flux=flux)
                for table in LINES
            ]
    return claims, details


def test_cancellations_take_back_what_they_cancel_in_every_kind(tmp_path: Path) -> None:
    release = release_of(tmp_path, *summed())
    found = rows(
        release,
        "SELECT event_type, day(start_date), quantity, n_source_rows, known_date "
        "FROM event WHERE source_table LIKE 'ER%'",
    )
    expected = [
        (kind, int(row["day"]), float(row["kept"]), int(row["n_lines"]), FLUX)
        for kind in ("visit", *STEPS.values())
        for row in SUMS
        if row["kept"]
    ]
    # An act is one per line: its claim says whether it was done or taken back, not how often.
    reduced = {("procedure", 1): 1.0, ("procedure", 3): None}
    expected = [
        (kind, day, reduced.get((kind, day), kept) or 0.0, n, known)
        for kind, day, kept, n, known in expected
        if reduced.get((kind, day), kept)
    ]
    assert sorted(found) == sorted(expected)
    # What the sums took is counted by table: days 4, 6 and 7, and of acts the 3rd too.
    taken = manifest_of(release)["regularised_tables"]
    assert {table: one["lines"] for table, one in taken.items()} == {
        "ER_BIO_F": 4,
        "ER_CAM_F": 6,
        "ER_PRS_F": 4,
        "ER_TIP_F": 4,
        "ER_UCD_F": 4,
    }
    assert {one["cancelling_lines"] for one in taken.values()} == {4}
    assert manifest_of(release)["regularised"]["lines"] == 22


def test_acts_that_differ_in_anything_are_not_summed(tmp_path: Path) -> None:
    day = "10/03/2021"
    claims: list[Row] = [
        claim(1, ALICE, day),
        claim(2, ALICE, day),
        claim(3, ALICE, day, PFS_EXE_NUM="35200009"),
        claim(4, ALICE, day, PFS_PRE_NUM="35100009"),
        claim(5, ALICE, day),
        claim(6, ALICE, day, PFS_PRE_NUM=""),
    ]
    details = [line("CAM", n) for n in (1, 2, 3, 4, 6)] + [line("CAM", 5, CAM_ACT_COD="4")]
    release = release_of(tmp_path, claims, details)
    assert sorted(of_claims(release, "quantity, n_source_rows")) == [(1, 1)] * 4 + [(2, 2)]
    assert rows(release, "SELECT count(DISTINCT event_id) = count(*) FROM event") == [(True,)]
