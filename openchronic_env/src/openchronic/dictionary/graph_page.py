"""Writes the graph of a build as a drawing (SVG), and as a list with the same content."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from html import escape
from importlib import resources

from openchronic.dictionary.graph_layout import HEIGHT, Arrow, Band, Box, arrows, bands, size
from openchronic.models.delivery import every_table
from openchronic.models.graph import Graph, graph_of
from openchronic.models.model import Scope

SCOPES: Mapping[Scope, str] = {
    "whole": "une fois",
    "months": "par mois",
    "years": "par année",
    "mapped years": "par année de la cartographie",
    "buckets": "par groupe de personnes",
}
KINDS = {
    "delivered": "table livrée",
    "given": "petite table : nomenclature, ou ce que seul le calcul connaît",
    "model": "modèle",
    "gathered": "table où plusieurs modèles ajoutent leurs lignes",
    "released": "table de la version",
    "check": "contrôle d'une clé",
}
TIP, BEND = 5, 34


def of_graph(graph: Graph | None = None) -> str:
    """Returns HTML: the drawing and the list of ``graph``, by default the graph of a complete delivery."""
    graph = graph or graph_of(every_table())
    drawn = bands(graph)
    every = list(dict.fromkeys(arrows(graph)))
    key = "".join(
        f'<li><svg width="34" height="14" aria-hidden="true" focusable="false">'
        f'<rect class="{kind}" x="1" y="1" width="32" height="12"/></svg> {escape(said)}</li>'
        for kind, said in KINDS.items()
    )
    return (
        f'<ul class="key">{key}</ul>'
        '<div class="drawing" role="region" tabindex="0" aria-label="Dessin des modèles, à faire défiler">'
        f"{_svg(drawn, every)}</div>"
        f"<h2>La même chose en liste</h2>{_list(drawn, every)}"
    )


@cache
def stage_labels() -> Mapping[str, str]:
    """Returns the French name of every stage of a build."""
    file = resources.files(__package__) / "graph_stages.csv"
    lines = file.read_text("utf-8").splitlines()
    return {row["stage"]: row["label"] for row in csv.DictReader(lines, delimiter=";")}


def _svg(drawn: tuple[Band, ...], every: list[Arrow]) -> str:
    boxes = {box.name: box for band in drawn for box in band.boxes}
    width, height = size(drawn)
    ends = {end for _, end in every}
    return (
        f'<svg role="img" aria-labelledby="g-title g-desc" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">'
        '<title id="g-title">Les modèles d\'un calcul, par étape, et ce que chacun lit</title>'
        f'<desc id="g-desc">{len(boxes)} boîtes en {len(drawn)} étapes, de haut en bas dans leur ordre ; '
        f"{len(every)} flèches vont de ce qui est lu à ce qui le lit. La liste qui suit le dit en "
        "texte.</desc>"
        f"{''.join(_band(band, width) for band in drawn)}"
        f'<g class="arrows">{"".join(_arrows_to(box, every, boxes) for box in boxes.values())}</g>'
        f"{''.join(_box(box, ends) for box in boxes.values())}</svg>"
    )


def _band(band: Band, width: float) -> str:
    return (
        f'<line class="band" x1="0" x2="{width:.0f}" y1="{band.y:.0f}" y2="{band.y:.0f}"/>'
        f'<text class="stage" x="4" y="{band.y + 17:.0f}">{escape(_stage(band))}</text>'
    )


def _arrows_to(box: Box, every: list[Arrow], boxes: Mapping[str, Box]) -> str:
    """Returns the arrows to ``box``, which share one tip."""
    paths = "".join(
        f'<path data-from="{escape(start)}" data-to="{escape(end)}" d="{_curve(boxes[start], box)}"/>'
        for start, end in every
        if end == box.name
    )
    if not paths:
        return ""
    x, y = box.x, box.middle
    tip = f'<path class="tip" d="M{x - TIP:.0f} {y - 3:.0f}L{x:.0f} {y:.0f}L{x - TIP:.0f} {y + 3:.0f}"/>'
    return f'<g id="r-{escape(box.name)}">{paths}{tip}</g>'


def _curve(start: Box, end: Box) -> str:
    x, y = start.x + start.width, start.middle
    return (
        f"M{x:.0f} {y:.0f}C{x + BEND:.0f} {y:.0f} {end.x - BEND:.0f} {end.middle:.0f} "
        f"{end.x:.0f} {end.middle:.0f}"
    )


def _box(box: Box, ends: Collection[str]) -> str:
    """Returns ``box``, with a copy of its arrows that shows when a pointer or a link leads to the box."""
    name = escape(box.name)
    again = f'<use href="#r-{name}"/>' if box.name in ends else ""
    return (
        f'<g class="box"><g class="name" id="g-{name}"><title>{name} : {escape(KINDS[box.kind])}</title>'
        f'<rect class="{box.kind}" x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" '
        f'height="{HEIGHT}"/>'
        f'<text x="{box.x + 8:.0f}" y="{box.y + 14:.0f}">{name}</text></g>{again}</g>'
    )


def _list(drawn: tuple[Band, ...], every: list[Arrow]) -> str:
    read: dict[str, list[str]] = {}
    for start, end in every:
        read.setdefault(end, []).append(start)
    return "".join(
        f"<h3>{escape(_stage(band))}</h3><ul>{''.join(_items(band, read))}</ul>" for band in drawn
    )


def _items(band: Band, read: Mapping[str, list[str]]) -> Iterator[str]:
    for box in band.boxes:
        name = escape(box.name)
        said = escape(", ".join(read.get(box.name, ())))
        what = f" ← {said}" if said else ""
        yield f'<li><a href="#g-{name}">{name}</a>({escape(KINDS[box.kind])}){what}</li>'


def _stage(band: Band) -> str:
    return f"{stage_labels()[band.stage.name]} ({SCOPES[band.stage.scope]})"
