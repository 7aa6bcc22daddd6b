"""Codes that lost digits, or became true and false, are refused with the cause and what to ask for."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.openchronic.front_door import built, refused, rows
from tests.openchronic.parquet_delivery import all_strings, as_parquet
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    chaining,
    claim,
    pack,
    plain,
    stay,
    write,
)

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
STAYS, CHAINS = "PMSI/T_MCO21B.CSV", "PMSI/T_MCO21C.CSV"


@pytest.mark.parametrize(
    ("file", "column", "value"),
    [
        (PACKS, "PHA_PRS_C13", "3.40093E12"),
        (PACKS, "PHA_PRS_C13", "3,40093E+12"),
        (PACKS, "PHA_PRS_C13", "3E12"),
        (CLAIMS, "DCT_ORD_NUM", "1e+05"),
        (CLAIMS, "PFS_EXE_NUM", "3.5200001E7"),
        (CLAIMS, "PRS_NAT_REF", "3e3"),
        (STAYS, "ETA_NUM", "3.50000022E8"),
        (STAYS, "ETA_NUM", "35e7"),
        (CHAINS, "NIR_ANO_17", "1.2345678901234568e+16"),
    ],
)
def test_scientific_notation_is_refused_in_any_code(
    delivery: Path, releases: Path, file: str, column: str, value: str
) -> None:
    lines = {
        CLAIMS: claim(2, ALICE, "11/03/2021"),
        PACKS: pack(2, METFORMIN),
        STAYS: stay("0000000002"),
        CHAINS: chaining("0000000002", ALICE),
    }
    good = plain()[file]
    write(delivery, {file: [*good, lines[file] | {column: value}]})
    message = refused(delivery, releases)
    assert (
        f"{file}, line {len(good) + 2}: {column} is in scientific notation (1 value like "
        in message
    )
    assert "BEST12." in message
    assert "ask for the column in full" in message
    assert value not in message


def test_codes_with_an_e_and_amounts_in_scientific_notation_are_read(
    delivery: Path, releases: Path
) -> None:
    write(
        delivery,
        {
            STAYS: [stay("0000000001", ghm="01E052", DGN_PAL="E119")],
            CLAIMS: [claim(1, ALICE, "10/03/2021", PRS_PAI_MNT="1.05E+01")],
            "PMSI/T_MCO21D.CSV": [
                {"ETA_NUM": "350000022", "RSA_NUM": "0000000001", "ASS_DGN": "E10"}
            ],
        },
    )
    release = built(delivery, releases)
    assert rows(release, "FROM reject") == []
    assert rows(release, "SELECT ghm FROM stay") == [("01E052",)]
    assert [float(one) for (one,) in rows(release, "SELECT billed FROM cost")] == [10.5]


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        ("PHA_PRS_C13", [3400930000001.0], pa.float32()),
        ("DCT_ORD_NUM", [2.0**53], pa.float64()),
        ("ORG_CLE_NUM", [12345678901234567.0], pa.float64()),
    ],
)
def test_a_floating_point_number_that_may_stand_for_several_is_refused(
    *,
    delivery: Path,
    releases: Path,
    tmp_path: Path,
    column: str,
    values: list[float],
    kind: pa.DataType,
) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", all_strings)
    (path,) = other.rglob("er_pha_f_2021.parquet")
    table = pq.read_table(path)
    place = table.schema.get_field_index(column.lower())
    pq.write_table(table.set_column(place, column.lower(), pa.array(values, kind)), path)
    message = refused(other, releases)
    assert f"er_pha_f_2021.parquet, row 1: {column} is a floating-point number" in message
    assert "ask for the column as text" in message


def test_a_floating_point_number_that_is_exact_is_read(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", all_strings)
    (path,) = other.rglob("er_pha_f_2021.parquet")
    table = pq.read_table(path)
    place = table.schema.get_field_index("pha_prs_c13")
    exact = pa.array([float(METFORMIN)], pa.float64())
    pq.write_table(table.set_column(place, "pha_prs_c13", exact), path)
    found = rows(built(other, releases), "SELECT code FROM event WHERE event_type = 'drug'")
    assert found == [(METFORMIN,)]


@pytest.mark.parametrize("value", ["true", "FALSE", "Faux"])
@pytest.mark.parametrize(("file", "column"), [(CHAINS, "NIR_RET"), (CLAIMS, "CPL_MAJ_TOP")])
def test_true_and_false_in_place_of_a_code_are_refused(
    delivery: Path, releases: Path, file: str, column: str, value: str
) -> None:
    write(delivery, {file: [dict(one) | {column: value} for one in plain()[file]]})
    message = refused(delivery, releases)
    assert f"{file}, line 2: {column} holds true or false" in message
    assert "Ask for the column as text" in message


def test_a_boolean_column_of_parquet_is_refused_by_name(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    other = as_parquet(delivery, tmp_path / "parquet", all_strings)
    (path,) = other.rglob("t_mco21c.parquet")
    table = pq.read_table(path)
    place = table.schema.get_field_index("nir_ret")
    truth = pa.array([False] * table.num_rows)
    pq.write_table(table.set_column(place, "nir_ret", truth), path)
    message = refused(other, releases)
    assert "t_mco21c.parquet: column nir_ret is stored as true or false (BOOLEAN)" in message
