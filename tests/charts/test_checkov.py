"""checkov judges what the chart renders: more of it passes than of the charts that others run, and each failure is explained."""

import copy
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.charts.checkov import Judgement, judge
from tests.charts.rendering import own_manifests, pods, write

EXPLAINED = tomllib.loads(Path(__file__).with_name("checkov.toml").read_text(encoding="utf-8"))
# Passed and failed of the same checks: zero-to-jupyterhub with its own lint values, dask-gateway.
OTHERS = {"zero-to-jupyterhub": (662, 117), "dask-gateway": (248, 62)}


@pytest.fixture(scope="module")
def judgement(tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    found = judge(write(tmp_path_factory.mktemp("checkov") / "rendered.yaml"))
    print(
        f"checkov: {found.passed} passed, {found.failed.total()} failed, {found.seconds:.0f} s of processor"
    )
    return found


@pytest.mark.parametrize("other", OTHERS)
def test_more_is_well_done_than_elsewhere(judgement: Judgement, other: str) -> None:
    passed, failed = OTHERS[other]
    assert judgement.passed > 500
    assert judgement.share > passed / (passed + failed)


def test_each_failure_is_explained_and_each_explanation_is_needed(judgement: Judgement) -> None:
    explained = {(check, one) for check, said in EXPLAINED.items() for one in said["of"]}
    assert set(judgement.failed) == explained
    assert all(len(said["why"]) > 40 for said in EXPLAINED.values())


def test_a_weaker_chart_is_noticed(tmp_path: Path, judgement: Judgement) -> None:
    weaker = copy.deepcopy(own_manifests())
    for _, _, pod in pods(weaker):
        pod["spec"]["hostNetwork"] = True
    place = tmp_path / "rendered.yaml"
    place.write_text(yaml.safe_dump_all(weaker))
    assert set(judge(place).failed) - set(judgement.failed)
