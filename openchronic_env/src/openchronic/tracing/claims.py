"""Events of claims, made again of one person's claims and of what details them."""

from __future__ import annotations

from datetime import date

from openchronic.building.filters import judge
from openchronic.building.leading import shared_key
from openchronic.building.lines import KINDS, SERVICE, lines_of_claims, load_services
from openchronic.building.outpatients import load_outpatient_years
from openchronic.building.simplified import is_simplified
from openchronic.building.typed import no_row
from openchronic.delivery.reading import MONTH
from openchronic.engines.text import sql
from openchronic.store import Entry
from openchronic.tracing.desk import Desk

FACILITIES = "ER_ETE_F"
BY_TABLE = {kind.table: kind for kind in KINDS}


def make(desk: Desk, table: str, *, known: date) -> list[str]:
    """Make ``event`` of the lines of ``table`` (by its name in DCIR); returns the tables it is made of.

    ``known``: the first flux of the event; no line of it came before.
    """
    kind = BY_TABLE[table]
    claims, lines = desk.delivered("ER_PRS_F"), desk.delivered(table)
    first = f"{MONTH}{known:%Y-%m}/"

    def since(_entry: Entry, name: str) -> bool:
        return first <= name and not name.startswith(f"{MONTH}none/")

    among = desk.scan(claims, since)
    mine = (
        "BEN_IDT_ANO IN (SELECT BEN_IDT_ANO FROM known_person)"
        if is_simplified(desk.readings)
        else "(BEN_NIR_PSA, BEN_RNG_GEM) IN (SELECT (BEN_NIR_PSA, BEN_RNG_GEM) FROM pair)"
    )
    desk.lay(
        claims,
        f"{among} WHERE {mine}",
        among=among,
        keys=shared_key(claims, claims),
    )
    details = {lines} - {claims}
    if not is_simplified(desk.readings):
        details.add(FACILITIES)
    for one in details:
        desk.lay(
            one,
            claims.lower(),
            among=desk.scan(one, since),
            keys=shared_key(one, claims),
            # Their lines are taken together, however many there are.
            once=one != FACILITIES,
        )
    if is_simplified(desk.readings):
        for name in {"ER_PRS_F", FACILITIES, table}:
            desk.stand_in(name)
    load_services(desk.context)
    load_outpatient_years(desk.context)
    # Where a transport went tells of its event, not which one it is.
    desk.view("er_trs_f", no_row("ER_TRS_F"))
    if kind is SERVICE:
        desk.view("claim", sql("claim"))
    else:
        desk.fix("claim", sql("claim"))
    query = lines_of_claims(desk.context, kind)
    desk.view("judged", judge(desk.settings.filters, kind.step, query))
    desk.view("claim_line", "SELECT * FROM judged WHERE removed_by IS NULL")
    desk.view("claim_event", sql("claim_event"))
    desk.view("other_event", "SELECT * FROM claim_event WHERE FALSE")
    desk.view("hospital_event", "SELECT * FROM claim_event WHERE FALSE")
    desk.view("event", sql("event"))
    return [lines]
