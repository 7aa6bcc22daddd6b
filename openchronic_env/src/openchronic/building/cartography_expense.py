"""Yearly expenses of the national cartography beside the claims of the release, patient by patient."""

from __future__ import annotations

from openchronic.building.context import Context
from openchronic.building.engine import sql
from openchronic.building.parts import bucket_name, write_part
from openchronic.building.typed import file_list
from openchronic.cartography import load_expenses

EXPENSES = "CT_DEP_AAAA_GN"
TABLE = "cartography_expense"


def begin_expenses(context: Context) -> None:
    """Make the empty tables of both sides."""
    for name in ("told_expense", "found_expense"):
        context.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} "
            "(year INTEGER, expense VARCHAR, subject_id BIGINT, amount DECIMAL(18, 5))"
        )


def read_expenses(context: Context, year: int) -> None:
    """Add what the cartography says of the year, of the view ``ct_dep_aaaa_gn``.

    After ``cartography_person`` of the same year.
    """
    for one in load_expenses():
        context.connection.execute(
            f"INSERT INTO told_expense SELECT {year}, '{one.name}', person.subject_id, "
            f"sum(dep.{one.column}) FROM {EXPENSES} AS dep INNER JOIN cartography_person AS person "
            "ON person.ID_CARTO = dep.ID_CARTO "
            f"WHERE person.subject_id IS NOT NULL AND dep.{one.column} IS NOT NULL "
            "GROUP BY person.subject_id"
        )


def write_expenses(context: Context) -> None:
    """Write the table ``cartography_expense``, unless no amount was delivered.

    After ``mapped_people``. Lines for information and those that the PMSI holds are nobody's.
    """
    if not context.one("SELECT count(*) FROM told_expense")[0]:
        return
    connection = context.connection
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE expense_service (expense VARCHAR, service VARCHAR)"
    )
    for one in load_expenses():
        connection.execute(
            "INSERT INTO expense_service SELECT ?, unnest(?)", [one.name, list(one.services)]
        )
    for bucket in range(context.settings.buckets):
        files = sorted((context.place.release / "cost" / bucket_name(bucket)).rglob("*.parquet"))
        connection.execute(
            "INSERT INTO found_expense SELECT year(cost.start_date), asked.expense, "
            "cost.subject_id, sum(coalesce(cost.reimbursed, 0) "
            "+ coalesce(cost.reimbursed_complement, 0)) "
            f"FROM {file_list(files)} AS cost INNER JOIN expense_service AS asked "
            "ON asked.service = cost.service_code "
            "WHERE cost.flags IS NULL "
            "AND year(cost.start_date) IN (SELECT year FROM told_expense) GROUP BY ALL"
        )
    write_part(
        context,
        TABLE,
        f"SELECT * FROM ({sql('cartography_expense')}) ORDER BY year, expense, sex, age_class",
    )
    connection.execute("DROP TABLE expense_service")
