"""A bad delivery is refused with file and line; the old release stays."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.openchronic.front_door import build, built, refused, rows
from tests.openchronic.parquet_delivery import all_strings, as_parquet
from tests.openchronic.small_delivery import ALICE, claim, plain, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"


def test_an_empty_file_is_refused_by_name(delivery: Path, releases: Path) -> None:
    (delivery / CLAIMS).write_bytes(b"")
    assert f"{CLAIMS}: the file is empty (0 bytes, line 1 missing)" in refused(delivery, releases)


def test_claims_with_only_a_header_are_refused(delivery: Path, releases: Path) -> None:
    write(delivery, {CLAIMS: []})
    assert f"{CLAIMS}, line 2: the file ends after its header" in refused(delivery, releases)


def test_a_missing_required_column_is_named(delivery: Path, releases: Path) -> None:
    path = delivery / CLAIMS
    path.write_text(path.read_text().replace("EXE_SOI_DTD", "EXE_SOI_XXX"))
    message = refused(delivery, releases)
    assert f"{CLAIMS}, line 1: required column of ER_PRS_F missing: EXE_SOI_DTD" in message


def test_a_wrong_separator_is_refused(delivery: Path, releases: Path) -> None:
    path = delivery / CLAIMS
    path.write_text(path.read_text().replace(";", "^"))
    message = refused(delivery, releases)
    assert f"{CLAIMS}, line 1" in message
    assert "separator" in message


def test_a_separator_that_changes_after_the_header_is_refused_with_figures(
    delivery: Path, releases: Path
) -> None:
    many = [claim(number, ALICE, "10/03/2021") for number in range(1, 1501)]
    write(delivery, {CLAIMS: many})
    header, *lines = (delivery / CLAIMS).read_text().splitlines()
    lines[:-1] = [line.replace(";", ",") for line in lines[:-1]]
    (delivery / CLAIMS).write_text("\n".join([header, *lines]) + "\n")
    message = refused(delivery, releases)
    assert "ER_PRS_F: 1,499 of 1,500 lines cannot be read (99.93 %, at most 1 % allowed)" in message
    assert "line 2" in message


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("UTF-16", lambda text: text.encode("utf-16")),
        ("UTF-16 without a mark", lambda text: text.encode("utf-16-le")),
        ("EBCDIC", lambda text: text.encode("cp037")),
        ("binary", lambda text: bytes(range(256)) * 40 + b"\n"),
        ("binary after the header", lambda text: text.encode() + b"\x00\x01\x02;\n"),
        ("ZIP", lambda text: b"PK\x03\x04" + text.encode()),
        ("encoded twice", lambda text: (text + "é;\n").encode().decode("latin-1").encode()),
    ],
)
def test_a_wrong_encoding_is_refused_with_its_line(
    delivery: Path, releases: Path, name: str, damage: object
) -> None:
    assert callable(damage)
    path = delivery / CLAIMS
    path.write_bytes(damage(path.read_text()))
    message = refused(delivery, releases)
    assert f"{CLAIMS}, line " in message, name


@pytest.mark.parametrize("cut", [2, 5, 11, 30, 70])
def test_a_file_cut_anywhere_in_its_last_line_is_refused(
    delivery: Path, releases: Path, cut: int
) -> None:
    path = delivery / CLAIMS
    path.write_bytes(path.read_bytes()[:-cut])
    message = refused(delivery, releases)
    assert f"{CLAIMS}, line 2" in message
    assert "cut" in message


def test_a_last_line_with_too_few_columns_is_a_cut_file(delivery: Path, releases: Path) -> None:
    path = delivery / CLAIMS
    path.write_bytes(path.read_bytes()[:-60] + b"\n")
    assert f"{CLAIMS}, line 2: the last line has" in refused(delivery, releases)


def test_a_cut_gzip_file_is_refused_after_its_last_line(delivery: Path, releases: Path) -> None:
    many = [claim(number, ALICE, "10/03/2021") for number in range(1, 2001)]
    write(delivery, {CLAIMS: many})
    packed = gzip.compress((delivery / CLAIMS).read_bytes())
    (delivery / CLAIMS).unlink()
    (delivery / f"{CLAIMS}.gz").write_bytes(packed[:-200])
    message = refused(delivery, releases)
    assert f"{CLAIMS}.gz: the gzip file is cut or damaged after line " in message


def test_a_missing_required_table_lists_what_is_there(delivery: Path, releases: Path) -> None:
    (delivery / "IR_BEN_R.CSV").unlink()
    (delivery / "IR_BEN_R.xpt").write_bytes(b"x")
    message = refused(delivery, releases)
    assert "no file of IR_BEN_R" in message
    assert "found ER_PHA_F, ER_PRS_F, IR_IMB_R" in message
    assert "IR_BEN_R.xpt" in message


def test_a_folder_that_does_not_exist_is_said(tmp_path: Path, releases: Path) -> None:
    assert "no such folder" in refused(tmp_path / "nowhere", releases)


def test_the_right_name_over_the_wrong_table_is_refused(delivery: Path, releases: Path) -> None:
    (delivery / CLAIMS).write_bytes((delivery / "PMSI/T_MCO21B.CSV").read_bytes())
    assert f"{CLAIMS}, line 1" in refused(delivery, releases)


def test_a_refused_delivery_leaves_the_old_release_in_service(
    delivery: Path, releases: Path, plain_base: Path
) -> None:
    before = plain_base
    (delivery / CLAIMS).write_bytes(b"")
    refused(delivery, releases)
    assert (releases / "snds" / "current").resolve() == before
    assert {path.name for path in (releases / "snds").iterdir()} == {
        "current",
        ".lock",
        ".store",
        before.name,
    }


@pytest.mark.parametrize(
    ("file", "table", "without"),
    [
        ("DCIR_2021/ER_PHA_F_2021.CSV", "ER_PHA_F", "no drug events"),
        ("PMSI/T_MCO21D.CSV", "T_MCOaaD", "no associated diagnoses"),
    ],
)
def test_a_table_that_the_old_release_had_must_not_vanish(
    delivery: Path, releases: Path, plain_base: Path, file: str, table: str, without: str
) -> None:
    (delivery / file).unlink()
    assert f"made with {table} (without it {without}" in refused(delivery, releases)
    assert build(delivery, releases, "--accept-missing", table).status == 0


BROKEN = {
    "EXE_SOI_DTD": ("31/02/2021", "not a date"),
    "PRS_NAT_REF": ("abc", "not a whole number"),
    "BEN_RNG_GEM": ("1.5", "not a whole number"),
    "PRS_PAI_MNT": ("ten", "not a number"),
    "FLX_TRT_DTD": ("", "no value"),
    "EXE_SOI_DTF": ("01/01/0007", "date out of range"),
}


@pytest.fixture(scope="module")
def of_broken_lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in which each file of claims has a good line and one that is broken in its own way."""
    folder = tmp_path_factory.mktemp("broken")
    files = plain()
    del files[CLAIMS]
    for place, (column, (value, _)) in enumerate(BROKEN.items()):
        good, broken = (claim(2 * place + n, ALICE, f"1{n}/03/2021") for n in (0, 1))
        files[f"DCIR_2021/ER_PRS_F_2021-{column}.CSV"] = [good, broken | {column: value}]
    return built(write(folder / "delivery", files), folder / "out", "--max-rejects", "0.5")


