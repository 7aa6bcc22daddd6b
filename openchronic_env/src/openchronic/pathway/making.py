"""Makes the tables of pathways on an engine, from the exposures and the periods that it has."""

from __future__ import annotations

from openchronic.engines.engine import Engine
from openchronic.models.model import Model
from openchronic.models.pathways import ADHERENCE, HELD_NAME, SETTING, STEPS, paths
from openchronic.models.query import query_of
from openchronic.pathway.parameters import Parameters
from openchronic.pathway.treatments import Treatments
from openchronic.runtime.progress import Steps

TITLES = {
    "pathway_period": "periods",
    "pathway_purchase": "exposures of the periods",
    "pathway_era": "eras",
    "pathway_run": "treatments held together",
    "pathway_step": "steps",
    "pathway": "paths",
}


def load_parameters(engine: Engine, parameters: Parameters) -> None:
    """Makes ``setting``: a row a pathway."""
    engine.load(SETTING.name, SETTING.columns, parameters.rows())


def make_pathways(
    engine: Engine, parameters: Parameters, treatments: Treatments, steps: Steps
) -> None:
    """Makes the other tables of ``models/pathways``, for each set of ``parameters``, with the same treatments in each.

    The engine has ``setting``, ``target`` and ``exposure``, with every pathway's own rows.
    """
    for model in STEPS:
        _make(engine, model, steps)
    held = set(engine.rows("SELECT DISTINCT pathway, held FROM pathway_step"))
    # Each treatment alone, and none: adherence and persistence name them.
    alone = (0, *treatments.bits.values())
    held |= {(pathway, bits) for pathway in parameters.pathways for bits in alone}
    engine.load(
        HELD_NAME.name,
        HELD_NAME.columns,
        [(pathway, bits, treatments.held(bits)) for pathway, bits in sorted(held)],
    )
    # Whoever asks for adherence or persistence computes it.
    for model in (*paths(parameters.max_steps), *ADHERENCE):
        _make(engine, model, steps)


def _make(engine: Engine, model: Model, steps: Steps) -> None:
    query = query_of(model, judge="")
    if model.name not in TITLES:
        engine.view(model.name, query)
        return
    with steps.step(TITLES[model.name]):
        engine.scratch(model.name, query)
