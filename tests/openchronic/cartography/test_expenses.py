"""The compared expenses are columns of the SNDS and services of its list."""

from __future__ import annotations

from openchronic.cartography import load_expenses
from openchronic.catalogue import load_tables
from openchronic.nomenclatures import load_nomenclature


def test_an_expense_is_an_amount_of_ct_dep_and_its_services_exist() -> None:
    amounts = {
        column.name
        for column in load_tables()["CT_DEP_AAAA_GN"].columns
        if column.type == "decimal"
    }
    services = {row["code"] for row in load_nomenclature("service")}
    for one in load_expenses():
        assert one.column in amounts
        assert one.services
        assert set(one.services) <= services


def test_no_service_is_in_two_expenses() -> None:
    every = [service for one in load_expenses() for service in one.services]
    assert len(every) == len(set(every))
