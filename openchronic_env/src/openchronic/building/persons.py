"""What is known of each person: birth, sex, death, and where they lived, bucket by bucket."""

from __future__ import annotations

from openchronic.building.claims import Claims
from openchronic.building.context import Context
from openchronic.building.dealing import bucket_files, deal, show_dealt
from openchronic.building.engine import sql
from openchronic.building.parts import bucket_name, write_part
from openchronic.building.places import read_places
from openchronic.building.typed import files_of, show

WRITTEN = (
    "SELECT coalesce(BEN_RES_DPT, '') AS dpt, coalesce(BEN_RES_COM, '') AS com, "
    "affiliation(ORG_AFF_BEN) AS body FROM record"
)


def describe_persons(context: Context, claims: Claims) -> None:
    """Make ``person``, ``certificate``, and the table ``residence`` of the release."""
    connection = context.connection
    show(connection, "KI_CCI_R", files_of(context.readings.get("KI_CCI_R")))
    connection.execute(f"CREATE OR REPLACE TABLE certificate AS {sql('certificate')}")
    records = context.place.private / "record"
    deal(context, sql("record"), records / "all")
    with context.steps.step("persons", total=context.settings.buckets, unit="buckets") as tick:
        for bucket in range(context.settings.buckets):
            show_dealt(context, "record", bucket_files(records, bucket), empty=sql("record"))
            said = bucket_files(claims.trait_lines, bucket)
            show_dealt(context, "trait_line", said, empty=sql("trait_line"))
            read_places(context, WRITTEN)
            for table in ("residence", "described"):
                connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {sql(table)}")
            write_part(
                context,
                "residence",
                "SELECT * FROM residence ORDER BY subject_id, start_date NULLS FIRST",
                bucket_name(bucket),
            )
            verb = "INSERT INTO person" if bucket else "CREATE OR REPLACE TABLE person AS"
            connection.execute(f"{verb} {sql('person')}")
            tick()
    connection.execute("DROP TABLE residence; DROP TABLE described")
