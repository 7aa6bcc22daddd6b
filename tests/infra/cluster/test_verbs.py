"""The verbs of a site on a cluster, where the cluster, its programs or its images are not to be had: a sentence each."""

import base64
import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.cluster import __main__ as verbs
from infra.cluster import reaching
from infra.components.web.certificates import site_certificate
from infra.settings import cluster_file
from infra.settings.settings_file import ROOT
from infra.settings.site import Tls

Kubeconfig = Callable[..., Path]


@pytest.fixture(autouse=True)
def nothing_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(reaching, "ANSWER_S", 2)


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kubeconfig:
    """Give a function that writes the kubeconfig of a cluster at an address."""

    def write(
        server: str, *, context: str = "kubernetes-admin@kubernetes", ca: bytes = b""
    ) -> Path:
        trust = {"certificate-authority-data": base64.b64encode(ca).decode()} if ca else {}
        place = tmp_path / "kubeconfig"
        place.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": "essai", "cluster": {"server": server, **trust}}],
                    "users": [{"name": "moi", "user": {"token": "of-this-test"}}],
                    "contexts": [{"name": context, "context": {"cluster": "essai", "user": "moi"}}],
                }
            )
        )
        monkeypatch.setenv("KUBECONFIG", str(place))
        return place

    return write


