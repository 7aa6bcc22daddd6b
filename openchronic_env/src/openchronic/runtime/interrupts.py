"""Holds back Ctrl-C and SIGTERM in the few places where an interrupt would corrupt Python's state."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_back() -> Iterator[None]:
    """Holds back both signals until the end of the block, then delivers them.

    An interrupt while a thread starts can leave that thread out of its pool's list, at work on a connection
    that is about to be closed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)

    both = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, remember) for number in both}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for first in arrived[:1]:
        signal.raise_signal(first)
