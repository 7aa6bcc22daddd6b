"""Computes on the card, or without one on the processor, what can be checked: products, training, memory."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import torch

from openchronic.selftest.cards import used
from openchronic.selftest.report import GIB, Card, Check, Report

SIDE = 1024
STEPS = 60
# Of the largest value of the exact product. float32 without TF32 stays below a tenth of the first, TF32 is ten times
# above; the result in bfloat16 has 8 bits.
PRODUCT = {torch.float32: 1e-5, torch.bfloat16: 1e-2}
NAMES = {torch.float32: "float32", torch.bfloat16: "bfloat16"}
# Of the loss, at each step: both compute in float32, in another order.
SAME_LOSS = 1e-3
# The driver keeps some memory of its own for a process.
MARGIN = 64 * 2**20
GIVES_BACK_S = 10.0
CHILD = "import torch; x = torch.ones({elements}, device='cuda'); torch.cuda.synchronize(); print(float(x[0]))"

Found = tuple[bool, str]


def report(cards: Sequence[Card], *, require: bool) -> Report:
    """Checks PyTorch on the card, or on the processor where there is none."""
    versions = _versions()
    found = torch.cuda.is_available()
    if cards and not found:
        return Report(
            tuple(cards),
            versions=versions,
            trouble="la carte est là, mais PyTorch ne peut pas s’en servir\u00a0: le pilote est-il assez récent "
            f"pour CUDA {torch.version.cuda}\u202f?",
        )
    device = torch.device("cuda" if found else "cpu")
    checks = tuple(_checks(device))
    trouble = "aucune carte graphique, alors qu’il en faut une (--require-gpu)."
    return Report(
        tuple(cards), device.type, versions, checks, "" if found or not require else trouble
    )


def _versions() -> dict[str, str]:
    said = {
        "Python": sys.version.split()[0],
        "PyTorch": str(torch.__version__),
        "CUDA de PyTorch": str(torch.version.cuda or "aucun"),
    }
    if torch.cuda.is_available():
        major, minor = torch.cuda.get_device_capability()
        said["cuDNN"] = str(torch.backends.cudnn.version())
        said["Carte vue par PyTorch"] = f"{torch.cuda.get_device_name()} (capacité {major}.{minor})"
    return said


def _checks(device: torch.device) -> Iterator[Check]:
    for kind in PRODUCT:
        yield _timed(
            f"product_{NAMES[kind]}",
            f"Produit de matrices en {NAMES[kind]}",
            partial(product, device, kind),
        )
    yield _timed("training", "Apprentissage d’un petit modèle", partial(training, device))
    if device.type == "cuda":
        yield _timed("memory", "Mémoire rendue après un calcul", memory)
        yield _timed("child", "Mémoire rendue par un processus qui finit", child)


def _timed(name: str, title: str, check: Callable[[], Found]) -> Check:
    started = time.perf_counter()
    try:
        ok, detail = check()
    except RuntimeError as problem:  # PyTorch's own, CUDA's among them
        ok, detail = False, str(problem).strip().split("\n", 1)[0]
    return Check(name, title, ok, detail, round(time.perf_counter() - started, 3))


@contextmanager
def _exact() -> Iterator[None]:
    """Computes float32 in float32: with TF32, which notebooks may have switched on, products have 10 bits."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def product(device: torch.device, kind: torch.dtype) -> Found:
    """Compares a product with the exact one: that of the same numbers in float64, on the processor."""
    random = torch.Generator().manual_seed(17)
    left, right = (torch.randn(SIDE, SIDE, generator=random).to(kind) for _ in range(2))
    exact = left.double() @ right.double()
    with _exact():
        computed = (left.to(device) @ right.to(device)).double().cpu()
    error = float((computed - exact).abs().max() / exact.abs().max())
    return error <= PRODUCT[kind], f"écart {error:.1e}, au plus {PRODUCT[kind]:.0e}"


