"""Makes births, deaths and long-term illnesses again, from one person's records."""

from __future__ import annotations

from pathlib import Path

from openchronic.engines.scans import parquet
from openchronic.lineage.desk import Desk
from openchronic.lineage.making import make, make_event

ILLNESSES = "IR_IMB_R"
PAIR = ("BEN_NIR_PSA", "BEN_RNG_GEM")


def make_person(desk: Desk, patients: list[Path]) -> list[str]:
    """Makes ``event`` for the birth and the death of a subject, from all records of the person.

    ``patients``: the table of the release with the values that were derived from them.
    """
    known = [one for one in ("IR_BEN_R", "IR_BEN_R_ARC") if one in desk.entries]
    tables = known or ["IR_IBA_R"]
    for table in tables:
        keys = PAIR if known else ("BEN_IDT_ANO",)
        mine = "pair" if known else "(SELECT BEN_NIR_PSA AS BEN_IDT_ANO FROM pair)"
        desk.lay(table, mine, among=desk.scan(table), keys=keys, once=False)
    desk.moving.update(table.lower() for table in tables)
    if known:
        desk.view("ir_ben_r", " UNION ALL BY NAME ".join(desk.laid(table) for table in tables))
        desk.moving.add("ir_ben_r")
    else:
        desk.there.discard("ir_ben_r")
    make(desk, ["record"])
    desk.view(
        "patient",
        "SELECT said.* REPLACE (counted.n AS n_source_rows), CAST(NULL AS DATE) AS death_known "
        f"FROM {parquet(patients)} AS said INNER JOIN "
        "(SELECT subject_id, count(*) AS n FROM record GROUP BY subject_id) AS counted "
        "ON counted.subject_id = said.subject_id",
    )
    desk.moving.add("patient")
    make_event(desk, "other_event")
    return tables


def make_illness(desk: Desk) -> list[str]:
    """Makes ``event`` for the long-term illnesses of a subject."""
    desk.lay(ILLNESSES, "pair", among=desk.scan(ILLNESSES), keys=PAIR, once=False)
    desk.moving.add(ILLNESSES.lower())
    desk.there.discard("ald")
    make_event(desk, "other_event")
    return [ILLNESSES]
