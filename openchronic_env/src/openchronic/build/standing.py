"""What the events and costs of a bucket were made of and became, kept for the next build by links to these files."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from openchronic.build.cells import link
from openchronic.build.context import Context
from openchronic.build.figures import Counted
from openchronic.build.instances import Instance
from openchronic.build.workspace import STANDING

NOTED = "standing.pickle"
Files = tuple[Path, ...]


@dataclass(frozen=True)
class Part:
    """The rows that one finished part dealt to a bucket. ``digest``: of all that it was made of."""

    digest: str
    files: Files


@dataclass(frozen=True)
class Standing:
    """A bucket of the last release. ``basis``: the digest of what all its days depend on; ``parts``: what it was made of, by
    table and part; ``cells``: the files of each table that it became; ``netted``: the counts on its sums."""

    basis: str
    parts: Mapping[str, Mapping[str, Part]]
    cells: Mapping[str, Mapping[str, Path]]
    netted: Counted
    sizes: Mapping[Path, int] = field(default_factory=dict)

    def files(self) -> Iterator[Path]:
        """Yields all files."""
        for parts in self.parts.values():
            for part in parts.values():
                yield from part.files
        for cells in self.cells.values():
            yield from cells.values()


def standing(context: Context, instance: Instance, basis: str) -> Standing | None:
    """Returns what the last build of the same ``basis`` kept of a bucket; None where it kept nothing, or not all is there."""
    found = None
    # What other code has written is none, whatever it is.
    with suppress(
        OSError, AttributeError, EOFError, ImportError, pickle.UnpicklingError, TypeError
    ):
        # The file was written by this account in a folder that nobody else can open.
        found = pickle.loads((_place(context, instance) / NOTED).read_bytes())  # noqa: S301
    if not isinstance(found, Standing) or found.basis != basis:
        return None
    whole = all(one.is_file() and one.stat().st_size == size for one, size in found.sizes.items())
    return found if whole else None


def keep(context: Context, instance: Instance, made: Standing) -> None:
    """Keeps ``made`` by links, in place of what was kept of that bucket: a kill leaves the one or the other whole."""
    place = _place(context, instance)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    old = [one for one in place.iterdir() if one.is_dir()]
    number = 1 + max((int(one.name) for one in old), default=0)
    fresh = place / str(number)
    parts = {
        table: {
            name: Part(
                part.digest, tuple(link(one, fresh / table / name / one.name) for one in part.files)
            )
            for name, part in those.items()
        }
        for table, those in made.parts.items()
    }
    cells = {
        table: {name: link(file, fresh / table / f"{name}.parquet") for name, file in those.items()}
        for table, those in made.cells.items()
    }
    kept = Standing(made.basis, parts, cells, made.netted)
    sizes = {one: one.stat().st_size for one in kept.files()}
    kept = Standing(made.basis, parts, cells, made.netted, sizes)
    _note(place, pickle.dumps(kept))
    for one in old:
        shutil.rmtree(one, ignore_errors=True)


def _place(context: Context, instance: Instance) -> Path:
    return context.place.private / STANDING / instance.name


def _note(place: Path, content: bytes) -> None:
    fresh = place / f"{NOTED}.new"
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(place / NOTED)
