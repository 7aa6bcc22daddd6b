"""A session of the server has one project: every reader answers by it, in French, and nothing depends on its form."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import openchronic as oc
from infra.settings import layout
from infra.settings.settings_file import ROOT
from openchronic.api import pinning
from tests.smoke.first_steps import NOTEBOOK

VARIATIONS: dict[str, object] = {
    "title": "Variations de <pratique>",
    "bases": ["snds"],
    "source_tables": True,
}
PARCOURS: dict[str, object] = {
    "title": "Parcours de l’hôpital",
    "bases": ["cohorte"],
    "source_tables": False,
}
READERS: dict[str, Callable[[], object]] = {
    "release": lambda: oc.release("cohorte"),
    "release that a study keeps": lambda: oc.release("cohorte@2026-01-01-0123456789"),
    "connect": lambda: oc.connect("cohorte"),
    "table": lambda: oc.table("event", "cohorte"),
    "arrow": lambda: oc.arrow("event", "cohorte"),
    "pandas": lambda: oc.pandas("event", "cohorte"),
    "polars": lambda: oc.polars("event", "cohorte"),
    "dask": lambda: oc.dask("event", "cohorte"),
    "spark": lambda: oc.spark("cohorte"),
    "source": lambda: oc.source("ER_PRS_F", "cohorte"),
    "trace": lambda: oc.trace("0" * 16, "cohorte"),
    "export_meds": lambda: oc.export_meds("/no/such/folder/x", "cohorte"),
}


@pytest.fixture
def place(plain_base: Path, releases: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bases of a session: snds alone."""
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    return releases


