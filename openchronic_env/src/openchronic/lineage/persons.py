"""Makes births, deaths and long-term illnesses again, from one person's records."""

from __future__ import annotations

from pathlib import Path

from openchronic.engines.scans import parquet
from openchronic.lineage.making import make, make_event
from openchronic.lineage.workspace import Workspace

ILLNESSES = "IR_IMB_R"
PAIR = ("BEN_NIR_PSA", "BEN_RNG_GEM")


def make_person(workspace: Workspace, patients: list[Path]) -> list[str]:
    """Makes ``event`` for the birth and the death of a subject, from all records of the person.

    ``patients``: the table of the release with the values that were derived from them.
    """
    known = [one for one in ("IR_BEN_R", "IR_BEN_R_ARC") if one in workspace.entries]
    tables = known or ["IR_IBA_R"]
    for table in tables:
        keys = PAIR if known else ("BEN_IDT_ANO",)
        mine = "pair" if known else "(SELECT BEN_NIR_PSA AS BEN_IDT_ANO FROM pair)"
        workspace.lay(table, mine, among=workspace.scan(table), keys=keys, once=False)
    workspace.moving.update(table.lower() for table in tables)
    if known:
        workspace.view(
            "ir_ben_r", " UNION ALL BY NAME ".join(workspace.laid(table) for table in tables)
        )
        workspace.moving.add("ir_ben_r")
    else:
        workspace.there.discard("ir_ben_r")
    make(workspace, ["record"])
    workspace.view(
        "patient",
        "SELECT said.* REPLACE (counted.n AS n_source_rows), CAST(NULL AS DATE) AS death_known "
        f"FROM {parquet(patients)} AS said INNER JOIN "
        "(SELECT subject_id, count(*) AS n FROM record GROUP BY subject_id) AS counted "
        "ON counted.subject_id = said.subject_id",
    )
    workspace.moving.add("patient")
    make_event(workspace, "other_event")
    return tables


def make_illness(workspace: Workspace) -> list[str]:
    """Makes ``event`` for the long-term illnesses of a subject."""
    workspace.lay(ILLNESSES, "pair", among=workspace.scan(ILLNESSES), keys=PAIR, once=False)
    workspace.moving.add(ILLNESSES.lower())
    workspace.there.discard("ald")
    make_event(workspace, "other_event")
    return [ILLNESSES]