@pytest.mark.parametrize(("column", "reason"), [(name, why) for name, (_, why) in BROKEN.items()])
def test_a_broken_line_is_counted_by_table_column_reason_and_line(
    of_broken_lines: Path, column: str, reason: str
) -> None:
    file = f"DCIR_2021/ER_PRS_F_2021-{column}.CSV"
    found = rows(of_broken_lines, f"SELECT * FROM reject WHERE file = '{file}'")  # noqa: S608
    assert found == [("ER_PRS_F", file, column, reason, 1, [3])]


def test_no_good_line_beside_broken_ones_is_counted(of_broken_lines: Path) -> None:
    found = rows(of_broken_lines, "SELECT column_name FROM reject ORDER BY 1")
    assert [name for (name,) in found] == sorted(BROKEN)


def test_lines_of_another_width_are_rejects_with_their_line(delivery: Path, releases: Path) -> None:
    path = delivery / CLAIMS
    header, line = path.read_text().splitlines()
    path.write_text(
        "\n".join(
            [header, "1;2;3", line, line + ";more", "", line.replace("10/03/2021", "soon"), line]
        )
        + "\n"
    )
    release = built(delivery, releases)
    assert rows(release, "SELECT column_name, reason, n_lines, first_lines FROM reject") == [
        ("", "too few columns", 1, [2]),
        ("", "too many columns", 1, [4]),
        ("EXE_SOI_DTD", "not a date", 1, [6]),
    ]


