"""Of a month more, only the days of its claims are made again; files of other years are those of the release before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.openchronic.build.test_transports import ride, taxi
from tests.openchronic.front_door import build, built, everything, openchronic, rows
from tests.openchronic.small_delivery import ALICE, Files, claim, plain, write

KEEPING = ("--keep-parts",)
# Python for the build's own process: a disk that knows no hard links.
NO_LINKS = (
    "import os\ndef no(*a, **k): raise OSError(18, 'Invalid cross-device link')\nos.link = no\n"
)
VISIT = {"PRS_NAT_REF": "1111"}
CLAIMS, RIDES, NEXT = (
    "DCIR_2021/ER_PRS_F_2021.CSV",
    "DCIR_2021/ER_TRS_F_2021.CSV",
    "DCIR_2021/ER_PRS_F_202105.CSV",
)
FLUX = "01/05/2021"
# The file of what comes before the first year that the claims cover.
EARLIER = "earlier.parquet"


def visit(number: int, day: str, **other: str) -> dict[str, str]:
    return claim(number, ALICE, day) | VISIT | other


def before() -> Files:
    """Two years of visits, and a ride that began on the day before its care."""
    visits = [visit(n, f"{n:02}/11/2020") for n in range(1, 13)]
    visits += [visit(n, f"{n - 20:02}/03/2021") for n in range(21, 33)]
    return {
        **plain(),
        CLAIMS: [*plain()[CLAIMS], *visits, taxi(50, "20/03/2021")],
        RIDES: [ride(50, "35000", "22000", TRS_DTD_DTE="19/03/2021", TRS_DTF_DTE="20/03/2021")],
    }


CASES: dict[str, Files] = {
    "a visit": {NEXT: [visit(77, "11/04/2021", FLX_DIS_DTD=FLUX)]},
    "a visit on the day on which a ride began": {NEXT: [visit(77, "19/03/2021", FLX_DIS_DTD=FLUX)]},
    "a cancellation by another executor": {
        NEXT: [
            visit(
                *(77, "05/03/2021"),
                FLX_DIS_DTD=FLUX,
                PFS_EXE_NUM="35200002",
                PRS_ACT_QTE="-1",
                PRS_PAI_MNT="-10.50",
                BSE_REM_MNT="-6.82",
            )
        ]
    },
    "a ride of a claim of before": {
        RIDES: [ride(50, "35000", "22000", TRS_DTD_DTE="18/03/2021", TRS_DTF_DTE="20/03/2021")]
    },
    "claims less": {CLAIMS: [*plain()[CLAIMS], *before()[CLAIMS][3:]]},
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "snds", before())


def inodes(release: Path, table: str) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in release.glob(f"{table}/*/*.parquet")}


@pytest.mark.parametrize("more", CASES.values(), ids=CASES)
def test_a_base_that_grows_is_the_one_that_is_built_whole(
    source: Path, releases: Path, tmp_path: Path, more: Files
) -> None:
    built(source, releases, *KEEPING)
    write(source, more)
    assert everything(built(source, releases, *KEEPING)) == everything(
        built(source, tmp_path / "whole")
    )


def test_the_files_of_years_without_a_claim_of_the_month_are_linked_and_outlive_the_release_before(
    source: Path, releases: Path, tmp_path: Path
) -> None:
    first = built(source, releases, *KEEPING)
    write(source, CASES["a visit"])
    second = built(source, releases, *KEEPING)
    for table in ("event", "cost"):
        old, new = inodes(first, table), inodes(second, table)
        assert old[EARLIER] == new[EARLIER]
        assert old["2021.parquet"] != new["2021.parquet"]
    kept = everything(second)
    assert openchronic("prune", releases, "--keep", "1").status == 0
    assert not first.exists()
    assert everything(second) == kept
    assert kept == everything(built(source, tmp_path / "whole"))


def build_of(source: Path, releases: Path, broken: str) -> Path:
    answer = build(source, releases, *KEEPING, before=broken)
    assert answer.status == 0, answer.text
    return (releases / "snds" / "current").resolve()


def no_links(_releases: Path) -> str:
    return NO_LINKS


def a_file_lost(releases: Path) -> str:
    standing = releases / "snds" / ".work" / "private" / "standing"
    next(iter(standing.rglob(f"event/{EARLIER}"))).unlink()
    return ""


def a_note_that_no_program_wrote(releases: Path) -> str:
    standing = releases / "snds" / ".work" / "private" / "standing"
    for note in (*standing.rglob("*.pickle"), standing / "sums.json"):
        note.write_text("no such thing")
    return ""


@pytest.mark.parametrize("hurt", [no_links, a_file_lost, a_note_that_no_program_wrote])
def test_what_cannot_be_linked_or_was_damaged_is_copied_or_made_again(
    source: Path, releases: Path, tmp_path: Path, hurt: Callable[[Path], str]
) -> None:
    first = built(source, releases, *KEEPING)
    broken = hurt(releases)
    write(source, CASES["a visit"])
    second = build_of(source, releases, broken)
    assert inodes(first, "event")[EARLIER] != inodes(second, "event")[EARLIER]
    assert everything(second) == everything(built(source, tmp_path / "whole"))


def test_what_is_kept_of_a_base_can_be_read_by_its_builder_alone(
    source: Path, releases: Path
) -> None:
    release = built(source, releases, *KEEPING)
    standing = releases / "snds" / ".work" / "private" / "standing"
    assert (releases / "snds" / ".work").stat().st_mode & 0o777 == 0o700
    assert standing.is_dir()
    assert rows(release, "FROM event SELECT count(*) WHERE event_type = 'transport'") == [(1,)]
    # A build that keeps nothing leaves nothing.
    write(source, CASES["a visit"])
    built(source, releases)
    assert not standing.exists()
