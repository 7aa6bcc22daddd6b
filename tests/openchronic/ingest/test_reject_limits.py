"""The limits on rejected lines: a few, or a share, never all; and the message that explains them."""

from __future__ import annotations

from pathlib import Path

import pytest

from openchronic.ingest.rejects import shape_of
from tests.openchronic.front_door import built, refused, rows
from tests.openchronic.parquet_delivery import all_strings, as_parquet
from tests.openchronic.small_delivery import ALICE, METFORMIN, claim, pack, plain, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"


def with_broken(folder: Path, *, broken: int, good: int, value: str = "soon") -> Path:
    claims = [claim(one, ALICE, "10/03/2021") for one in range(1, good + 1)]
    claims += [claim(good + one, ALICE, value) for one in range(1, broken + 1)]
    return write(folder, plain() | {CLAIMS: claims})


@pytest.mark.parametrize(("broken", "good"), [(5, 1), (5, 400), (1, 1)])
def test_a_few_rejects_never_stop_a_build(
    tmp_path: Path, releases: Path, broken: int, good: int
) -> None:
    release = built(with_broken(tmp_path / "delivery", broken=broken, good=good), releases)
    assert rows(release, "SELECT n_lines FROM reject") == [(broken,)]


@pytest.mark.parametrize(("broken", "good"), [(6, 10), (1, 0), (3, 0)])
@pytest.mark.parametrize("as_text", [True, False])
def test_more_than_a_few_in_a_small_table_and_all_of_any_table_do(
    *, tmp_path: Path, releases: Path, broken: int, good: int, as_text: bool
) -> None:
    source = with_broken(tmp_path / "delivery", broken=broken, good=good)
    if not as_text:
        source = as_parquet(source, tmp_path / "parquet", all_strings)
    message = refused(source, releases)
    assert f"ER_PRS_F: {broken} of {broken + good} lines cannot be read" in message


def test_all_of_a_table_is_too_much_whatever_share_is_allowed(
    tmp_path: Path, releases: Path
) -> None:
    source = with_broken(tmp_path / "delivery", broken=3, good=0)
    message = refused(source, releases, "--max-rejects", "1")
    assert "3 of 3 lines cannot be read (100.00 %, none may be)" in message


def test_the_cause_names_the_column_and_what_its_values_look_like(
    tmp_path: Path, releases: Path
) -> None:
    source = with_broken(tmp_path / "delivery", broken=900, good=1, value="2021.03.10T09h30")
    message = refused(source, releases)
    assert "900 × EXE_SOI_DTD not a date (like 9999.99.99T99a99)" in message
    assert "2021.03.10" not in message


def test_a_date_that_cannot_be_is_named(tmp_path: Path, releases: Path) -> None:
    source = with_broken(tmp_path / "delivery", broken=6, good=1, value="10/03/3021")
    message = refused(source, releases)
    assert "6 × EXE_SOI_DTD date out of range (like 10/03/3021)" in message


@pytest.mark.parametrize(
    ("value", "reason", "shape"),
    [
        ("2020-01-05T00:00:00.000+01:00", "not a date", "9999-99-99T99:99:99.999+99:99"),
        ("2020-01-05T00:00:00Z", "not a date", "9999-99-99T99:99:99Z"),
        ("3.40093E+12", "scientific notation", "9.99999E+99"),
        ("Éric 12", "not a whole number", "Aaaa 99"),
        ("A" * 60, "not a number", "A" * 40 + "…"),
        ("", "no value", ""),
    ],
)
def test_a_shape_tells_no_letter_and_no_figure_of_a_value(
    value: str, reason: str, shape: str
) -> None:
    assert shape_of(value, reason) == shape


def test_one_percent_of_rejects_passes_and_one_line_more_does_not(
    delivery: Path, releases: Path
) -> None:
    def deliver(broken: int) -> None:
        claims = [
            claim(number, ALICE, "soon" if number <= broken else "10/03/2021")
            for number in range(1, 1001)
        ]
        write(delivery, {CLAIMS: claims, "DCIR_2021/ER_PHA_F_2021.CSV": [pack(1000, METFORMIN)]})

    deliver(11)
    message = refused(delivery, releases)
    assert "ER_PRS_F: 11 of 1,000 lines cannot be read (1.10 %, at most 1 % allowed)" in message
    assert "11 × EXE_SOI_DTD not a date" in message
    deliver(10)
    built(delivery, releases)


def test_one_percent_is_a_choice(delivery: Path, releases: Path) -> None:
    write(
        delivery,
        {
            CLAIMS: [
                claim(number, ALICE, "soon" if number <= 50 else "10/03/2021")
                for number in range(1, 1001)
            ]
        },
    )
    refused(delivery, releases)
    built(delivery, releases, "--max-rejects", "0.05")
