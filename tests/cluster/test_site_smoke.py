"""The operators' own proof of a site passes on a real cluster, in a browser, with a picture of Spark on executors."""

import os
import subprocess
import sys

import pytest

from infra.settings.accounts import SMOKE_LOGIN
from infra.settings.settings_file import ROOT
from tests.cluster.site import SITE, DeployedSite, build
from tests.pace import patience
from tests.smoke import chromium
from tests.smoke.leftovers import MARK, PICTURES

pytestmark = pytest.mark.timeout(3600)


def test_the_smoke_test_of_the_demonstration_passes(site: DeployedSite) -> None:
    build(site.cluster, "cohorte")
    browser = () if chromium.missing() is None else ("--no-browser",)
    done = subprocess.run(
        [sys.executable, "-m", "tests.smoke", "--site", SITE, "--pictures", *browser],
        cwd=ROOT,
        env={**os.environ, "KUBECONFIG": str(site.cluster.kubeconfig)},
        capture_output=True,
        text=True,
        timeout=patience(1800),
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    with site.session(SMOKE_LOGIN, project=None) as (_, kernel):
        seen = kernel.value("__import__('os').listdir()")
    assert PICTURES not in seen
    assert MARK not in seen
