"""What is known of each person: birth, sex, death, and where they lived, bucket by bucket."""

from __future__ import annotations

from functools import partial

from openchronic.building.claims import Claims
from openchronic.building.context import Context
from openchronic.building.dealing import deal, passes, show_dealt
from openchronic.building.parts import write_part
from openchronic.building.places import read_places
from openchronic.building.typed import files_of, show
from openchronic.engines.text import sql

WRITTEN = (
    "SELECT coalesce(BEN_RES_DPT, '') AS dpt, coalesce(BEN_RES_COM, '') AS com, "
    "affiliation(ORG_AFF_BEN) AS body FROM record"
)
RESIDENCE_ORDER = ("subject_id", "start_date NULLS FIRST")


def describe_persons(context: Context, claims: Claims) -> None:
    """Make ``person``, ``certificate``, and the table ``residence`` of the release."""
    context.finished.once("persons", partial(_describe, context, claims))


def _describe(context: Context, claims: Claims) -> None:
    engine = context.engine
    show(context, "KI_CCI_R", files_of(context.readings.get("KI_CCI_R")))
    engine.table("certificate", sql("certificate"))
    records = context.place.private / "record"
    deal(context, sql("record"), records / "all")
    with context.steps.step("persons", total=context.settings.buckets, unit="buckets") as tick:
        for buckets in passes(context):
            show_dealt(context, "record", records, buckets, empty=sql("record"))
            said = claims.trait_lines
            show_dealt(context, "trait_line", said, buckets, empty=sql("trait_line"))
            read_places(context, WRITTEN)
            for table in ("residence", "described"):
                engine.scratch(table, sql(table))
            write_part(context, "residence", "SELECT * FROM residence", RESIDENCE_ORDER, buckets)
            engine.add("person", f"{buckets[0]:03}", sql("person"))
            tick(len(buckets))
    engine.drop("residence", "described")
