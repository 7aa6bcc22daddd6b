"""The summary of a build: lines and euros by outcome, events, time, memory, and changes."""

from __future__ import annotations

import re
from pathlib import Path

from tests.openchronic.front_door import Answer, build
from tests.openchronic.small_delivery import ALICE, claim, plain, write

WIDE = "import os; os.environ['COLUMNS'] = '120'"


def cells(told: Answer, title: str) -> list[list[str]]:
    """Returns the rows below a title, until the next line without an indent."""
    _, _, below = told.out.partition(f"\n{title} ")
    rows = re.split(r"\n(?! )", f" {below}", maxsplit=1)[0]
    return [line.split() for line in rows.splitlines()[1:]]


def test_a_build_ends_with_its_figures(tmp_path: Path) -> None:
    source, releases = write(tmp_path / "snds", plain()), tmp_path / "releases"
    first = build(source, releases, before=WIDE)
    assert first.status == 0, first.text
    assert first.out.startswith("What became of the delivered lines")
    assert ["stay", "1"] in cells(first, "In the release")
    assert ["ER_PRS_F.PRS_PAI_MNT", "billed", "10.50", "0.00", "0.00", "10.50", "0.00"] in cells(
        first, "Euros"
    )
    steps = {tuple(row[:-4]): row for row in cells(first, "Time") if row[-1].endswith("/s")}
    assert ("claims",) in {name[:1] for name in steps}
    assert re.search(r"\n  \d+\.\d s, peak memory [\d,]+ MB\n", first.out)
    assert "\nChanges" not in first.out

    more = {
        "DCIR_2021/ER_PRS_F_2021.CSV": [
            claim(n, ALICE, "11/03/2021", PRS_NAT_REF="1111") for n in range(2, 20)
        ]
    }
    second = build(write(source, more), releases, before=WIDE)
    assert second.status == 0, second.text
    assert "\nChanges\nsince release " in second.out
    assert ["visit", "0", "…", "…"] in cells(second, "Events")


def test_a_log_tells_each_step_in_one_line(tmp_path: Path) -> None:
    told = build(write(tmp_path / "snds", plain()), tmp_path / "releases")
    assert re.search(r"^reading files: \d+\.\d s, 0\.0 MB, ", told.err, re.MULTILINE), told.err
    assert re.search(r"^claims: \d+\.\d s, 1 month, ", told.err, re.MULTILINE)
    assert "\x1b" not in told.text
