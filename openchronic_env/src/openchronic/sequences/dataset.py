"""The PyTorch dataset of event sequences: by bucket, as of a date, the same examples for any number of workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from openchronic.errors import OpenChronicError
from openchronic.sequences.batches import collate
from openchronic.sequences.cohort import NO_LABEL, Cohort
from openchronic.sequences.reading import Events, Piece
from openchronic.sequences.vocabulary import Vocabulary

# Examples that a worker reads at once: about 2 million events of exhaustive histories, 50 MB.
PIECE = 2048


class SequenceDataset(IterableDataset[dict[str, Any]]):
    """Les séquences d'événements d'une cohorte, telles qu'on les connaissait à la date d'index de chacun.

    Un exemple est un dictionnaire : ``tokens`` (numéros du vocabulaire, le premier est ``<sujet>``), ``days``
    (jours avant la date d'index), ``deltas`` (jours depuis l'événement précédent), ``values`` (quantités, 0 :
    absente), ``age`` (années), ``sex`` (1 homme, 2 femme, 0 inconnu), ``subject_id``, ``example`` (son rang dans
    la cohorte) et, s'il y a un événement à prédire, ``label`` (0 ou 1).

    Avec des workers chacun lit ses propres lots de sujets : chaque exemple vient une seule fois par époque, quel
    que soit leur nombre. ``collate_fn=dataset.collate`` dans un ``DataLoader``, ou ``dataset.loader(64)``.
    """

    collate = staticmethod(collate)

    def __init__(
        self,
        cohort: Cohort,
        events: Events,
        vocabulary: Vocabulary,
        *,
        shuffle: bool,
        seed: int,
    ) -> None:
        super().__init__()
        self.cohort, self.vocabulary = cohort, vocabulary
        self._events, self._shuffle, self._seed = events, shuffle, seed
        # In shared memory: workers that stay from one epoch to the next see them change.
        self._epoch = torch.zeros(1, dtype=torch.int64).share_memory_()
        self._seen = torch.zeros(len(cohort), dtype=torch.bool).share_memory_()

    @property
    def examples(self) -> int:
        """Le nombre d'exemples d'une époque."""
        return len(self.cohort)

    @property
    def epoch(self) -> int:
        return int(self._epoch.item())

    def set_epoch(self, epoch: int) -> None:
        """Commence l'époque ``epoch`` : avec ``shuffle`` l'ordre change, et tous les exemples reviennent."""
        self._epoch.fill_(epoch)
        self._seen.zero_()

    def seen(self, batch: dict[str, torch.Tensor]) -> None:
        """Note que ce lot est appris : après une reprise (``load_state_dict``) il ne revient pas dans l'époque."""
        self._seen[batch["example"]] = True

    def state_dict(self) -> dict[str, Any]:
        """Ce qui permet de reprendre au milieu d'une époque, à enregistrer avec les poids."""
        return {
            "release": self.vocabulary.release,
            "examples": len(self.cohort),
            "seed": self._seed,
            "epoch": self.epoch,
            "seen": self._seen.clone(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Reprend une époque interrompue, avec autant de workers que l'on veut. Lève ``OpenChronicError`` si ce
        n'est pas la même cohorte."""
        mine = self.state_dict()
        if any(state.get(name) != mine[name] for name in ("release", "examples", "seed")):
            raise OpenChronicError(
                "this state is of another dataset: other release, cohort or seed",
                "Cet état vient d'un autre jeu de données : la version, la cohorte ou la graine diffèrent.",
            )
        self._epoch.fill_(state["epoch"])
        self._seen.copy_(state["seen"])

    def loader(self, batch_size: int, *, workers: int = 0, **options: Any) -> DataLoader[Any]:
        """Un ``DataLoader`` de lots complétés ; ``options`` : celles de ``DataLoader``."""
        return DataLoader(
            self, batch_size=batch_size, num_workers=workers, collate_fn=collate, **options
        )

    def __iter__(self) -> Iterator[dict[str, Any]]:
        worker = get_worker_info()
        number, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        buckets = self.cohort.buckets
        order = np.arange(len(buckets))
        if self._shuffle:
            order = self._random(0).permutation(order)
        with self._events.open(workers) as connection:
            for place in order[number::workers]:
                bucket, first, end = buckets[place]
                random = self._random(1 + bucket)
                pieces = list(self.cohort.pieces(first, end, PIECE))
                if self._shuffle:
                    pieces = [pieces[one] for one in random.permutation(len(pieces))]
                for start, stop in pieces:
                    if bool(self._seen[start:stop].all()):
                        continue
                    yield from self._items(
                        self._events.read(connection, self.cohort, bucket, start, stop), random
                    )

    def _random(self, stream: int) -> np.random.Generator:
        """Random numbers that depend on the seed, the epoch and the bucket, and not on the number of workers."""
        return np.random.default_rng([self._seed, self.epoch, stream])

    def _items(self, piece: Piece, random: np.random.Generator) -> Iterator[dict[str, Any]]:
        examples = len(piece.bounds) - 1
        order = random.permutation(examples) if self._shuffle else np.arange(examples)
        # A copy: those who see a batch before the last item of this piece change the original.
        seen = self._seen[piece.first : piece.first + examples].numpy().copy()
        for one in order[~seen[order]]:
            yield self._item(piece, int(one))

    def _item(self, piece: Piece, one: int) -> dict[str, Any]:
        cohort, example = self.cohort, piece.first + one
        begin, end = piece.bounds[one], piece.bounds[one + 1]
        days = np.zeros(end - begin, dtype=np.int32)
        days[1:] = cohort.days[example] - piece.days[begin + 1 : end]
        deltas = np.zeros_like(days)
        deltas[2:] = days[1:-1] - days[2:]
        item = {
            "tokens": torch.from_numpy(piece.tokens[begin:end]),
            "days": torch.from_numpy(days),
            "deltas": torch.from_numpy(deltas),
            "values": torch.from_numpy(piece.values[begin:end]),
            "age": max(float(cohort.ages[example]), 0.0) / 365.25,
            "sex": int(cohort.sexes[example]),
            "subject_id": int(cohort.subjects[example]),
            "example": example,
        }
        if cohort.labels[example] != NO_LABEL:
            item["label"] = float(cohort.labels[example])
        return item