@pytest.fixture
def session(place: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Opens a session for the project `variations`; a call says what other projects its user has."""

    def opened(variations: dict[str, object] = VARIATIONS, **others: dict[str, object]) -> None:
        told = {"variations": variations} | others
        monkeypatch.setenv("OPENCHRONIC_PROJECT", "variations")
        monkeypatch.setenv("OPENCHRONIC_PROJECTS", json.dumps(told))

    return opened


def refusal(ask: Callable[[], object]) -> str:
    with pytest.raises(oc.OpenChronicError) as refused:
        ask()
    return str(refused.value)


@pytest.mark.parametrize("name", READERS)
def test_a_base_of_another_project_leads_to_that_project(
    session: Callable[..., None], name: str
) -> None:
    session(parcours=PARCOURS)
    assert refusal(READERS[name]) == (
        "La base « cohorte » n’est pas celle de ce projet (« Variations de <pratique> ») : "
        "ouvrez une session pour le projet « Parcours de l’hôpital »."
    )


def test_every_project_that_has_the_base_is_named(session: Callable[..., None]) -> None:
    session(parcours=PARCOURS, soins=PARCOURS | {"title": "Soins"})
    assert "le projet « Parcours de l’hôpital » ou « Soins »." in refusal(
        lambda: oc.release("cohorte")
    )


def test_a_base_that_no_project_has_is_asked_of_an_administrator(
    session: Callable[..., None],
) -> None:
    session(parcours=PARCOURS)
    assert refusal(lambda: oc.connect("exhaustive")) == (
        "Pas de base « exhaustive » dans cette session du projet « Variations de <pratique> ». Bases : snds. "
        "Pour une autre, demandez à un administrateur un projet qui l’ait."
    )


def test_the_bases_of_the_project_are_read_as_anywhere(
    session: Callable[..., None], place: Path
) -> None:
    session(parcours=PARCOURS)
    assert oc.bases() == ["snds"]
    assert oc.release() == oc.release("snds")
    shutil.copytree(place / "snds", place / "annee", symlinks=True)
    assert oc.bases() == ["annee", "snds"]
    assert "Le projet « Variations de <pratique> » a plusieurs bases : annee, snds." in refusal(
        oc.release
    )


def test_the_first_notebook_reads_where_a_project_has_several_bases(
    session: Callable[..., None], place: Path
) -> None:
    session(VARIATIONS | {"bases": ["annee", "snds"]})
    shutil.copytree(place / "snds", place / "annee", symlinks=True)
    cells = {one["id"]: one for one in json.loads((ROOT / NOTEBOOK).read_text())["cells"]}
    ran: dict[str, object] = {}
    for name in ("version", "tables", "event", "duckdb", "ald"):
        exec("".join(cells[name]["source"]), ran)  # noqa: S102
    assert ran["BASE"] == "annee"
    assert ran["avec_duckdb"]


def test_a_base_of_the_project_that_was_never_built_is_no_other_projects(
    session: Callable[..., None], place: Path
) -> None:
    session(VARIATIONS | {"bases": ["cohorte", "snds"]}, parcours=PARCOURS)
    assert "Aucune version de la base « cohorte »" in refusal(lambda: oc.release("cohorte"))
    shutil.rmtree(place / "snds")
    assert "projet (« Variations de <pratique> ») : cohorte, snds." in refusal(oc.release)


def test_a_project_without_a_base_says_which_has_some(
    session: Callable[..., None], place: Path
) -> None:
    shutil.rmtree(place)
    session(VARIATIONS | {"bases": []}, parcours=PARCOURS)
    for ask in (oc.release, oc.bases, oc.connect):
        assert refusal(ask) == (
            "Ce projet (« Variations de <pratique> ») n’a pas de base : "
            "ouvrez une session pour le projet « Parcours de l’hôpital »."
        )
    assert "n’est pas celle de ce projet" in refusal(lambda: oc.release("cohorte"))
    assert "Bases : aucune." in refusal(lambda: oc.release("exhaustive"))
    session(VARIATIONS | {"bases": []})
    assert "demandez à un administrateur un projet" in refusal(oc.release)


def test_the_project_names_itself_and_its_shared_folder(session: Callable[..., None]) -> None:
    session(parcours=PARCOURS)
    project = oc.project()
    assert (project.name, project.title) == ("variations", "Variations de <pratique>")
    assert (project.bases, project.source_tables) == (("snds",), True)
    assert project.folder == Path(layout.TEAMS) / "variations"
    assert "« Variations de <pratique> »" in repr(project)
    assert "Variations de &lt;pratique&gt;" in project._repr_html_()


def test_outside_the_server_there_is_no_project(place: Path) -> None:
    assert "Pas de projet ici" in refusal(oc.project)
    assert refusal(lambda: oc.release("cohorte")) == "Pas de base « cohorte ». Bases : snds."


@pytest.mark.parametrize(
    "told",
    [
        *("", "{", "null", "[]", "3", '"variations"', "[" * 100_000),
        *('{"variations": null}', '{"variations": []}', '{"variations": {"title": "V"}}'),
        '{"variations": {"title": 3, "bases": ["snds"], "source_tables": true}}',
        '{"variations": {"title": "V", "bases": "snds", "source_tables": true}}',
        '{"variations": {"title": "V", "bases": [3], "source_tables": true}}',
        '{"variations": {"title": "V", "bases": ["snds"], "source_tables": 1}}',
        '{"variations": {"title": "\\ud800", "bases": ["snds"], "source_tables": true}}',
        '{"parcours": {"title": "P", "bases": ["cohorte"], "source_tables": true}}',
    ],
    ids=lambda told: told[:40],
)
def test_what_cannot_be_read_of_projects_counts_as_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv("OPENCHRONIC_PROJECT", "variations")
    monkeypatch.setenv("OPENCHRONIC_PROJECTS", told)
    assert oc.release().base == "snds"
    assert refusal(lambda: oc.release("cohorte")) == "Pas de base « cohorte ». Bases : snds."
    assert "Pas de projet ici" in refusal(oc.project)


def test_what_a_later_server_tells_besides_is_passed_over(session: Callable[..., None]) -> None:
    session(VARIATIONS | {"purpose": "Comparer"}, parcours=PARCOURS)
    assert oc.project().name == "variations"
