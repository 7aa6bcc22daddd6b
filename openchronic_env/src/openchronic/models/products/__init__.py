"""Rehabilitation, hospital at home, psychiatry and hospital outpatients: records, stays and events.

The records of a year are judged; the stays are made from the records of all years, and added to those of acute
care; then the detail lines of a record or a visit become events, year by year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from openchronic.catalogue import load_tables
from openchronic.models.delivery import Delivery
from openchronic.models.hospital import Detail, Host, detail_models, doubled, event_of, lines_of
from openchronic.models.model import Count, ForeignKey, Model, Node, Source, Stage


@dataclass(frozen=True)
class Product:
    """A product of the PMSI. The rows of its first table are judged by the filters of ``step``.

    ``doubles``: whether some of its facilities declare twice. ``care_setting``: that of the stays that its
    records are parts of; empty for visits. ``diagnoses``: the query of the diagnoses in the records themselves.
    ``details``: the detail tables of its records.
    """

    step: str
    name: str
    tables: tuple[str, ...]
    doubles: bool
    reads: tuple[str, ...] = ()
    care_setting: str = ""
    diagnoses: str = ""
    details: tuple[Detail, ...] = ()

    @property
    def records(self) -> str:
        return self.tables[0]


BY_RECORD = ("judged",)
LETTERS = ("service_letter",)
# AP-HP, HCL and AP-HM send records twice where a published filter says so: not in psychiatry.
PRODUCTS = (
    Product(
        "ssr",
        "rehabilitation",
        ("T_SSRaaB", "T_SSRaaC"),
        doubles=True,
        care_setting="ssr",
        diagnoses="ssr_diagnosis",
        details=(
            Detail("T_SSRaaD", "ssr_associated", BY_RECORD),
            Detail("T_SSRaaCCAM", "ssr_act", BY_RECORD),
            Detail("T_SSRaaCSARR", "ssr_rehabilitation", BY_RECORD),
        ),
    ),
    Product(
        "had",
        "hospital at home",
        ("T_HADaaB", "T_HADaaC", "T_HADaaGRP"),
        doubles=True,
        care_setting="had",
        diagnoses="had_diagnosis",
        details=(
            Detail("T_HADaaD", "had_associated", BY_RECORD),
            Detail("T_HADaaA", "had_act", BY_RECORD),
        ),
    ),
    Product(
        "rip",
        "psychiatry",
        ("T_RIPaaRSA", "T_RIPaaC"),
        doubles=False,
        care_setting="psy",
        diagnoses="rip_diagnosis",
        details=(Detail("T_RIPaaR3A", "rip_act", host="rip_patient"),),
    ),
    Product(
        "ssr_ace",
        "rehabilitation outpatients",
        ("T_SSRaaCSTC",),
        doubles=True,
        reads=("hospital_number",),
        details=(
            Detail("T_SSRaaFBSTC", "ace_service", LETTERS),
            Detail("T_SSRaaFCSTC", "ace_service", LETTERS),
            Detail("T_SSRaaFMSTC", "ace_act"),
            Detail("T_SSRaaFLSTC", "ace_test"),
        ),
    ),
    Product(
        "ace",
        "hospital outpatients",
        ("T_MCOaaCSTC",),
        doubles=True,
        details=(
            Detail("T_MCOaaFBSTC", "ace_service", LETTERS),
            Detail("T_MCOaaFCSTC", "ace_service", LETTERS),
            Detail("T_MCOaaFMSTC", "ace_act"),
            Detail("T_MCOaaFLSTC", "ace_test"),
        ),
    ),
)


def stages(delivery: Delivery) -> Iterator[Stage]:
    """Yields the stages of every product that was delivered."""
    for product in PRODUCTS:
        if delivery.has(product.records):
            yield from _stages(product, delivery)


def _stages(product: Product, delivery: Delivery) -> Iterator[Stage]:
    details = [one for one in product.details if delivery.has(one.table)]
    # The years are those that any of its tables has.
    tables = (*product.tables, *(one.table for one in product.details))
    if not product.care_setting:
        host = Host(f"{product.step}_host", product.records, {})
        visits = Model(
            host.model,
            (judged(product), "secret"),
            text="ace_host",
            parts={"judged": f"= {judged(product)}"},
            counts=(
                Count(
                    ("visits", product.step),
                    f"SELECT count(*) FROM {host.model} WHERE removed_by IS NULL",
                ),
            ),
        )
        nodes = (*_records(product, delivery), visits, *_detail_nodes(details, host))
        yield Stage(product.name, nodes, scope="years", title=product.name, tables=tables)
        return
    title = product.name
    records = tuple(_records(product, delivery))
    yield Stage(f"{title} records", records, scope="years", title=title, tables=tables)
    yield Stage(f"{title} stays", tuple(_stays(product)), kept=True)
    lines = tuple(_lines(product, details))
    yield Stage(f"{title} lines", lines, scope="years", title=f"{title}, lines", tables=tables)
    yield Stage(f"{title} lines over years", tuple(_late_lines(product, details)), kept=True)


def judged(product: Product) -> str:
    """Returns the name of the model of the records of a year, with the filter that removes each."""
    return f"{product.step}_record_judged"


def _records(product: Product, delivery: Delivery) -> Iterator[Node]:
    step, records = product.step, product.records
    lowered = tuple(one.lower() for one in product.tables)
    for table in product.tables:
        yield Source(table, every=not load_tables()[table].unique, own_name=True)
    for table in product.tables[1:]:
        if delivery.has(table):
            yield ForeignKey(table, records, (table, records))
    double = {}
    if product.doubles:
        yield doubled(step, records)
        double = {"doubled_number": f"= {step}_doubled"}
    reads = (*lowered, *(one.removeprefix("= ") for one in double.values()), *product.reads)
    yield Model(
        judged(product),
        (*reads, "psa", "psa_span"),
        text="named_record",
        parts={**double, "record": f"{step}_record"},
        filters=step,
        adds=f"{step}_judged" if product.care_setting else "",
        adds_removed=True,
    )


def _stays(product: Product) -> Iterator[Node]:
    step = product.step
    part, link, stay = f"{step}_part", f"{step}_link", f"{step}_stay"
    yield Model(
        part,
        (f"{step}_judged",),
        text=f"{step}_part",
        parts={"judged": f"= {step}_judged"},
    )
    yield Model(link, (part,), text="stay_link", parts={"part": f"= {part}"}, made="table")
    yield Model(
        stay,
        (part, link, "delivered_year", "secret"),
        text="other_stay",
        parts={"part": f"= {part}", "link": f"= {link}"},
        made="table",
        adds="all_stay",
        but=("n_files",),
    )
    yield Model(
        f"{step}_crossing",
        (stay,),
        text="stay_of_several_files",
        parts={"product_stay": f"= {stay}"},
        made="table",
    )


def _lines(product: Product, details: list[Detail]) -> Iterator[Node]:
    """Yields the models of the lines of stays, which are the stays of all years."""
    step = product.step
    again, part, host = f"{step}_judged_of_year", f"{step}_part_of_year", f"{step}_host"
    yield Model(
        again,
        (f"{step}_judged",),
        text="judged_of_year",
        parts={"judged": f"= {step}_judged"},
    )
    yield Model(part, (again,), text=f"{step}_part", parts={"judged": f"= {again}"})
    yield Model(
        host,
        (part, f"{step}_link", f"{step}_stay"),
        text="other_host",
        parts={
            "part": f"= {part}",
            "link": f"= {step}_link",
            "product_stay": f"= {step}_stay",
        },
    )
    stays = Host(host, product.records, {"judged": again}, crossing=f"{step}_crossing")
    yield from detail_models(diagnoses_of(product), stays, of_records=True)
    yield from _detail_nodes([one for one in details if not one.host], stays)
    for one in details:
        if one.host:
            yield Model(
                one.host,
                (again,),
                text=f"{one.host}",
                parts={"judged": f"= {again}"},
            )
            # Visits, and patients of outpatient psychiatry, lie within one year.
            yield from _detail_nodes([one], Host(one.host, product.records, {}))


def _late_lines(product: Product, details: list[Detail]) -> Iterator[Node]:
    """Yields the models of the events of stays over several files, from the lines of all files."""
    yield _late(diagnoses_of(product), of_records=True)
    for one in details:
        if not one.host:
            yield _late(one)


def _late(detail: Detail, *, of_records: bool = False) -> Node:
    name = lines_of(detail, of_records=of_records)
    return event_of(detail, name, f"{name}_crossing")


def _detail_nodes(details: list[Detail], host: Host) -> Iterator[Node]:
    for one in details:
        yield Source(one.table)
        yield from detail_models(one, host)


def diagnoses_of(product: Product) -> Detail:
    """Returns the diagnoses in the records of ``product`` themselves, as detail lines."""
    return Detail(product.records, product.diagnoses, BY_RECORD)
