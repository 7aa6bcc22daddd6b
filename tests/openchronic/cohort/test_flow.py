"""A flow chart hides what is small, and what would tell it; its picture can be read without colour, and aloud."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from openchronic.cohort.flow import Flow, Line, shown

SVG = "{http://www.w3.org/2000/svg}"


def lines(*counts: int) -> tuple[Line, ...]:
    before = [counts[0], *counts]
    return tuple(
        Line(step, f"Étape {step}", n, n, before[step] - n) for step, n in enumerate(counts)
    )


def told(*counts: int) -> list[tuple[int | None, int | None]]:
    return [(one.n_periods, one.removed) for one in shown(lines(*counts))]


def test_large_numbers_are_shown_and_nobody_removed_is_too() -> None:
    assert told(500, 500, 300) == [(500, 0), (500, 0), (300, 200)]


def test_few_who_were_removed_hide_the_line_before() -> None:
    assert told(500, 495, 300) == [(None, None), (495, None), (300, 195)]


def test_a_small_cohort_is_hidden() -> None:
    assert told(500, 10) == [(500, 0), (None, None)]
    assert told(500, 11, 0)[1:] == [(11, 489), (0, 11)]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=7))
def test_no_difference_of_what_is_shown_is_small(drops: list[int]) -> None:
    counts = [200]
    for one in drops:
        counts.append(max(0, counts[-1] - one))
    found = told(*counts)
    visible = [n for n, _ in found if n is not None]
    differences = [a - b for place, a in enumerate(visible) for b in visible[place + 1 :]]
    assert not any(0 < one < 11 for one in (*visible, *differences))
    removed = [one for _, one in found if one is not None]
    assert not any(0 < one < 11 for one in removed)


def test_the_picture_says_all_that_it_shows() -> None:
    flow = Flow("essai <b>", "snds@1", lines(500, 300, 5), ("Une note",))
    root = ET.fromstring(flow._repr_svg_())
    assert "essai <b>" in (root.findtext(f"{SVG}title") or "")
    said = root.findtext(f"{SVG}desc") or ""
    assert "Étape 1\u00a0: 300 périodes, 300 sujets" in said
    assert "Étape 2\u00a0: effectifs masqués" in said
    words = [one.text for one in root.iter(f"{SVG}text")]
    assert {"500 périodes, 500 sujets", "périodes écartées\u00a0: 200", "Une note"} <= set(words)
    colours = {one.get(key) for one in root.iter() for key in ("fill", "stroke")}
    assert colours <= {None, "none", "currentColor"}
    assert "<table>" in flow._repr_html_()
