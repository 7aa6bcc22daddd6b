"""The Health Data Hub's public sample: ten random rows per table, in a layout of its own."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from openchronic.catalogue import load_tables
from tests.openchronic.front_door import build, refused, rows

# The sample lies beside the checkout, unless SNDS_SAMPLE names another place.
BESIDE = Path(__file__).parents[4] / "shared" / "reference" / "hdh-synthetic"
SAMPLE = Path(os.environ.get("SNDS_SAMPLE", BESIDE))

pytestmark = pytest.mark.skipif(
    not SAMPLE.is_dir(), reason=f"no public sample at {SAMPLE} (SNDS_SAMPLE names another place)"
)


# Its values are random, whatever they mean: all ages and delays here have ten digits and decimals,
# so that these tables have no valid line.
WITHOUT_GOOD_LINES = ("T_SSR", "T_HAD", "T_RIP")


def test_a_table_of_the_sample_without_a_good_line_is_refused(releases: Path) -> None:
    message = refused(SAMPLE, releases, "--max-rejects", "1")
    assert "10 of 10 lines cannot be read (100.00 %, none may be)" in message
    assert message.rsplit("openchronic: ")[-1].startswith(WITHOUT_GOOD_LINES)
    assert "not a whole number (like 9999999999.9999)" in message


def test_the_public_sample_builds_and_every_line_is_accounted_for(
    releases: Path, tmp_path: Path
) -> None:
    left_out = shutil.ignore_patterns(*(f"{one}*" for one in WITHOUT_GOOD_LINES))
    source = shutil.copytree(SAMPLE, tmp_path / "sample", ignore=left_out)
    answer = build(source, releases, "--max-rejects", "1")
    assert answer.status == 0, answer.text
    assert "DCIR and DCIRS are both here: DCIR (ER_*) is used" in answer.err
    assert "no IR_PHA_R: drug codes have no ATC class" in answer.err
    release = (releases / "snds" / "current").resolve()
    manifest = json.loads((release / "manifest.json").read_text())
    lines = {name: one["rows"] for name, one in manifest["rows_read"].items()}
    assert lines == dict.fromkeys(lines, 10)
    absent = {"IR_BEN_R_ARC", "IR_IBA_R", "IR_PHA_R", "PASSAGE"}
    assert set(lines) == {
        name
        for name, table in load_tables().items()
        if table.product != "DCIRS"
        and name not in absent
        and not name.startswith(WITHOUT_GOOD_LINES)
    }
    assert "CT_IND_AAAA_GN: a file whose name says no year, not compared" in answer.err
    assert manifest["years"]
    assert all(one["expected"] == one["found"] for one in manifest["assertions"])
    assert rows(release, "SELECT count(*) > 0 FROM event WHERE event_type = 'birth'") == [(True,)]
