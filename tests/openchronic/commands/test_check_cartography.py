"""`openchronic check`: agreement with the national cartography, printed, drawn, masked, and broken."""

from __future__ import annotations

import csv
import html
import json
import math
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from openchronic.diseases import load_library
from tests.openchronic.commands.faulty_releases import with_fault
from tests.openchronic.front_door import build, openchronic

YEARS = (2016, 2017, 2018)


def told(release: Path) -> dict[str, Any]:
    answer = openchronic("check", release, "--json", "--threads", 2)
    assert answer.status in (0, 1), answer.text
    return dict(json.loads(answer.out))


def page_of(release: Path, folder: Path, *options: object) -> str:
    file = folder / "page.html"
    answer = openchronic("check", release, "--html", file, "--threads", 2, *options)
    assert "Traceback" not in answer.text
    return file.read_text(encoding="utf-8")


def test_counts_and_rates_are_those_of_the_textbook(good: Path) -> None:
    report = told(good)
    found = report["cartography"]
    # The synthetic cartography tells no treatments, no dialysis and no transplantation.
    untold = ("treated", "dialysis", "kidney_transplant")
    diseases = {
        form.name
        for _, form in load_library().forms()
        if form.tops and not any(one in form.name for one in untold)
    }
    assert {(one["disease"], one["year"]) for one in found} == {
        (disease, year) for disease in diseases for year in YEARS
    }
    groups = {
        one["name"]: one["value"]
        for check in report["checks"]
        if check["name"] == "cartography_differs"
        for one in check["groups"]
    }
    assert len(groups) > 10
    for one in found:
        both, theirs, ours, neither = (
            one[name] for name in ("both", "cartography_only", "release_only", "neither")
        )
        everybody = both + theirs + ours + neither
        if not both + theirs:
            assert one["sensitivity"] is None
            continue
        assert one["sensitivity"] == both / (both + theirs)
        observed = (both + neither) / everybody
        chance = (
            (both + theirs) * (both + ours) + (neither + theirs) * (neither + ours)
        ) / everybody**2
        assert math.isclose(one["kappa"], (observed - chance) / (1 - chance), abs_tol=1e-9)
        name = f"{one['disease']} {one['year']}"
        if name in groups:
            assert math.isclose(groups[name], 1 - one["kappa"], abs_tol=1e-9)


def test_operators_see_the_last_year_in_a_table(good: Path) -> None:
    answer = openchronic("check", good)
    assert "cartography 2018" in answer.out
    line = next(line for line in answer.out.splitlines() if line.strip().startswith("diabetes"))
    one = next(
        one
        for one in told(good)["cartography"]
        if (one["disease"], one["year"]) == ("diabetes", 2018)
    )
    assert line.split()[1:4] == [
        str(one[name]) for name in ("both", "cartography_only", "release_only")
    ]
    assert line.split()[-1] == f"{one['kappa']:.2f}"


def test_the_page_draws_kappa_and_tells_no_small_count(good: Path, tmp_path: Path) -> None:
    page = page_of(good, tmp_path)
    drawing = re.findall(r'<svg role="img" aria-label="Kappa par maladie, 2018".*?</svg>', page)
    ET.fromstring(drawing[0])
    part = html.unescape(page.split("Kappa par maladie, 2018</h3>")[1])
    rows = {
        (cells[0], cells[1][:4]): cells[2:]
        for row in re.findall(r"<tr>(.*?)</tr>", part)
        if len(
            cells := [
                re.sub("<[^>]*>", "", cell.split("<br>")[0]) for cell in row.split("</td>")[:-1]
            ]
        )
        == 8
    }
    names = {one.name: one.fr for one in load_library().definitions}
    hidden = 0
    for one in told(good)["cartography"]:
        counts = [one[name] for name in ("both", "cartography_only", "release_only")]
        cells = rows[names[one["disease"]], str(one["year"])]
        if any(0 < count < 11 for count in counts):
            assert set(cells[:5]) == {"masqué"}
            hidden += 1
        else:
            assert cells[:3] == [str(count) for count in counts]
        if 0 < one["both"] < 11 or 0 < counts[1] + counts[2] < 11:
            assert cells[5] == "masqué"
    assert hidden > 5
    # Without masking, the smallest counts are shown.
    every = page_of(good, tmp_path, "--hide-below", 1)
    assert "masqué<" not in every.split("Kappa par maladie, 2018</h3>")[1]


def test_what_was_not_delivered_is_said_in_a_word(plain_base: Path, tmp_path: Path) -> None:
    release = plain_base
    report = told(release)
    assert report["cartography"] is None
    states = {one["name"]: one["state"] for one in report["checks"]}
    assert states["cartography_differs"] == "not measured"
    assert states["cartography_without_patient"] == "not measured"
    answer = openchronic("check", release)
    assert (
        "agreement with the cartography: not measured, its tables (CT_IND, CT_IDE) were not "
        "delivered" in answer.out
    )
    page = html.unescape(page_of(release, tmp_path))
    assert "la cartographie n'est pas mesuré : ses tables (CT_IND, CT_IDE) n'ont pas été" in page


def test_a_release_made_before_it_was_read_says_so(good: Path, tmp_path: Path) -> None:
    def forget(manifest: dict[str, Any]) -> None:
        del manifest["cartography"]
        del manifest["tables"]["cartography"]

    release = with_fault(good, forget, tmp_path)
    shutil.rmtree(release / "cartography")
    answer = openchronic("check", release)
    assert "not measured, this release was made before builds read it: build again" in answer.out


@pytest.fixture
def shifted(many: Path, tmp_path: Path) -> Path:
    """Builds the delivery of the valid release with each person of its cartography linked to the next one's
    patient."""
    folder = tmp_path / "delivery"
    # All other files are in the store already, and recognised by their time.
    shutil.copytree(many, folder)
    for file in folder.glob("CT_IDE_*.CSV"):
        with file.open(newline="") as lines:
            header, *rows = list(csv.reader(lines, delimiter=";"))
        place = header.index("ID_CARTO")
        names = [row[place] for row in rows]
        for row, name in zip(rows, names[1:] + names[:1], strict=True):
            row[place] = name
        file.write_text("\n".join(";".join(row) for row in (header, *rows)) + "\n")
    return folder


def test_a_cartography_of_shifted_subjects_agrees_no_more_than_by_chance_and_warns(
    good: Path, many_releases: Path, shifted: Path, releases: Path
) -> None:
    sound = {(one["disease"], one["year"]): one["kappa"] for one in told(good)["cartography"]}
    assert sound["diabetes", 2018] > 0.9
    shutil.copytree(
        many_releases, releases, symlinks=True, ignore=shutil.ignore_patterns(".access")
    )
    answer = build(shifted, releases)
    assert answer.status == 0, answer.text
    assert "check warning: cartography_differs" in answer.text
    release = (releases / "snds" / "current").resolve()
    report = told(release)
    kappa = {(one["disease"], one["year"]): one["kappa"] for one in report["cartography"]}
    for year in YEARS:
        assert kappa["diabetes", year] < 0.3
    states = {one["name"]: one["state"] for one in report["checks"]}
    assert states["cartography_differs"] == "warning"
    # All persons are still linked: only the patients show that the links are wrong.
    assert states["cartography_without_patient"] == "ok"
    assert openchronic("check", release).status == 0
