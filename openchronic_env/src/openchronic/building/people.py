"""Who is who: pairs of number and rank become persons, persons become subjects."""

from __future__ import annotations

from functools import partial

from openchronic.building.context import Context
from openchronic.building.simplified import show_beneficiaries
from openchronic.engines.text import sql
from openchronic.errors import OpenChronicError, SourceError
from openchronic.schema import load_nomenclature


def identify_people(context: Context) -> None:
    """Make ``pair``, ``subject``, ``psa``.

    Raises SourceError: nobody in the referential. OpenChronicError: two subjects share a number.
    """
    load_numbers(context)
    context.finished.once("people", partial(identify, context))


def load_numbers(context: Context) -> None:
    """Make ``secret``, the kinds of numbers, and the view of beneficiaries."""
    context.engine.give("secret", {"site_key": "STRING"}, [[context.settings.key.text]])
    for trait in ("fictive", "provisional"):
        codes = [row["code"] for row in load_nomenclature("nir_kind") if row[trait] == "1"]
        context.engine.give(f"{trait}_nir", {"code": "STRING"}, [[code] for code in codes])
    show_beneficiaries(context)


def identify(context: Context) -> None:
    """Make ``pair``, ``subject``, ``psa``. Raises as ``identify_people``."""
    for table in ("pair", "subject", "psa"):
        context.engine.table(table, sql(table))
    _refuse_collisions(context)
    if not context.one("SELECT count(*) FROM subject")[0]:
        name = "IR_BEN_R" if "IR_BEN_R" in context.readings else "IR_IBA_R"
        raise SourceError(f"{name}: no usable beneficiary in it")


def _refuse_collisions(context: Context) -> None:
    (shared,) = context.one(
        "SELECT count(*) FROM (SELECT subject_id FROM subject GROUP BY subject_id "
        "HAVING count(*) > 1)"
    )
    if shared:
        raise OpenChronicError(
            f"{shared} subject numbers are shared by two persons: choose another site key"
        )
