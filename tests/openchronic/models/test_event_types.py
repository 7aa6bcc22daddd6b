"""All that a build knows of an event type is one row: nothing of a type can be forgotten elsewhere."""

from __future__ import annotations

import csv
import io
import re
from importlib import resources
from pathlib import Path

import pytest

import openchronic
from openchronic.catalogue import load_tables
from openchronic.dictionary.released import load_release_tables
from openchronic.errors import SchemaError
from openchronic.models.release import event_types
from openchronic.models.release.event_types import load_event_types
from openchronic.nomenclatures import load_nomenclature

MODELS = Path(openchronic.__file__).parent / "models"
# Public outpatient visits by their services: the lines that a claim would repeat.
BY_SERVICE = {"T_MCOaaFBSTC", "T_MCOaaFCSTC"}


def coded_lines() -> list[dict[str, str]]:
    text = (MODELS / "hospital/coded_lines.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_every_type_that_a_text_makes_is_declared() -> None:
    made = {
        kind
        for path in MODELS.rglob("*.sql")
        for kind in re.findall(r"'([a-z_]+)' AS event_type", path.read_text(encoding="utf-8"))
    }
    made |= {row["event_type"] for row in coded_lines()}
    made |= {row["event_type"] for row in load_nomenclature("service_event")}
    assert len(made) > 8
    assert made <= set(load_event_types())


def test_care_that_hospitals_tell_of_too_is_declared_so_that_it_counts_once() -> None:
    """The tables of public visits whose lines are events of a type are those in which its claims are looked for."""
    types = load_event_types()
    for row in coded_lines():
        if re.fullmatch(r"T_MCOaaF[A-Z]STC", row["table"]):
            assert row["table"] in types[row["event_type"]].also_in, row["event_type"]
    for row in load_nomenclature("service_event"):
        assert set(types[row["event_type"]].also_in) >= BY_SERVICE, row["event_type"]
    assert {one for kind in types.values() for one in kind.also_in} <= set(load_tables())


def test_the_dictionary_says_what_each_type_is() -> None:
    (column,) = (one for one in load_release_tables()["event"].columns if one.name == "event_type")
    said = set(re.findall(r"\b[a-z_]+\b", column.meaning))
    assert set(load_event_types()) <= said


HEADER = ";".join(event_types.COLUMNS)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("event_type;label\nbirth;Naissances\n", 1),
        (f"{HEADER}\nbirth;Naissances;naissance;0;;\nbirth;Naissances;naissance;0;;\n", 3),
        (f"{HEADER}\nbirth;;naissance;0;;\n", 2),
        (f"{HEADER}\nbirth;Naissances;;0;;\n", 2),
        (f"{HEADER}\nbirth;Naissances;naissance;first;;\n", 2),
        (f"{HEADER}\nbirth;Naissances;naissance;0;yes;\n", 2),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(
    text: str, line: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / event_types.FILE).write_text(text, encoding="utf-8")
    monkeypatch.setattr(resources, "files", lambda _package: tmp_path)
    load_event_types.cache_clear()
    try:
        with pytest.raises(SchemaError, match=f"ligne {line} :"):
            load_event_types()
    finally:
        load_event_types.cache_clear()
