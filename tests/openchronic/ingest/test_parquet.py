"""A Parquet delivery makes the same release as the same delivery in CSV, and is checked as well."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest

from tests.openchronic.front_door import (
    build,
    built,
    everything,
    one_year,
    one_year_release,
    refused,
    rows,
)
from tests.openchronic.parquet_delivery import Write, all_strings, as_parquet, shards, typed
from tests.openchronic.small_delivery import ALICE, claim, plain, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021"
PARQUET = f"{CLAIMS}.parquet"


def content(release: Path) -> str:
    return str(json.loads((release / "manifest.json").read_text())["content_sha256"])


@pytest.mark.parametrize("form", [all_strings, typed, shards])
def test_every_form_of_parquet_gives_the_content_of_the_csv(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, form: Write
) -> None:
    source = as_parquet(one_year(tmp_path_factory), tmp_path / "parquet", form)
    found = content(built(source, tmp_path / "out"))
    assert found == content(one_year_release(tmp_path_factory))


@pytest.mark.parametrize("first", [0, 1])
def test_tables_in_csv_and_in_parquet_are_one_delivery(
    delivery: Path, plain_base: Path, tmp_path: Path, first: int
) -> None:
    """Each table is in CSV with others in Parquet, and in Parquet with others in CSV."""
    mixed = as_parquet(delivery, tmp_path / "mixed", all_strings)
    for path in sorted(mixed.rglob("*.parquet"))[first::2]:
        (text,) = (one for one in delivery.rglob("*.CSV") if one.stem.lower() == path.stem.lower())
        path.unlink()
        with gzip.open(path.with_name(f"{text.name}.gz"), "wb") as packed:
            packed.write(text.read_bytes())
    assert everything(built(mixed, tmp_path / "out")) == everything(plain_base)


def test_names_of_the_health_data_hub_are_known(
    delivery: Path, plain_base: Path, tmp_path: Path
) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", all_strings)
    for letter in "bcd":
        (other / f"PMSI/t_mco21{letter}.parquet").rename(
            other / f"PMSI/YY_T_MCO21{letter.upper()}.parquet"
        )
    assert everything(built(other, tmp_path / "out")) == everything(plain_base)


def test_shards_cut_by_a_folder_of_the_year_are_of_that_year(
    delivery: Path, plain_base: Path, tmp_path: Path
) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", shards)
    for letter in "BCD":
        folder = other / f"PMSI/T_MCOaa{letter}"
        folder.mkdir()
        (other / f"PMSI/T_MCO21{letter}.parquet").rename(folder / "YEAR=2021")
    assert everything(built(other, tmp_path / "out")) == everything(plain_base)


def test_rejects_are_counted_with_their_column_and_row(releases: Path, tmp_path: Path) -> None:
    lines = [claim(number, ALICE, "10/03/2021") for number in range(1, 6)]
    lines[1]["EXE_SOI_DTD"] = "31/02/2021"
    lines[3]["PRS_NAT_REF"] = "3303.5"
    source = write(tmp_path / "csv", plain() | {f"{CLAIMS}.CSV": lines})
    release = built(as_parquet(source, tmp_path / "parquet", all_strings), releases)
    found = rows(release, "SELECT file, column_name, reason, n_lines, first_lines FROM reject")
    name = PARQUET.replace("ER_PRS_F", "er_prs_f")
    assert sorted(found) == [
        (name, "EXE_SOI_DTD", "not a date", 1, [2]),
        (name, "PRS_NAT_REF", "not a whole number", 1, [4]),
    ]


def test_a_number_stored_as_a_double_is_whole_or_refused(releases: Path, tmp_path: Path) -> None:
    lines = [claim(number, ALICE, "10/03/2021") for number in range(1, 4)]
    lines[2]["PRS_NAT_REF"] = "3303.5"
    source = write(tmp_path / "csv", plain() | {f"{CLAIMS}.CSV": lines})
    release = built(as_parquet(source, tmp_path / "parquet", typed), releases)
    found = rows(release, "SELECT column_name, reason, n_lines, first_lines FROM reject")
    assert found == [("PRS_NAT_REF", "not a whole number", 1, [3])]


def test_too_many_rejects_name_the_rows(releases: Path, tmp_path: Path) -> None:
    lines = [claim(number, ALICE, "10/03/2021") for number in range(1, 1101)]
    for line in lines[500:600]:
        line["EXE_SOI_DTD"] = "soon"
    source = write(tmp_path / "csv", plain() | {f"{CLAIMS}.CSV": lines})
    message = refused(as_parquet(source, tmp_path / "parquet", all_strings), releases)
    assert "100 × EXE_SOI_DTD not a date" in message
    assert "row 501, 502" in message


@pytest.mark.parametrize("int96", [False, True])
def test_midnight_in_paris_stored_as_an_instant_is_that_day(
    delivery: Path, plain_base: Path, tmp_path: Path, int96: bool
) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", typed)
    table = pq.read_table(other / PARQUET)
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            instants = pyarrow.compute.assume_timezone(table[field.name], "Europe/Paris")
            table = table.set_column(place, field.name, instants)
    pq.write_table(table, other / PARQUET, use_deprecated_int96_timestamps=int96)
    assert everything(built(other, tmp_path / "out")) == everything(plain_base)


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def other_magic(data: bytes) -> bytes:
    return b"XXXX" + data[4:]


def lost_footer(data: bytes) -> bytes:
    return data[: len(data) // 2] + data[-8:]


def wiped(data: bytes) -> bytes:
    return data[:4] + b"\xff" * (len(data) // 4) + data[4 + len(data) // 4 :]


def encrypted(data: bytes) -> bytes:
    return data[:-4] + b"PARE"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (cut, "was cut (its footer is missing)"),
        (other_magic, "this is not a Parquet file"),
        (lost_footer, "is damaged and cannot be read whole"),
        (wiped, "is damaged and cannot be read whole"),
        (encrypted, "is encrypted"),
        (lambda _: b"", "the file is empty (0 bytes)"),
        (lambda _: b"FLX_DIS_DTD;BEN_NIR_PSA\n", "this is not a Parquet file"),
    ],
)
def test_a_damaged_file_is_refused_by_name(
    delivery: Path,
    releases: Path,
    plain_base: Path,
    tmp_path: Path,
    damage: Callable[[bytes], bytes],
    sentence: str,
) -> None:
    before = plain_base
    other = as_parquet(delivery, tmp_path / "parquet", typed)
    (other / PARQUET).write_bytes(damage((other / PARQUET).read_bytes()))
    message = refused(other, releases)
    assert PARQUET in message
    assert sentence in message
    assert (releases / "snds" / "current").resolve() == before


def test_text_that_is_not_utf8_is_refused(delivery: Path, releases: Path, tmp_path: Path) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", typed)
    table = pq.read_table(other / "IR_PHA_R.parquet")
    place = table.schema.get_field_index("PHA_MED_NOM")
    names = pa.array(["GÉLULE".encode("latin-1")] * table.num_rows, pa.binary())
    pq.write_table(table.set_column(place, "PHA_MED_NOM", names), other / "IR_PHA_R.parquet")
    assert "IR_PHA_R.parquet: the text in this Parquet file is not UTF-8" in refused(
        other, releases
    )


def test_a_missing_column_and_one_given_twice_are_named(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", typed)
    table = pq.read_table(other / PARQUET)
    pq.write_table(table.drop(["EXE_SOI_DTD"]), other / PARQUET)
    message = refused(other, releases)
    assert f"{PARQUET}: required column of ER_PRS_F missing: EXE_SOI_DTD" in message
    pq.write_table(table.append_column("exe_soi_dtd", table["EXE_SOI_DTD"]), other / PARQUET)
    assert f"{PARQUET}: column given twice: EXE_SOI_DTD" in refused(other, releases)


def test_a_column_of_lists_is_refused(delivery: Path, releases: Path, tmp_path: Path) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", typed)
    table = pq.read_table(other / PARQUET)
    lists = pa.array([["a", "b"]] * table.num_rows)
    pq.write_table(table.append_column("extra", lists), other / PARQUET)
    assert f"{PARQUET}: column extra holds lists or structures" in refused(other, releases)


def test_claims_without_a_row_are_refused(delivery: Path, releases: Path, tmp_path: Path) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", typed)
    pq.write_table(pq.read_table(other / PARQUET).slice(0, 0), other / PARQUET)
    assert f"{PARQUET}: the Parquet file has columns and no row" in refused(other, releases)


def test_a_folder_that_was_not_written_to_its_end_is_refused(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", shards)
    shutil.copytree(other / PARQUET, other / PARQUET / "_temporary" / "0")
    assert "was not written to its end" in refused(other, releases)


def test_brackets_and_quotes_in_names_are_only_letters(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", typed).rename(tmp_path / "it's [here]")
    assert build(other, releases).status == 0
