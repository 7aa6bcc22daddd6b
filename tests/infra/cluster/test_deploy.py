"""A deploy whose pods can never start ends long before helm's patience does: with a helm and a kubectl that play a cluster."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.cluster import deploy, hopeless, reaching
from infra.cluster.reaching import Cluster, ClusterError
from infra.cluster.render import values
from infra.settings.cluster_file import load_cluster_site

# Of its releases, one is sound. An upgrade waits for ever, and goes back when it is told to end.
HELM = """#!/bin/sh
echo "$1" >> {asked}
case "$1" in
  list) echo '[{{"name": "bigdata", "status": "deployed", "revision": "1"}}]' ;;
  history) echo '{history}' ;;
  upgrade)
    echo "level=INFO msg=waiting" >&2
    trap 'echo "Error: UPGRADE FAILED: {says}" >&2; exit 1' TERM
    i=0; while [ $i -lt 200 ]; do i=$((i + 1)); sleep 0.1; {waits}; done ;;
esac
"""
KUBECTL = """#!/bin/sh
case "$*" in
  *" events "*) echo '{{"items": []}}' ;;
  *) echo '{pods}' ;;
esac
"""
BACK = "release bigdata failed, and has been rolled back due to rollback-on-failure being set:"
SOUND = [{"revision": 1, "status": "deployed"}]
Play = Callable[..., Path]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Give a function that makes a cluster of such pods, and returns the file of what helm was asked."""

    def make(
        state: object,
        *,
        history: object = SOUND,
        says: str = f"{BACK} context canceled",
        waits: str = ":",
    ) -> Path:
        status = {
            "name": "hub",
            "ready": False,
            "restartCount": 0,
            "state": state,
        }
        one = {
            "metadata": {"name": "hub-1", "uid": "1"},
            "status": {"containerStatuses": [status]},
        }
        asked = tmp_path / "asked"
        told = {"history": json.dumps(history), "asked": asked, "says": says, "waits": waits}
        programs = {
            "HELM": HELM.format(**told),
            "KUBECTL": KUBECTL.format(pods=json.dumps({"items": [one]})),
        }
        for name, text in programs.items():
            program = tmp_path / name
            program.write_text(text)
            program.chmod(0o755)
            monkeypatch.setenv(name, str(program))
        return asked

    monkeypatch.setattr(reaching, "LOOK_EVERY_S", 0.2)
    monkeypatch.setattr(hopeless, "CERTAIN_S", dict.fromkeys(hopeless.CERTAIN_S, 0.5))
    return make


def upgrade() -> None:
    site = load_cluster_site("kube")
    deploy._upgrade(Cluster(site), values(site, images={}))


NEVER = {"waiting": {"reason": "ErrImageNeverPull", "message": "no such image"}}


def test_a_pod_that_can_never_start_ends_the_deploy_and_is_named(
    play: Play, capsys: pytest.CaptureFixture[str]
) -> None:
    play(NEVER)
    began = time.monotonic()
    with pytest.raises(ClusterError) as raised:
        upgrade()
    assert time.monotonic() - began < 10
    assert "the cluster is back to what it ran before" in str(raised.value)
    why = "the container hub of hub-1 cannot start: ErrImageNeverPull (no such image)"
    assert why in str(raised.value)
    assert why in capsys.readouterr().err


def test_a_way_back_that_fails_is_told_as_that(play: Play) -> None:
    play(NEVER, says="an error occurred while rolling back the release: context canceled")
    with pytest.raises(ClusterError, match="helm could not go back either") as raised:
        upgrade()
    assert "ErrImageNeverPull" in str(raised.value)


def test_the_first_deploy_stays_to_be_looked_at(play: Play) -> None:
    play(NEVER, history=[{"revision": 1, "status": "failed"}], says="context canceled")
    with pytest.raises(ClusterError, match="what was made stays, to be looked at"):
        upgrade()


def test_helm_waits_for_a_pod_that_may_start(play: Play) -> None:
    play({"waiting": {"reason": "ContainerCreating"}}, waits="[ $i -lt 15 ] || exit 0")
    upgrade()


def test_what_takes_longer_than_helms_patience_is_told_as_that(play: Play) -> None:
    play(
        {"running": {}},
        waits=f"echo 'Error: UPGRADE FAILED: {BACK} context deadline exceeded' >&2; exit 1",
    )
    with pytest.raises(ClusterError, match="not all was ready within 15m, and the cluster is back"):
        upgrade()


def test_helms_own_refusal_is_told_as_it_is(play: Play) -> None:
    play({"running": {}}, waits="echo 'Error: values are wrong' >&2; exit 1")
    with pytest.raises(ClusterError, match=r"helm says: Error: values are wrong$"):
        upgrade()
