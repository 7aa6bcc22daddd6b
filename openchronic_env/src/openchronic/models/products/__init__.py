"""Rehabilitation, hospital at home, psychiatry and hospital outpatients: records, stays and events.

The records of a year are judged; the stays are made from the records of all years, and added to those of acute
care; then the detail lines of a record or a visit become events, year by year.
"""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.catalogue import load_tables
from openchronic.models.delivery import Delivery
from openchronic.models.hospital import (
    HOSPITAL_NUMBER,
    Detail,
    Host,
    detail_models,
    doubled,
    doubled_words,
    event_of,
    lines_of,
)
from openchronic.models.hospital.record_key import record_key, stay_columns, stay_key
from openchronic.models.model import Count, ForeignKey, Model, Node, Source, Stage
from openchronic.models.products.listed import PRODUCTS, Product, diagnoses_of, judged

__all__ = ["PRODUCTS", "Product", "diagnoses_of", "judged", "stages"]


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
            words={"record_key": record_key(product.records)},
            counts=(
                Count(
                    ("visits", product.step),
                    f"SELECT count(*) FROM {host.model} WHERE removed_by IS NULL",
                ),
            ),
        )
        nodes = (*_records(product, delivery), visits, *_detail_nodes(details, host))
        yield Stage(
            product.name,
            nodes,
            scope="years",
            title=product.name,
            tables=tables,
            numbers={product.records: HOSPITAL_NUMBER},
        )
        return
    title = product.name
    records = tuple(_records(product, delivery))
    yield Stage(
        f"{title} records",
        records,
        scope="years",
        title=title,
        tables=tables,
        numbers={product.tables[1]: HOSPITAL_NUMBER},
    )
    yield Stage(f"{title} stays", tuple(_stays(product)), kept=True)
    lines = tuple(_lines(product, details))
    yield Stage(f"{title} lines", lines, scope="years", title=f"{title}, lines", tables=tables)
    yield Stage(f"{title} lines over years", tuple(_late_lines(product, details)), kept=True)


def _records(product: Product, delivery: Delivery) -> Iterator[Node]:
    step, records = product.step, product.records
    lowered = tuple(one.lower() for one in product.tables)
    for table in product.tables:
        yield Source(table, every=not load_tables()[table].unique, own_name=True)
    for table in product.tables[1:]:
        if delivery.has(table):
            yield ForeignKey(table, records, (table, records))
    facility, number = stay_columns(records)
    words = {"visits": step, "facility": facility, "number": number, "month": product.month}
    reads = (*lowered, *product.reads)
    if product.doubles:
        yield doubled(step, records)
        reads += (f"{step}_doubled",)
        words |= doubled_words(records)
    yield Model(
        judged(product),
        (*reads, "psa", "psa_span"),
        text="named_record",
        parts=_parts(product),
        words=words,
        filters=step,
        adds=f"{step}_judged" if product.care_setting else "",
        adds_removed=True,
    )


def _parts(product: Product) -> dict[str, str]:
    """Returns the queries of a record, by name: its row, its subject, and whether it was sent twice."""
    written = {"written": product.written or f"= {product.records.lower()}"}
    whose = "visit_record"
    if product.care_setting:
        written["chain"] = f"= {product.tables[1].lower()}"
        whose = "chained_record"
    if not product.doubles:
        return {**written, "record": whose}
    return {
        **written,
        "said": whose,
        "doubled_number": f"= {product.step}_doubled",
        "record": product.record,
    }


def _stays(product: Product) -> Iterator[Node]:
    step = product.step
    part, link, stay = f"{step}_part", f"{step}_link", f"{step}_stay"
    yield _part(product, part, f"{step}_judged")
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
        by_year=True,
    )


def _part(product: Product, name: str, records: str) -> Model:
    """Returns the model of the ``records`` as parts of stays."""
    facility, number = stay_columns(product.records)
    return Model(
        name,
        (records,),
        text="stay_part",
        parts={"judged": f"= {records}", "measured": f"{product.step}_part"},
        words={
            "record_key": record_key(product.records),
            "stay_key": stay_key(product.records),
            "care_setting": product.care_setting,
            "source_table": product.records,
            "groups": f"'{product.groups}'" if product.groups else "CAST(NULL AS STRING)",
            "facility": facility,
            "number": number,
        },
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
    yield _part(product, part, again)
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
    yield from detail_models(diagnoses_of(product), stays)
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
    yield _late(diagnoses_of(product))
    for one in details:
        if not one.host:
            yield _late(one)


def _late(detail: Detail) -> Node:
    name = lines_of(detail)
    return event_of(detail, name, f"{name}_crossing", by_year=True)


def _detail_nodes(details: list[Detail], host: Host) -> Iterator[Node]:
    for one in details:
        yield Source(one.table)
        yield from detail_models(one, host)
