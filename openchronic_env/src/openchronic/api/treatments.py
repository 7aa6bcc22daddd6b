"""Computes the care pathways of a cohort, from two tables of the session."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from openchronic.api.duck import connect, shared
from openchronic.api.pinning import pinned
from openchronic.diseases.reading import NAME
from openchronic.errors import SettingsError
from openchronic.pathway import Parameters, Pathways, parameters_of, pathways_of, read_parameters
from openchronic.pathway.dispensings import Rule, exposures_of, nights_of
from openchronic.pathway.released import entry_of, made_again, read_released
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
    per: str = "day",
    method: str | Mapping[str, str] = "pack",
    doses: Any = None,
    hospital_days: str = "ignore",
    classes: Mapping[str, str] | None = None,
) -> duckdb.DuckDBPyRelation:
    """Les expositions à des traitements, d'après les délivrances : une ligne par sujet, traitement et jour.

    ``treatments`` nomme chaque traitement et ses codes : ``{"metformine": "A10BA02", "insuline": ["A10A"]}`` (débuts de
    classes ATC), ou ``"CIP13:34009…"``, ``"UCD:…"``. Le SNDS n'a ni durée ni dose : un jour de délivrance compte
    ``days`` jours, ``days_large`` si un grand conditionnement y est délivré, ``days_hospital`` à l'hôpital ; plusieurs
    boîtes d'un même jour comptent une fois, ou chacune avec ``per="pack"``.

    ``method``, pour tous les traitements ou par traitement (``{"insuline": "refill"}``) : ``pack`` ; ``refill``, le délai
    dans lequel quatre délivrances sur cinq de ce traitement sont suivies d'une autre, dans toute la base ; ``dose``, unités
    × dosage ÷ dose quotidienne, d'après ``doses`` : un tableau ou un fichier de colonnes ``code``, ``units``,
    ``strength``, ``daily_dose``, que la version n'a pas. ``hospital_days`` : les nuits d'hôpital (MCO, réadaptation,
    psychiatrie) sont ignorées (``ignore``), prolongent l'exposition où elles tombent (``extend``), ou comptent comme des
    jours du traitement si elles commencent pendant une exposition ou juste après (``cover``). Pour l'adhérence seule, on garde
    ``ignore`` et on donne ``hospital=oc.hospital_nights()`` à ``oc.pathways``, qui les retire aussi du dénominateur.

    ``classes`` : la classe des traitements qui en ont une (``{"apixaban": "anticoagulant"}``), pour l'adhérence, la
    persistance et les lignes par classe.

    Donne ``subject_id``, ``treatment``, ``start_date``, ``end_date`` (et ``class`` avec ``classes``), prêts pour ``oc.pathways``. Lève
    ``OpenChronicError`` si aucun code de la version ne commence par l'un de ces débuts.
    """
    return exposures_of(
        connect(release),
        treatments,
        Rule(
            days=days,
            days_large=days_large,
            days_hospital=days_hospital,
            per=per,
            method=method,
            hospital_days=hospital_days,
        ),
        doses=doses,
        classes=classes,
    )


def hospital_nights(release: Release | str | None = None) -> duckdb.DuckDBPyRelation:
    """Les nuits d'hôpital (MCO, réadaptation, psychiatrie), séjours contigus réunis : ``subject_id``, ``start_date``, ``end_date``.

    ``end_date`` est la dernière nuit, la veille de la sortie. Sont laissés de côté les séances, la chirurgie et l'hospitalisation
    de jour ou de nuit. À donner à ``oc.pathways(…, hospital=…)``.
    """
    return nights_of(connect(release))


def pathways(
    exposures: Any,
    cohort: Any = None,
    parameters: str | Path | Iterable[Mapping[str, object]] | None = None,
    *,
    release: Release | str | None = None,
    hospital: Any = None,
    **one_set: object,
) -> Pathways:
    """Les suites de traitements d'une cohorte, et la part de ses périodes qui a chacune.

    ``oc.pathways("copd")`` lit un parcours que la version contient (``copd``, ``diabetes``, ``heart_failure``,
    ``atrial_fibrillation`` : ``oc.release().manifest["pathways"]`` en dit les traitements, les paramètres et le statut) ;
    avec des paramètres, il est refait sur les mêmes expositions et les mêmes périodes.

    Sinon, ``exposures`` : un tableau (DuckDB, Arrow, pandas, Polars) ou un fichier (CSV, Parquet) de colonnes
    ``subject_id``, ``treatment``, ``start_date``, ``end_date``, et ``class`` pour que l'adhérence et la persistance
    soient aussi dites par classe, et que des traitements d'une même classe ne fassent pas deux lignes. ``cohort`` : de même, ``subject_id``, ``start_date``, ``end_date``, ou une cohorte
    d'``oc.cohort`` ; chaque ligne est une période. ``hospital`` : les nuits d'hôpital (``oc.hospital_nights()``, ou de même
    ``subject_id``, ``start_date``, ``end_date``), pendant lesquelles les boîtes de la ville ne servent pas : l'adhérence les
    retire du dénominateur et prolonge d'autant ce qui a été acheté (``hospital_days="extend"``, le défaut). Les jours sont inclus.

    Les paramètres qui diffèrent de leur défaut sont nommés ici (``max_gap_days=60, repeats="all"``), ou dans
    ``parameters`` : un fichier CSV ou une liste de dictionnaires, un jeu par ligne, nommé par ``pathway``. La commande
    ``openchronic pathways --list-parameters`` les montre tous.

    Donne ``.shares`` (une ligne par suite), ``.paths`` (par période), ``.steps`` (par étape), ``.lines`` (par ligne de
    traitement), ``.adherence`` et ``.persistence`` : des relations DuckDB, à lire par ``.df()`` ou ``.pl()``. Dans une
    suite, « - » est entre deux étapes et « + » entre des traitements tenus ensemble ; une suite vide est l'absence de
    traitement. Lève ``OpenChronicError`` si une ligne, un nom ou un paramètre est faux.
    """
    if parameters is not None and one_set:
        raise SettingsError(
            f"parameters, or {', '.join(one_set)}: not both",
            f"Les paramètres sont nommés dans parameters, ou dans l’appel ({', '.join(one_set)})\u00a0: pas les deux.",
        )
    if isinstance(exposures, str) and NAME.fullmatch(exposures) and not Path(exposures).exists():
        if cohort is not None or parameters is not None or hospital is not None:
            raise SettingsError(
                f"{exposures}: a pathway of the release has its own cohort; give oc.exposures for another",
                f"« {exposures} » est un parcours de la version, qui a sa cohorte\u00a0: pour une autre, ou plusieurs jeux de "
                "paramètres, donnez des expositions (oc.exposures).",
            )
        chosen = pinned(release)
        entry = entry_of(chosen.manifest, exposures, chosen.name)
        if one_set:
            return made_again(shared(chosen), entry, one_set, _make)
        return read_released(shared(chosen), entry, _make)
    if isinstance(parameters, str | Path):
        wanted = read_parameters(Path(parameters))
    else:
        wanted = parameters_of([one_set] if parameters is None else parameters)
    return _make(exposures, getattr(cohort, "periods", cohort), hospital, wanted)


def _make(exposures: Any, cohort: Any, hospital: Any, parameters: Parameters) -> Pathways:
    return pathways_of(
        open_engine(threads=thread_limit()),
        exposures,
        cohort,
        hospital,
        parameters=parameters,
        place=Path(tempfile.gettempdir()),
        memory=memory_limit(),
        steps=Steps(Console(stderr=True), quiet=True),
    )
