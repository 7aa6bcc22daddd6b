"""Reads the graph of images, images/images.toml: each image, its parent, and whether profiles may use it."""

import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from infra.settings.setting_forms import CheckoutFolder, Slug
from infra.settings.settings_file import ROOT, List, Settings, SettingsError, read_toml, validate

FILE = ROOT / "images" / "images.toml"


# What a browser may ask of a session: the first segment of a path below the session's own, as it is written.
PathSegment = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
# What is closed all the same: such a segment, and one below it.
ClosedPath = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*/[a-z0-9_-]+$")]


@dataclass(frozen=True)
class Paths:
    """What browsers may ask of sessions, below a session's own path."""

    open: tuple[str, ...]
    """First segments."""
    closed: tuple[str, ...] = ()
    """Two segments: what is refused below a first one that is open."""

    def closed_below(self, segment: str) -> tuple[str, ...]:
        """Return the second segments that are refused below this one."""
        parts = (one.partition("/") for one in self.closed)
        return tuple(second for first, _, second in parts if first == segment)


class GraphError(SettingsError):
    """The graph of images cannot be built; the message has one line per error."""


class Image(Settings):
    parent: Slug | None = Field(None, description="The image that it starts from")
    sources: List[CheckoutFolder] = Field(
        (), description="Folders that go into it, besides its own"
    )
    parts: List[Slug] = Field((), description="Stages of its Dockerfile that images above may use")
    contexts: List[Slug] = Field((), description="Images and parts that its Dockerfile names")
    sessions: bool = Field(False, description="Profiles may name it")
    given: List[Literal["rstudio-server"]] = Field(
        (), description="Packages that a site may give in [packages]"
    )
    paths: List[PathSegment] = Field(
        (), description="First path segments that browsers may ask of its sessions"
    )
    closed: List[ClosedPath] = Field((), description="Paths below those that are refused")
    npm: bool = Field(False, description="Its Dockerfile installs packages of npm")
    made: Literal["always", "when named"] = Field("always", description="On which sites")

    @model_validator(mode="before")
    @classmethod
    def _starts_from_its_parent(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and raw.get("parent") and "contexts" not in raw:
            return {**raw, "contexts": [raw["parent"]]}
        return raw


class Graph(Settings):
    images: dict[Slug, Image] = Field(min_length=1, description="Every image, by name")

    @property
    def names(self) -> tuple[str, ...]:
        """The images, each after its parent."""
        return tuple(self.images)

    @property
    def root(self) -> str:
        return self.names[0]

    @property
    def of_sessions(self) -> tuple[str, ...]:
        return tuple(name for name, image in self.images.items() if image.sessions)

    def line(self, name: str) -> tuple[str, ...]:
        """Return the image's ancestors from the root, then the image itself."""
        parent = self.images[name].parent
        return (*(self.line(parent) if parent else ()), name)

    def heirs(self, name: str) -> tuple[str, ...]:
        """Return the image and all that are built on it, directly or not: its tests must hold for each."""
        return tuple(one for one in self.names if name in self.line(one))

    def made(self, named: Collection[str]) -> tuple[str, ...]:
        """Return the images to build for a site whose profiles use `named`, each after its parent."""
        wanted = {
            below
            for name, image in self.images.items()
            if image.made == "always" or name in named
            for below in self.line(name)
        }
        return tuple(name for name in self.names if name in wanted)

    def takes(self, name: str, package: str) -> bool:
        """Whether a site may give a package for this image or one below it."""
        return any(package in self.images[one].given for one in self.line(name))

    def paths(self, named: Collection[str]) -> Paths:
        """Return what browsers may ask of the sessions of these images."""
        images = [self.images[one] for name in named for one in self.line(name)]
        return Paths(
            open=tuple(sorted({path for image in images for path in image.paths})),
            closed=tuple(sorted({path for image in images for path in image.closed})),
        )

    @model_validator(mode="after")
    def _can_be_built(self) -> Self:
        if wrong := list(self._wrong()):
            raise ValueError("\n".join(wrong))
        return self

    def _wrong(self) -> Iterator[str]:
        before: dict[str, tuple[str, ...]] = {}
        taken: set[str] = set()
        for name, image in self.images.items():
            if (image.parent is None) != (not before):
                yield f"{name}: the first image has no parent, and every other has one"
            if image.parent is not None and image.parent not in before:
                yield f"{name}: its parent {image.parent} must be an image that stands before it"
            below = before.get(image.parent or "", ())
            if image.paths and "proxy" in image.paths:
                yield f"{name}: paths: proxy would open every port of a session to its user's browser"
            for path in image.closed:
                if path.partition("/")[0] not in image.paths:
                    yield f"{name}: closed: {path} is below no path of this image"
            if unknown := sorted(set(image.contexts) - set(below)):
                yield f"{name}: contexts: no image or part below it is called {', '.join(unknown)}"
            own = {name, *image.parts}
            if twice := sorted(own & taken):
                yield f"{name}: another image or part is called {', '.join(twice)}"
            taken |= own
            before[name] = (*below, *own)


def load_graph(path: Path = FILE) -> Graph:
    """Read and check the graph. Raises GraphError with every error of the file, and every missing file of an image."""
    graph = validate(Graph, {"images": read_toml(path, error=GraphError)}, path, error=GraphError)
    missing = [
        f"{path.parent.name}/{name}/{file}"
        for name in graph.names
        for file in ("Dockerfile", "packages.txt")
        if not (path.parent / name / file).is_file()
    ]
    if missing:
        raise GraphError(f"{path.parent.name}/{path.name}: {', '.join(missing)}: no such file")
    return graph


def locks(graph: Graph, folder: Path = FILE.parent) -> Iterator[tuple[str, str]]:
    """Yield (image, ancestor) for each image with a lock and an ancestor with one, whose versions constrain it."""
    locked = [name for name in graph.names if (folder / name / "requirements.in").is_file()]
    for name in locked:
        if below := [one for one in graph.line(name) if one in locked and one != name]:
            yield name, below[-1]


GRAPH = load_graph()


def _named(image: str) -> str:
    if image not in GRAPH.of_sessions:
        raise ValueError(
            f"{image} is no image of sessions; there are: {', '.join(GRAPH.of_sessions)}"
        )
    return image


SessionImage = Annotated[str, AfterValidator(_named)]

if __name__ == "__main__":
    sys.stdout.writelines(f"{name} {below}\n" for name, below in locks(GRAPH))
