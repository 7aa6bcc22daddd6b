"""Who has which disease in which year, and since when: the definitions of the library on the events of a release."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.models.cartography import LINKS, PERSONS
from openchronic.models.delivery import Delivery
from openchronic.models.diseases.rows import TABLES
from openchronic.models.diseases.told import CRITERION, DEFINITION
from openchronic.models.illnesses import CARE_YEAR
from openchronic.models.model import Given, Model, Node, Released, Stage, Written

__all__ = ["TABLES", "evaluation", "stages"]

# The years that are asked, and whether the base holds all that the definition looks back at.
ASKED = {"definition": "STRING", "level": "INT", "year": "INT", "is_published": "BOOLEAN"}
YEAR = Written("disease_year", ("subject_id", "year", "definition"))
ONSET = Written("disease_onset", ("subject_id", "definition"))
STAY = Written("disease_stay", ("subject_id", "start_date", "stay_id", "definition"))


def stages(delivery: Delivery) -> Iterator[Stage]:
    """Yields the stage of the definitions; then that of the events of each bucket."""
    yield Stage("disease definitions", tuple(_definitions()))
    yield Stage(
        "diseases", tuple(_diseases(delivery)), scope="buckets", title="diseases", light=True
    )


def _definitions() -> Iterator[Node]:
    for name, columns in TABLES.items():
        yield Given(name, columns)
    yield Given("asked_year", ASKED)
    yield Given("population_setting", {"population": "STRING"})
    yield Given("told_definition", DEFINITION)
    yield Given("told_criterion", CRITERION)
    yield Model("disease_code", ("code", "disease_not", "disease_prefix"), made="table")
    yield Model(
        "definition",
        ("told_definition",),
        made="view",
        writes=Written("definition", ("definition",)),
    )
    yield Model(
        "criterion",
        ("told_criterion",),
        made="view",
        writes=Written("criterion", ("definition", "place")),
    )


def evaluation() -> Iterator[Model]:
    """Yields the models that find the states of subjects and the stays, from events and definitions alone."""
    yield Model(
        "disease_fact",
        (
            "disease_code",
            "disease_prefix",
            "disease_role",
            "disease_rule",
            "patient",
            "released_cost",
            "released_event",
        ),
    )
    yield Model("disease_met", ("disease_fact", "disease_rule"))
    yield Model("disease_span", ("disease_met",))
    before = {0: "", 1: "disease_state_0", 2: "state_before_last"}
    for level, read in before.items():
        if level == max(before):
            yield Model(read, ("disease_state_0", "disease_state_1"), made="view")
        yield Model(
            f"disease_state_{level}",
            (
                "asked_year",
                "disease_form",
                "disease_place",
                "disease_reference",
                "disease_span",
                "disease_term",
                "patient",
                *filter(None, [read]),
            ),
            text="disease_state",
            parts={"state_before": f"= {read}" if read else "no_state"},
            words={"level": str(level)},
        )
    yield Model(
        "every_state", ("disease_state_0", "disease_state_1", "disease_state_2"), made="view"
    )
    yield Model(
        "disease_stay",
        ("disease_form", "disease_met", "disease_term", "patient"),
        made="view",
        writes=STAY,
    )


def _diseases(delivery: Delivery) -> Iterator[Node]:
    yield Released("event")
    yield Released("cost")
    yield CARE_YEAR
    yield from evaluation()
    yield Model(
        "disease_population",
        ("asked_year", "observation_period", "patient", "population_setting", "released_event"),
    )
    yield Model(
        "disease_year",
        ("asked_year", "disease_form", "disease_population", "every_state"),
        made="view",
        writes=YEAR,
    )
    yield Model(
        "disease_onset",
        ("disease_form", "disease_met", "disease_place", "every_state", "observation_period"),
        made="view",
        writes=ONSET,
    )
    if delivery.has(PERSONS, LINKS):
        yield Model(
            "found_disease", ("every_state",), text="disease_found", made="passed", adds="found"
        )
