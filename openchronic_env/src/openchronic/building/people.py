"""Who is who: pairs of number and rank become persons, persons become subjects."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from openchronic.building.context import Context
from openchronic.building.filters import Filter
from openchronic.building.simplified import PEOPLE, lacks_rank, show_beneficiaries
from openchronic.engines.text import sql
from openchronic.errors import OpenChronicError, SourceError
from openchronic.schema import load_nomenclature


def identify_people(context: Context) -> None:
    """Make ``pair``, ``subject``, ``psa``.

    Raises SourceError: nobody in the referential. OpenChronicError: two subjects share a number.
    """
    load_numbers(context)
    context.finished.once("people", partial(identify, context))
    know_pairs(context)


def load_numbers(context: Context) -> None:
    """Make ``secret``, the kinds of numbers, and the view of beneficiaries."""
    context.engine.give("secret", {"site_key": "STRING"}, [[context.settings.key.text]])
    codes = {
        trait: [row["code"] for row in load_nomenclature("nir_kind") if row[trait] == "1"]
        for trait in ("fictive", "provisional")
    }
    # Rows of fictive numbers that a filter was told to keep are somebody's.
    codes["left_out"] = [] if keeps_fictive(context.settings.filters) else codes["fictive"]
    for trait, those in codes.items():
        context.engine.give(f"{trait}_nir", {"code": "STRING"}, [[code] for code in those])
    show_beneficiaries(context)


def identify(context: Context) -> None:
    """Make ``pair``, ``subject``, ``psa``, ``psa_span``. Raises as ``identify_people``."""
    for table in ("pair", "subject", "psa", "psa_span"):
        context.engine.table(table, sql(table))
    _refuse_collisions(context)
    if not context.one("SELECT count(*) FROM subject")[0]:
        name = "IR_BEN_R" if "IR_BEN_R" in context.readings else "IR_IBA_R"
        raise SourceError(f"{name}: no usable beneficiary in it")


def keeps_fictive(filters: Iterable[Filter]) -> bool:
    """Whether some filter that removes the rows of fictive numbers was switched off."""
    return any(not one.on for one in filters if one.remove_when == "is_fictive")


def know_pairs(context: Context) -> None:
    """Make ``known_pair``: whose a row of a number and rank is.

    A row that says no rank is somebody's where one person alone has the number.
    """
    columns = "BEN_NIR_PSA, BEN_RNG_GEM, natural_id, nir_kind, is_fictive, is_left_out"
    query = f"SELECT {columns} FROM pair"
    if lacks_rank(context, *PEOPLE, "ER_PRS_F", "IR_IMB_R", "CT_IDE_AAAA_GN"):
        query += f" UNION ALL {sql('number_without_rank')}"
    context.engine.view("known_pair", query)


def _refuse_collisions(context: Context) -> None:
    (shared,) = context.one(
        "SELECT count(*) FROM (SELECT subject_id FROM subject GROUP BY subject_id "
        "HAVING count(*) > 1)"
    )
    if shared:
        raise OpenChronicError(
            f"{shared} subject numbers are shared by two persons: choose another site key"
        )
