"""Makes cohorts in a session: from a file, the name of a disease, or the algebra."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from openchronic.api.duck import connect, shared
from openchronic.api.pinning import pinned
from openchronic.cohort import (
    Cohort,
    Facts,
    Plan,
    Where,
    base_of,
    cohort_of,
    read_file,
    recipe_of,
    saving,
)
from openchronic.cohort.algebra import disease, events, everyone, onset, stays
from openchronic.cohort.comparing import Comparison, compared
from openchronic.cohort.sets import combined
from openchronic.errors import SettingsError
from openchronic.releases import Release

__all__ = [
    "cohort",
    "compare",
    "disease",
    "events",
    "everyone",
    "load_cohort",
    "onset",
    "save",
    "stays",
]


def cohort(
    what: str | Path | Plan | Facts | Mapping[str, Any],
    release: Release | str | None = None,
    *,
    name: str | None = None,
    on: str | None = None,
    between: Iterable[Any] | None = None,
    keep: str | None = None,
    incident: bool | None = None,
    follow: str | None = None,
    steps: Iterable[Mapping[str, Any]] | None = None,
    codes: Mapping[str, Any] | None = None,
    allow_future: bool | None = None,
    keep_twins: bool | None = None,
) -> Cohort:
    """Une cohorte : des sujets, leurs jours d’index, la fin de leur suivi, et le schéma de sélection.

    ``what`` : un fichier (un texte qui finit par ``.toml``), le nom d’une maladie (``openchronic diseases`` les montre),
    ``"everyone"``, ou un plan écrit en Python : ``oc.onset("heart_failure").between("2022-01-01", "2022-12-31").aged(40)``.
    Avec un nom, le reste se dit ici, comme dans un fichier : ``on`` (``"onset"``, ``"date:2022-01-01"``, ``"each_year"`` au
    31 décembre des années où le sujet est un cas, ``"discharge"`` ou ``"admission"`` pour des séjours), ``between`` (deux jours,
    inclus), ``keep`` (``"first"``, ``"last"``, ``"all"``, ``"first_ever"``), ``follow`` (``"death or end_of_observation or 730 days"``), ``steps``
    (des dictionnaires : ``{"ages": [40, 130]}``, ``{"without": {"definition": "dialysis", "days": [-730, -1]}}``).

    Les fenêtres sont des jours depuis l’index, bornes incluses, 0 est le jour d’index. Une étape qui regarde après lui
    est refusée (temps « immortel »), sauf avec ``allow_future``, que tout résultat rappelle. Qui est mort avant l’index
    n’y est pas ; les jumeaux non plus où des séjours servent (``keep_twins``).

    Donne ``.rows``, ``.periods`` (pour ``oc.pathways``), ``.steps``, ``.flow`` (le schéma), ``.baseline()``, ``.match(…)`` ; ``|``, ``&`` et
    ``-`` combinent. Lève ``OpenChronicError``, avec le fichier et la ligne, si quelque chose est faux.
    """
    said, where = _said(what)
    index = {"on": on, "between": between, "keep": keep, "incident": incident}
    said["index"] = {**said.get("index", {}), **_given(index)}
    more = {
        "name": name,
        "codes": codes,
        "allow_future": allow_future,
        "keep_twins": keep_twins,
        "follow": {"until": follow} if follow else None,
    }
    said |= _given(more)
    if steps is not None:
        said["step"] = [*said.get("step", ()), *steps]
    return run(said, where, pinned(release))


def compare(
    a: Cohort,
    b: Cohort,
    *,
    diseases: str | Iterable[str] | None = None,
    event: str = "death",
) -> Comparison:
    """Deux cohortes côte à côte : ce qu’elles sont à l’index, avec les différences standardisées, et leur survie.

    Donne ``.rows`` (une relation), ``.durations``, ``.curves()`` (Kaplan-Meier) et ``.log_rank()``, les deux derniers par lifelines.
    ``event`` : la fin de suivi (``end_reason``) qui est l’événement. Lève ``OpenChronicError`` si les cohortes sont de deux versions.
    """
    some = [diseases] if isinstance(diseases, str) else diseases
    return compared(a, b, diseases=None if some is None else [*some], event=event)


def save(cohort: Cohort, name: str, *, shared: bool = False, overwrite: bool = False) -> Path:
    """Enregistre la recette d’une cohorte, pas ses lignes : version, définitions, SQL, auteur, effectifs du schéma.

    Dans ``~/cohortes``, ou avec ``shared`` dans le dossier du projet, que ses membres lisent. Donne le fichier. Lève
    ``OpenChronicError`` si le nom est pris (``overwrite=True`` le remplace).
    """
    return saving.save(cohort, name, shared=shared, overwrite=overwrite)


def load_cohort(name: str, release: Release | str | None = None) -> Cohort:
    """Refait une cohorte enregistrée, sur la version de la session ou sur une autre ; ``.changes`` dit ce qui diffère.

    Lève ``OpenChronicError`` si rien n’est enregistré sous ce nom.
    """
    told = saving.read(name)
    return saving.again(_made_again(told["recipe"], pinned(release)), told)


def _made_again(said: Mapping[str, Any], release: Release) -> Cohort:
    if "set" not in said:
        return run(said, Where(), release)
    left, right = (_made_again(said[side], release) for side in ("left", "right"))
    return combined(said["set"], left, right, said["name"])


def run(said: Mapping[str, Any], where: Where, release: Release) -> Cohort:
    """Makes the cohort of a recipe as it was ``said`` on a release."""
    # A connection of its own, for what is made on the way; the rows alone stay in the session.
    with connect(release) as connection:
        base = base_of(connection, release.manifest)
        recipe = recipe_of(said, where, base)
        known = {one: base.definitions[one] for one in recipe.definitions()}
        return cohort_of(connection, release, recipe, known, shown_by=shared(release))


def _said(what: Any) -> tuple[dict[str, Any], Where]:
    """Returns a recipe as values, which may be changed, and where it is written."""
    if isinstance(what, Facts):
        what = what.plan()
    if isinstance(what, Plan):
        return what.said(), Where()
    if isinstance(what, Mapping):
        return dict(what), Where()
    if isinstance(what, Path) or (isinstance(what, str) and what.endswith(".toml")):
        said, where = read_file(Path(what).expanduser())
        return dict(said), where
    if not isinstance(what, str):
        raise SettingsError(
            "a cohort is a file .toml, the name of a disease, or a plan such as oc.onset(…)",
            "Une cohorte est un fichier .toml, le nom d’une maladie, ou un plan comme oc.onset(…).",
        )
    return {"name": what, "index": {"from": what}}, Where()


def _given(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: [*one] if key == "between" and isinstance(one, Iterable) else one
        for key, one in keys.items()
        if one is not None
    }
