"""Computes the care pathways of a cohort, from two tables of the session."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from openchronic.api.duck import connect
from openchronic.errors import SettingsError
from openchronic.pathway import Pathways, parameters_of, pathways_of, read_parameters
from openchronic.pathway.dispensings import exposures_of
from openchronic.releases import Release
from openchronic.runtime.database import open_engine
from openchronic.runtime.limits import memory_limit, thread_limit
from openchronic.runtime.progress import Steps


def exposures(
    treatments: Mapping[str, str | Sequence[str]],
    release: Release | str | None = None,
    *,
    days: int = 30,
    days_large: int = 90,
    days_hospital: int = 1,
) -> duckdb.DuckDBPyRelation:
    """Les expositions à des traitements, d'après les délivrances : une ligne par sujet, traitement et jour.

    ``treatments`` nomme chaque traitement et ses codes : ``{"metformine": "A10BA02", "insuline": ["A10A"]}`` (débuts de
    classes ATC), ou ``"CIP13:34009…"``, ``"UCD:…"``. Le SNDS n'a ni durée ni dose : un jour de délivrance compte
    ``days`` jours, ``days_large`` si un grand conditionnement y est délivré, ``days_hospital`` à l'hôpital ; plusieurs
    boîtes d'un même jour comptent une fois.

    Donne ``subject_id``, ``treatment``, ``start_date``, ``end_date``, prêts pour ``oc.pathways``. Lève
    ``OpenChronicError`` si aucun code de la version ne commence par l'un de ces débuts.
    """
    return exposures_of(
        connect(release), treatments, days=days, days_large=days_large, days_hospital=days_hospital
    )


def pathways(
    exposures: Any,
    cohort: Any,
    parameters: str | Path | Iterable[Mapping[str, object]] | None = None,
    **one_set: object,
) -> Pathways:
    """Les suites de traitements d'une cohorte, et la part de ses périodes qui a chacune.

    ``exposures`` : un tableau (DuckDB, Arrow, pandas, Polars) ou un fichier (CSV, Parquet) de colonnes ``subject_id``,
    ``treatment``, ``start_date``, ``end_date``, et ``class`` pour que des traitements d'une même classe ne fassent pas
    deux lignes. ``cohort`` : de même, ``subject_id``, ``start_date``, ``end_date`` ;
    chaque ligne est une période. Les jours sont inclus.

    Les paramètres qui diffèrent de leur défaut sont nommés ici (``max_gap_days=60, repeats="all"``), ou dans
    ``parameters`` : un fichier CSV ou une liste de dictionnaires, un jeu par ligne, nommé par ``pathway``. La commande
    ``openchronic pathways --list-parameters`` les montre tous.

    Donne ``.shares`` (une ligne par suite), ``.paths`` (par période), ``.steps`` (par étape), ``.lines`` (par ligne de
    traitement), ``.adherence`` et ``.persistence`` : des relations DuckDB, à lire par ``.df()`` ou ``.pl()``. Dans une suite, « - » est entre deux étapes et « + » entre des traitements tenus
    ensemble ; une suite vide est l'absence de traitement. Lève ``OpenChronicError`` si une ligne ou un paramètre est
    faux.
    """
    if parameters is not None and one_set:
        raise SettingsError(
            f"parameters, or {', '.join(one_set)}: not both",
            f"Les paramètres sont nommés dans parameters, ou dans l’appel ({', '.join(one_set)})\u00a0: pas les deux.",
        )
    if isinstance(parameters, str | Path):
        wanted = read_parameters(Path(parameters))
    else:
        wanted = parameters_of([one_set] if parameters is None else parameters)
    return pathways_of(
        open_engine(threads=thread_limit()),
        exposures,
        cohort,
        parameters=wanted,
        place=Path(tempfile.gettempdir()),
        memory=memory_limit(),
        steps=Steps(Console(stderr=True), quiet=True),
    )
