"""Identity: pairs of number and rank become persons, persons become subjects."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.ingest.passage import TABLE as PASSAGE
from openchronic.models.delivery import Delivery
from openchronic.models.model import Given, Model, Node, Source, Stage
from openchronic.nomenclatures import load_nomenclature

CODE = {"code": "STRING"}
NUMBER = "BEN_NIR_PSA"
# SQL: the rows of tables of persons, each with the number by which alone the lines of a month or year lead to it.
BY_NUMBER = {
    "known_pair": "SELECT * FROM known_pair",
    "psa": "SELECT * FROM psa",
    "psa_span": "SELECT * FROM psa_span",
    "subject": (
        f"SELECT known_pair.{NUMBER}, known_pair.BEN_RNG_GEM, subject.* FROM known_pair "
        "INNER JOIN subject ON subject.natural_id = known_pair.natural_id"
    ),
}


def stages(delivery: Delivery) -> Iterator[Stage]:
    """Yields the stages of numbers, pairs and subjects, and of the person of each number and rank."""
    yield Stage("people", tuple(_nodes(delivery)), title="people")


def _nodes(delivery: Delivery) -> Iterator[Node]:
    yield Given("secret", {"site_key": "STRING"})
    yield Given("fictive_nir", CODE, lambda: _of_kind("fictive"))
    yield Given("provisional_nir", CODE, lambda: _of_kind("provisional"))
    # Fictive numbers have a subject where the filter on them is switched off.
    yield Given("left_out_nir", CODE)
    if delivery.has("IR_BEN_R"):
        yield Source("IR_BEN_R", every=True, own_name=True, also=("IR_BEN_R_ARC",))
    else:
        yield Source("IR_IBA_R", every=True, own_name=True)
        yield Model(
            "ir_ben_r", ("ir_iba_r",), text="ir_ben_r_of_dcirs", made="view", shape="IR_BEN_R"
        )
    yield Source(PASSAGE, every=True, own_name=True)
    yield Model("identity_record", ("ir_ben_r", PASSAGE.lower()), made="view")
    yield Model(
        "pair", ("identity_record", "fictive_nir", "left_out_nir", "provisional_nir"), made="table"
    )
    yield Model("subject", ("pair", "secret"), made="table")
    yield Model("psa", ("pair", "subject"), made="table")
    yield Model("psa_span", ("ir_ben_r", "pair", "psa", "subject"), made="table")
    if delivery.lacks_rank:
        yield Model(
            "known_pair",
            ("pair",),
            text="known_pair_or_number",
            parts={"by_number": "number_without_rank"},
            made="view",
        )
    else:
        yield Model("known_pair", ("pair",), made="view")
    if delivery.simplified:
        yield Model("known_person", ("identity_record",))


def _of_kind(trait: str) -> list[tuple[str]]:
    return [(row["code"],) for row in load_nomenclature("nir_kind") if row[trait] == "1"]
