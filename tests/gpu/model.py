"""A small transformer of event sequences, and its training: what a card is measured with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn


class Sequences(nn.Module):
    """Tokens and the days between them, two layers of attention, the answer at the token of the subject."""

    def __init__(self, tokens: int, width: int = 128, layers: int = 2, heads: int = 4) -> None:
        super().__init__()
        self.token = nn.Embedding(tokens, width, padding_idx=0)
        self.time = nn.Linear(2, width)
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, dropout=0.0, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.answer = nn.Linear(width, 1)

    def forward(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        when = torch.stack([batch["days"], batch["deltas"]], dim=-1).float().clamp(min=0).log1p()
        seen = self.layers(
            self.token(batch["tokens"]) + self.time(when), src_key_padding_mask=~batch["mask"]
        )
        return self.answer(seen[:, 0]).squeeze(-1)


@dataclass(frozen=True)
class Trained:
    """What a training took: tokens and seconds of all its epochs, and the mean loss of each."""

    tokens: int
    seconds: float
    losses: list[float]

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds


def train(
    dataset: Any, device: torch.device, *, epochs: int, batch: int = 64, workers: int = 0, bf16: bool = False
) -> Trained:  # fmt: skip
    """Trains from the same weights each time: they are drawn on the processor. The first epoch warms up, untimed."""
    torch.manual_seed(11)
    model = Sequences(len(dataset.vocabulary)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    losses, tokens, seconds = [], 0, 0.0
    for epoch in range(epochs + 1):
        dataset.set_epoch(epoch)
        began, seen, total, examples = time.perf_counter(), 0, 0.0, 0
        for one in _moved(
            dataset.loader(batch, workers=workers, pin_memory=device.type == "cuda"), device
        ):
            with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
                answer = model(one)
            loss = nn.functional.binary_cross_entropy_with_logits(answer.float(), one["label"])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            seen += int(one["mask"].numel())
            total += float(loss.detach()) * len(answer)
            examples += len(answer)
        losses.append(total / examples)
        if epoch:
            tokens, seconds = tokens + seen, seconds + time.perf_counter() - began
    return Trained(tokens, seconds, losses)


def train_on(batches: list[dict[str, torch.Tensor]], tokens: int, device: torch.device, *, steps: int, bf16: bool) -> float:  # fmt: skip
    """Returns the tokens of a second of a training on batches that are there already: what the model itself takes."""
    torch.manual_seed(11)
    model = Sequences(tokens).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    held = list(_moved(batches, device))
    seen, began = 0, 0.0
    for step in range(steps + 3):
        if step == 3:  # the first ones load kernels
            _wait(device)
            began, seen = time.perf_counter(), 0
        one = held[step % len(held)]
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            answer = model(one)
        loss = nn.functional.binary_cross_entropy_with_logits(answer.float(), one["label"])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        seen += int(one["mask"].numel())
    _wait(device)
    return seen / (time.perf_counter() - began)


def _moved(batches: Any, device: torch.device) -> Iterator[dict[str, torch.Tensor]]:
    for batch in batches:
        yield {name: values.to(device, non_blocking=True) for name, values in batch.items()}


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
