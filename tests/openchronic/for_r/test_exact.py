"""What R receives: each value exactly, or a refusal that says what to ask for instead."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.for_r import Connection
from openchronic.runtime.decimals import nearest_doubles
from tests.openchronic.for_r.stream import answers, taken


@pytest.fixture
def r(plain_base: Path, releases: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    connection = Connection()
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("asked", "kind", "value"),
    [
        ("true", pa.bool_(), True),
        ("NULL::BOOLEAN", pa.bool_(), None),
        ("NULL", pa.bool_(), None),
        ("-7::TINYINT", pa.int32(), -7),
        ("2147483647", pa.int32(), 2147483647),
        ("4294967295::UINTEGER", pa.float64(), 4294967295.0),
        ("9007199254740992", pa.float64(), 2.0**53),
        ("sum(3::BIGINT)", pa.float64(), 3.0),
        ("12.35::DECIMAL(18, 2)", pa.float64(), 12.35),
        ("1.5::FLOAT", pa.float64(), 1.5),
        ("'nan'::DOUBLE", pa.float64(), pytest.approx(float("nan"), nan_ok=True)),
        ("'é'", pa.string(), "é"),
        ("'a'::ENUM('a', 'b')", pa.string(), "a"),
        ("uuid '08b44579-a404-4678-8392-ca589ad37db2'", pa.string(), None),
        ("TIME '12:00'", pa.string(), "12:00:00.000000"),
        ("DATE '1900-02-28'", pa.date32(), date(1900, 2, 28)),
        (
            "TIMESTAMP '2020-01-01 10:00'",
            pa.timestamp("us", "UTC"),
            datetime(2020, 1, 1, 10, tzinfo=UTC),
        ),
        ("[1, NULL, 3]::BIGINT[]", pa.list_(pa.float64()), [1.0, None, 3.0]),
        ("NULL::INTEGER[]", pa.list_(pa.int32()), None),
        ("[1, 2]::INTEGER[2]", pa.list_(pa.int32()), [1, 2]),
        ("{'a': 0.35::DECIMAL(9, 2)}", pa.struct([("a", pa.float64())]), {"a": 0.35}),
    ],
)
def test_a_value_is_that_of_r(r: Connection, asked: str, kind: pa.DataType, value: object) -> None:
    table = taken(r.query(f"SELECT {asked} AS v"))
    assert table.schema.field("v").type == kind
    if "uuid" not in asked:
        assert table["v"].to_pylist() == [value]


@pytest.mark.parametrize(
    ("asked", "instead"),
    [
        ("9007199254740993", "VARCHAR"),
        ("-9007199254740993", "VARCHAR"),
        ("18446744073709551615::UBIGINT", "VARCHAR"),
        ("170141183460469231731687303715884105727::HUGEINT", "VARCHAR"),
        ("[1, 9007199254740993]", "VARCHAR"),
        ("{'a': [9007199254740993]}", "VARCHAR"),
        ("(-2147483648)::INTEGER", "BIGINT"),
        ("INTERVAL 3 DAY", "VARCHAR"),
        ("MAP {'a': 1}", "VARCHAR"),
        ("1::BIGNUM", "VARCHAR"),
    ],
)
def test_what_r_would_change_is_refused_with_what_to_ask_for(
    r: Connection, asked: str, instead: str
) -> None:
    with pytest.raises(oc.OpenChronicError, match=rf'CAST\("v" AS {instead}\)'):
        taken(r.query(f"SELECT {asked} AS v"))
    # And the connection serves on.
    assert answers(r, "SELECT 1 AS v") == [{"v": 1}]


def test_big_whole_numbers_are_text_where_one_asks_for_it(
    plain_base: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    connection = Connection(whole="character")
    asked = "SELECT 9007199254740993 AS a, 3::BIGINT AS b, sum(3::BIGINT) AS c, 1 AS d"
    assert answers(connection, asked) == [{"a": "9007199254740993", "b": "3", "c": "3", "d": 1}]
    connection.close()


@pytest.mark.parametrize("scale", [1, 2, 5, 20])
def test_a_decimal_is_the_nearest_double(scale: int) -> None:
    """Arrow's own cast is not: it makes 0.35000000000000003 of 0.35."""
    chance = random.Random(scale)  # noqa: S311
    whole = [*range(-100, 100), *(chance.randrange(-(10**17), 10**17) for _ in range(2_000))]
    decimals = [None, *(Decimal(one).scaleb(-scale) for one in whole)]
    column = pa.array(decimals, pa.decimal128(38, scale))
    for part in (column, column.slice(7, 500), column.slice(1, 200)):
        expected = [None if one is None else float(one) for one in part.to_pylist()]
        assert nearest_doubles(part).to_pylist() == expected


def test_pandas_has_the_nearest_doubles_too(r: Connection) -> None:
    pytest.importorskip("pandas", reason="pandas is in sessions; tests/images runs it there")
    from openchronic.api.frames import frame

    table = pa.table(
        {"v": pa.array([Decimal("0.35"), None, Decimal("0.41")], pa.decimal128(18, 2))}
    )
    assert frame(table).v.tolist()[::2] == [0.35, 0.41]
