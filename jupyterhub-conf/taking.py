"""Takes a session's share of the server, where there is one: its memory and its cards."""

import asyncio
import datetime
from typing import Any

import cards
import ledger
import shares
from choices import PROJECT
from failures import no_room


async def take(spawner: Any) -> None:
    """Give the session of a spawner its cards. Raises SpawnException if the server has no room for it.

    The caller holds `shares.ONE_AT_A_TIME` until the container exists: only then does the ledger show the share.
    """
    site, profile = spawner.settings, spawner.profile
    held = await asyncio.to_thread(ledger.read, network=site.network)
    try:
        shares.refuse_memory(
            profile,
            user=spawner.extra_create_kwargs["user"],
            ledger=held,
            limits=site.sessions,
            others=spawner.others,
        )
        given = cards.take(
            profile,
            devices=site.gpu_devices,
            project=spawner.user_options[PROJECT],
            ledger=held,
            lasts=datetime.timedelta(hours=site.idle.greatest_age_hours),
        )
    except shares.NoRoom as error:
        raise no_room(str(error), name=spawner.object_name) from error
    if given:
        spawner.log.info("%s has %s", spawner.object_name, ", ".join(given))
    spawner.extra_host_config = {**spawner.extra_host_config, **cards.asked(given)}
