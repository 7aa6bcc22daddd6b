"""Gives PyTorch the sequences of events of a cohort, as of a date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from openchronic import extras
from openchronic.api.pinning import pinned
from openchronic.errors import OpenChronicError
from openchronic.releases import Release

if TYPE_CHECKING:
    from openchronic.sequences import Vocabulary
    from openchronic.sequences.dataset import SequenceDataset


def torch_dataset(
    index: Any,
    release: Release | str | None = None,
    *,
    vocabulary: Vocabulary | str | Path | None = None,
    outcome: Any = None,
    horizon: int = 365,
    gap: int = 0,
    length: int = 256,
    min_subjects: int = 50,
    shuffle: bool = False,
    seed: int = 0,
) -> SequenceDataset:
    """Les séquences d'événements d'une cohorte pour PyTorch, telles qu'on les connaissait à une date.

    ``index`` : une date (« 2021-01-01 ») pour tous les patients, ou un tableau (DuckDB, Arrow, pandas, Polars) de
    colonnes ``subject_id`` et ``index_date``, une ligne par exemple. Rien n'est lu de ce qui est arrivé, ou n'a été
    connu (``known_date``), après cette date. ``length`` : les derniers événements de chaque exemple.

    ``vocabulary`` : celui du modèle (``dataset.vocabulary.save("modele")`` puis ``vocabulary="modele"``) ; sans
    lui, il est appris ici, sur le jeu d'entraînement : un code de moins de ``min_subjects`` sujets y compte comme
    son parent, sinon comme ``<inconnu>``.

    ``outcome`` : un tableau de colonnes ``subject_id`` et ``outcome_date``, l'événement à prédire. ``label`` vaut 1
    s'il survient dans les ``horizon`` jours qui suivent les ``gap`` premiers ; qui l'a déjà est écarté
    (``dataset.cohort.already``).

    Chaque exemple vient une fois par époque, quel que soit le nombre de workers ; ``shuffle`` mélange les lots de
    sujets et, dans chacun, les sujets, selon ``seed`` et ``set_epoch``. Lève ``OpenChronicError`` si PyTorch manque,
    ou si la cohorte n'est pas celle de la version.
    """
    chosen = pinned(release)
    # Late imports: NumPy is a quarter of the start of every command.
    from openchronic.sequences import Events, Vocabulary, cohort_of
    from openchronic.sequences.cohort import Outcome
    from openchronic.sequences.reading import learn

    try:
        from openchronic.sequences.dataset import SequenceDataset
    except ImportError:
        raise OpenChronicError(
            f"PyTorch is not in this environment; {extras.command('torch')}",
            f"PyTorch n'est pas installé dans cet environnement : {extras.command('torch')}. Sur le serveur, "
            "choisissez une session qui l'a.",
        ) from None
    if length < 2 or min_subjects < 1:
        raise OpenChronicError(
            "length: 2 or more; min_subjects: 1 or more",
            "length : 2 au moins (le sujet et un événement) ; min_subjects : 1 au moins.",
        )
    wanted = None if outcome is None else Outcome(outcome, horizon, gap)
    cohort = cohort_of(chosen, index, wanted)
    if vocabulary is None:
        known = learn(chosen, cohort, min_subjects)
    elif isinstance(vocabulary, Vocabulary):
        known = vocabulary
    else:
        known = Vocabulary.load(vocabulary)
    events = Events.of(chosen, known, length)
    return SequenceDataset(cohort, events, known, shuffle=shuffle, seed=seed)
