"""Makes events of claims again, from one person's claims and their detail lines."""

from __future__ import annotations

from datetime import date

from openchronic.build.foreign_keys import shared_key
from openchronic.catalogue.claims import CLAIMS
from openchronic.ingest.typed_files import MONTH
from openchronic.lineage.making import make_event
from openchronic.lineage.workspace import Workspace
from openchronic.models.claims import FACILITIES, KINDS
from openchronic.store import Entry

BY_TABLE = {kind.table: kind for kind in KINDS}


def make(workspace: Workspace, table: str, *, known: date) -> list[str]:
    """Makes ``event`` from the lines of ``table`` (named as in DCIR); returns the tables that it is made from.

    ``known``: the first flux of the event, before which it has no line.
    """
    claims, lines = workspace.delivered(CLAIMS), workspace.delivered(table)
    simplified = workspace.delivery.simplified
    first = f"{MONTH}{known:%Y-%m}/"

    def since(_entry: Entry, name: str) -> bool:
        return first <= name and not name.startswith(f"{MONTH}none/")

    among = workspace.scan(claims, since)
    mine = (
        "BEN_IDT_ANO IN (SELECT BEN_IDT_ANO FROM known_person)"
        if simplified
        else "(BEN_NIR_PSA, BEN_RNG_GEM) IN (SELECT (BEN_NIR_PSA, BEN_RNG_GEM) FROM pair)"
    )
    workspace.lay(
        claims,
        f"{among} WHERE {mine}",
        among=among,
        keys=shared_key(claims, claims),
    )
    details = {lines} - {claims}
    if not simplified:
        details.add(FACILITIES)
    for one in details:
        workspace.lay(
            one,
            claims.lower(),
            among=workspace.scan(one, since),
            keys=shared_key(one, claims),
            # All lines of a claim are taken together, however many there are.
            once=one != FACILITIES,
        )
    # What details add to an event does not identify it: those lines are not loaded.
    workspace.moving.add(lines.lower())
    make_event(workspace, "claim_event", through=[BY_TABLE[table].model])
    return [lines]
