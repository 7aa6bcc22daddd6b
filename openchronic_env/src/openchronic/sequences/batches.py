"""Makes a batch of sequences of several lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch


def collate(items: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
    """Réunit des exemples en un lot : les séquences sont complétées à droite par ``<vide>`` (0).

    ``mask`` est vrai où il y a un événement ; ``lengths`` est la longueur de chaque séquence.
    """
    lengths = torch.tensor([len(item["tokens"]) for item in items])
    batch = {"lengths": lengths, "mask": torch.arange(int(lengths.max()))[None] < lengths[:, None]}
    for name, value in items[0].items():
        values = [item[name] for item in items]
        batch[name] = (
            torch.nn.utils.rnn.pad_sequence(values, batch_first=True)
            if isinstance(value, torch.Tensor)
            else torch.tensor(values)
        )
    return batch
