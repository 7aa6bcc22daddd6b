"""What details a claim is an event, or says more of one: its entry tells which, and its text is there."""

from __future__ import annotations

import pytest

from openchronic.catalogue import Table
from openchronic.models.claims import SAYING_MORE, details_of_claims
from openchronic.models.delivery import every_table
from openchronic.models.graph import graph_of
from openchronic.models.query import query_of
from openchronic.models.text import texts
from openchronic.nomenclatures import load_nomenclature


@pytest.mark.parametrize("table", details_of_claims(), ids=lambda table: table.name)
def test_an_entry_says_whether_its_lines_are_events_or_say_more_of_one(table: Table) -> None:
    step, of = table.lines.step, table.lines.says_more_of
    assert bool(step) != bool(of), "step or says_more_of"
    assert (f"{step}_detail" if step else f"{of}_more") in texts()


def test_more_is_said_of_events_that_claims_are_and_by_one_table() -> None:
    services = {row["event_type"] for row in load_nomenclature("service_event")}
    assert set(SAYING_MORE.values()) <= services
    # Each says it in one row a claim; two of them would double it.
    assert len(set(SAYING_MORE.values())) == len(SAYING_MORE)


def test_a_claim_reads_what_every_such_table_says() -> None:
    model = graph_of(every_table()).model("service_line")
    assert {table.lower() for table in SAYING_MORE} < set(model.reads)
    query = query_of(model, judge="NULL")
    for event_type in SAYING_MORE.values():
        assert f"SELECT '{event_type}' AS event_type" in query
