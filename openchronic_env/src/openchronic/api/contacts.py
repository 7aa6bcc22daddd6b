"""Computes the sequences of care of a cohort of a release."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from openchronic.api.duck import connect
from openchronic.care import Care, care_of, read_nodes
from openchronic.releases import Release
from openchronic.runtime.limits import memory_limit


def care(
    cohort: Any,
    nodes: str | Path | None = None,
    release: Release | str | None = None,
    *,
    collapse_repeats: bool = True,
) -> Care:
    """Les séquences de soins d'une cohorte : qui suit qui, et où est chaque sujet de mois en mois.

    ``cohort`` : un tableau (DuckDB, Arrow, pandas, Polars), un fichier (CSV, Parquet) de colonnes ``subject_id``,
    ``start_date``, ``end_date``, ou une cohorte d'``oc.cohort`` ; chaque ligne est une période, jours inclus. ``nodes`` : un
    fichier CSV qui dit quels faits sont quel soin (généraliste, urgences, séjour…) ; sans lui, celui d'Open Chronic. Des
    contacts voisins d'un même nœud n'en font qu'un, le même jour toujours, d'autres jours sauf avec
    ``collapse_repeats=False``.

    Donne ``.flow`` (graphe des successions : ``source``, ``target``, ``n``, ``n_subjects``, ``median_days``), ``.contacts``,
    ``.states`` (état de chaque mois depuis le premier jour de la période : death, mco, ssr, had, psy, home) et les formes
    que lisent TraMineR, Sequenzo, TanaT et pm4py : ``.sts``, ``.spells``, ``.sequences``, ``.event_log``.
    Hors de l'observation d'un sujet (``observation_period``) rien n'est vu : bornez-y les périodes, sans quoi leurs mois sont
    « home ». ``.write("dossier")`` les écrit toutes. Lève ``OpenChronicError`` si une ligne ou un nœud est faux.
    """
    return care_of(
        connect(release),
        getattr(cohort, "periods", cohort),
        read_nodes(Path(nodes) if nodes is not None else None),
        collapse_repeats=collapse_repeats,
        place=Path(tempfile.gettempdir()),
        memory=memory_limit(),
    )
