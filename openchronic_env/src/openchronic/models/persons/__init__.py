"""What is known of each person (birth, sex, death, residence), bucket by bucket."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.models.delivery import Delivery
from openchronic.models.model import Model, Source, Stage, Written

CERTIFICATES = "KI_CCI_R"


def stages(_delivery: Delivery) -> Iterator[Stage]:
    """Yields the stage of records by bucket, and that of the persons made from them and from claims."""
    yield Stage(
        "records of persons",
        (
            Source(CERTIFICATES, every=True),
            Model(
                "certificate",
                ("every_ki_cci_r", "subject"),
                parts={"ki_cci_r": "= every_ki_cci_r"},
                made="table",
            ),
            Model(
                "person_record",
                ("ir_ben_r", "pair", "psa", "subject"),
                text="record",
                made="passed",
                by_bucket="record",
            ),
        ),
    )
    yield Stage(
        "persons",
        (
            Model("place_in_records", ("record",), made="view"),
            Model(
                "record_place",
                ("place_in_records", "department_code", "commune"),
                text="place",
                parts={"written_place": "= place_in_records"},
            ),
            Model(
                "residence",
                ("record", "trait_line", "record_place"),
                parts={"place": "= record_place"},
                writes=Written("residence", ("subject_id", "start_date NULLS FIRST")),
            ),
            Model("described", ("record", "trait_line")),
            Model(
                "described_person",
                ("described", "residence", "record", "trait_line"),
                text="person",
                made="passed",
                adds="person",
            ),
        ),
        scope="buckets",
        title="persons",
        light=True,
    )
