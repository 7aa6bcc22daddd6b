"""Who is who: pairs of number and rank become persons, persons become subjects."""

from __future__ import annotations

from openchronic.building.context import Context
from openchronic.building.engine import sql
from openchronic.building.typed import files_of, show
from openchronic.errors import OpenChronicError, SourceError
from openchronic.schema import load_nomenclature


def identify_people(context: Context) -> dict[str, int]:
    """Make ``pair``, ``subject``, ``psa``, ``person``; return the identity report.

    Raises SourceError: nobody in the referential. OpenChronicError: two subjects share a number.
    """
    connection = context.connection
    connection.execute("CREATE OR REPLACE TEMP TABLE secret (site_key VARCHAR)")
    connection.execute("INSERT INTO secret VALUES (?)", [context.settings.key.text])
    connection.execute("CREATE OR REPLACE TEMP TABLE fictive_nir (code VARCHAR)")
    fictive = [row["code"] for row in load_nomenclature("nir_kind") if row["fictive"] == "1"]
    connection.execute("INSERT INTO fictive_nir SELECT unnest(?)", [fictive])
    archived = files_of(context.readings.get("IR_BEN_R_ARC"))
    show(connection, "IR_BEN_R", files_of(context.readings.get("IR_BEN_R")) + archived)
    for table in ("pair", "subject", "psa", "person"):
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS {sql(table)}")
    _refuse_collisions(context)
    report = _report(context)
    if not report["subjects"]:
        raise SourceError("IR_BEN_R: no usable beneficiary in it")
    return report


def _refuse_collisions(context: Context) -> None:
    (shared,) = context.one(
        "SELECT count(*) FROM (SELECT subject_id FROM subject GROUP BY subject_id "
        "HAVING count(*) > 1)"
    )
    if shared:
        raise OpenChronicError(
            f"{shared} subject numbers are shared by two persons: choose another site key"
        )


def _report(context: Context) -> dict[str, int]:
    names = (
        "records",
        "pairs",
        "fictive_pairs",
        "subjects",
        "numbers_shared_by_twins",
        "subjects_with_several_numbers",
        "sex_varies",
        "birth_varies",
    )
    return dict(
        zip(
            names,
            context.one("""
        SELECT
            (SELECT count(*) FROM ir_ben_r),
            (SELECT count(*) FROM pair),
            (SELECT count(*) FROM pair WHERE is_fictive),
            (SELECT count(*) FROM subject),
            (SELECT count(*) FROM psa WHERE is_shared),
            (SELECT count(*) FROM (SELECT natural_id FROM pair WHERE NOT is_fictive
                                   GROUP BY natural_id HAVING count(*) > 1)),
            (SELECT count(*) FROM person WHERE sex_varies),
            (SELECT count(*) FROM person WHERE birth_varies)
    """),
            strict=True,
        )
    )
