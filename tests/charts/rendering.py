"""Renders the chart with helm, as a deploy does, and reads what it made."""

import copy
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.operate.cluster_programs import find_helm
from infra.settings.settings_file import ROOT

CHART = ROOT / "charts" / "bigdata"
RELEASE, NAMESPACE = "bigdata", "bigdata"
WORK = f"{NAMESPACE}-work"
Manifest = dict[str, Any]
GONE = object()
# The same in C, where there is one: a tenth of the time.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ChartRefused(Exception):
    """Helm renders no manifest of these values; the message is what it said."""


@cache
def own_values() -> Mapping[str, Any]:
    """Return the chart's own values, the demonstration."""
    read: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    return read


def changed(changes: Mapping[str, Any], values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the values with other ones at some places: `{"profiles.0.memoryGb": 4}`. `+` at the end of a place adds to a
    list; GONE takes a key away."""
    made = copy.deepcopy(dict(own_values() if values is None else values))
    for place, value in changes.items():
        *way, last = (
            int(part) if part.isdigit() else part
            for part in place.split("\0" if "\0" in place else ".")
        )
        node: Any = made
        for part in way:
            node = node[part]
        if last == "+":
            node.append(value)
        elif value is GONE:
            del node[last]
        else:
            node[last] = value
    return made


def rendered_text(values: Mapping[str, Any] | None = None, *, lint: bool = False) -> str:
    """Return what helm renders of the values (default: the chart's own). Raises ChartRefused."""
    verb = ["lint", "--strict", str(CHART)] if lint else ["template", RELEASE, str(CHART)]
    given = [] if values is None else ["--values", "-"]
    done = subprocess.run(
        [str(find_helm()), *verb, "--namespace", NAMESPACE, *given],
        input=None if values is None else yaml.safe_dump(dict(values)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ChartRefused(_told(done.stdout + done.stderr if lint else done.stderr))
    text: str = done.stdout
    return text


def rendered(values: Mapping[str, Any] | None = None) -> tuple[Manifest, ...]:
    return tuple(one for one in yaml.load_all(rendered_text(values), Loader=LOADER) if one)


@cache
def own_manifests() -> tuple[Manifest, ...]:
    """Return the manifests of the chart's own values. Whoever changes one copies it first."""
    return rendered()


def find(manifests: tuple[Manifest, ...], kind: str, name: str, namespace: str = NAMESPACE) -> Manifest:  # fmt: skip
    (found,) = (
        one
        for one in manifests
        if (one["kind"], one["metadata"]["name"]) == (kind, name)
        and one["metadata"].get("namespace", namespace) == namespace
    )
    return found


def pods(manifests: tuple[Manifest, ...]) -> Iterator[tuple[str, str, Manifest]]:
    """Yield the pods that the manifests make: a name, the namespace, and the pod's template."""
    for one in manifests:
        name, space = one["metadata"]["name"], one["metadata"].get("namespace", NAMESPACE)
        if one["kind"] == "CronJob":
            yield name, space, one["spec"]["jobTemplate"]["spec"]["template"]
        elif one["kind"] in {"Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicaSet"}:
            yield name, space, one["spec"]["template"]
        elif one["kind"] == "Pod":
            yield name, space, one


def containers(pod: Manifest) -> Iterator[Manifest]:
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from pod["spec"].get(kind, ())


def write(place: Path, values: Mapping[str, Any] | None = None) -> Path:
    place.write_text(rendered_text(values), encoding="utf-8")
    return place


def _told(said: str) -> str:
    """Return what helm said, without its notes on links that it followed."""
    return "\n".join(line for line in said.splitlines() if "level=INFO" not in line).strip()
