"""The kinds of session, and the digest that each gives for the rows of one question (openchronic.selftest.rows)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from infra.settings.any_site import AnySite
from infra.settings.image_graph import GRAPH
from infra.settings.offer import Profile
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel

PYTHON, R = "python3", "ir"
ANSWER_S = 400


@dataclass(frozen=True)
class Kind:
    name: str
    image: str
    """Where it is, as in the images that are built on this one."""
    engine: str
    """As `python -m openchronic.selftest rows` calls it; empty for R, which answers by its own package."""

    @property
    def kernel(self) -> str:
        return PYTHON if self.engine else R


# What one session of any image has, then what is in an image of its own.
EVERYWHERE = (
    Kind("Python", "jupyter", "duckdb"),
    Kind("R", "jupyter", ""),
    Kind("Spark", "jupyter", "spark"),
    Kind("Dask", "jupyter", "dask"),
)
RSTUDIO = Kind("RStudio", "rstudio", "")
PYTORCH = Kind("PyTorch", "pytorch-gpu", "pytorch")
KINDS = (*EVERYWHERE, RSTUDIO, PYTORCH)


def profile_of(kind: Kind, site: AnySite) -> tuple[str, Profile] | None:
    """Return the smallest profile by which every project may open this kind; None where the site offers none."""
    open_to_all = [
        (slug, profile)
        for slug, profile in site.profiles.items()
        if not profile.projects and kind.image in GRAPH.line(profile.image)
    ]
    return min(open_to_all, key=lambda item: (item[1].memory_gb, item[1].cpus), default=None)


def not_offered(site: AnySite) -> tuple[str, ...]:
    """Return the names of the kinds that this site opens to no or only to some projects."""
    return tuple(kind.name for kind in KINDS if profile_of(kind, site) is None)


def digests(hub: Hub, kinds: tuple[Kind, ...], *, base: str) -> dict[str, str]:
    """Return what kinds of the running session answer on the release in service of a base, by their names.

    Raises KernelError where one gives no answer.
    """
    found: dict[str, str] = {}
    for name in dict.fromkeys(kind.kernel for kind in kinds):
        kernel = Kernel(hub, name=name)
        try:
            asked = [kind for kind in kinds if kind.kernel == name]
            found |= _by_r(kernel, asked, base) if name == R else _by_python(kernel, asked, base)
        finally:
            kernel.close()
    return {kind.name: found[kind.name] for kind in kinds}


def _by_r(kernel: Kernel, kinds: list[Kind], base: str) -> dict[str, str]:
    said = kernel.run(f"cat(openchronic:::rows_digest('{base}'))", timeout_s=ANSWER_S)
    return {kind.name: said.strip() for kind in kinds}


def _by_python(kernel: Kernel, kinds: list[Kind], base: str) -> dict[str, str]:
    engines = [word for kind in kinds for word in ("--engine", kind.engine)]
    command = ["python", "-m", "openchronic.selftest", "rows", "--json", *engines, base]
    kernel.run(
        f"import subprocess; done = subprocess.run({command!r}, capture_output=True, text=True)",
        timeout_s=ANSWER_S,
    )
    out, error = kernel.value("[done.stdout, done.stderr]")
    assert out, f"no answer of {', '.join(kind.name for kind in kinds)}: {error[-500:]}"
    told = json.loads(out)["digests"]
    return {kind.name: told[kind.engine] for kind in kinds}


def disagreement(found: Mapping[str, str]) -> str:
    """Return which kinds answer otherwise than the first, and how; empty where all agree."""
    (first, wanted), *others = found.items()
    wrong = [f"{name} {digest[:12]}" for name, digest in others if digest != wanted]
    return f"{first} has {wanted[:12]}, but {', '.join(wrong)}" if wrong else ""
