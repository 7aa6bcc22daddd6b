"""Docker's bake file."""

import json

from infra.components.images.bake import (
    INDEX,
    PROXIES,
    REGISTRY,
    bake_file,
    packages_variable,
    targets,
)
from infra.settings.image_graph import GRAPH


def test_every_image_and_part_is_a_target_and_no_parent_is_anything_else() -> None:
    told = json.loads(bake_file(GRAPH, GRAPH.names))["target"]
    assert set(told) == {
        part for name, image in GRAPH.images.items() for part in (name, *image.parts)
    }
    for target in told.values():
        for below, where in target["contexts"].items():
            assert where == f"target:{below}"
            assert below in told


def test_a_part_is_no_image_of_its_own() -> None:
    spark = targets(GRAPH, "spark")
    assert "output" not in spark["spark"]
    for part in GRAPH.images["spark"].parts:
        assert spark[part]["target"] == part
        assert spark[part]["output"] == ["type=cacheonly"]


def test_the_proxy_and_the_index_stay_out_of_the_images() -> None:
    """Docker keeps the proxies' build arguments out of images; the index, which may hold a password, is a secret."""
    told = json.loads(bake_file(GRAPH, GRAPH.names))
    for name, target in told["target"].items():
        assert target["secret"] == [INDEX, *([REGISTRY] if name == "jupyterhub" else [])]
        assert {name: f"${{{name}}}" for name in PROXIES}.items() <= target["args"].items()
        assert {value[2:-1] for value in target["args"].values()} <= set(told["variable"])
    packages = {packages_variable(name) for name in GRAPH.names}
    assert set(told["variable"]) == {*PROXIES, "RSTUDIO_SERVER", *packages}


def test_only_an_image_that_takes_a_package_of_the_site_is_told_which() -> None:
    told = json.loads(bake_file(GRAPH, GRAPH.names))["target"]
    assert [name for name in told if "RSTUDIO_SERVER" in told[name]["args"]] == ["rstudio"]
