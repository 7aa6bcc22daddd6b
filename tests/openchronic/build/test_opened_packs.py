"""Opened packs: units where they are present, packs where they are not, and never zero."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.build.test_simplified import (
    SIMPLE_CLAIMS,
    SIMPLE_PACKS,
    simple,
    simple_pack,
)
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    Row,
    claim,
    pack,
    plain,
    without,
    write,
)

PACKS = """
    day | PHA_ACT_QSN | PHA_DEC_TOP | PHA_DEC_QSU | quantity | flags
    1   | 2           | Z           | 0           | 2        | .
    2   | 1           | D           | 14          | 14       | by_unit
    3   | 2           | D           | .           | 2        | units_missing
    4   | 2           | D           | 0           | 2        | units_missing
    5   | 0           | D           | .           | 1        | units_missing,quantity_assumed
    6   | 0           | .           | 14          | 14       | by_unit
    7   | 2           | .           | 14          | 2        | .
    8   | 0           | Z           | 14          | .        | .
    9   | -1          | D           | .           | .        | .
"""


def delivery_of(text: str) -> tuple[list[dict[str, str]], list[Row]]:
    """Returns the claims and the packs of a drawn table."""
    lines = drawn(text)
    claims = [claim(n, ALICE, f"{row['day']}/03/2021") for n, row in enumerate(lines, start=1)]
    names = ("PHA_ACT_QSN", "PHA_DEC_TOP", "PHA_DEC_QSU")
    packs: list[Row] = [
        pack(n, METFORMIN) | {name: row[name] for name in names}
        for n, row in enumerate(lines, start=1)
    ]
    return claims, packs


def expected(text: str) -> list[tuple[int, float, str | None]]:
    return [
        (int(row["day"]), float(row["quantity"]), row["flags"] or None)
        for row in drawn(text)
        if row["quantity"]
    ]


def dispensed(release: Path) -> list[tuple[object, ...]]:
    return rows(
        release,
        "SELECT day(start_date), quantity, flags FROM event WHERE event_type = 'drug' ORDER BY 1",
    )


def test_an_opened_pack_is_dispensed_whatever_is_known_of_its_units(tmp_path: Path) -> None:
    claims, packs = delivery_of(PACKS)
    files: dict[str, Sequence[Row]] = {
        **plain(),
        "DCIR_2021/ER_PRS_F_2021.CSV": claims,
        "DCIR_2021/ER_PHA_F_2021.CSV": packs,
    }
    release = built(write(tmp_path / "snds", files), tmp_path / "releases")
    assert dispensed(release) == expected(PACKS)


def test_the_same_without_the_column_of_units_and_in_the_simplified_product(tmp_path: Path) -> None:
    table = """
        day | PHA_ACT_QSN | PHA_DEC_TOP | PHA_DEC_QSU | quantity | flags
        1   | 2           | Z           | .           | 2        | .
        2   | 3           | D           | .           | 3        | units_missing
    """
    claims, packs = delivery_of(table)
    files: dict[str, Sequence[Row]] = {
        **plain(),
        "DCIR_2021/ER_PRS_F_2021.CSV": claims,
        "DCIR_2021/ER_PHA_F_2021.CSV": packs,
    }
    folder = write(tmp_path / "snds", files)
    without(folder / "DCIR_2021/ER_PHA_F_2021.CSV", {"PHA_DEC_QSU"})
    assert dispensed(built(folder, tmp_path / "releases")) == expected(table)
    simple_files: dict[str, Sequence[Row]] = {
        **{name: lines for name, lines in plain().items() if not name.startswith("DCIR")},
        SIMPLE_CLAIMS: [simple(one) for one in claims],
        SIMPLE_PACKS: [
            {**simple_pack(one, of), "PHA_DEC_TOP": one["PHA_DEC_TOP"]}
            for one, of in zip(packs, claims, strict=True)
        ],
    }
    folder = write(tmp_path / "simple", simple_files)
    without(folder / SIMPLE_PACKS, {"PHA_DEC_QSD"})
    assert dispensed(built(folder, tmp_path / "others")) == expected(table)
