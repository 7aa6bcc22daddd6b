"""Lines of claims that become events: from which tables they come, and the query that reads them."""

from __future__ import annotations

from dataclasses import dataclass

from openchronic.building.context import Context
from openchronic.building.simplified import delivered
from openchronic.catalogue import Table, is_simplified, load_tables
from openchronic.catalogue.claims import CLAIMS
from openchronic.engines.text import sql
from openchronic.schema import load_nomenclature


@dataclass(frozen=True)
class Kind:
    """Lines of one table (by its name in DCIR), judged by the filters of one step."""

    step: str
    table: str


def details_of_claims() -> list[Table]:
    """The tables of DCIR whose lines detail claims and are of an event."""
    return [
        one
        for one in load_tables().values()
        if one.lines.of == CLAIMS and one.lines.role == "events"
    ]


# Claims that are an event by themselves, whatever details them.
SERVICE = Kind("service", CLAIMS)
KINDS = (
    *(Kind(one.lines.step, one.name) for one in details_of_claims() if one.lines.step),
    SERVICE,
)
(DRUG,) = (kind for kind in KINDS if kind.step == "drug")


def delivered_kinds(context: Context) -> list[Kind]:
    """The kinds whose table is here, in either product; drugs always, so that they are counted."""
    readings = context.readings
    return [kind for kind in KINDS if kind is DRUG or delivered(readings, kind.table) in readings]


def line_query(kind: Kind, *, simplified: bool = False) -> str:
    """SQL: the lines of ``kind`` in the months at hand, each with what its claim says of it."""
    if kind is SERVICE:
        return f"WITH claimed AS ({sql('claimed_service')})\n{sql('claim_line')}"
    # The simplified product says how many acts a line is; for the rest the names are all that differ.
    own = simplified and kind.step == "procedure"
    detail = sql(f"dcirs/{kind.step}" if own else f"lines/{kind.step}")
    return f"WITH detail AS ({detail}),\nclaimed AS ({sql('claimed_detail')})\n{sql('claim_line')}"


def lines_of_claims(context: Context, kind: Kind) -> str:
    """The same for the product that was delivered."""
    return line_query(kind, simplified=is_simplified(context.readings))


def load_services(context: Context) -> None:
    """Make ``service_event`` (which natures are an event, and whose) and ``service_label``."""
    context.engine.give(
        "service_event",
        {
            "code": "BIGINT",
            "event_type": "STRING",
            "profession": "BIGINT",
            "is_emergency": "BOOLEAN",
        },
        [
            (
                int(row["code"]),
                row["event_type"],
                int(row["profession"]) if row["profession"] else None,
                row["emergency"] == "1",
            )
            for row in load_nomenclature("service_event")
        ],
    )
    context.engine.give(
        "service_label",
        {"code": "STRING", "label": "STRING"},
        [(row["code"], row["label"]) for row in load_nomenclature("service")],
    )
