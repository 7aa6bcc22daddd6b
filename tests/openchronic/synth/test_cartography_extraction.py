"""What the made-up cartography misses and adds, as planted, is what a release finds of it: no more, no less."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from openchronic.cartography import load_diseases
from tests.openchronic.front_door import built, rows

PATIENTS = 1200
SUMS = "sum(n_both), sum(n_cartography_only), sum(n_release_only), sum(n_neither)"


@pytest.mark.parametrize("layout", ["portal", "dcirs"])
def test_the_agreement_found_is_the_one_planted(
    tmp_path: Path, synth: Callable[..., int], layout: str
) -> None:
    options = ("--seed", "3", "--layout", layout, "--years", "3")
    assert synth(tmp_path / "snds", *options, patients=PATIENTS) == 0
    planted = json.loads((tmp_path / "snds" / "synth.json").read_text())["planted"]
    ill, well, missed, added = (
        planted[f"cartography_{what}"] for what in ("ill", "well", "missed", "added")
    )
    # At the announced rates: 4 % and 2 in 10,000.
    assert 0.02 < missed / ill < 0.065
    assert 0 < added / well < 0.0005
    release = built(tmp_path / "snds", tmp_path / "releases")
    (found,) = rows(release, f"SELECT {SUMS} FROM cartography")  # noqa: S608
    assert found == (ill - missed, added, missed, well - added)
    # Nothing makes up for something else: of each disease and year, whom the files tell.
    for disease in load_diseases():
        has = " OR ".join(f"{top} = '1'" for top in disease.tops)
        files = f"read_csv('{tmp_path}/snds/**/CT_IND_G8_*.CSV', delim = ';', all_varchar = true, filename = true)"
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
