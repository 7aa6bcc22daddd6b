"""Quotes enclose fields where all quotes of a file do, and are characters elsewhere: none swallows later rows."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.openchronic.front_door import built, refused, rows
from tests.openchronic.small_delivery import ALICE, METFORMIN, claim, drug, pack, plain, write

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
# The labels of drugs as written, one or more per file, and as they are.
LABELS: dict[str, tuple[list[str], list[str]]] = {
    "within": (['DOLI "FORT" 1G'], ['DOLI "FORT" 1G']),
    "around a word": (['"FORT" DOLI'], ['"FORT" DOLI']),
    "a lone one within": (['BANDE 10" X 4'], ['BANDE 10" X 4']),
    "a lone one that opens": (['"BANDE 10 X 4', "B", "C"], ['"BANDE 10 X 4', "B", "C"]),
    "a lone one that closes": (['BANDE 10 X 4"', "B"], ['BANDE 10 X 4"', "B"]),
    "two that would tie lines together": (['"BANDE', "B", 'C"'], ['"BANDE', "B", 'C"']),
    "two that open": (['"BANDE', '"B', "C"], ['"BANDE', '"B', "C"]),
    "well formed": (['"BANDE ""10""; 4"', "B"], ['BANDE "10"; 4', "B"]),
    "over lines": (['"BANDE\n\n10"', "B"], ["BANDE\n\n10", "B"]),
    "empty": (['""', "B"], ["B"]),
    "two on either side": (["A", '""B""'], ["A", '""B""']),
    "in the last line": (["A", '"B'], ["A", '"B']),
}


@pytest.fixture(scope="module")
def of_quotes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in which each file of drugs has its own kind of quotes; half of the files are compressed."""
    folder = tmp_path_factory.mktemp("quotes")
    files = plain()
    del files["IR_PHA_R.CSV"]
    for place, (name, (labels, _)) in enumerate(LABELS.items()):
        files[f"IR_PHA_R_{name}.CSV"] = [
            drug(code(place, number), "A10BA02", label) for number, label in enumerate(labels)
        ]
    codes = [
        code(place, one)
        for place, (labels, _) in enumerate(LABELS.values())
        for one in range(len(labels))
    ]
    # A release has the labels of dispensed drugs.
    files[CLAIMS] = [claim(one, ALICE, "10/03/2021") for one in range(1, len(codes) + 1)]
    files[PACKS] = [pack(one, name) for one, name in enumerate(codes, start=1)]
    source = write(folder / "delivery", files)
    for name in list(LABELS)[::2]:
        path = source / f"IR_PHA_R_{name}.CSV"
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    return built(source, folder / "out")


def code(place: int, number: int) -> str:
    return f"34009{place:04}{number:04}"


@pytest.mark.parametrize("name", LABELS)
def test_no_row_is_lost_and_each_label_is_what_was_written(of_quotes: Path, name: str) -> None:
    place = list(LABELS).index(name)
    labels, expected = LABELS[name]
    found = rows(
        of_quotes,
        f"SELECT label FROM code WHERE code LIKE '34009{place:04}%' AND label IS NOT NULL "  # noqa: S608
        "ORDER BY code",
    )
    assert [label for (label,) in found] == expected
    inputs = json.loads((of_quotes / "manifest.json").read_text())["inputs"]
    (one,) = (one for one in inputs if f"IR_PHA_R_{name}.CSV" in one["file"])
    assert (one["rows"], one["kept"]) == (len(labels), len(labels))
    as_characters = any("quotes are read as characters" in note for note in one["notes"])
    assert as_characters == (name not in ("well formed", "over lines", "empty"))


def test_a_lone_quote_far_behind_the_first_lines_swallows_nothing(
    delivery: Path, releases: Path
) -> None:
    claims = [claim(one, ALICE, "10/03/2021") for one in range(1, 6001)]
    claims[5000]["PFS_EXE_NUM"] = '"35200001'
    packs = [pack(one, METFORMIN) for one in range(1, 6001)]
    write(
        delivery,
        {CLAIMS: claims, PACKS: packs},
    )
    release = built(delivery, releases)
    assert rows(release, "SELECT count(*) FROM cost") == [(6000,)]
    assert rows(release, "FROM reject") == []


def test_a_quote_that_is_not_doubled_in_a_file_of_quoted_fields_is_refused_with_its_line(
    delivery: Path, releases: Path
) -> None:
    path = delivery / "PMSI/T_MCO21D.CSV"
    header, line = path.read_text().splitlines()
    quoted = ['"' + one.replace(";", '";"') + '"' for one in (header, line, line, line)]
    quoted[2] = quoted[2].replace("E119", 'E1"19')
    path.write_text("\n".join(quoted) + "\n")
    message = refused(delivery, releases)
    assert "PMSI/T_MCO21D.CSV, line 3: a quote stands where no field begins or ends" in message