def training(device: torch.device) -> Found:
    """Trains the same model from the same seed here and on the processor: it learns, and both agree at each step."""
    with _exact():
        here = losses(device)
    learns = here[-1] < here[0] / 4
    text = f"perte de {here[0]:.3f} à {here[-1]:.3f} en {STEPS} pas".replace(".", ",")
    if device.type == "cpu":
        return learns, text
    there = losses(torch.device("cpu"))
    apart = max(abs(a - b) / max(b, 1e-3) for a, b in zip(here, there, strict=True))
    return learns and apart <= SAME_LOSS, f"{text}, écart avec le processeur {apart:.1e}"


def losses(device: torch.device) -> list[float]:
    """Returns the loss at each step of a model that learns whether a token is in a sequence."""
    random = torch.Generator().manual_seed(23)
    tokens = torch.randint(0, 12, (256, 16), generator=random)
    wanted = (tokens == 5).any(dim=1).float()
    weights = [
        (torch.randn(*shape, generator=random) * scale).to(device).requires_grad_()
        for shape, scale in (((12, 32), 1.0), ((32, 32), 0.2), ((32, 1), 0.2))
    ]
    tokens, wanted = tokens.to(device), wanted.to(device)
    moving = [torch.zeros_like(weight) for weight in weights]
    found = []
    for _ in range(STEPS):
        embedding, hidden, last = weights
        # The sum over one-hot tokens is a product: CUDA adds the gradient of an index in any order.
        seen = torch.nn.functional.one_hot(tokens, 12).to(embedding.dtype).sum(1) @ embedding
        answer = (torch.tanh(seen @ hidden) @ last).squeeze(1)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(answer, wanted)
        slopes = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            # By hand: PyTorch's optimizers load its compiler, which takes seconds.
            for weight, speed, slope in zip(weights, moving, slopes, strict=True):
                weight.add_(speed.mul_(0.9).sub_(slope, alpha=0.05))
        found.append(float(loss.detach()))
    return found


def memory() -> Found:
    """Takes memory on the card and gives it back: what the driver says in use is what it was."""
    torch.zeros(1, device="cuda")  # what a process costs by itself is not given back before it ends
    torch.cuda.empty_cache()
    before, wanted = _used(), _share()
    held = torch.ones(wanted // 4, device="cuda")
    torch.cuda.synchronize()
    during = _used()
    del held
    torch.cuda.empty_cache()
    after = _settled(before)
    ok = during - before >= wanted - MARGIN and after - before <= MARGIN
    return ok, f"{_gib(before)} avant, {_gib(during)} pendant, {_gib(after)} après"


def child() -> Found:
    """Another process takes memory on the card and ends."""
    before, wanted = _used(), _share()
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(elements=wanted // 4)],
        capture_output=True,
        text=True,
        check=False,
    )
    after = _settled(before)
    ok = done.returncode == 0 and after - before <= MARGIN
    said = "" if done.returncode == 0 else f", le processus dit\u00a0: {done.stderr.strip()[-200:]}"
    return ok, f"{_gib(before)} avant, {_gib(after)} après{said}"


def _used() -> int:
    """Returns what the driver says in use, by NVIDIA's library or, where it cannot say, by PyTorch."""
    known = used()
    if known is not None:
        return known
    free, whole = torch.cuda.mem_get_info()
    return int(whole - free)


def _share() -> int:
    """Returns how many bytes to take: 1 GiB, or an eighth of what is free."""
    return min(GIB, int(torch.cuda.mem_get_info()[0]) // 8)


def _settled(before: int) -> int:
    """Returns what is in use once the driver has taken memory back, which it does a moment later."""
    end = time.monotonic() + GIVES_BACK_S
    while (now := _used()) - before > MARGIN and time.monotonic() < end:
        time.sleep(0.2)
    return now


def _gib(size: int) -> str:
    return f"{size / GIB:.2f}\u00a0Gio".replace(".", ",")
