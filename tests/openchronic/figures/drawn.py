"""What the tests of figures read out of a drawing, and cohorts to draw."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree as Xml

import pyarrow as pa

import openchronic as oc
from openchronic.figures import Figure
from openchronic.pathway import Pathways

SVG = "{http://www.w3.org/2000/svg}"
FIRST = date(2018, 1, 1)
NAMES = ("metformine", "insuline", "sulfamides", "gliptines", "glinides")


def parsed(figure: Figure) -> Xml.Element:
    """Returns the drawing, read by a parser that refuses what is no XML."""
    return Xml.fromstring(figure.svg)


def texts(figure: Figure) -> list[str]:
    """Returns the texts that are seen, in their order."""
    return [one.text or "" for one in parsed(figure).iter(f"{SVG}text")]


def rows(figure: Figure) -> list[dict[str, Any]]:
    """Returns the numbers that are drawn."""
    found: list[dict[str, Any]] = figure.data.to_arrow_table().to_pylist()
    return found


def cohort(people: int, *, seed: int = 1, periods: int = 1) -> Pathways:
    """Returns the pathways of invented people, with their periods one year after another."""
    draw = random.Random(seed)  # noqa: S311
    exposures: dict[str, list[Any]] = {
        name: [] for name in ("subject_id", "treatment", "start_date", "end_date")
    }
    spans: dict[str, list[Any]] = {name: [] for name in ("subject_id", "start_date", "end_date")}
    for person in range(people):
        for period in range(periods):
            first = FIRST + timedelta(1100 * period)
            spans["subject_id"].append(person)
            spans["start_date"].append(first)
            spans["end_date"].append(first + timedelta(1095))
            day, held = draw.randint(0, 40), draw.choices(NAMES, [60, 15, 15, 8, 2])
            while day < 1095 and draw.random() > 0.05:
                for one in held:
                    exposures["subject_id"].append(person)
                    exposures["treatment"].append(one)
                    exposures["start_date"].append(first + timedelta(day))
                    exposures["end_date"].append(first + timedelta(day + 29))
                day += draw.randint(30, 40)
                held = held if draw.random() < 0.95 else [draw.choice(NAMES)]
                held = held if draw.random() < 0.97 else sorted({*held, draw.choice(NAMES)})
    return oc.pathways(pa.table(exposures), pa.table(spans))
