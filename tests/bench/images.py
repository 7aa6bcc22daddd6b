"""The images: their sizes, whole and by layer, beside a bare Debian with JupyterLab; how fast they, and Spark in them, start."""

import json
import shlex
from collections.abc import Iterator

from infra.settings import layout
from infra.settings.image_graph import GRAPH
from tests.bench import bare_image, spark_start
from tests.bench.measuring import seen, timed
from tests.bench.result import Measure
from tests.bench.server import Server

GROUP = "images"
LEAST_MB = 1.0
STARTS = 3


def measures(server: Server) -> Iterator[Measure]:
    references = server.images()
    bare, built = "bare Debian and JupyterLab", "bare Debian and JupyterLab, built"
    try:
        yield timed(
            GROUP,
            built,
            lambda: bare_image.build(server, references[GRAPH.root]),
            repeats=1,
        )
        yield seen(GROUP, bare, bare_image.size(server, bare_image.TAG) / 1e6, unit="MB")
        yield from _starts(server, bare, references["jupyter"])
    finally:
        bare_image.remove(server)
    if (seconds := bare_image.seconds_of_ours(server)) is not None:
        yield seen(GROUP, "all images, built", seconds, unit="s", against=built)
    yield from spark_start.measures(server, group=GROUP, image=references["spark"])
    known: set[str] = set()
    for image in references:
        described = json.loads(
            server.machine.succeed(f"docker image inspect {shlex.quote(references[image])}")
        )[0]
        yield seen(GROUP, image, described["Size"] / 1e6, unit="MB", against=bare)
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


def _starts(server: Server, bare: str, ours: str) -> Iterator[Measure]:
    commands = {
        f"{bare}, started": (bare_image.TAG, bare_image.LAB),
        "jupyter, started": (ours, ""),
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, (reference, command) in commands.items():
            taken[name].append(bare_image.start(server, reference, command))
    floor, own = commands
    yield seen(GROUP, floor, *taken[floor], unit="s")
    yield seen(GROUP, own, *taken[own], unit="s", against=floor)


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
