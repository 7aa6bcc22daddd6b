"""Figures of pathways: strict XML with a name and a description, French, read without colour, the numbers that it gives."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

import openchronic as oc
from openchronic.figures import Figure
from openchronic.figures.drawing import COLOURS, HATCHINGS, INK, LINE, PAPER, marks
from openchronic.pathway import Pathways
from tests.openchronic.figures.drawn import FIRST, SVG, cohort, parsed, rows, texts
from tests.typography import faults

Draw = Callable[[Pathways], Figure]
DRAW: dict[str, Draw] = {
    "sankey": lambda made: made.sankey(),
    "sunburst": lambda made: made.sunburst(),
    "persistence": lambda made: made.persistence_curve(),
}
EACH = pytest.mark.parametrize("name", DRAW)
SIZES = {"many": 600, "few": 40, "eleven": 11, "one": 1}
ODD = "<b>&\"'\x01\U0001f600é"


@pytest.fixture(scope="module")
def cohorts() -> dict[str, Pathways]:
    return {name: cohort(people) for name, people in SIZES.items()}


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    r, g, b = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@EACH
@pytest.mark.parametrize("size", SIZES)
def test_a_drawing_is_xml_with_a_name_a_description_and_nothing_that_runs_or_is_fetched(
    cohorts: dict[str, Pathways], name: str, size: str
) -> None:
    figure = DRAW[name](cohorts[size])
    root = parsed(figure)
    assert root.tag == f"{SVG}svg"
    assert (root.get("role"), root.get("lang")) == ("img", "fr")
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    said = {one.get("id"): one.text for one in root}
    assert [said[one] for one in (root.get("aria-labelledby") or "").split()] == [
        figure.title,
        figure.description,
    ]
    tags = {one.tag.removeprefix(SVG) for one in root.iter()}
    assert tags <= {
        *("svg", "title", "desc", "defs", "pattern", "rect", "path", "g", "text"),
    }
    used = set(re.findall(r"url\(#(.+?)\)", figure.svg))
    assert used <= set(ids)
    attributes = {one for part in root.iter() for one in part.attrib}
    assert not {one for one in attributes if one.startswith("on") or "href" in one}


@EACH
@pytest.mark.parametrize("size", SIZES)
def test_what_a_figure_says_is_typeset_in_french(
    cohorts: dict[str, Pathways], name: str, size: str
) -> None:
    figure = DRAW[name](cohorts[size])
    every = [figure.title, figure.description, *figure.notes, *texts(figure)]
    every += [one.text or "" for one in parsed(figure).iter(f"{SVG}title")]
    assert len(every) > 5
    assert [fault for said in every for fault in faults(said)] == []


@EACH
def test_two_figures_of_one_page_share_no_id(cohorts: dict[str, Pathways], name: str) -> None:
    one, other = (DRAW[name](cohorts[size]) for size in ("many", "few"))
    ids = [{part.get("id") for part in parsed(each).iter()} - {None} for each in (one, other)]
    assert ids[0] & ids[1] == set()


def test_the_flows_that_are_drawn_are_those_that_are_given(
    cohorts: dict[str, Pathways],
) -> None:
    figure = cohorts["many"].sankey()
    given = rows(figure)
    assert sum(one["n_periods"] for one in given if one["step"] == 1) == 600
    assert min(one["n_periods"] for one in given) >= 11
    said = " ".join(texts(figure))
    for step in (1, 2):
        for target in {one["target"] for one in given if one["step"] == step}:
            if target == "Fin du parcours":
                continue
            n = sum(
                one["n_periods"] for one in given if (one["step"], one["target"]) == (step, target)
            )
            assert f"{target}\u00a0: {n} (" in said
    bands = [
        one
        for one in parsed(figure).iter(f"{SVG}path")
        if "→" in (one.findtext(f"{SVG}title") or "")
    ]
    assert len(bands) == sum(
        one["step"] > 1 and one["target"] != "Fin du parcours" for one in given
    )


def test_every_sector_is_numbered_and_named(cohorts: dict[str, Pathways]) -> None:
    figure = cohorts["many"].sunburst()
    given = rows(figure)
    said = texts(figure)
    assert len(given) > 8
    for one in given:
        assert str(one["number"]) in said
        entry = f"{one['number']}. {one['label']}\u00a0: {one['n_periods']} ("
        assert any(text.startswith(entry) for text in said)
    assert sum(one["share_of_periods"] for one in given if one["ring"] == 1) == pytest.approx(1)


def test_every_curve_is_named_and_those_that_are_not_drawn_are_too(
    cohorts: dict[str, Pathways],
) -> None:
    figure = cohorts["few"].persistence_curve()
    drawn = {one["treatment"] for one in rows(figure)}
    assert "Tous traitements" in drawn
    assert drawn <= set(texts(figure))
    hidden = [one for one in figure.notes if one.startswith("Masqué")]
    assert hidden
    for name in hidden[0].partition(": ")[2].rstrip(".").split(", "):
        assert name not in drawn
    one = cohorts["many"].persistence_curve(["metformine"])
    assert {row["treatment"] for row in rows(one)} == {"metformine"}


@EACH
def test_nothing_is_told_of_ten_persons(name: str) -> None:
    figure = DRAW[name](cohort(10))
    assert rows(figure) == []
    assert "10" not in " ".join([figure.description, *texts(figure)])
    assert any("Trop peu de personnes" in one for one in texts(figure))


def test_a_cohort_with_several_periods_a_person_counts_persons() -> None:
    """Ten persons with three periods each have thirty periods, and stay ten persons."""
    made = cohort(10, periods=3)
    assert rows(made.sankey()) == rows(made.sunburst()) == rows(made.persistence_curve()) == []
    figure = cohort(200, periods=2).sankey()
    assert "400\u00a0périodes de 200\u00a0personnes." in texts(figure)
    assert rows(figure)


@EACH
def test_an_empty_cohort_is_a_normal_result(name: str) -> None:
    figure = DRAW[name](cohort(0))
    assert rows(figure) == []
    assert any("Trop peu de personnes" in one for one in texts(figure))


def test_a_cohort_without_treatment_says_so() -> None:
    none = pa.table(
        {
            "subject_id": pa.array([], pa.int64()),
            "treatment": pa.array([], pa.string()),
            "start_date": pa.array([], pa.date32()),
            "end_date": pa.array([], pa.date32()),
        }
    )
    people = pa.table(
        {"subject_id": list(range(130)), "start_date": [FIRST] * 130, "end_date": [FIRST] * 130}
    )
    made = oc.pathways(none, people)
    assert [one["target"] for one in rows(made.sankey())] == ["Aucun traitement"]
    assert [one["label"] for one in rows(made.sunburst())] == ["Aucun traitement"]
    assert rows(made.persistence_curve()) == []


@EACH
def test_treatments_are_shown_by_their_labels_whatever_signs_these_have(
    cohorts: dict[str, Pathways], name: str
) -> None:
    """A label may hold the signs that join steps, or treatments that are held together."""
    made = cohorts["many"]
    treatment = min(held for (held,) in made.steps.project("held").fetchall() if "+" not in held)
    label = "Inhibiteur de la DPP-4 + autre"
    drawn = DRAW[name](replace(made, labels={treatment: label}))
    before = DRAW[name](made)
    assert label in drawn.svg
    assert label not in before.svg
    # The numbers are the same, and only the name of this treatment is another.
    numbers = ("n_periods", "share_of_periods", "days", "persistence")
    columns = ", ".join(one for one in before.data.columns if one in numbers)
    assert sorted(drawn.data.project(columns).fetchall()) == sorted(
        before.data.project(columns).fetchall()
    )


def test_odd_names_are_written_as_text() -> None:
    given = {
        "subject_id": list(range(120)),
        "treatment": [ODD] * 60 + ["B"] * 60,
        "start_date": [FIRST] * 120,
        "end_date": [FIRST] * 120,
    }
    table = pa.table(given)
    made = oc.pathways(table, table.drop(["treatment"]))
    for draw in DRAW.values():
        assert any(ODD.replace("\x01", "\ufffd") in said for said in texts(draw(made)))


def test_colours_and_texts_have_enough_contrast_and_marks_differ_in_grey() -> None:
    assert contrast(INK, PAPER) >= 4.5
    assert min(contrast(one, PAPER) for one in (*COLOURS, LINE)) >= 3
    every = marks(map(str, range(len(COLOURS) * len(HATCHINGS)))).values()
    assert len({(one.colour, one.hatching) for one in every}) == len(every)
    neighbours = list(every)
    assert all(a.hatching != b.hatching for a, b in pairwise(neighbours))


def test_a_figure_is_saved_as_it_is_shown(tmp_path: Path, cohorts: dict[str, Pathways]) -> None:
    figure = cohorts["few"].sankey()
    assert figure.save(tmp_path / "suites.svg").read_text("utf-8") == figure._repr_svg_()
    assert figure._repr_svg_() in figure._repr_html_()
    with pytest.raises(oc.OpenChronicError, match=r"finit par \.svg"):
        figure.save(tmp_path / "suites.png")
    with pytest.raises(oc.OpenChronicError, match="ne peut pas être écrite"):
        figure.save(tmp_path / "nulle/part.svg")


def test_wrong_calls_say_what_to_do(cohorts: dict[str, Pathways]) -> None:
    made = cohorts["few"]
    with pytest.raises(oc.OpenChronicError, match="de 1 à 8"):
        made.sankey(steps=0)
    with pytest.raises(oc.OpenChronicError, match="vouliez-vous dire metformine"):
        made.persistence_curve(["metformin"])
    with pytest.raises(oc.OpenChronicError, match="des jeux de paramètres"):
        made.sunburst("autre")


def test_a_set_of_parameters_is_named_where_there_are_several() -> None:
    given = pa.table(
        {
            "subject_id": list(range(120)),
            "treatment": ["A"] * 120,
            "start_date": [FIRST] * 120,
            "end_date": [FIRST] * 120,
        }
    )
    made = oc.pathways(given, given.drop(["treatment"]), [{"pathway": "a"}, {"pathway": "b"}])
    with pytest.raises(oc.OpenChronicError, match="a, b"):
        made.sankey()
    assert [one["target"] for one in rows(made.sankey("a"))] == ["A"]


def test_a_session_without_lifelines_is_told_what_is_missing(
    cohorts: dict[str, Pathways], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lifelines", None)
    with pytest.raises(oc.OpenChronicError, match="pip install lifelines"):
        cohorts["many"].persistence_curve()
