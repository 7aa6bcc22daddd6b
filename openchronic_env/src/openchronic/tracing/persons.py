"""Births, deaths and long-term illnesses, made again of one person's records."""

from __future__ import annotations

from pathlib import Path

from openchronic.building.filters import judge
from openchronic.engines.scans import parquet
from openchronic.engines.text import sql
from openchronic.tracing.desk import Desk
from openchronic.tracing.hospital import make_other

ILLNESSES = "IR_IMB_R"
PAIR = ("BEN_NIR_PSA", "BEN_RNG_GEM")


def make_person(desk: Desk, patients: list[Path]) -> list[str]:
    """Make ``event`` of the birth and the death of a subject: of all records that are theirs.

    ``patients``: the release's own table, which says what was concluded from them.
    """
    known = [one for one in ("IR_BEN_R", "IR_BEN_R_ARC") if one in desk.entries]
    tables = known or ["IR_IBA_R"]
    for table in tables:
        keys = PAIR if known else ("BEN_IDT_ANO",)
        mine = "pair" if known else "(SELECT BEN_NIR_PSA AS BEN_IDT_ANO FROM pair)"
        desk.lay(table, mine, among=desk.scan(table), keys=keys, once=False)
    if known:
        desk.view("ir_ben_r", " UNION ALL BY NAME ".join(desk.laid(table) for table in tables))
    else:
        desk.stand_in("IR_BEN_R")
    desk.view("record", sql("record"))
    desk.view(
        "patient",
        "SELECT said.* REPLACE (counted.n AS n_source_rows), CAST(NULL AS DATE) AS death_known "
        f"FROM {parquet(patients)} AS said INNER JOIN "
        "(SELECT subject_id, count(*) AS n FROM record GROUP BY subject_id) AS counted "
        "ON counted.subject_id = said.subject_id",
    )
    make_other(desk)
    return tables


def make_illness(desk: Desk) -> list[str]:
    """Make ``event`` of the long-term illnesses of a subject."""
    desk.lay(ILLNESSES, "pair", among=desk.scan(ILLNESSES), keys=PAIR, once=False)
    desk.view("judged", judge(desk.settings.filters, "ald", sql("ald")))
    desk.view("ald_record", "SELECT * FROM judged WHERE removed_by IS NULL")
    desk.view("ald", sql("ald_period"))
    make_other(desk)
    return [ILLNESSES]
