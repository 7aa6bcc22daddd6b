"""A trace returns the rows of an event of any type, from the tables of either product of claims."""

from __future__ import annotations

from pathlib import Path

import pytest

import openchronic as oc
from openchronic.api import pinning
from tests.openchronic.front_door import built, one_year_release, openchronic


def test_one_event_of_every_type_and_table_has_as_many_rows_as_it_says(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For each type and table, the event with most rows is traced."""
    release = one_year_release(tmp_path_factory)
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(release.parents[1]))
    monkeypatch.setattr(pinning, "_pinned", {})
    kinds = oc.connect().sql(
        "SELECT event_type, source_table, max_by(event_id, (n_source_rows, event_id)) FROM event "
        "GROUP BY ALL ORDER BY ALL"
    )
    seen = []
    for kind, table, event_id in kinds.fetchall():
        found = oc.trace(event_id)
        assert len(found.rows) == found.event["n_source_rows"], (kind, table)
        if kind not in ("birth", "death"):
            assert {row.table for row in found.rows} == {table}, kind
        seen.append((kind, table))
    assert len(seen) >= 40
    assert {"birth", "death", "ald", "drug", "visit", "stay", "session", "death_cause"} <= {
        kind for kind, _ in seen
    }


def test_claims_of_the_simplified_product_are_traced_to_its_own_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Persons are traced to the referential that identifies them without a pair."""
    delivery, releases = tmp_path / "delivery", tmp_path / "releases"
    made = openchronic(
        "synth", delivery, "--patients", 60, "--seed", 5, "--layout", "dcirs", "--years", 1
    )
    assert made.status == 0, made.text
    for name in ("IR_BEN_R.CSV", "IR_BEN_R_ARC.CSV"):
        (delivery / name).unlink()
    built(delivery, releases)
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    some = oc.connect().sql(
        "SELECT event_type, max_by(event_id, (n_source_rows, event_id)) FROM event WHERE source_table "
        "LIKE 'ER%' OR event_type IN ('birth', 'stay') GROUP BY ALL"
    )
    tables = {kind: oc.trace(event_id).rows[0].table for kind, event_id in some.fetchall()}
    wanted = {"birth": "IR_IBA_R", "drug": "NS_PHA_F", "visit": "NS_PRS_F", "procedure": "NS_CAM_F"}
    assert wanted.items() <= tables.items()
