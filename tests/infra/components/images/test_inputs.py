from dataclasses import replace
from pathlib import Path

import pytest

from infra.components.images.bake import packages_variable, targets
from infra.components.images.inputs import Inputs, context_files, read_inputs, read_packages
from infra.settings.image_graph import GRAPH
from infra.settings.settings_file import ROOT
from infra.settings.site import Packages

MIRRORS = Packages(debian="http://mirror.example/debian", debian_security="http://mirror.example/s")
VERSIONS = {"base": "tini 1\n"} | dict.fromkeys(GRAPH.names[1:], "tini 1\njava 1\n")


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return read_inputs(MIRRORS, GRAPH.names)


def test_unchanged_inputs_give_the_same_tags(inputs: Inputs) -> None:
    assert read_inputs(MIRRORS, GRAPH.names).keys(VERSIONS) == inputs.keys(VERSIONS)


@pytest.mark.parametrize(("fixed", "rebuilt"), [(name, GRAPH.heirs(name)) for name in GRAPH.names])
def test_a_security_fix_rebuilds_the_images_that_it_reaches(
    inputs: Inputs, fixed: str, rebuilt: tuple[str, ...]
) -> None:
    after = VERSIONS | {fixed: "tini 1+deb13u1\n"}
    before, now = inputs.keys(VERSIONS), inputs.keys(after)
    assert tuple(image for image in inputs.names if before[image] != now[image]) == rebuilt


def test_a_changed_file_rebuilds_its_image_and_those_above(inputs: Inputs) -> None:
    base, spark, *above = inputs.images
    changed = Inputs((base, replace(spark, digest="other"), *above))
    before, now = inputs.keys(VERSIONS), changed.keys(VERSIONS)
    assert [image for image in inputs.names if before[image] != now[image]] == [
        *GRAPH.heirs("spark")
    ]


def test_another_mirror_is_another_base_image(inputs: Inputs) -> None:
    other = MIRRORS.model_copy(update={"debian": "http://other.example/debian"})
    assert read_inputs(other, ["jupyter"]).images[0] != inputs.images[0]


def test_a_package_list_is_names_and_comments(tmp_path: Path) -> None:
    (tmp_path / "packages.txt").write_text("# why\ntini\n\njava  # because\n")
    assert read_packages(tmp_path / "packages.txt") == ("tini", "java")


def test_the_build_context_holds_sources_and_no_leftovers() -> None:
    files = context_files()
    assert set(files) == {"images", "openchronic_env", "spark-conf"}, "a server builds no hub"
    assert "jupyterhub-conf" in context_files(GRAPH.names)
    assert files["images"]["jupyter/start-session"].mode == "755"
    assert "README.md" in files["openchronic_env"], "its wheel holds it"
    assert [folder for folder in files if "README.md" in files[folder]] == ["openchronic_env"]
    names = [name for folder in files.values() for name in folder]
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_another_rstudio_is_another_image_and_no_other_changes() -> None:
    """Neither its address nor where its file lies matters, only what it holds."""
    keys = [
        read_inputs(MIRRORS.model_copy(update=given), ["rstudio"]).keys({})
        for given in (
            {},
            {"rstudio_url": "https://a.example/r.deb"},
            {"rstudio_url": "https://b.example/r.deb"},
            {"rstudio_file": Path("/r.deb")},
            {"rstudio_file": Path("/r.deb"), "rstudio_sha256": "0" * 64},
        )
    ]
    without, *alike, other = [one.pop("rstudio") for one in keys]
    assert len(set(alike)) == 1
    assert len({without, alike[0], other}) == 3
    assert all(one == keys[0] for one in keys)


def test_an_image_whose_packages_have_other_versions_installs_them_anew(inputs: Inputs) -> None:
    before, now = (inputs.packages(VERSIONS | {"spark": text}) for text in ("java 1", "java 2"))
    assert [image for image in inputs.names if before[image] != now[image]] == ["spark"]
    for name in inputs.names:
        file = (ROOT / "images" / name / "Dockerfile").read_text()
        told, installs, _ = file.partition("apt-get install")
        # The variable counts from its declaration on, within its stage.
        stage = told.rpartition("\nFROM ")[2]
        assert not installs or "\nARG PACKAGES\n" in stage, name
        assert targets(GRAPH, name)[name]["args"]["PACKAGES"] == f"${{{packages_variable(name)}}}"
