"""The comparison of the release with the national cartography: who has which disease, and what was spent.

The build makes it because a release does not hold the identifiers of the cartography; it keeps counts by
year, disease or expense, sex and age.
"""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.cartography import load_expenses
from openchronic.diseases import load_library
from openchronic.models.delivery import Delivery
from openchronic.models.model import Count, Given, Model, Node, Released, Source, Stage, Written

PERSONS, LINKS, EXPENSES = "CT_IND_AAAA_GN", "CT_IDE_AAAA_GN", "CT_DEP_AAAA_GN"
YEARS = "cartography years"
BY_AGE = ("sex", "age_class")


def tops() -> list[str]:
    """Returns the columns that are read of those by which the cartography states that a person has a disease."""
    return sorted({top for _, form in load_library().forms() for top in form.tops})


def stages(delivery: Delivery) -> Iterator[Stage]:
    """Yields the stage of the cartography, year by year; then that of the costs of the release, and the counts."""
    if not delivery.has(PERSONS, LINKS):
        return
    yield Stage(YEARS, tuple(_years()), scope="mapped years", title="national cartography")
    yield Stage("cartography people", tuple(_people()), after=YEARS)
    yield Stage(
        "cartography expenses",
        (
            Released("cost"),
            Model(
                "found_cost",
                ("expense_service", "released_cost", "reported_expense"),
                text="cartography_spent",
                made="passed",
                adds="found_expense",
                only_if=("reported expenses",),
            ),
        ),
        scope="buckets",
        light=True,
        title="national cartography, expenses",
        after=YEARS,
    )
    yield Stage(
        "cartography counts",
        (
            Model(
                "cartography",
                ("compared", "found", "mapped_people", "reported"),
                made="view",
                writes=Written("cartography", ("year", "disease", *BY_AGE)),
            ),
            Model(
                "cartography_criterion",
                ("compared", "disease_form", "disease_place", "found", "mapped_people", "reported"),
                made="view",
                writes=Written("cartography_criterion", ("year", "disease", "criterion")),
            ),
            Model(
                "cartography_expense",
                ("found_expense", "mapped_people", "reported_expense"),
                made="view",
                writes=Written("cartography_expense", ("year", "expense", *BY_AGE)),
                only_if=("reported expenses",),
            ),
        ),
        after=YEARS,
    )


def _years() -> Iterator[Node]:
    for table in (PERSONS, LINKS, EXPENSES):
        yield Source(table)
    # What each definition, a site's own ones included, is called there.
    yield Given("compared_top", {"disease": "STRING", "top": "STRING"})
    yield Model(
        "cartography_person",
        ("ct_ind_aaaa_gn", "ct_ide_aaaa_gn", "known_pair", "subject"),
        counts=(
            Count(
                ("mapped",),
                "SELECT {year}, {version}, count(*), count(subject_id), "
                "count(*) FILTER (WHERE n_subjects > 1) FROM cartography_person",
                names=("persons", "linked", "several"),
            ),
            Count(
                ("filled",),
                f"SELECT {{year}}, {{version}}, {', '.join(f'count({top})' for top in tops())} "
                "FROM ct_ind_aaaa_gn",
                names=tuple(tops()),
            ),
        ),
    )
    yield Model(
        "mapped_subject",
        ("cartography_person",),
        text="cartography_mapped",
        made="passed",
        adds="mapped",
    )
    yield Model(
        "reported_disease",
        ("cartography_person", "compared_top", "ct_ind_aaaa_gn"),
        text="cartography_reported",
        words={"tops": "\nUNION ALL\n".join(_has(top) for top in tops())},
        made="passed",
        adds="reported",
    )
    yield Model(
        "reported_amount",
        ("cartography_person", "ct_dep_aaaa_gn"),
        text="cartography_amount",
        words={
            "amounts": "\nUNION ALL\n".join(
                f"SELECT ID_CARTO, '{one.name}' AS expense, {one.column} AS amount "
                "FROM ct_dep_aaaa_gn"
                for one in load_expenses()
            )
        },
        adds="reported_expense",
        counts=(Count(("reported expenses",), "SELECT count(*) FROM reported_amount"),),
    )


def _people() -> Iterator[Node]:
    # Each year has the diseases that the cartography of that year lists.
    yield Given(
        "compared",
        {
            "year": "INT",
            "version": "INT",
            "disease": "STRING",
            "sex": "STRING",
        },
    )
    yield Given(
        "expense_service",
        {"expense": "STRING", "service": "STRING"},
        lambda: [(one.name, service) for one in load_expenses() for service in one.services],
    )
    yield Model("mapped_people", ("mapped", "patient"), text="cartography_people")


def _has(top: str) -> str:
    return f"SELECT ID_CARTO, '{top}' AS top FROM ct_ind_aaaa_gn WHERE {top} = 1"
