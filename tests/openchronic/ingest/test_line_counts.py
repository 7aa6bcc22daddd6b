"""The rows read equal the rows delivered, by a count of line ends independent of the reader, whatever the file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from openchronic.ingest import lines
from openchronic.ingest.scanning import Walk
from tests.openchronic.front_door import build, built, openchronic, refused, rows
from tests.openchronic.parquet_delivery import all_strings, as_parquet
from tests.openchronic.small_delivery import ALICE, METFORMIN, claim, drug, pack, plain, write

PACKS = "DCIR_2021/ER_PHA_F_2021.CSV"
DRUGS = "IR_PHA_R.CSV"


@pytest.fixture(scope="module")
def delivery_of_odd_lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of packs, each with its own kind of odd lines, and names of drugs with quotes."""
    files = plain()
    del files[PACKS]
    folder = tmp_path_factory.mktemp("odd")
    for place, name in enumerate(ODD):
        files[f"DCIR_2021/ER_PHA_F_2021-{name}.CSV"] = [
            pack(10 * place + one, METFORMIN) for one in (1, 2, 3)
        ]
    files[DRUGS] = [drug(METFORMIN, "A10BA02", '"METFORMINE ""FORTE""')]
    source = write(folder / "delivery", files)
    for name, (change, _) in ODD.items():
        path = source / f"DCIR_2021/ER_PHA_F_2021-{name}.CSV"
        path.write_bytes(change(path.read_bytes()))
    drugs = source / DRUGS
    drugs.write_bytes(drugs.read_bytes().replace(b'FORTE""', b'FORTE""\n1 G"'))
    packed = source / "DCIR_2021/ER_PHA_F_2021-packed.CSV"
    packed.with_name(f"{packed.name}.gz").write_bytes(gzip.compress(packed.read_bytes()))
    packed.unlink()
    return source


def header_again(data: bytes) -> bytes:
    header, first, rest = data.split(b"\n", 2)
    return b"\n".join([header, first, b"\xef\xbb\xbf" + header, rest])


# The change of three lines of packs; and the counts: delivered, blank, rows, kept.
ODD: dict[str, tuple[Any, tuple[int, int, int, int]]] = {
    "plain": (lambda data: data, (4, 0, 3, 3)),
    "no last end": (lambda data: data[:-1], (4, 0, 3, 3)),
    "blank lines": (lambda data: data.replace(b"\n", b"\n\n", 2) + b"\n\n", (8, 4, 3, 3)),
    "blank lines of Windows": (
        lambda data: (data + b"\n").replace(b"\n", b"\r\n"),
        (5, 1, 3, 3),
    ),
    "mixed ends": (lambda data: data.replace(b"\n", b"\r\n", 2), (4, 0, 3, 3)),
    "two returns": (lambda data: data.replace(b"\n", b"\r\r\n"), (4, 0, 3, 3)),
    "header again": (header_again, (5, 0, 4, 3)),
    "packed": (lambda data: data[:-1], (4, 0, 3, 3)),
    "separators at the ends": (lambda data: data.replace(b"\n", b";\n"), (4, 0, 3, 3)),
    "separators at the ends of lines": (
        lambda data: data.replace(b"\n", b";\n").replace(b";\n", b"\n", 1),
        (4, 0, 3, 3),
    ),
    "separator at the end of the header": (
        lambda data: data.replace(b"\n", b";\n", 1),
        (4, 0, 3, 3),
    ),
}


@pytest.fixture(scope="module")
def of_odd_lines(delivery_of_odd_lines: Path) -> Path:
    return built(delivery_of_odd_lines, delivery_of_odd_lines.parent / "out")


def input_of(release: Path, name: str) -> dict[str, Any]:
    inputs = json.loads((release / "manifest.json").read_text())["inputs"]
    (found,) = (one for one in inputs if name in one["file"])
    return dict(found)


@pytest.mark.parametrize("name", ODD)
def test_each_line_of_a_file_is_told(of_odd_lines: Path, name: str) -> None:
    one = input_of(of_odd_lines, f"2021-{name}.CSV")
    count = one["count"]
    found = (count["delivered"], count["blank"], one["rows"], one["kept"])
    assert found == ODD[name][1]
    assert count["by"] == "line ends"
    assert count["header"] == 1


def test_line_ends_within_quotes_are_told(of_odd_lines: Path) -> None:
    count = input_of(of_odd_lines, DRUGS)["count"]
    assert (count["delivered"], count["within"]) == (3, 1)
    label = rows(of_odd_lines, f"SELECT label FROM code WHERE code = '{METFORMIN}'")  # noqa: S608
    assert label == [('METFORMINE "FORTE"\n1 G',)]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no last end", "the last line has no end"),
        ("blank lines", "4 lines are blank"),
        ("mixed ends", "lines end in more than one way"),
        ("two returns", "lines end in more than one way"),
        ("packed", "the last line has no end"),
        ("separators at the ends of lines", "lines end with a separator more than the header"),
        ("plain", None),
    ],
)
def test_what_is_odd_about_a_file_is_noted(
    of_odd_lines: Path, name: str, sentence: str | None
) -> None:
    notes = input_of(of_odd_lines, f"2021-{name}.CSV")["notes"]
    assert [note for note in notes if sentence and sentence in note] or not (sentence or notes)


