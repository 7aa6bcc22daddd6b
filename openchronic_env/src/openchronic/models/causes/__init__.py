"""Causes of death: those of the certificates that were matched to a person, as events on the day of death."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.models.delivery import Delivery
from openchronic.models.hospital import Detail, Host, detail_models
from openchronic.models.model import Model, Node, Source, Stage
from openchronic.models.persons import CERTIFICATES

DETAILS = (
    Detail(CERTIFICATES, "initial_cause"),
    Detail("KI_ECD_R", "associated_cause", reads=("ki_cci_r",)),
)
HOST = Host("death_host", CERTIFICATES, {})


def stages(delivery: Delivery) -> Iterator[Stage]:
    """Yields one stage, where certificates or causes are delivered."""
    details = [one for one in DETAILS if delivery.has(one.table)]
    if details:
        yield Stage("causes of death", tuple(_nodes(details)), title="causes of death", kept=True)


def _nodes(details: list[Detail]) -> Iterator[Node]:
    yield Source(CERTIFICATES)
    yield Model("death_host", ("ki_cci_r", "person", "subject"), text="death_host")
    for one in details:
        if one.table != CERTIFICATES:
            yield Source(one.table)
        yield from detail_models(one, HOST)