def said(verb: str, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a verb that fails, and return its one sentence."""
    assert verbs.main([verb, "--site", "kube", *words]) == 1
    found = capsys.readouterr()
    assert found.out == ""
    lines = [line for line in found.err.splitlines() if "demonstration" not in line]
    assert len(lines) == 1, found.err
    assert lines[0].startswith(
        f"{verb}: kube: the cluster of the context kubernetes-admin@kubernetes: "
    )
    return lines[0]


@pytest.fixture
def closed() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize("verb", ["plan", "status"])
def test_a_cluster_that_is_down_is_said_to_be(
    verb: str, kubeconfig: Kubeconfig, closed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    kubeconfig(f"https://127.0.0.1:{closed}")
    found = said(verb, capsys)
    assert (
        "nothing answers at the address of the kubeconfig: the cluster is down, or the address is old"
        in found
    )
    assert str(closed) in found


def test_a_cluster_that_says_nothing_is_not_waited_for(
    kubeconfig: Kubeconfig, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        kubeconfig(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "nothing answered in time: a firewall, a tunnel or a VPN is between" in said(
            "plan", capsys
        )


def test_a_context_that_the_kubeconfig_lacks_is_told(
    kubeconfig: Kubeconfig, closed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    kubeconfig(f"https://127.0.0.1:{closed}", context="autre")
    assert "cluster.context is not in the kubeconfig: `kubectl config get-contexts`" in said(
        "plan", capsys
    )


def test_a_name_that_nobody_knows_is_told(
    kubeconfig: Kubeconfig, capsys: pytest.CaptureFixture[str]
) -> None:
    kubeconfig("https://api.essai.invalid")
    found = said("status", capsys)
    assert "is not known here" in found or "nothing answered" in found


class Refuses(http.server.BaseHTTPRequestHandler):
    code = 401

    def do_GET(self) -> None:
        reason = {401: "Unauthorized", 403: "Forbidden"}[self.code]
        body = json.dumps(
            {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": reason, "code": self.code}
        ).encode()  # fmt: skip
        self.send_response(self.code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def refusing(tmp_path: Path) -> Iterator[Callable[..., tuple[int, bytes]]]:
    """Give a function that serves refusals over TLS, and returns the port and the CA's certificate."""
    servers = []

    def serve(code: int) -> tuple[int, bytes]:
        state = tmp_path / "authority"
        made = site_certificate(Tls(authority="own"), names=["127.0.0.1"], state=state)
        (tmp_path / "chain.pem").write_bytes(made.chain)
        (tmp_path / "key.pem").write_bytes(made.key)
        handler = type("Handler", (Refuses,), {"code": code})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server.server_address[1], (state / "ca.pem").read_bytes()

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_another_cluster_than_that_of_the_kubeconfig_is_not_talked_to(
    kubeconfig: Kubeconfig,
    refusing: Callable[..., tuple[int, bytes]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    port, _ = refusing(401)
    kubeconfig(f"https://127.0.0.1:{port}")
    assert "the certificate of what answers is not the one of the kubeconfig: compare" in said(
        "plan", capsys
    )


def test_credentials_that_ended_are_said_to_be_wrong(
    kubeconfig: Kubeconfig,
    refusing: Callable[..., tuple[int, bytes]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    port, ca = refusing(401)
    kubeconfig(f"https://127.0.0.1:{port}", ca=ca)
    found = said("plan", capsys)
    assert "the cluster does not know you" in found
    assert "of-this-test" not in found


def test_who_may_not_is_sent_to_the_clusters_operators(
    kubeconfig: Kubeconfig,
    refusing: Callable[..., tuple[int, bytes]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    port, ca = refusing(403)
    kubeconfig(f"https://127.0.0.1:{port}", ca=ca)
    assert "the kubeconfig's user may not do that" in said("status", capsys)


def test_a_deploy_without_the_images_digests_says_how_to_get_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert verbs.main(["deploy", "--site", "kube"]) == 1
    found = capsys.readouterr().err
    assert (
        "has no digest of the images web, jupyterhub, spark, jupyter, rstudio: make images-push SITE=kube"
        in found
    )
    assert str(tmp_path / "state") in found


def test_values_are_printed_alone_and_missing_digests_are_told_beside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert verbs.main(["values", "--site", "kube"]) == 0
    found = capsys.readouterr()
    assert found.out.startswith("site:\n  title: Serveur de démonstration\n")
    assert found.err.startswith("values: no digest yet of web, jupyterhub")


def test_a_servers_site_is_sent_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.main(["plan", "--site", "box"]) == 1
    assert "box is a server's site" in capsys.readouterr().err


def test_a_missing_program_is_named(
    kubeconfig: Kubeconfig,
    closed: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kubeconfig(f"https://127.0.0.1:{closed}")
    monkeypatch.setenv("KUBECTL", "/nowhere/kubectl")
    assert verbs.main(["plan", "--site", "kube"]) == 1
    assert "plan: KUBECTL=/nowhere/kubectl is no program" in capsys.readouterr().err


def test_a_deploy_of_what_no_commit_has_is_refused_on_a_real_cluster(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of-this-test\n")
    secret.chmod(0o600)
    folder = tmp_path / "sites"
    folder.mkdir()
    text = (ROOT / "infra/sites/kube.toml").read_text().split("[logins]")[0]
    text = text.replace(
        "[bases.demo.synthetic]\npatients = 600\nseed = 1\nyears = 1\n", ""
    ).replace("[bases.cohorte.synthetic]\npatients = 600\nseed = 2\nyears = 1\n", "")
    oidc = f'[logins]\nkind = "oidc"\n[logins.oidc]\nissuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "{secret}"\naddresses = ["10.20.0.5"]\n'
    (folder / "essai.toml").write_text(text + oidc)
    monkeypatch.setattr(
        verbs, "load_cluster_site", lambda name: cluster_file.load_cluster_site(name, folder=folder)
    )
    changed = ROOT / "infra/cluster/of_this_test.txt"
    changed.write_text("of this test")
    try:
        assert verbs.main(["deploy", "--site", "essai"]) == 1
    finally:
        changed.unlink()
    found = capsys.readouterr().err
    assert "deploy: essai: this checkout holds changes that no commit has" in found
    assert "of_this_test.txt" in found


@pytest.mark.parametrize(
    ("verb", "runs"),
    [("plan", "-m infra.cluster plan"), ("deploy", "-m infra.cluster deploy"), ("status", "-m infra.cluster status"), ("smoke-test", "infra/bootstrap smoke cluster")],
)  # fmt: skip
def test_make_calls_the_program_of_the_sites_target(verb: str, runs: str) -> None:
    def make(site: str) -> str:
        return subprocess.run(
            ["make", "--dry-run", verb, f"SITE={site}"],
            cwd=ROOT,
            env={**os.environ, "MAKEFLAGS": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert runs in make("kube")
    assert runs in make("cluster.example")
    for server in ("box", "drees.example", "no-such-site"):
        assert "infra.cluster" not in make(server)
