"""Finished parts stay for the next build: private, told, and never for another content."""

from __future__ import annotations

from pathlib import Path

from tests.openchronic.front_door import build, built, everything
from tests.openchronic.small_delivery import ALICE, claim, write

KEEPING = ("--keep-parts",)
NEXT_MONTH = "DCIR_2021/ER_PRS_F_202105.CSV"
NEW_CLAIM = claim(77, ALICE, "11/04/2021") | {"FLX_DIS_DTD": "01/05/2021"}
SAID = "claims 1 of 2 groups of months, hospital stays 0 of 1 years"


def test_a_month_more_makes_again_its_own_claims_and_says_so(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    first = build(delivery, releases, *KEEPING)
    assert "to make again" not in first.err
    private = releases / "snds" / ".work" / "private"
    assert private.stat().st_mode & 0o777 == 0o700
    assert private.parent.stat().st_mode & 0o777 == 0o700
    made = {path: path.stat().st_mtime_ns for path in private.glob("claim_line/*/*/*.parquet")}
    assert made
    write(delivery, {NEXT_MONTH: [NEW_CLAIM]})
    second = build(delivery, releases, *KEEPING)
    assert second.status == 0, second.text
    assert SAID in second.err
    assert all(path.stat().st_mtime_ns == moment for path, moment in made.items())
    whole = built(delivery, tmp_path / "whole")
    assert everything((releases / "snds" / "current").resolve()) == everything(whole)
    assert not (tmp_path / "whole" / "snds" / ".work").exists()
    # The month is withdrawn: nothing of it may be left.
    (delivery / NEXT_MONTH).unlink()
    less = built(delivery, releases, *KEEPING)
    assert everything(less) == everything(built(delivery, tmp_path / "less"))


def test_damaged_parts_are_made_again(delivery: Path, releases: Path) -> None:
    release = built(delivery, releases, *KEEPING)
    private = releases / "snds" / ".work" / "private"
    (private / "build.duckdb").write_bytes(b"no database" * 1000)
    for part in private.glob("claim_line/*/*/*.parquet"):
        part.unlink()
    again = build(delivery, releases, "--population", "observed", *KEEPING)
    assert again.status == 0, again.text
    assert "is damaged: all are made again" in again.err
    assert built(delivery, releases, *KEEPING) == release
