"""Netting of claim lines: cancellations are subtracted from what they cancel, and no other lines are summed."""

from __future__ import annotations

from pathlib import Path

from tests.openchronic.build.claim_lines import (
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
from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.front_door import openchronic, rows
from tests.openchronic.small_delivery import ALICE, METFORMIN, Row, claim, pack

SUMS = drawn("""
    day | lines  | kept | n_lines
    1   | 2      | 2    | 1
    2   | 1 1    | 2    | 2
    3   | 2 -1   | 1    | 2
    4   | 1 -1   | .    | .
    5   | 1 -1 1 | 1    | 3
    6   | -1     | .    | .
    7   | 0      | .    | .
    8   | 1 .    | 2    | 2
""")


def summed(number: int = 0) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Returns claims and details of ``SUMS``, each line in a flux of its own, for every table and a visit."""
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
    assert sorted(found) == sorted(expected)
    # The netting is counted by table: days 4, 6 and 7.
    taken = manifest_of(release)["regularised_tables"]
    assert {table: one["lines"] for table, one in taken.items()} == dict.fromkeys(
        ("ER_BIO_F", "ER_CAM_F", "ER_PRS_F", "ER_TIP_F", "ER_UCD_F"), 4
    )
    assert {one["cancelling_lines"] for one in taken.values()} == {4}
    assert {one["below_zero"] for one in taken.values()} == {1}
    assert manifest_of(release)["regularised"]["lines"] == 20
    told = openchronic("filters", release).out
    assert "5 sums stay below zero: they cancel more" in told


def of_days(
    folder: Path, text: str, *, table: str = "CAM", own: bool = True
) -> list[tuple[object, ...]]:
    """Returns the events of a drawn table of lines: day, quantity, executor, number of lines."""
    claims, details = [], []
    for number, row in enumerate(drawn(text), start=1):
        flux = f"01/{3 + int(row['flux']):02}/2021"
        quantity, role = row["quantity"], row.get("role", "1")
        claims.append(
            claim(number, ALICE, f"{row['day'].zfill(2)}/03/2021", flux=flux)
            | DOCTOR
            | {"PFS_EXE_NUM": row["by"], "PFS_PRE_NUM": row.get("from", "")}
            | {"PRS_ACT_QTE": quantity, "PRS_NAT_REF": "3301"}
        )
        if table == "PHA":
            details.append(pack(number, METFORMIN, int(quantity), flux=flux))
            continue
        told = {QUANTITY[table]: quantity} if table in QUANTITY else {}
        told |= {"CAM_ACT_COD": role} if table == "CAM" else {}
        details.append(line(table, number, flux=flux) | told)
    release = release_of(folder, claims, details)
    what = "provider_id" if own else "NULL"
    query = f"day(start_date), quantity, {what}, n_source_rows, flags"
    return sorted(of_claims(release, query))


def test_a_cancellation_by_somebody_else_cancels_all_the_same(tmp_path: Path) -> None:
    """Salaried executors are 00000000; a line that is billed again has the second executor."""
    lines = """
        day | flux | quantity | by       | from
        1   | 1    | 1        | 35200001 | 35100001
        1   | 2    | -1       | 00000000 | 35100001
        2   | 1    | 1        | 35200001 | 35100001
        2   | 2    | -1       | 35200001 | .
        3   | 1    | 1        | 35200001 | 35100001
        3   | 2    | -1       | 35200001 | 35100001
        3   | 2    | 1        | 35200009 | 35100001
        4   | 1    | 1        | 35200001 | 35100001
        4   | 3    | -1       | 00000000 | .
        4   | 2    | 1        | 35200009 | 35100001
        5   | 1    | 3        | 35200001 | 35100001
        5   | 2    | -1       | .        | .
        5   | 3    | -1       | 00000000 | .
        6   | 1    | -2       | 00000000 | 35100001
        6   | 2    | 1        | 35200001 | 35100001
    """
    expected = [
        (3, 1, "35200009", 1, None),
        # Of two candidates, the earliest known is cancelled.
        (4, 1, "35200009", 1, None),
        (5, 1, "35200001", 1, "regularised"),
    ]
    for table in ("CAM", "BIO", "TIP"):
        assert of_days(tmp_path / table, lines, table=table) == expected, table
    # The provider of a drug is the prescriber, who is the same here.
    of_drugs = [(day, number, None, n, flags) for day, number, _, n, flags in expected]
    for table in ("PHA", "UCD"):
        assert of_days(tmp_path / table, lines, table=table, own=False) == of_drugs, table


def test_the_anaesthesia_of_an_act_does_not_cancel_the_act(tmp_path: Path) -> None:
    """A cancellation that does not name the part of an act cancels any part."""
    lines = """
        day | flux | quantity | by       | role
        1   | 1    | 1        | 35200001 | 1
        1   | 2    | -1       | 35200009 | 4
        2   | 1    | 1        | 35200001 | 1
        2   | 2    | -1       | 35200009 | 1
        2   | 2    | 1        | 35200009 | 4
    """
    release = of_days(tmp_path, lines)
    assert release == [(1, 1, "35200001", 1, None), (2, 1, "35200009", 1, None)]


def test_a_claim_of_two_acts_is_two_acts_however_many_lines_say_so(tmp_path: Path) -> None:
    """The lines of a claim share its number of acts: none of them repeats it."""
    acts = [claim(n, ALICE, f"{n:02}/03/2021", PRS_ACT_QTE="2") for n in (1, 2, 3)]
    lines = [
        line("CAM", 1),
        *(line("CAM", 2, order=n) for n in (1, 2)),
        line("CAM", 3),
        line("CAM", 3, order=2, CAM_ACT_COD="4"),
    ]
    release = release_of(tmp_path, acts, lines)
    found = sorted(of_claims(release, "day(start_date), code_role, quantity, n_source_rows"))
    assert found == [(1, "1/0", 2, 1), (2, "1/0", 2, 2), (3, "1/0", 2, 1), (3, "4/0", 2, 1)]


def test_a_line_that_does_not_say_how_many_is_one(tmp_path: Path) -> None:
    """The sign comes from the acts or the amounts of the claim; the line is flagged."""
    claims = [
        claim(1, ALICE, "01/03/2021", PRS_ACT_QTE=""),
        claim(2, ALICE, "02/03/2021", PRS_ACT_QTE=""),
        claim(3, ALICE, "02/03/2021", PRS_ACT_QTE="", PRS_PAI_MNT="-10.50", BSE_REM_MNT="-6.82"),
    ]
    claims = [one | DOCTOR for one in claims]
    details = [line(table, n) for n in (1, 2, 3) for table in LINES]
    details += [pack(n, METFORMIN) for n in (1, 2, 3)]
    names = {*QUANTITY.values(), "PHA_ACT_QSN"}
    details = [{k: v for k, v in one.items() if k not in names} for one in details]
    release = release_of(tmp_path, claims, details)
    found = sorted(of_claims(release, "event_type, day(start_date), quantity, flags"))
    assert found == [
        (kind, 1, 1, "quantity_assumed") for kind in sorted(("visit", "drug", *STEPS.values()))
    ]


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
