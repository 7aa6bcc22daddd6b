"""The answer of PyTorch to the question of ``rows.py``, by tensors on the processor."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

import openchronic as oc

EPOCH = datetime.date(1970, 1, 1)
TEXTS, DATES = ("event_type", "code"), ("start_date", "known_date")
# Where there is no value: no index of a text, and no day.
NONE = -(2**31)


def answer(release: oc.Release) -> list[tuple[object, ...]]:
    """Returns a row per type of event and year, as ``rows.SQL`` describes it."""
    columns = [*TEXTS, *DATES, "subject_id", "order_in_day"]
    table = oc.arrow("event", release, columns=columns).combine_chunks()
    types, codes = (_texts(table[name]) for name in TEXTS)
    year = _whole(pc.year(table["start_date"]))
    known = _whole(pc.cast(table["known_date"], pa.int32()))
    keys, group = torch.unique(
        torch.stack((types[0], year), dim=1), dim=0, sorted=True, return_inverse=True
    )
    events = torch.bincount(group, minlength=len(keys))
    subject = _whole(table["subject_id"])
    pairs = torch.unique(torch.stack((group, subject), dim=1), dim=0)
    # A subject that is missing is counted by nobody.
    subjects = torch.bincount(pairs[pairs[:, 1] != NONE][:, 0], minlength=len(keys))
    order = _whole(table["order_in_day"])
    there = order != NONE
    orders = torch.zeros(len(keys), dtype=torch.int64).index_add_(0, group[there], order[there])
    ordered = torch.bincount(group[there], minlength=len(keys)) > 0
    first = _extreme(codes[0], group, len(keys), how="amin")
    last = _extreme(known, group, len(keys), how="amax")
    return [
        (
            _named(types[1], int(keys[row, 0])),
            _or_none(int(keys[row, 1])),
            int(events[row]),
            int(subjects[row]),
            int(orders[row]) if ordered[row] else None,
            _named(codes[1], int(first[row])),
            None if last[row] == NONE else EPOCH + datetime.timedelta(days=int(last[row])),
        )
        for row in range(len(keys))
    ]


def _texts(column: Any) -> tuple[torch.Tensor, list[str]]:
    """Returns the place of each text among all, in the order of their bytes, and the texts."""
    texts = sorted(pc.unique(column.drop_null()).to_pylist(), key=str.encode)
    return _whole(pc.index_in(column, pa.array(texts, column.type))), texts


def _whole(column: Any) -> torch.Tensor:
    found = pc.fill_null(pc.cast(column, pa.int64()), NONE)
    return torch.from_numpy(np.array(found.to_numpy()))


def _extreme(values: torch.Tensor, group: torch.Tensor, groups: int, *, how: str) -> torch.Tensor:
    there = values != NONE
    empty = torch.full((groups,), NONE, dtype=torch.int64)
    return empty.scatter_reduce(0, group[there], values[there], reduce=how, include_self=False)


def _named(texts: list[str], place: int) -> str | None:
    return None if place == NONE else texts[place]


def _or_none(number: int) -> int | None:
    return None if number == NONE else number
