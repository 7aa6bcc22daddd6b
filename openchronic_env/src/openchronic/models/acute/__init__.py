"""Stays in acute care (MCO) with their diagnoses, costs and detail lines, by year of discharge."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.models.delivery import Delivery
from openchronic.models.hospital import (
    HOSPITAL_NUMBER,
    Detail,
    Host,
    detail_models,
    doubled,
    references,
)
from openchronic.models.hospital.record_key import record_key
from openchronic.models.model import Count, ForeignKey, Model, Node, Source, Stage

RECORDS, CHAIN, ASSOCIATED, VALUED = "T_MCOaaB", "T_MCOaaC", "T_MCOaaD", "T_MCOaaVALO"
DETAILS = (
    Detail("T_MCOaaUM", "mco_unit"),
    Detail("T_MCOaaA"),
    Detail("T_MCOaaMED"),
    Detail("T_MCOaaFH"),
    Detail("T_MCOaaFB", "mco_service", reads=("service_letter",)),
)
HOST = Host("mco_host", RECORDS, {})
# The column of ``cost`` whose sum is reconciled, with the delivered column that it is the sum of.
PAID = {"reimbursed": "MNT_TOT_AM"}


def stages(delivery: Delivery) -> Iterator[Stage]:
    """Yields the stage of the reference tables of hospital care, then the stage of the years."""
    yield Stage("hospitals", tuple(references()))
    details = [one for one in DETAILS if delivery.has(one.table)]
    tables = (RECORDS, CHAIN, ASSOCIATED, VALUED, *(one.table for one in details))
    yield Stage(
        "stays",
        (*_stays(delivery), *(node for one in details for node in _detail(one)), *_paid(delivery)),
        scope="years",
        title="hospital stays",
        tables=tables,
        numbers={CHAIN: HOSPITAL_NUMBER},
    )


def _stays(delivery: Delivery) -> Iterator[Node]:
    yield Source(RECORDS)
    yield Source(CHAIN)
    yield Source(ASSOCIATED, every=True, own_name=True)
    yield Source(VALUED, every=True)
    for table in (CHAIN, ASSOCIATED):
        if delivery.has(table, RECORDS):
            yield ForeignKey(table, RECORDS, (table, RECORDS))
    yield doubled("mco", RECORDS)
    yield Model("valuation", ("every_t_mcoaavalo",), parts={"t_mcoaavalo": "= every_t_mcoaavalo"})
    yield Model(
        "stay_judged",
        ("t_mcoaab", "t_mcoaac", "mco_doubled", "psa", "psa_span", "valuation"),
        text="named_record",
        parts={"doubled_number": "= mco_doubled", "record": "stay_record"},
        filters="stay",
        counts=(
            Count(
                ("stays by year",),
                "SELECT CAST(stay_year AS INTEGER), removed_by, count(*) FROM stay_judged "
                "GROUP BY 1, 2",
            ),
        ),
    )
    yield Model(
        "kept_stay",
        ("stay_judged",),
        text="kept",
        parts={"judged": "= stay_judged"},
        made="view",
    )
    yield Model(
        "mco_stay",
        ("kept_stay", "secret"),
        text="stay",
        parts={"stay_record": "= kept_stay"},
        adds="all_stay",
        but=("ETA_NUM", "RSA_NUM", "file_year"),
    )
    yield Model(
        "stay_diagnosis",
        ("mco_stay", "t_mcoaad"),
        text="diagnosis",
        parts={"stay": "= mco_stay"},
        made="passed",
        adds="diagnosis",
    )
    yield Model(
        "mco_host",
        ("stay_judged", "mco_stay"),
        text="mco_host",
        parts={"judged": "= stay_judged", "stay": "= mco_stay"},
        words={"record_key": record_key(RECORDS, of="judged")},
    )


def _detail(detail: Detail) -> Iterator[Node]:
    yield Source(detail.table)
    yield from detail_models(detail, HOST)


def _paid(delivery: Delivery) -> Iterator[Node]:
    """Yields the models of what stays of public hospitals are paid: one cost per component of a stay, never
    doubled."""
    if not delivery.has(VALUED):
        return
    yield Source(VALUED, amounts=PAID)
    yield Model(
        "valued",
        ("t_mcoaavalo", "mco_host"),
        text="valued_judged",
        parts={"host": "= mco_host", "paid": "valued"},
        words={"record_key": record_key(RECORDS, of="valo")},
        filters="valued",
        counts=(
            Count(
                ("judged", "valued"),
                "SELECT removed_by, count(*) FROM valued WHERE is_judged GROUP BY removed_by",
            ),
            Count(
                ("fate", VALUED, RECORDS),
                "SELECT removed_by, count(*) FROM valued GROUP BY removed_by "
                "UNION ALL SELECT CAST(NULL AS STRING), 0",
            ),
            Count(
                ("filtered", VALUED),
                "SELECT removed_by, sum(MNT_TOT_AM) FROM valued "
                "WHERE removed_by IS NOT NULL GROUP BY removed_by",
                names=tuple(PAID),
            ),
            Count(
                ("valued",),
                "SELECT coalesce(sum(MNT_TOT_AM), 0) FROM valued WHERE removed_by IS NULL",
            ),
        ),
    )
    yield Model(
        "stay_cost",
        ("valued",),
        text="stay_cost",
        counts=(Count(("made", VALUED, "stay_cost"), "SELECT count(*) FROM stay_cost"),),
        by_bucket="hospital_cost",
    )
