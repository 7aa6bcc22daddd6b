"""Opens the typed delivered tables to those who may read the restricted zone."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from openchronic.api.duck import shared
from openchronic.api.pinning import pinned
from openchronic.errors import OpenChronicError
from openchronic.releases import Release
from openchronic.restricted.sources import scan


def source(
    table: str,
    release: Release | str | None = None,
    *,
    years: int | Iterable[int] | None = None,
) -> duckdb.DuckDBPyRelation:
    """Donne une table livrée (``"ER_PRS_F"``), typée, à la demande ; réservée à qui peut lire la zone
    restreinte.

    Les colonnes sont celles du dictionnaire, dans son ordre, avec toutes les lignes lisibles, doublons de
    livraison compris ; ``file_year`` en plus pour une table livrée par année. ``years`` : une année ou
    plusieurs, celles du flux (``FLX_DIS_DTD``) ou du fichier. Lève ``OpenChronicError`` : accès réservé,
    échantillon, table inconnue ou non livrée, fichiers typés absents.
    """
    chosen = pinned(release)
    return shared(chosen).sql(query(table, chosen, years=years))


def query(table: str, chosen: Release, *, years: int | Iterable[int] | None = None) -> str:
    """Returns the SQL text of a delivered table, for any connection to ``chosen``; raises as ``source`` does."""
    if chosen.sample is not None:
        raise OpenChronicError(
            "the delivered tables do not know subject_id, so they have no sample: ask for them of the whole "
            f"release {chosen.name}",
            "Les tables livrées ne connaissent pas subject_id : elles n'ont pas d'échantillon. "
            f'Appelez oc.source("{table}", oc.release("{chosen.name}")), sans sample.',
        )
    return scan(table, chosen, years=years)
