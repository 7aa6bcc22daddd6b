"""The graph of images: what is computed from it, and which graphs are refused."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.operations.checkout import files
from infra.settings.image_graph import GRAPH, Graph, GraphError, Paths, load_graph, locks
from infra.settings.settings_file import ROOT

# The entry of one more image.
ENTRY = """
[second-lab]
parent = "jupyter"
sessions = true
made = "when named"
"""
# Prints all that is computed from the graph, in a checkout with one more image.
DERIVED = """
import json, sys
from infra.components import images, jupyterhub
from infra.settings.image_graph import GRAPH, locks
from infra.components.images.bake import bake_file
from infra.components.images.inputs import context_files, read_inputs
from infra.components.images.operation import SCRIPT
from infra.settings.site_file import load_site
from pydantic import ValidationError
site = load_site("box")
named = site.model_dump() | {"profiles": {"autre": {"title": "A", "memory_gb": 1, "cpus": 1, "image": "second-lab"}}}
after = type(site).model_validate(named)
def inputs(site):
    return read_inputs(site.packages, images.of_profiles(site))
def told(site):
    of = inputs(site)
    return {
        "names": of.names,
        "keys": of.keys({}),
        "asked": of.asked(),
        "targets": json.loads(bake_file(GRAPH, of.names))["target"],
        "hub": [profile["image"] for profile in jupyterhub.session_settings(site, ())["profiles"]],
    }
