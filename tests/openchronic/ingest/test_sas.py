"""A delivery of SAS datasets makes the same release as the same delivery in CSV, and is checked as well.

``sas/make.R`` writes the datasets; their values are repeated below.
"""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.openchronic.front_door import build, built, everything, openchronic, refused, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    RAMIPRIL,
    Row,
    claim,
    drug,
    person,
    plain,
    write,
)

SAS = Path(__file__).parent / "sas"
CLAIMS = "ER_PRS_F_2021.sas7bdat"


def expected() -> dict[str, list[Row]]:
    """Returns the rows that ``sas/make.R`` writes, as in CSV."""
    claims: list[Row] = [
        claim(1, ALICE, "10/03/2021", PRE_PRE_DTD="09/03/2021", PSP_SPE_COD="1"),
        claim(2, ALICE, "11/03/2021", PSP_SPE_COD=""),
        claim(3, ALICE, "12/03/2021", PRS_ACT_QTE="-1", PRS_PAI_MNT="-10.50")
        | {"PFS_PRE_NUM": "", "PSP_SPE_COD": ""},
        claim(4, ALICE, "13/03/2021", PRE_PRE_DTD="28/02/2021", PRS_ACT_QTE="2")
        | {"PRS_PAI_MNT": "0.07", "PSP_SPE_COD": ""},
    ]
    return plain() | {
        "IR_BEN_R.CSV": [person(ALICE)],
        "DCIR_2021/ER_PRS_F_2021.CSV": claims,
        "IR_PHA_R.CSV": [
            drug(METFORMIN, "A10BA02", "METFORMINE GÉLULE"),
            drug(RAMIPRIL, "C09AA05", "RAMIPRIL COMPRIMÉ"),
        ],
    }


@pytest.fixture
def sas(tmp_path: Path) -> Path:
    """A copy of the datasets, which may be damaged."""
    return delivered(tmp_path / "sas")


