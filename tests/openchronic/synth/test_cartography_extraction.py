"""A release finds what the synthetic cartography misses and adds, as planted: no more, no less."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openchronic.diseases import load_library
from tests.openchronic.front_door import rows

SUMS = "sum(n_both), sum(n_cartography_only), sum(n_release_only), sum(n_neither)"


@pytest.mark.parametrize(
    "made", [pytest.param("many", id="portal"), pytest.param("many_simplified", id="dcirs")]
)
def test_the_agreement_found_is_the_one_planted(request: pytest.FixtureRequest, made: str) -> None:
    delivery: Path = request.getfixturevalue(made)
    releases: Path = request.getfixturevalue(f"{made}_releases")
    planted = json.loads((delivery / "synth.json").read_text())["planted"]
    ill, well, missed, added = (
        planted[f"cartography_{what}"] for what in ("ill", "well", "missed", "added")
    )
    # The stated rates are 4 % and 2 in 10,000.
    assert 0.02 < missed / ill < 0.065
    assert 0 < added / well < 0.0005
    release = (releases / "snds" / "current").resolve()
    (found,) = rows(release, f"SELECT {SUMS} FROM cartography")  # noqa: S608
    assert found == (ill - missed, added, missed, well - added)
    # Differences do not offset each other: each disease and year is compared with the files.
    told_of = {name for (name,) in rows(release, "SELECT DISTINCT disease FROM cartography")}
    for _, disease in load_library().forms():
        if disease.name not in told_of:
            continue
        has = " OR ".join(f"{top} = '1'" for top in disease.tops)
        files = f"read_csv('{delivery}/**/CT_IND_G8_*.CSV', delim = ';', all_varchar = true, filename = true)"
        told = rows(
            release,
            f"SELECT CAST(right(filename, 8)[:4] AS INTEGER), count(*) FILTER ({has}) "  # noqa: S608
            f"FROM {files} GROUP BY ALL ORDER BY ALL",
        )
        assert told == rows(
            release,
            "SELECT year, sum(n_both + n_cartography_only) FROM cartography "  # noqa: S608
            f"WHERE disease = '{disease.name}' GROUP BY year ORDER BY year",
        )
