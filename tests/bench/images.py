"""The sizes of the images: whole, their own part, and layer by layer."""

import json
import shlex
from collections.abc import Iterator

from infra.settings import layout
from tests.bench.measuring import seen
from tests.bench.result import Measure
from tests.bench.server import Server

GROUP = "images"
LEAST_MB = 1.0


def measures(server: Server) -> Iterator[Measure]:
    references = server.images()
    known: set[str] = set()
    for image in references:
        described = json.loads(
            server.machine.succeed(f"docker image inspect {shlex.quote(references[image])}")
        )[0]
        yield seen(GROUP, image, described["Size"] / 1e6, unit="MB")
        layers = _layers(server, references[image])
        # From the bottom up, as they were laid: those of the parents are already told.
        below = len(known & set(described["RootFS"]["Layers"]))
        own = layers[below:]
        known |= set(described["RootFS"]["Layers"])
        yield seen(GROUP, f"{image}, own part", sum(size for _, size in own), unit="MB")
        for what, size in own:
            if size >= LEAST_MB:
                yield seen(GROUP, f"  {image}: {what}", size, unit="MB")
    # Of those that are kept, the one in service was touched last.
    stored = server.machine.execute(
        f"stat -c %s $(ls -1t {layout.IMAGE_ARCHIVES}/*.tar.zst | head -1)"
    )
    if stored.status == 0:
        yield seen(GROUP, "all in one archive", int(stored.out) / 1e6, unit="MB")


def _layers(server: Server, reference: str) -> list[tuple[str, float]]:
    """What made each layer, and its megabytes; steps that make none are left out."""
    rows = server.machine.succeed(
        "docker history --no-trunc --human=false --format '{{json .}}' " + shlex.quote(reference)
    )
    steps = [json.loads(row) for row in reversed(rows.splitlines())]
    return [
        (_short(step["CreatedBy"]), int(step["Size"]) / 1e6)
        for step in steps
        if step["CreatedBy"].startswith(("RUN", "COPY", "ADD", "WORKDIR", "/bin/sh"))
        and not step["CreatedBy"].startswith("/bin/sh -c #(nop)  CMD")
    ]


def _short(command: str) -> str:
    words = " ".join(command.removeprefix("RUN /bin/sh -c ").split())
    return words[:36]
