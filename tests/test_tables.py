"""The tables of recorded results that a run prints."""

from pathlib import Path

import pytest

from tests.server import tables
from tests.server.escapes import attack


def test_rows_are_kept_as_they_come_and_shown_in_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROOT", tmp_path)
    tables.add_row("faults", {"fault": "kill -9 hub", "seconds": 2.04, "lost": 0})
    tables.add_row("faults", {"fault": "power cut", "seconds": 12.5, "lost": 0})
    assert tables.show_table(tables.read_table("faults")).splitlines() == [
        "fault        seconds  lost",
        "───────────  ───────  ────",
        "kill -9 hub      2.0     0",
        "power cut       12.5     0",
    ]
    tables.start_table("faults")
    assert tables.read_table("faults") == []


def test_no_row_is_said() -> None:
    assert tables.show_table([]) == "(no row)"


def test_an_attack_has_the_image_that_it_was_tried_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "ROOT", tmp_path)
    said = {"tried": "find", "answer": "0 found", "stopped_by": "no bit"}
    attack.record("set-uid files", **said, image="rstudio")
    attack.record("the kernel's calls", **said)
    rows = tables.read_table(attack.TABLE)
    assert [row["image"] for row in rows] == ["rstudio", "(host)"]
    assert tables.show_table(rows).splitlines()[0].split()[:2] == ["attack", "image"]
