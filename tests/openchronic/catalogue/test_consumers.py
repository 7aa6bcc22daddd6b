"""A table with an entry is read, missed, described, reconciled and synthesised like the others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.small_delivery import ALICE, claim, key, pack, plain, write

ENTRY = """
product = "DCIR"
place = 75
period = "flux_year"
key = ["FLX_DIS_DTD", "DCT_ORD_NUM", "ZON_ORD_NUM"]
unique = false
patterns = ["ER_ZON_F_{yyyy}.CSV"]
meaning = "one row per zone"
meaning_fr = "une ligne par zone"
used_for = "zones"
used_for_fr = "voir les zones"
source = "a test"

[need]
level = "useful"
without = "no zones"
month_without = "no zone"

[lines]
role = "stored"
read_for = "zones, for those who ask"
of = "ER_PRS_F"

[columns]
FLX_DIS_DTD = { required = true }
DCT_ORD_NUM = { required = true }
ZON_ORD_NUM = { type = "integer", without = "zones have no order", meaning = "order", meaning_fr = "rang de la zone" }
ZON_SIZ_NBR = { type = "integer", meaning = "size", meaning_fr = "taille de la zone" }
"""
MODEL = "SELECT file_year, CLE_DCI_JNT AS DCT_ORD_NUM, FLX_DIS_DTD FROM simple_line\n"
CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
MAY = "01/05/2021"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one more file."""
    source = Path(str(resources.files("openchronic")))
    root = tmp_path_factory.mktemp("package")
    shutil.copytree(source, root / "openchronic", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "openchronic/catalogue/tables/ER_ZON_F.toml").write_text(ENTRY, "utf-8")
    return root


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    claims = [claim(1, ALICE, "10/03/2021"), claim(2, ALICE, "10/04/2021", flux=MAY)]
    packs = [pack(1, "3400930000001"), pack(2, "3400930000001", flux=MAY)]
    return write(tmp_path_factory.mktemp("snds"), {**plain(), CLAIMS: claims, PACKS: packs})


@pytest.fixture(scope="module")
def zoned(delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The delivery with this table, in which one value is bad and one column is missing."""
    folder = shutil.copytree(delivery, tmp_path_factory.mktemp("zoned") / "snds")
    flux = key(1, "01/04/2021")["FLX_DIS_DTD"]
    rows = [f"{flux};1;12", f"{flux};2;wide", f"{flux};3;7"]
    (folder / "ER_ZON_F_2021.CSV").write_text(
        "\n".join(["FLX_DIS_DTD;DCT_ORD_NUM;ZON_SIZ_NBR", *rows, ""]), "utf-8"
    )
    return folder


def run(package: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )


def said(package: Path, *arguments: object) -> str:
    answer = run(package, "-m", "openchronic", *arguments)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_inspect_knows_its_files_and_what_its_absence_costs(
    package: Path, delivery: Path, zoned: Path
) -> None:
    without = json.loads(said(package, "inspect", delivery, "--json"))
    lacking = {one["table"]: one["without"] for one in without["missing"]}
    assert lacking["ER_ZON_F"] == "no zones"
    report = json.loads(said(package, "inspect", zoned, "--json"))
    (found,) = [one for one in report["tables"] if one["table"] == "ER_ZON_F"]
    assert found["years"] == [2021]
    assert found["without_columns"] == {"ZON_ORD_NUM": "zones have no order"}
    assert "ER_ZON_F" not in {one["table"] for one in report["missing"]}


def test_a_build_reads_it_reconciles_its_lines_and_tells_its_gaps(
    package: Path, zoned: Path, tmp_path: Path
) -> None:
    said(package, "build", zoned, tmp_path, "--quiet", "--max-rejects", "0.5", "--buckets", "1")
    release = tmp_path / "snds" / "current"
    manifest: dict[str, Any] = json.loads((release / "manifest.json").read_text("utf-8"))
    assert manifest["rows_read"]["ER_ZON_F"] == {"rows": 3, "kept": 2}
    (lines,) = [one for one in manifest["reconciliation"] if one["table"] == "ER_ZON_F"]
    assert (lines["role"], lines["rows"], lines["rejected"]) == ("stored", 3, 1)
    assert any(
        note.startswith("ER_ZON_F has no line in 1 month") and note.endswith("no zone there")
        for note in manifest["notes"]
    )
    assert "stored: zones, for those who ask" in " ".join(
        said(package, "info", "--releases", tmp_path, "--reconciliation").split()
    )


def test_the_dictionary_describes_it(package: Path) -> None:
    text = said(package, "describe", "ER_ZON_F")
    assert text.startswith("ER_ZON_F : une ligne par zone")
    assert "taille de la zone" in text
    assert "ER_ZON_F" in said(package, "describe")


def test_a_model_is_all_that_an_extraction_needs_to_hold_it(package: Path) -> None:
    asked = (
        "from openchronic.synth.deliveries import tables_of\n"
        "print(*(one.name for one in tables_of('portal')))"
    )
    assert "ER_ZON_F" not in run(package, "-c", asked).stdout.split()
    model = package / "openchronic/synth/sql/deliveries/ER_ZON_F.sql"
    model.write_text(MODEL, "utf-8")
    try:
        assert "ER_ZON_F" in run(package, "-c", asked).stdout.split()
    finally:
        model.unlink()


def test_a_wrong_entry_stops_whoever_asks_with_its_file_and_line(package: Path) -> None:
    entry = package / "openchronic/catalogue/tables/ER_ZON_F.toml"
    entry.write_text(ENTRY.replace("unique", "uniqe"), "utf-8")
    try:
        answer = run(package, "-m", "openchronic", "describe")
    finally:
        entry.write_text(ENTRY, "utf-8")
    assert "tables/ER_ZON_F.toml, line 6: unknown key uniqe" in answer.stderr
