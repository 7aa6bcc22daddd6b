"""What analysts' notebooks read of a reconciliation goes on under the name that it had."""

from __future__ import annotations

import pytest

from openchronic.releases.balance import Lines


def test_the_name_of_before_gives_the_same_number_and_says_that_of_today() -> None:
    lines = Lines(
        table="ER_PHA_F",
        role="",
        rows=10,
        rejected=1,
        duplicates=2,
        filtered={"drug.orphan": 3},
        regularised=0,
        orphans=0,
        kept=4,
    )
    with pytest.warns(FutureWarning, match="accounted"):
        assert lines.told == lines.accounted == lines.rows
