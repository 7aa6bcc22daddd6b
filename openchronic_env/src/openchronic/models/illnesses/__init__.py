"""Long-term illnesses (ALD): turns exemption records into periods."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.models.delivery import Delivery
from openchronic.models.model import Given, Model, Source, Stage, Written
from openchronic.nomenclatures import load_nomenclature

# Care that is exempted for an ALD, from the released events and costs of a bucket.
CARE_YEAR = Model(
    "ald_care_year",
    ("released_cost", "released_event"),
    made="view",
    writes=Written("ald_care_year", ("subject_id", "year", "kind")),
)


def stages(delivery: Delivery) -> Iterator[Stage]:
    """Yields one stage: the table ``ald``, from IR_IMB_R."""
    yield Stage(
        "long-term illnesses",
        (
            Given(
                "ald_written",
                {"icd10": "STRING", "number": "BIGINT", "label": "STRING"},
                lambda: [
                    (row["icd10"], int(row["number"]), row["label"])
                    for row in load_nomenclature("ald_icd10")
                ],
            ),
            Model("ald_code", ("ald_written",)),
            Source("IR_IMB_R", every=True, own_name=True, unranked=delivery.people_lack_rank),
            Model(
                "ald_judged",
                ("ir_imb_r", "known_pair", "subject"),
                text="ald",
                filters="ald",
            ),
            Model(
                "ald_record",
                ("ald_judged",),
                text="kept",
                parts={"judged": "= ald_judged"},
                made="view",
            ),
            Model("ald", ("ald_code", "ald_record"), text="ald_period", made="table"),
        ),
        title="long-term illnesses",
    )
