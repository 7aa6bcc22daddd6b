"""Yearly expenses of the national cartography beside the claims of the release, patient by patient."""

from __future__ import annotations

from openchronic.building.context import Context
from openchronic.building.parts import write_part, written
from openchronic.cartography import load_expenses
from openchronic.engines.text import sql

EXPENSES = "CT_DEP_AAAA_GN"
TABLE = "cartography_expense"


def read_expenses(context: Context, year: int) -> None:
    """Add to ``told_expense`` what the cartography says of the year, of the view ``ct_dep_aaaa_gn``.

    After ``cartography_person`` of the same year.
    """
    context.engine.add(
        "told_expense",
        str(year),
        " UNION ALL ".join(
            f"SELECT {year} AS year, '{one.name}' AS expense, person.subject_id, "
            f"CAST(sum(dep.{one.column}) AS DECIMAL(18, 5)) AS amount "
            f"FROM {EXPENSES} AS dep INNER JOIN cartography_person AS person "
            "ON person.ID_CARTO = dep.ID_CARTO "
            f"WHERE person.subject_id IS NOT NULL AND dep.{one.column} IS NOT NULL "
            "GROUP BY person.subject_id"
            for one in load_expenses()
        ),
    )


def write_expenses(context: Context) -> None:
    """Write the table ``cartography_expense``, unless no amount was delivered.

    After ``mapped_people``. Lines for information and those that the PMSI holds are nobody's.
    """
    if not context.one("SELECT count(*) FROM told_expense")[0]:
        return
    engine = context.engine
    engine.give(
        "expense_service",
        {"expense": "STRING", "service": "STRING"},
        [(one.name, service) for one in load_expenses() for service in one.services],
    )
    for buckets in context.engine.passes(context.settings.buckets):
        engine.add(
            "found_expense",
            f"{buckets[0]:03}",
            "SELECT year(cost.start_date) AS year, asked.expense, cost.subject_id, "
            "CAST(sum(coalesce(cost.reimbursed, 0) + coalesce(cost.reimbursed_complement, 0)) "
            "AS DECIMAL(18, 5)) AS amount "
            f"FROM {engine.scan(written(context, 'cost', buckets))} AS cost "
            "INNER JOIN expense_service AS asked ON asked.service = cost.service_code "
            "WHERE cost.flags IS NULL "
            "AND year(cost.start_date) IN (SELECT year FROM told_expense) GROUP BY 1, 2, 3",
        )
    order = ("year", "expense", "sex", "age_class")
    write_part(context, TABLE, sql("cartography_expense"), order)
    engine.drop("expense_service")
