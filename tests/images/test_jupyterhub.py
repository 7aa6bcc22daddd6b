"""Tests of the image `jupyterhub`: the hub of a cluster, its proxy, its culler and its broker, as any user."""

import json

from infra.settings.settings_file import ROOT
from tests.images.conftest import RunIn

HUB = "/opt/jupyterhub/bin/python"


def test_it_has_the_versions_of_the_lock(run_in: RunIn, image: str) -> None:
    lock = (ROOT / "infra/components/jupyterhub/requirements.txt").read_text()
    code = "import jupyterhub, kubespawner; print(jupyterhub.__version__, kubespawner.__version__)"
    hub, spawner = run_in(image, f"{HUB} -c '{code}'").out.split()
    assert f"jupyterhub=={hub} " in lock
    assert f"jupyterhub-kubespawner=={spawner} " in lock


def test_it_has_the_proxy_of_the_lock(run_in: RunIn, image: str) -> None:
    lock = json.loads((ROOT / "infra/components/jupyterhub/package-lock.json").read_text())
    wanted = lock["packages"]["node_modules/configurable-http-proxy"]["version"]
    place = "/opt/configurable-http-proxy/node_modules/.bin/configurable-http-proxy"
    assert run_in(image, f"node {place} --version").out.strip() == wanted
    assert "--no-x-forward" in run_in(image, f"node {place} --help").out


def test_the_configuration_is_the_checkouts(run_in: RunIn, image: str) -> None:
    done = run_in(image, "cat /etc/jupyterhub/jupyterhub_config.py")
    assert done.out == (ROOT / "jupyterhub-conf/jupyterhub_config.py").read_text()


def test_the_hub_refuses_to_start_without_its_site(run_in: RunIn, image: str) -> None:
    done = run_in(image, "mkdir -p /tmp/state; HUB_STATE=/tmp/state hub", user="54321:54321")
    assert done.status != 0
    assert "/etc/site/site.json" in done.out + done.err, done


def test_every_command_is_there_and_nothing_installs(run_in: RunIn, image: str) -> None:
    done = run_in(image, "command -v hub proxy culler broker; ls /opt/jupyterhub/bin/pip*")
    assert done.out.split() == [f"/usr/local/bin/{one}" for one in ("hub", "proxy", "culler", "broker")]  # fmt: skip
