"""Finds the graphics cards by NVIDIA's library, which comes with the driver: without one there is no card."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from openchronic.selftest.report import Card


def seen() -> tuple[Card, ...]:
    """Returns the cards of this session, or the slices of cards; none without a driver or its Python library."""
    with _library() as nvml:
        if nvml is None:
            return ()
        driver = _text(nvml.nvmlSystemGetDriverVersion())
        return tuple(_card(nvml, handle, driver) for handle in _handles(nvml))


def used() -> int | None:
    """Returns the memory in use on the first card, or slice, whoever uses it; None where nothing can say."""
    with _library() as nvml:
        if nvml is None:
            return None
        for handle in _handles(nvml):
            try:
                return int(nvml.nvmlDeviceGetMemoryInfo(handle).used)
            except nvml.NVMLError:
                return None
        return None


@contextmanager
def _library() -> Iterator[Any]:
    try:
        import pynvml as nvml
    except ImportError:
        yield None
        return
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        # Above all NVMLError_LibraryNotFound: no driver, no card.
        yield None
        return
    try:
        yield nvml
    finally:
        nvml.nvmlShutdown()


def _handles(nvml: Any) -> Iterator[Any]:
    """Yields each card; in the place of a card that is cut, its slices."""
    for number in range(nvml.nvmlDeviceGetCount()):
        try:
            card = nvml.nvmlDeviceGetHandleByIndex(number)
        except nvml.NVMLError:
            # A card of the machine whose device the session was not given.
            continue
        slices = list(_slices(nvml, card))
        yield from slices or [card]


def _slices(nvml: Any, card: Any) -> Iterator[Any]:
    try:
        is_cut = nvml.nvmlDeviceGetMigMode(card)[0] == nvml.NVML_DEVICE_MIG_ENABLE
        most = nvml.nvmlDeviceGetMaxMigDeviceCount(card) if is_cut else 0
    except nvml.NVMLError:
        return
    for number in range(most):
        try:
            yield nvml.nvmlDeviceGetMigDeviceHandleByIndex(card, number)
        except nvml.NVMLError:
            continue


def _card(nvml: Any, handle: Any, driver: str) -> Card:
    uuid = _text(nvml.nvmlDeviceGetUUID(handle))
    return Card(
        name=_text(nvml.nvmlDeviceGetName(handle)),
        uuid=uuid,
        memory=int(nvml.nvmlDeviceGetMemoryInfo(handle).total),
        is_slice=uuid.startswith("MIG"),
        driver=driver,
    )


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