def delivered(folder: Path) -> Path:
    """Writes the delivery of ``expected`` with its people, claims and drugs in SAS."""
    source = write(folder, expected())
    for name in ("IR_BEN_R", "IR_PHA_R", "DCIR_2021/ER_PRS_F_2021"):
        (source / f"{name}.CSV").unlink()
    for path in SAS.glob("*.sas7bdat"):
        shutil.copy(path, source)
    return source


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the unchanged datasets."""
    folder = tmp_path_factory.mktemp("as delivered")
    return built(delivered(folder / "sas"), folder / "out")


def test_sas_datasets_give_the_release_of_the_csv(release: Path, tmp_path: Path) -> None:
    assert everything(release) == everything(
        built(write(tmp_path / "csv", expected()), tmp_path / "csv out")
    )
    inputs = json.loads((release / "manifest.json").read_text())["inputs"]
    (claims,) = (one for one in inputs if one["file"] == CLAIMS)
    assert (claims["format"], claims["rows"], claims["kept"]) == ("sas7bdat", 4, 4)


def test_accents_dates_and_amounts_are_those_of_the_script(release: Path) -> None:
    names = rows(release, "SELECT label FROM code WHERE label LIKE '%É%' ORDER BY 1")
    assert names == [("METFORMINE GÉLULE",)]
    found = rows(release, "SELECT CAST(start_date AS VARCHAR), billed FROM cost ORDER BY 1")
    assert [(day, float(billed)) for day, billed in found] == [
        ("2021-03-10", 10.5),
        ("2021-03-11", 10.5),
        ("2021-03-12", -10.5),
        ("2021-03-13", 0.07),
    ]


def test_latin_1_text_is_read_by_the_encoding_that_the_header_names(
    sas: Path, release: Path, tmp_path: Path
) -> None:
    path = sas / "IR_PHA_R.sas7bdat"
    data = path.read_bytes()
    for text in ("METFORMINE GÉLULE", "RAMIPRIL COMPRIMÉ"):
        assert data.count(text.encode()) == 1
        data = data.replace(text.encode(), text.encode("latin-1") + b" ")
    path.write_bytes(data)
    assert "IR_PHA_R.sas7bdat: text in this SAS dataset is not in the encoding" in refused(
        sas, tmp_path / "mixed"
    )
    # Byte 70 holds the encoding: 20 is UTF-8, 29 Latin-1.
    path.write_bytes(data[:70] + bytes([29]) + data[71:])
    assert everything(built(sas, tmp_path / "latin1")) == everything(release)


def test_a_dataset_is_read_in_parts_without_losing_a_row(
    sas: Path, release: Path, tmp_path: Path
) -> None:
    one_by_one = "import openchronic.ingest.sas; openchronic.ingest.sas.PART_CELLS = 1"
    answer = build(sas, tmp_path / "parts", before=one_by_one)
    assert answer.status == 0, answer.text
    parts = (tmp_path / "parts/snds/current").resolve()
    assert everything(parts) == everything(release)


def test_inspect_says_the_rows_of_the_header(sas: Path) -> None:
    answer = openchronic("inspect", sas, "--json")
    assert answer.status == 0, answer.text
    (claims,) = (one for one in json.loads(answer.out)["tables"] if one["table"] == "ER_PRS_F")
    assert (claims["rows"], claims["rows_are"]) == (4, "counted")
    assert claims["encodings"] == ["utf-8 SAS"]
    assert claims["date_formats"] == ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S"]


def test_a_number_that_is_no_date_is_a_reject_with_its_row(sas: Path, releases: Path) -> None:
    path = sas / CLAIMS
    data = path.read_bytes()
    day = stored(86_400.0 * 22_350)  # 11 March 2021
    assert data.count(day) == 1
    path.write_bytes(data.replace(day, stored(1e300)))
    found = rows(built(sas, releases), "SELECT file, column_name, reason, first_lines FROM reject")
    assert found == [(CLAIMS, "EXE_SOI_DTD", "not a date", [2])]


def stored(value: float) -> bytes:
    return struct.pack("<d", value)


def cut(data: bytes) -> bytes:
    return data[:-4096]


def cut_in_its_header(data: bytes) -> bytes:
    return data[:200]


def wiped(data: bytes) -> bytes:
    return data[:8192] + b"\xff" * 4096 + data[12288:]


def scrambled(data: bytes) -> bytes:
    """Returns a file as encryption leaves it: nobody can read its first page."""
    return data[:8192] + bytes(byte ^ 0x5A for byte in data[8192:])


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda _: b"", "the file is empty (0 bytes)"),
        (lambda _: b"FLX_DIS_DTD;BEN_NIR_PSA\n", "this is not a SAS dataset"),
        (lambda _: b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "transport file (xport)"),
        (lambda _: b"PK\x03\x04" + bytes(99), "but a ZIP archive"),
        (cut, "the SAS dataset was cut"),
        (cut_in_its_header, "the SAS dataset was cut"),
        (wiped, "cannot be read whole: damaged, encrypted"),
        (scrambled, "cannot be read whole: damaged, encrypted"),
    ],
)
def test_a_dataset_that_cannot_be_trusted_is_refused_by_name(
    sas: Path, releases: Path, damage: Callable[[bytes], bytes], sentence: str
) -> None:
    (sas / CLAIMS).write_bytes(damage((sas / CLAIMS).read_bytes()))
    message = refused(sas, releases)
    assert CLAIMS in message
    assert sentence in message
    (problem,) = json.loads(openchronic("inspect", sas, "--json").out)["problems"]
    assert sentence in problem


def test_a_transport_file_is_said_not_to_be_read(sas: Path, releases: Path) -> None:
    (sas / CLAIMS).rename(sas / "ER_PRS_F_2021.xpt")
    message = refused(sas, releases)
    assert "ER_PRS_F_2021.xpt" in message
    assert "SAS datasets (sas7bdat)" in message
