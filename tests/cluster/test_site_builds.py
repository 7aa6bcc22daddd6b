"""A build on the cluster makes the release that a server makes of the same files with the same key, by name and content."""

import ast
import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra.settings.cluster_file import load_cluster_site
from tests.cluster.site import SITE, DeployedSite
from tests.pace import patience

pytestmark = pytest.mark.timeout(1800)
BASE = "demo"
ASK = "import openchronic as oc; release = oc.release('demo'); print((release.id, release.manifest['content_sha256']))"


def test_the_release_is_that_of_a_server_with_the_same_key(
    site: DeployedSite, tmp_path: Path
) -> None:
    secret = site.cluster.ask("secret", f"bigdata-build-{BASE}", "--namespace=bigdata-work")
    key = tmp_path / "key"
    key.write_bytes(base64.b64decode(secret["data"]["key"]))
    key.chmod(0o600)
    made = load_cluster_site(SITE).bases[BASE].synthetic
    assert made is not None, "the demonstration invents its files"
    _openchronic(
        *("synth", str(tmp_path / "source"), "--patients", str(made.patients)),
        *("--seed", str(made.seed), "--years", str(made.years)),
    )
    _openchronic(
        *("build", str(tmp_path / "source"), str(tmp_path / "releases"), f"--base={BASE}"),
        *(f"--key={key}", "--require-key", "--memory=1GB", "--threads=1", "--quiet"),
    )
    here = tmp_path / "releases" / BASE / "current"
    manifest = json.loads((here / "manifest.json").read_text())
    with site.session("demo", project="variations") as (_, kernel):
        said = kernel.run(ASK, timeout_s=120).strip().splitlines()[-1]
    name, content = ast.literal_eval(said)
    assert content == manifest["content_sha256"]
    # A release is named by its day and its content.
    assert name.partition("-")[2] == manifest["id"].partition("-")[2]


def _openchronic(*words: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("openchronic")), *words],
        capture_output=True,
        text=True,
        timeout=patience(600),
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
