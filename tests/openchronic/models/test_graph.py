"""The graph of a build: a model declares the tables that its text reads, and every name has one meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from openchronic.catalogue import load_tables
from openchronic.models.delivery import Delivery, every_table
from openchronic.models.graph import Graph, check, graph_of
from openchronic.models.model import Model, Stage
from openchronic.models.query import query_of
from tests.openchronic.front_door import openchronic

DCIRS = Delivery(frozenset(name for name in load_tables() if not name.startswith("ER_")))
DELIVERIES = {
    "DCIR": every_table(),
    "DCIRS": DCIRS,
    "DCIR without ranks": replace(every_table(), lacks_rank=True, people_lack_rank=True),
    "persons and claims alone": Delivery(frozenset({"IR_BEN_R", "ER_PRS_F"})),
    "no referential but IR_IBA_R": Delivery(every_table().tables - {"IR_BEN_R", "IR_BEN_R_ARC"}),
}


def models(graph: Graph) -> Iterator[Model]:
    return (node for node in graph.nodes() if isinstance(node, Model))


def named_in(query: str) -> set[str]:
    """Returns the tables that a query reads, by another SQL parser: those of FROM and JOIN that it does not
    define."""
    found: set[str] = set()
    tree = sqlglot.parse_one(query, read="duckdb")
    made_anywhere = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        name = table.name.lower()
        if name not in made_anywhere or not _is_made_above(table, name):
            found.add(name)
    return found


def _is_made_above(table: exp.Table, name: str) -> bool:
    """Returns whether a common table expression of that name is visible: before it in its WITH, or around it."""
    node: exp.Expr | None = table
    while node is not None:
        parent = node.parent
        if isinstance(node, exp.CTE) and isinstance(parent, exp.With):
            before = parent.expressions[: parent.expressions.index(node)]
            if any(cte.alias.lower() == name for cte in before):
                return True
        elif isinstance(node, exp.Query):
            inside = node.args.get("with_") or node.args.get("with")
            own = inside.expressions if inside else []
            if not _holds(inside, table) and any(cte.alias.lower() == name for cte in own):
                return True
        node = parent
    return False


def _holds(node: exp.Expr | None, table: exp.Table) -> bool:
    return node is not None and any(one is table for one in node.find_all(exp.Table))


@pytest.mark.parametrize("name", DELIVERIES)
def test_a_model_declares_what_its_text_reads(name: str) -> None:
    graph = graph_of(DELIVERIES[name])
    for model in models(graph):
        query = query_of(
            model, judge="CAST(NULL AS VARCHAR)", words={"year": "2020", "version": "8"}
        )
        assert named_in(query) == set(model.reads), model.name


def test_the_reader_of_the_texts_sees_through_names_of_their_own() -> None:
    assert named_in("WITH a AS (SELECT * FROM b) SELECT * FROM a JOIN c ON TRUE") == {"b", "c"}
    assert named_in("WITH psa AS (SELECT * FROM psa) SELECT * FROM psa") == {"psa"}
    assert named_in("SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) JOIN x ON TRUE") == {"x"}


@pytest.mark.parametrize("name", DELIVERIES)
def test_no_word_of_a_text_is_left_unsaid(name: str) -> None:
    for model in models(graph_of(DELIVERIES[name])):
        query = query_of(model, judge="''", words={"year": "2020", "version": "8"})
        assert not re.search(r"\{\w+\}", query), model.name


def test_no_word_of_a_model_is_one_that_its_instances_have() -> None:
    # It would be written over: the year of the files at hand, for that of a row.
    for model in models(graph_of(every_table())):
        assert not {"year", "version"} & set(model.words), model.name


def test_a_name_that_is_read_before_it_is_made_is_refused() -> None:
    early = Stage("one", (Model("a", ("b",)),))
    late = Stage("two", (Model("b", ()),))
    with pytest.raises(ValueError, match="a of one reads what is not made: b"):
        check([early, late])


def test_a_name_of_a_month_is_not_read_after_the_months() -> None:
    months = Stage("months", (Model("claim", ()),), scope="months")
    after = Stage("after", (Model("total", ("claim",)),))
    with pytest.raises(ValueError, match="total of after reads what is not made: claim"):
        check([months, after])


def test_a_name_that_would_mean_two_things_is_refused() -> None:
    twice = (Model("host", (), text="one"), Model("host", (), text="other"))
    with pytest.raises(ValueError, match="host means two things"):
        check([Stage("hosts", twice)])
    with pytest.raises(ValueError, match="stay means two things"):
        check([Stage("stays", (Model("all", (), adds="stay"), Model("stay", ())))])


def test_the_graph_is_drawn_in_the_order_of_a_build() -> None:
    said = openchronic("build", "--graph")
    assert said.status == 0, said.text
    lines = said.out.splitlines()
    stages = [line for line in lines if line and not line.startswith(" ")]
    assert stages.index("claims (by months)") < stages.index("events (by bucket)")
    assert "  claim <- er_prs_f, er_ete_f, fictive_nir, known_pair, subject" in lines
    assert any(line.startswith("  event <- ") and line.endswith("=> table event") for line in lines)


def test_the_graph_of_a_delivery_has_what_is_delivered(delivery: Path) -> None:
    said = openchronic("build", "--graph", delivery)
    assert said.status == 0, said.text
    assert "er_prs_f = ER_PRS_F as delivered" in said.out
    assert "biology_line" not in said.out


def test_a_model_is_explained_with_what_it_reads() -> None:
    said = openchronic("build", "--explain", "drug_line")
    assert said.status == 0, said.text
    assert "-- drug_line (claims, by months), as duckdb runs it" in said.out
    assert "--   claim: model of claims" in said.out
    assert "--   er_pha_f: delivered" in said.out
    assert "END AS removed_by\nFROM line" in said.out
    # The same model, by the step of its filters and by the name of its text.
    assert openchronic("build", "--explain", "drug").out == said.out
    assert "-- claim_cost (claims, by months)" in openchronic("build", "--explain", "cost_line").out


def test_a_wrong_model_is_answered_with_those_that_there_are() -> None:
    said = openchronic("build", "--explain", "drug_lines")
    assert said.status == 2
    assert "no such model; did you mean drug_line" in said.err