@pytest.mark.parametrize("as_text", [True, False])
def test_a_header_among_the_lines_of_a_table_of_texts_is_a_reject(
    delivery: Path, releases: Path, tmp_path: Path, as_text: bool
) -> None:
    """Two files were joined with their headers: only its text distinguishes the second header."""
    path = delivery / "PMSI/T_MCO21D.CSV"
    header, line = path.read_text().splitlines()
    path.write_text("\n".join([header, line, header.lower(), line.replace("E119", "I10")]) + "\n")
    source = delivery if as_text else as_parquet(delivery, tmp_path / "parquet", all_strings)
    release = built(source, releases)
    assert rows(release, "SELECT table_name, column_name, reason, first_lines FROM reject") == [
        ("T_MCOaaD", "", "header repeated", [3 if as_text else 2])
    ]
    codes = "SELECT code FROM event WHERE code_role = 'DAS' ORDER BY code"
    assert rows(release, codes) == [("E119",), ("I10",)]


def test_no_pseudonym_and_no_key_is_in_any_output_or_in_the_release(
    tmp_path: Path, releases: Path
) -> None:
    files = plain()
    files[CLAIMS] = [claim(1, ALICE, "10/03/2021"), claim(2, ALICE, "soon")]
    key = tmp_path / "key"
    key.write_text("s3cret-" * 8)
    delivery = write(tmp_path / "delivery", files)
    answer = build(delivery, releases, "--key", key)
    assert answer.status == 0
    private = releases / "snds" / ".store"
    assert private.stat().st_mode & 0o777 == 0o700
    written = b"".join(
        path.read_bytes()
        for path in releases.rglob("*")
        if path.is_file() and private not in path.parents
    )
    for secret in (ALICE, "s3cret", f"{ALICE}1"):
        assert secret not in answer.text
        assert secret.encode() not in written
    release = (releases / "snds" / "current").resolve()
    columns = {
        name
        for table in ("patient", "event", "stay", "ald", "cost")
        for name, *_ in rows(release, f"DESCRIBE {table}")
    }
    assert not {name for name in columns if name.upper() == name}


def last_amount(delivery: Path, text: str) -> None:
    """Writes claims whose last line has ``text`` for an amount, as bytes: no line end is added."""
    write(delivery, {CLAIMS: [claim(1, ALICE, "10/03/2021")]})
    columns = (delivery / CLAIMS).read_text().splitlines()[0].split(";")
    line = claim(2, ALICE, "11/03/2021", PRS_PAI_MNT=text)
    with (delivery / CLAIMS).open("ab") as file:
        file.write((";".join(line.get(name, "") for name in columns) + "\n").encode())


def test_a_huge_field_in_the_last_line_is_a_reject(delivery: Path, releases: Path) -> None:
    last_amount(delivery, "9" * 200_000)
    found = rows(built(delivery, releases), "SELECT column_name, reason, first_lines FROM reject")
    assert found == [("PRS_PAI_MNT", "not a number", [3])]


def test_a_stray_line_end_in_the_last_line_is_refused_by_name(
    delivery: Path, releases: Path
) -> None:
    last_amount(delivery, "10.5\r0")
    message = refused(delivery, releases)
    assert f"{CLAIMS}, line 3: a carriage return (CR) within the line" in message
