"""The self-test of a graphics card: what it says with and without one, and what it must notice."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from openchronic.selftest import __main__ as front
from openchronic.selftest import cards
from openchronic.selftest.report import GIB, Card, Check, Report, told
from tests.typography import faults

H200 = Card("NVIDIA H200", "GPU-1", 141 * GIB, is_slice=False, driver="580.1")


class NVMLError(Exception):
    """As NVIDIA's library raises it."""


def library(*, slices: int = 0, broken: bool = False) -> Any:
    """Returns a stand-in of NVIDIA's library: one card, cut into ``slices``; or one without a driver."""

    def init() -> None:
        if broken:
            raise NVMLError("NVML Shared Library Not Found")

    def slice_of(_card: str, number: int) -> str:
        if number >= slices:
            raise NVMLError("not found")
        return f"MIG-{number}"

    return SimpleNamespace(
        NVMLError=NVMLError,
        NVML_DEVICE_MIG_ENABLE=1,
        nvmlInit=init,
        nvmlShutdown=lambda: None,
        nvmlSystemGetDriverVersion=lambda: b"580.1",
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetHandleByIndex=lambda number: f"GPU-{number}",
        nvmlDeviceGetMigMode=lambda _card: (int(slices > 0), 0),
        nvmlDeviceGetMaxMigDeviceCount=lambda _card: 7,
        nvmlDeviceGetMigDeviceHandleByIndex=slice_of,
        nvmlDeviceGetUUID=lambda handle: handle,
        nvmlDeviceGetName=lambda _handle: "NVIDIA H200",
        nvmlDeviceGetMemoryInfo=lambda _handle: SimpleNamespace(used=3 * GIB, total=141 * GIB),
    )


@pytest.fixture
def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", library(broken=True))


def test_without_a_driver_there_is_no_card(no_card: None) -> None:
    assert cards.seen() == ()
    assert cards.used() is None


def test_without_nvidias_library_there_is_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert cards.seen() == ()


def test_a_card_and_the_slices_of_a_card_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", library())
    assert [(card.uuid, card.is_slice) for card in cards.seen()] == [("GPU-0", False)]
    assert cards.used() == 3 * GIB
    monkeypatch.setitem(sys.modules, "pynvml", library(slices=2))
    assert [(card.uuid, card.is_slice) for card in cards.seen()] == [
        ("MIG-0", True),
        ("MIG-1", True),
    ]


def test_without_pytorch_it_fails_and_says_what_to_install(
    no_card: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "openchronic.selftest.gpu", raising=False)
    monkeypatch.delattr("openchronic.selftest.gpu", raising=False)
    assert front.main(["gpu"]) == 1
    assert "pip install" in capsys.readouterr().out


def test_a_wrong_check_makes_the_whole_wrong() -> None:
    right = Check("a", "Essai", ok=True, detail="", seconds=1)
    wrong = Check("b", "Essai", ok=False, detail="", seconds=1)
    assert Report((), "cpu", {}, (right, right)).ok
    assert not Report((), "cpu", {}, (right, wrong)).ok
    assert not Report((), "cpu", {}, (right,), "rien").ok


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("ok", [True, False])
def test_its_texts_are_typeset(device: str, ok: bool) -> None:
    found = (H200,) if device == "cuda" else ()
    check = Check("a", "Produit", ok=ok, detail="écart 1e-7", seconds=1)
    text = told(Report(found, device, {"Python": "3.12"}, (check,), "" if ok else "rien."))
    assert faults(text) == []
    assert ("transmettez" in text) == (not ok)


@pytest.fixture
def gpu() -> Any:
    pytest.importorskip("torch", reason="PyTorch is in the image pytorch-gpu only")
    from openchronic.selftest import gpu

    return gpu


def test_on_a_processor_it_passes_unless_a_card_is_required(
    gpu: Any, no_card: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpu.torch.cuda, "is_available", lambda: False)
    assert front.main(["gpu", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["device"], said["cards"]) == (True, "cpu", [])
    assert [check["name"] for check in said["checks"]] == ["product_float32", "product_bfloat16", "training"]  # fmt: skip
    assert front.main(["gpu", "--require-gpu"]) == 1
    text = capsys.readouterr().out
    assert "Pas de carte graphique" in text
    assert faults(text) == []


def test_a_card_that_pytorch_cannot_use_is_a_fault(
    gpu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu.torch.cuda, "is_available", lambda: False)
    found = gpu.report((H200,), require=False)
    assert not found.ok
    assert "pilote" in found.trouble


def test_a_product_with_fewer_bits_is_noticed(gpu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """TF32 has ten bits after the first."""
    torch = gpu.torch
    exact = torch.Tensor.__matmul__

    def rounded(number: Any) -> Any:
        return ((number.view(torch.int32) + 0x1000) & ~0x1FFF).view(torch.float32)

    def tf32(left: Any, right: Any) -> Any:
        if left.dtype is torch.float32:
            left, right = rounded(left), rounded(right)
        return exact(left, right)

    device = torch.device("cpu")
    assert gpu.product(device, torch.float32)[0]
    monkeypatch.setattr(torch.Tensor, "__matmul__", tf32)
    assert not gpu.product(device, torch.float32)[0]


def test_a_model_that_does_not_learn_is_noticed(gpu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gpu.training(gpu.torch.device("cpu"))[0]
    monkeypatch.setattr(gpu, "losses", lambda _device: [0.9, 0.5])
    assert not gpu.training(gpu.torch.device("cpu"))[0]


def test_a_card_whose_losses_differ_is_noticed(gpu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for apart, ok in ((1e-5, True), (1e-2, False)):
        monkeypatch.setattr(
            gpu,
            "losses",
            lambda device, apart=apart: [0.9, 0.1 * (1 + apart * (device.type == "cuda"))],
        )
        assert gpu.training(gpu.torch.device("cuda"))[0] is ok


@pytest.mark.parametrize(
    ("used", "ok"),
    [
        ((2, 3, 2), True),
        # Not taken; not given back; given back a moment later.
        ((2, 2, 2), False),
        ((2, 3, 3, 3, 3, 3, 3), False),
        ((2, 3, 3, 2), True),
    ],
)
def test_memory_that_is_not_given_back_is_noticed(
    gpu: Any, monkeypatch: pytest.MonkeyPatch, used: tuple[int, ...], ok: bool
) -> None:
    torch = gpu.torch
    values: Iterator[int] = iter(used)
    monkeypatch.setattr(gpu, "used", lambda: next(values, used[-1]) * GIB)
    monkeypatch.setattr(gpu, "GIVES_BACK_S", 0.5)
    for name in ("synchronize", "empty_cache"):
        monkeypatch.setattr(torch.cuda, name, lambda: None)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (80 * GIB, 141 * GIB))
    for name in ("zeros", "ones"):
        monkeypatch.setattr(torch, name, lambda *_size, device: None)
    assert gpu.memory()[0] is ok
