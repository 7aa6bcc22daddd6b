"""Long-term illnesses: exemption records become periods."""

from __future__ import annotations

from openchronic.building.context import Context
from openchronic.building.filters import FilterCount
from openchronic.building.simplified import forget_ranks
from openchronic.building.tally import Tally
from openchronic.building.typed import files_of, show
from openchronic.engines.text import sql
from openchronic.schema import load_nomenclature


def read_illnesses(context: Context) -> tuple[FilterCount, ...]:
    """Make ``ald`` from IR_IMB_R."""
    engine = context.engine
    engine.give(
        "ald_written",
        {"icd10": "STRING", "number": "BIGINT", "label": "STRING"},
        [
            (row["icd10"], int(row["number"]), row["label"])
            for row in load_nomenclature("ald_icd10")
        ],
    )
    engine.scratch(
        "ald_code",
        "SELECT icd10, min(number) AS number, min(label) AS label FROM ald_written GROUP BY icd10",
    )
    show(context, "IR_IMB_R", files_of(context.readings.get("IR_IMB_R")))
    forget_ranks(context, "IR_IMB_R")
    tally = Tally()
    tally.judge(context, "ald", sql("ald"))
    engine.view("ald_record", "SELECT * FROM judged WHERE removed_by IS NULL")
    engine.table("ald", sql("ald_period"))
    engine.drop("ald_record", "judged")
    return tuple(tally.counts(context, "ald"))