print(json.dumps({
    "before": told(site),
    "after": told(after),
    "context": sorted(context_files()["images"]),
    "locks": list(locks(GRAPH)),
}))
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of this checkout with one more image."""
    place = tmp_path_factory.mktemp("checkout")
    for folder in (
        "infra",
        "images",
        "jupyterhub-conf",
        "onboarding",
        "openchronic_env",
        "spark-conf",
        "tests",
    ):
        for path in files(folder):
            (place / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place / path.relative_to(ROOT))
    for name in (".gitignore", "pyproject.toml"):
        shutil.copy(ROOT / name, place)
    added = place / "images" / "second-lab"
    added.mkdir()
    (added / "Dockerfile").write_text("FROM jupyter\n")
    (added / "packages.txt").write_text("# why\nless\n")
    (added / "requirements.in").write_text("attrs\n")
    (place / "tests/images/test_second_lab.py").write_text(
        "def test_it_is_one(image: str) -> None:\n    assert image\n"
    )
    with (place / "images/images.toml").open("a") as graph:
        graph.write(ENTRY)
    return place


def python(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env={"PATH": "/usr/bin:/bin", "HOME": str(checkout), "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_image_is_one_folder_and_one_entry(checkout: Path) -> None:
    told = json.loads(python(checkout, "-c", DERIVED))
    before, after = told["before"], told["after"]
    assert before["names"] == ["base", "spark", "jupyter", "rstudio"], (
        "made where no profile names it"
    )
    assert after["names"] == ["base", "spark", "jupyter", "second-lab"]
    assert after["hub"] == ["second-lab"]
    assert after["asked"]["second-lab"] == [*after["asked"]["jupyter"], "less"]
    assert after["targets"]["second-lab"]["dockerfile"] == "images/second-lab/Dockerfile"
    assert after["targets"]["second-lab"]["contexts"] == {"jupyter": "target:jupyter"}
    assert {"second-lab/Dockerfile", "second-lab/packages.txt"} <= set(told["context"])
    assert ["second-lab", "jupyter"] in told["locks"]


def test_one_image_more_rebuilds_no_other(checkout: Path) -> None:
    told = json.loads(python(checkout, "-c", DERIVED))
    keys, before = told["after"]["keys"], told["before"]["keys"]
    for name in ("base", "spark", "jupyter"):
        assert before[name] == keys[name]
    assert len(set(keys.values())) == len(keys)


def test_an_image_keeps_its_parents_promises_too(checkout: Path) -> None:
    asked = ("-m", "pytest", "--collect-only", "--box", "-q", "tests/images")
    listed = python(checkout, *asked).splitlines()
    for file, test in (
        ("test_base.py", "test_tini_is_the_first_process"),
        ("test_spark.py", "test_openchronic_is_there"),
        ("test_jupyter.py", "test_a_full_home_still_opens"),
        ("test_second_lab.py", "test_it_is_one"),
    ):
        assert f"tests/images/{file}::{test}[second-lab]" in listed
    assert "tests/images/test_second_lab.py::test_it_is_one[jupyter]" not in listed


def test_the_images_of_a_site_are_those_of_all_and_those_that_it_names() -> None:
    graph = Graph.model_validate(
        {
            "images": {
                "base": {},
                "jupyter": {"parent": "base", "sessions": True},
                "rstudio": {"parent": "jupyter", "sessions": True, "made": "when named"},
                "torch": {"parent": "jupyter", "made": "when named"},
                "torch-lab": {"parent": "torch", "sessions": True, "made": "when named"},
            }
        }
    )
    assert graph.made([]) == ("base", "jupyter")
    assert graph.made(["jupyter", "rstudio"]) == ("base", "jupyter", "rstudio")
    assert graph.made(["torch-lab"]) == ("base", "jupyter", "torch", "torch-lab")
    assert graph.heirs("jupyter") == ("jupyter", "rstudio", "torch", "torch-lab")
    assert graph.line("torch-lab") == ("base", "jupyter", "torch", "torch-lab")
    assert graph.of_sessions == ("jupyter", "rstudio", "torch-lab")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[a]\nparent = "b"', "a: the first image has no parent"),
        ("[a]\n[b]", "b: the first image has no parent, and every other has one"),
        ('[a]\n[b]\nparent = "c"\n[c]\nparent = "a"', "b: its parent c must be an image that stands before it"),
        ('[a]\n[b]\nparent = "a"\ncontexts = ["tools"]', "b: contexts: no image or part below it is called tools"),
        ('[a]\nparts = ["b"]\n[b]\nparent = "a"', "b: another image or part is called b"),
        ('[a]\nmade = "never"', "made: Input should be 'always' or 'when named'"),
        ("[a]\ngpu = true", "gpu: no such setting"),
        ("[A]", "does not have the form"),
        ("", "should have at least 1 item"),
        ("[a]", "a/Dockerfile, "),
    ],
)  # fmt: skip
def test_a_graph_that_cannot_be_built_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "images.toml").write_text(f"{text}\n")
    with pytest.raises(GraphError) as refused:
        load_graph(tmp_path / "images.toml")
    assert reason in str(refused.value)


def test_each_image_has_promises_of_its_own() -> None:
    for name in GRAPH.names:
        assert (ROOT / f"tests/images/test_{name.replace('-', '_')}.py").is_file()


def test_a_dockerfile_starts_from_what_the_graph_says() -> None:
    """It starts from nothing else, so that no registry is used."""
    for name, image in GRAPH.images.items():
        stages = {"scratch"} if image.parent is None else set(image.contexts)
        for line in (ROOT / f"images/{name}/Dockerfile").read_text().splitlines():
            if line.startswith("FROM "):
                _, parent, *rest = line.split()
                assert parent in stages, f"{name}: FROM {parent}"
                stages |= set(rest[1:])
        assert set(image.parts) <= stages


def test_an_image_with_python_packages_keeps_those_below_it() -> None:
    assert list(locks(GRAPH)) == [
        ("jupyter", "spark"),
        ("rstudio", "jupyter"),
        ("pytorch-gpu", "jupyter"),
    ]


def test_a_session_answers_at_the_paths_of_its_image_and_of_those_below() -> None:
    graph = Graph.model_validate(
        {
            "images": {
                "base": {},
                "lab": {"parent": "base", "paths": ["lab", "api"]},
                "studio": {"parent": "lab", "paths": ["studio"], "closed": ["studio/p"]},
            }
        }
    )
    assert graph.paths(["lab"]) == Paths(("api", "lab"))
    assert graph.paths(["studio"]) == Paths(("api", "lab", "studio"), ("studio/p",))
    assert graph.paths(["lab", "studio"]) == graph.paths(["studio"])
    assert graph.paths(["studio"]).closed_below("studio") == ("p",)
    assert graph.paths(["studio"]).closed_below("lab") == ()


def test_a_closed_path_is_below_an_open_one() -> None:
    with pytest.raises(ValueError, match="studio/p is below no path of this image"):
        Graph.model_validate({"images": {"base": {"paths": ["lab"], "closed": ["studio/p"]}}})


@pytest.mark.parametrize("path", ["proxy", "", "lab/tree", ".*", "Lab", "a|b", "..", "%70roxy"])
def test_no_image_opens_its_ports_or_a_pattern_of_paths(path: str) -> None:
    with pytest.raises(ValueError, match="paths"):
        Graph.model_validate({"images": {"base": {"paths": [path]}}})
