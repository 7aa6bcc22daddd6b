"""The start of Spark in a session: `oc.spark()`, ready for a query, beside PySpark alone in the same image."""

import shlex
from collections.abc import Iterator

from infra.settings import layout
from tests.bench.measuring import seen
from tests.bench.result import Measure
from tests.bench.server import Server

BASE = "demo"
ROUNDS = 3
BARE = "PySpark alone, in the image spark"
OURS = "oc.spark(), in the image spark: views of all tables"
BEGIN = {
    BARE: "from pyspark.sql import SparkSession; spark = SparkSession.builder.getOrCreate()",
    OURS: "import openchronic as oc; spark = oc.spark()",
}
SCRIPT = """
import time
began = time.perf_counter()
{begin}
ready = time.perf_counter()
spark.sql("SELECT 1").collect()
print(ready - began, time.perf_counter() - began)
"""


def measures(server: Server, *, group: str, image: str) -> Iterator[Measure]:
    """Alternately, since the machine's load changes; in a container as a session's is, without a network."""
    taken: dict[str, list[list[float]]] = {name: [] for name in BEGIN}
    for _ in range(ROUNDS):
        for name, begin in BEGIN.items():
            taken[name].append(_started(server, image, begin))
    for what, at in (("", 0), (", and a first query", 1)):
        for name, against in ((BARE, ""), (OURS, BARE)):
            values = [one[at] for one in taken[name]]
            floor = f"{against}{what}" if against else ""
            yield seen(group, f"{name}{what}", *values, unit="s", against=floor)


def _started(server: Server, image: str, begin: str) -> list[float]:
    """The seconds from the first import to the session, and to the answer of its first query."""
    said = server.machine.succeed(
        "docker run --rm --interactive --network none --read-only --tmpfs /tmp:exec --memory 2g --user 65534:65534 "
        f"--env HOME=/tmp --env OPENCHRONIC_RELEASES=/releases --volume {layout.RELEASES}/{BASE}:/releases/{BASE}:ro "
        f"{shlex.quote(image)} python -",
        stdin=SCRIPT.format(begin=begin),
        timeout_s=300,
    )
    return [float(word) for word in said.splitlines()[-1].split()]
