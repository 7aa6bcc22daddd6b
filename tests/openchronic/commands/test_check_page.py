"""The page of `openchronic check`: in French, in one file, and without a small count."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.openchronic.commands.faulty_releases import FAULTS, chained, some, with_fault
from tests.openchronic.front_door import openchronic


def written(release: Path, folder: Path, *options: object) -> str:
    """Returns the page of a release."""
    file = folder / "page.html"
    answer = openchronic("check", release, "--html", file, "--threads", 2, *options)
    assert "checks" in answer.out, answer.text
    return file.read_text(encoding="utf-8")


def row_of(page: str, name: str) -> str:
    """Returns the table row of a check."""
    return next(row for row in page.split("<tr") if f">{name}, " in row)


def test_the_page_is_whole_and_fetches_nothing(good: Path, tmp_path: Path) -> None:
    page = written(good, tmp_path)
    assert '<html lang="fr">' in page
    assert "Aucun contrôle bloquant" in page
    for word in ("<script", "<link", "<img", "<iframe", "http://", "https://", "url(", "@import"):
        assert word not in page
    assert "default-src 'none'" in page
    for drawing in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        ET.fromstring(drawing)
    for title in ("Délivrances de médicaments par mois", "Complétude : parts mesurées"):
        assert f'aria-label="{title}"' in page


def test_a_check_that_stops_is_told_with_its_value_and_threshold(
    good: Path, tmp_path: Path
) -> None:
    page = written(with_fault(good, FAULTS["patient_without_sex"], tmp_path), tmp_path)
    row = row_of(page, "patient_without_sex")
    assert 'class="stop"' in row
    assert "patients sans sexe connu" in row
    assert "bloquant" in row
    assert "20\u202f%" in row
    assert re.search(r">3\d(,\d)?\u202f%<", row)


def test_a_count_below_eleven_is_hidden_and_the_number_can_be_set(
    good: Path, tmp_path: Path
) -> None:
    fault = ("patient", some("sex", "NULL", "subject_id IN (SELECT min(subject_id) FROM old)"))
    release = with_fault(good, fault, tmp_path)
    hidden = row_of(written(release, tmp_path), "patient_without_sex")
    assert "masqué" in hidden
    assert "0,1\u202f%" not in hidden.split("</td>")[1]
    shown = row_of(written(release, tmp_path, "--hide-below", 1), "patient_without_sex")
    assert "masqué" not in shown


def test_a_month_of_few_events_is_a_hollow_mark_and_not_a_point(good: Path, tmp_path: Path) -> None:
    few = (
        "event",
        "SELECT * FROM old WHERE event_type <> 'drug' OR year(start_date) <> 2017 "
        "OR month(start_date) <> 5 UNION ALL (SELECT * FROM old WHERE event_type = 'drug' "
        "AND year(start_date) = 2017 AND month(start_date) = 5 LIMIT 2)",
    )
    page = written(with_fault(good, few, tmp_path), tmp_path)
    drugs = page.split('aria-label="Délivrances de médicaments par mois"')[1].split("</svg>")[0]
    assert "2017-05 : masqué, moins de 11" in drugs
    assert drugs.count("<polyline") == 2


def test_a_month_without_events_is_a_zero_on_the_line(good: Path, tmp_path: Path) -> None:
    page = written(with_fault(good, FAULTS["month_gap"], tmp_path), tmp_path)
    drugs = page.split('aria-label="Délivrances de médicaments par mois"')[1].split("</svg>")[0]
    (points,) = re.findall(r'<polyline class="line" points="([^"]*)"', drugs)
    heights = [float(point.split(",")[1]) for point in points.split()]
    floor = float(re.findall(r'<line class="axis"[^>]* y1="([^"]*)"', drugs)[0])
    assert len(heights) == 36
    assert [place for place, height in enumerate(heights) if height == floor] == [16]


def test_years_of_chaining_are_drawn_each(good: Path, tmp_path: Path) -> None:
    page = written(with_fault(good, chained("stay.without_chaining"), tmp_path), tmp_path)
    title = "séjours sans ligne de chaînage, par année de sortie"
    drawing = page.split(f'aria-label="{title}"')[1].split("</svg>")[0]
    for year in ("2016", "2017", "2018"):
        assert f">{year}</text>" in drawing
    assert re.search(r">4\d(,\d)?\u202f%</text>", drawing)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--hide-below", 0), "1 (hides nothing) or more"),
        (("--html", "/no/such/folder/page.html"), "there is no folder /no/such/folder"),
        (("--tolerance", 2), "a share from 0 to below 1"),
        (("--threads", 0), "1 or more"),
        (("--memory", "much"), "not a memory size"),
        (("--base", "snds"), "name one of them"),
    ],
)
def test_a_wrong_option_is_a_sentence(good: Path, options: tuple[object, ...], said: str) -> None:
    answer = openchronic("check", good, *options)
    assert answer.status == 2
    assert said in answer.err
    assert "Traceback" not in answer.text
    assert "internal error" not in answer.text