def test_a_header_among_lines_of_numbers_is_told_and_no_line_lost(of_odd_lines: Path) -> None:
    found = rows(of_odd_lines, "SELECT file, column_name, reason, n_lines, first_lines FROM reject")
    assert found == [("DCIR_2021/ER_PHA_F_2021-header again.CSV", "", "header repeated", 1, [3])]


def test_the_reconciliation_shows_the_terms_of_each_file_and_the_build_its_notes(
    of_odd_lines: Path, delivery_of_odd_lines: Path, tmp_path: Path
) -> None:
    wide = {"COLUMNS": "200"}
    answer = openchronic(
        "info", "--releases", of_odd_lines.parent.parent, "--reconciliation", env=wide
    )
    assert answer.status == 0, answer.text
    assert "Rows by file" in answer.out
    (line,) = (one for one in answer.out.splitlines() if "2021-blank lines.CSV" in one)
    assert line.split()[-8:] == ["8", "1", "4", ".", "3", ".", "3", "."]
    said = build(delivery_of_odd_lines, tmp_path / "again")
    assert "note: DCIR_2021/ER_PHA_F_2021-blank lines.CSV: 4 lines are blank" in said.err


def test_a_reader_that_loses_a_row_stops_the_build(delivery: Path, releases: Path) -> None:
    blind = (
        "from openchronic.ingest import reading, raw\n"
        "whole = raw.raw_rows\n"
        "reading.raw_rows = lambda *a, **k: f'SELECT * FROM ({whole(*a, **k)}) WHERE _record <> 2'"
    )
    write(delivery, {PACKS: [pack(one, METFORMIN) for one in (1, 2, 3)]})
    answer = build(delivery, releases, before=blind)
    assert answer.status == 1, answer.text
    assert "3 rows by line ends (4 lines less 1 header, 0 blank" in answer.err
    assert "and 2 were read: 1 are lost" in answer.err


def test_rows_of_parquet_are_those_of_its_footer(delivery: Path, tmp_path: Path) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", all_strings)
    one = input_of(built(other, tmp_path / "out"), "er_prs_f_2021.parquet")
    assert one["count"] == {
        "by": "the footer of the Parquet file",
        "delivered": 1,
        "header": 0,
        "blank": 0,
        "within": 0,
    }


def test_a_file_that_ends_within_its_last_line_is_still_a_cut_file(
    delivery: Path, releases: Path
) -> None:
    path = delivery / PACKS
    path.write_bytes(path.read_bytes().rsplit(b";", 1)[0])
    assert f"{PACKS}, line 2: the last line has" in refused(delivery, releases)


def test_a_carriage_return_alone_is_refused_with_its_line(delivery: Path, releases: Path) -> None:
    write(delivery, {PACKS: [pack(one, METFORMIN) for one in (1, 2, 3)]})
    data = (delivery / PACKS).read_bytes()
    (delivery / PACKS).write_bytes(data.replace(b"\n", b"\r").replace(b"\r", b"\n", 1))
    assert f"{PACKS}, line 2: a carriage return (CR) within the line" in refused(delivery, releases)


def test_a_zero_byte_names_its_column(delivery: Path, releases: Path) -> None:
    path = delivery / "DCIR_2021/ER_PRS_F_2021.CSV"
    write(
        delivery,
        {"DCIR_2021/ER_PRS_F_2021.CSV": [claim(1, ALICE, "10/03/2021", PFS_EXE_NUM="35\0")]},
    )
    message = refused(delivery, releases)
    assert f"{path.relative_to(delivery)}, line 2, column PFS_EXE_NUM: byte 0x00" in message


TEXTS = {
    "quotes": b'a;b;c\n1;"2\n2";3\n"";"x ""y"" ;z";\n',
    "a lone quote": b'a;b;c\n1;"2;3\n4;5;6\n7;8;9\n',
    "quotes two lines apart": b'a;b;c\n1;"2;3\n4;5;6\n7;8";9\n1;2;3\n',
    "words": b"a;b;c\nNA;NULL;\\N\n1;3.4E12;x\n",
    "line ends": b"a;b;c\r\n1;2;3\n\n\r\n4;5;6\r\r\n7;8;9",
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_what_is_counted_does_not_depend_on_where_a_block_ends(name: str, size: int) -> None:
    header, rest = TEXTS[name].split(b"\n", 1)

    def counted(size: int) -> lines.Lines:
        walk = Walk("text")
        walk.take(header + b"\n")
        for place in range(0, len(rest), size):
            walk.take(rest[place : place + size])
        return walk.finish(sha256="", size=0, gzipped=False).counted

    assert counted(size) == counted(len(rest))
