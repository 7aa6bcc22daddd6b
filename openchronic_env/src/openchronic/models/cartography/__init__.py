"""The comparison of the release with the national cartography: who has which disease, and what was spent.

The build makes it because a release does not hold the identifiers of the cartography; it keeps counts by
year, disease or expense, sex and age.
"""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.cartography import Disease, load_diseases, load_expenses
from openchronic.models.delivery import Delivery
from openchronic.models.model import Count, Given, Model, Node, Released, Source, Stage, Written

PERSONS, LINKS, EXPENSES = "CT_IND_AAAA_GN", "CT_IDE_AAAA_GN", "CT_DEP_AAAA_GN"
YEARS = "cartography years"
BY_AGE = ("sex", "age_class")


def tops() -> list[str]:
    """Returns the columns of the cartography that state whether a person has a disease."""
    return sorted({top for one in load_diseases() for top in one.tops})


def stages(delivery: Delivery) -> Iterator[Stage]:
    """Yields the stage of the cartography, year by year; then that of the events and costs of the release."""
    if not delivery.has(PERSONS, LINKS):
        return
    yield Stage(YEARS, tuple(_years()), scope="mapped years", title="national cartography")
    yield Stage("cartography people", tuple(_people()), after=YEARS)
    yield Stage(
        "cartography events",
        (
            Released("event"),
            Model(
                "found_disease",
                ("compared", "meant", "released_event"),
                text="cartography_found",
                made="passed",
                adds="found",
            ),
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
        title="national cartography, events",
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
        ("cartography_person", "ct_ind_aaaa_gn"),
        text="cartography_reported",
        words={"diseases": "\nUNION ALL\n".join(map(_has, load_diseases()))},
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
            "unless": "STRING",
        },
    )
    yield Given(
        "rule",
        {
            "disease": "STRING",
            "kind": "STRING",
            "place": "STRING",
            "prefix": "STRING",
            "years": "INT",
            "is_large_enough": "BOOLEAN",
        },
        lambda: [rule for disease in load_diseases() for rule in _rules(disease)],
    )
    yield Given(
        "no_rule",
        {"disease": "STRING", "prefix": "STRING"},
        lambda: [(disease.name, atc) for disease in load_diseases() for atc in disease.drug_not],
    )
    yield Given(
        "expense_service",
        {"expense": "STRING", "service": "STRING"},
        lambda: [(one.name, service) for one in load_expenses() for service in one.services],
    )
    yield Model("meant", ("code", "no_rule", "rule"), text="cartography_code")
    yield Model("mapped_people", ("mapped", "patient"), text="cartography_people")


def _has(disease: Disease) -> str:
    has = " OR ".join(f"{top} = 1" for top in disease.tops)
    return f"SELECT ID_CARTO, '{disease.name}' AS disease FROM ct_ind_aaaa_gn WHERE {has}"


def _rules(disease: Disease) -> list[tuple[str, str, str, str, int, bool]]:
    """Returns the rules of a disease: which code, and in which place. ``cause`` is what makes a complication
    count."""
    causes = disease.main if disease.complication else ()
    kinds = (
        ("ald", "ald", disease.ald, 0),
        ("main", "main", disease.main, disease.main_years),
        ("associated", "associated", disease.associated, disease.associated_years),
        ("complication", "main", disease.complication, disease.main_years),
        ("cause", "associated", causes, 0),
        ("drug", "drug", disease.drug, disease.drug_years),
    )
    return [
        (disease.name, kind, place, prefix, years, disease.large_pack)
        for kind, place, prefixes, years in kinds
        for prefix in prefixes
    ]
