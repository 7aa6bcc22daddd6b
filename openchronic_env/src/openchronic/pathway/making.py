"""Makes the tables of pathways on an engine, from the exposures and the periods that it has."""

from __future__ import annotations

from openchronic.engines.engine import Engine
from openchronic.models.model import Model
from openchronic.models.pathways import (
    ADHERENCE,
    HELD_NAME,
    LINE_ERAS,
    SETTING,
    STEPS,
    TREATMENT_CLASS,
    TREATMENT_GROUP,
    line_after,
    lines,
    paths,
)
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

    The engine has ``setting``, ``target`` and ``exposure``, with every pathway's own rows, and ``hospital_stretch``.
    """
    for model in STEPS:
        _make(engine, model, steps)
    engine.load(
        TREATMENT_CLASS.name,
        TREATMENT_CLASS.columns,
        [
            (pathway, bit, treatments.class_bits(name))
            for pathway in parameters.pathways
            for name, bit in treatments.bits.items()
        ],
    )
    engine.load(
        TREATMENT_GROUP.name,
        TREATMENT_GROUP.columns,
        [(pathway, *one) for pathway in parameters.pathways for one in treatments.groups()],
    )
    held = engine.rows("SELECT DISTINCT pathway, held FROM pathway_step")
    engine.load(
        HELD_NAME.name,
        HELD_NAME.columns,
        [(pathway, bits, treatments.held(bits)) for pathway, bits in sorted(held)],
    )
    # Whoever asks for adherence or persistence computes it.
    for model in (*paths(parameters.max_steps), *ADHERENCE):
        _make(engine, model, steps)


def make_lines(engine: Engine, parameters: Parameters, treatments: Treatments) -> None:
    """Makes ``treatment_line``, from the tables of ``make_pathways``, and the names of their regimens in ``regimen_name``.

    A line needs the one before it: each pass is one query over all subjects, and the last one adds nothing.
    """
    for model in LINE_ERAS:
        engine.scratch(model.name, query_of(model, judge=""))
    passes = 0
    # One more than the lines that are told: a line ends where the next one begins.
    while passes <= parameters.max_lines:
        model = line_after(passes)
        engine.scratch(model.name, query_of(model, judge=""))
        passes += 1
        ((found,),) = engine.rows(f"SELECT count(*) FROM {model.name}")
        if not found:
            break
    last = lines(passes)
    engine.scratch(last.name, query_of(last, judge=""))
    regimens = sorted(
        {bits for (bits,) in engine.rows(f"SELECT DISTINCT regimen FROM {last.name}")}
    )
    engine.load(
        "regimen_name",
        {"regimen": "BIGINT", "name": "STRING"},
        [(bits, treatments.held(bits)) for bits in regimens],
    )


def _make(engine: Engine, model: Model, steps: Steps) -> None:
    query = query_of(model, judge="")
    if model.name not in TITLES:
        engine.view(model.name, query)
        return
    with steps.step(TITLES[model.name]):
        engine.scratch(model.name, query)
