"""``openchronic releases`` in a session of the server: its project comes first, in English but for its title."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.openchronic.front_door import Answer, openchronic

PROJECTS = {
    "variations": {
        "title": "Variations [b]de[/b] pratique",
        "bases": ["annee", "snds"],
        "source_tables": True,
    },
    "parcours": {"title": "Parcours", "bases": ["cohorte"], "source_tables": False},
}


def asked(place: Path, *words: object, project: str = "variations") -> Answer:
    """Runs a verb in a session of that project."""
    env = {
        "OPENCHRONIC_RELEASES": str(place),
        "OPENCHRONIC_PROJECT": project,
        "OPENCHRONIC_PROJECTS": json.dumps(PROJECTS),
        "COLUMNS": "160",
    }
    return openchronic(*words, env=env)


def test_the_project_and_its_bases_come_first(plain_base: Path, releases: Path) -> None:
    listed = asked(releases, "releases")
    assert listed.status == 0, listed.text
    lines = listed.out.splitlines()
    assert lines[:2] == [
        "project variations: Variations [b]de[/b] pratique",
        "no release in service yet: annee",
    ]
    assert f" *  snds@{plain_base.name} " in listed.out


def test_the_releases_of_another_folder_are_of_no_project(
    plain_base: Path, releases: Path, tmp_path: Path
) -> None:
    listed = asked(tmp_path / "session", "releases", releases)
    assert listed.status == 0, listed.text
    assert "project" not in listed.out
    refused = asked(tmp_path / "session", "info", "cohorte", "--releases", releases)
    assert "no such base: cohorte" in refused.err


def test_an_error_names_the_project_that_has_the_base(plain_base: Path, releases: Path) -> None:
    for words in (("info", "cohorte"), ("filters", "cohorte"), ("check", "--base", "cohorte")):
        refused = asked(releases, *words)
        assert (refused.status, refused.err) == (
            1,
            "openchronic: the base cohorte is not one of this project (variations): "
            "open a session for the project parcours\n",
        )
    refused = asked(releases, "info", "exhaustive")
    assert "no base exhaustive in this session of the project variations, which has snds" in (
        refused.err
    )


def test_a_session_without_a_release_names_its_project_too(
    plain_base: Path, releases: Path
) -> None:
    shutil.rmtree(releases)
    refused = asked(releases, "releases")
    assert refused.status == 1
    assert refused.out.startswith("project variations: ")
    assert "no release is in service of the bases of this project (variations)" in refused.err
