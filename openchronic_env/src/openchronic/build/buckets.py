"""The rows that were dealt to buckets of subjects, shown to the models of those buckets."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from openchronic.build.instances import Instance
from openchronic.build.run import Run
from openchronic.models.graph import Graph
from openchronic.models.model import Model
from openchronic.models.release import LIKE


def show_buckets(run: Run, name: str, instance: Instance) -> None:
    """Makes the view ``name`` of the rows of the instance's buckets, where it is a table of such rows."""
    if instance.buckets is None or not _is_by_bucket(run.graph, name):
        return
    files = files_of_bucket(run, name, instance)
    run.context.engine.view(name, rows_of_files(run, name, files))


def files_of_bucket(run: Run, name: str, instance: Instance) -> list[Path]:
    """Returns the files of the rows of ``name`` in the instance's buckets."""
    engine, place = run.context.engine, run.context.place.private
    return engine.files_of_buckets(place / name, instance.buckets or range(0))


def rows_of_files(run: Run, name: str, files: Collection[Path]) -> str:
    """Returns SQL: the rows of ``files`` of the table ``name``, which are none where there is no file."""
    if files:
        return f"SELECT * FROM {run.context.engine.scan(files)}"
    shape = run.counted.shapes.get(name) or run.counted.shapes[LIKE[name]]
    nothing = ", ".join(f"CAST(NULL AS {kind}) AS {column}" for column, kind in shape.items())
    return f"SELECT {nothing} WHERE FALSE"


def _is_by_bucket(graph: Graph, name: str) -> bool:
    makers = graph.makers.get(name, ())
    return name in LIKE or any(isinstance(one, Model) and one.by_bucket == name for one in makers)
