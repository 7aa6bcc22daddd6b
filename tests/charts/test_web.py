"""The web server of a cluster: nginx takes its configuration, which is the server's but for what the chart says."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.components import web
from infra.components.web.certificates import Certificate, site_certificate
from infra.settings import layout
from infra.settings.image_graph import GRAPH
from infra.settings.site import Server, Ssh, Tls
from tests.charts.rendering import find, own_manifests, rendered
from tests.charts.site_values import DOMAIN, sites
from tests.infra.components.web.front import nginx

SITES = sites()


def files(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the files of nginx's folder, by path in it."""
    made = rendered(values)
    site = find(made, "ConfigMap", "web-site")["data"]
    return {
        "nginx.conf": find(made, "ConfigMap", "web")["data"]["nginx.conf"],
        **{f"site/{name}": text for name, text in site.items()},
    }


@pytest.mark.parametrize("site", ["demonstration", "own hosts", "cards and nodes"])
def test_nginx_takes_its_configuration(tmp_path: Path, site: str) -> None:
    program = nginx()
    if program is None:
        pytest.skip("no nginx on this machine (infra/bootstrap test unpacks Debian's)")
    certificate = site_certificate(Tls(authority="own"), names=["a.example"], state=tmp_path / "ca")
    (tmp_path / "site").mkdir()
    for name, text in files(SITES[site]).items():
        # What the pod has and this machine has not: its folders and the cluster's names.
        here = re.sub(r"http://(proxy|hub|broker)\.bigdata:", "http://127.0.0.1:", text)
        here = here.replace("/run/nginx", str(tmp_path))
        here = _of_this_version(here, program)
        (tmp_path / name).write_text(here)
    (tmp_path / "site/certificate.pem").write_bytes(certificate.chain)
    (tmp_path / "site/key.pem").write_bytes(certificate.key)
    (tmp_path / "gate-secret.conf").write_text("set $gate_secret x;\n")
    (tmp_path / "mime.types").write_text("types { text/html html; }\n")

    def look() -> subprocess.CompletedProcess[str]:
        temporary = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in TEMPORARY)
        given = ["-p", str(tmp_path), "-e", str(tmp_path / "error.log")]
        text = (
            (tmp_path / "nginx.conf").read_text().replace("http {\n", f"http {{\n{temporary}\n", 1)
        )
        (tmp_path / "tried.conf").write_text(text)
        command = [program, "-t", *given, "-c", str(tmp_path / "tried.conf")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = look()
    assert done.returncode == 0, done.stderr
    (tmp_path / "site/proxy.conf").write_text("proxy_passs http://x;\n")
    assert look().returncode != 0


TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _of_this_version(text: str, program: str) -> str:
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr
    version = tuple(int(part) for part in re.findall(r"\d+", said.partition("nginx/")[2])[:3])
    if version < (1, 25, 1):
        # The notation of versions older than Debian 13's.
        text = text.replace("http2 on;", "").replace("8443 ssl", "8443 ssl http2")
    return text


def differences(values: Mapping[str, Any], domain: str | None) -> set[tuple[str, str]]:
    """Return the lines that a server has and a cluster has not, and the other way round."""
    server = Server(address="192.0.2.7", names=(), session_domain=domain, ssh=Ssh(user="ops"))
    paths = GRAPH.paths([name for name in GRAPH.of_sessions if name != "rstudio"])
    there = {
        f"site/{name}": file.content.decode()
        for name, file in web.site_files(server, Certificate(b"", b""), sessions=layout.SESSIONS_SUBNET, session_paths=paths).items()
        if name.endswith(".conf") and "names" not in name
    } | {"nginx.conf": web.nginx_conf().decode()}  # fmt: skip
    here = {name: text for name, text in files(values).items() if "names" not in name}
    assert there.keys() == here.keys()
    lines = set()
    for name, text in there.items():
        ours, theirs = ({line.strip() for line in one.splitlines()} for one in (here[name], text))
        lines |= {("server", line) for line in theirs - ours} | {
            ("cluster", line) for line in ours - theirs
        }
    return {(where, line) for where, line in lines if not line.startswith("#")}


@pytest.mark.parametrize(("site", "domain"), [("demonstration", None), ("own hosts", DOMAIN)])
def test_nginx_is_told_what_a_servers_is_told_but_for_ports_logs_and_addresses(
    site: str, domain: str | None
) -> None:
    found = differences(SITES[site], domain)
    known = re.compile(
        r"user www-data;|absolute_redirect off;|(error|access)_log |listen |proxy_pass http://|allow |\"~\^/user/.*session;"
    )
    broker = (web.FILES.parents[3] / "charts/bigdata/files/broker.conf").read_text()
    block = {
        line.strip()
        for line in broker.replace("@BROKER_URL@", "http://broker.bigdata:8090").splitlines()
    }
    unknown = {
        (where, line) for where, line in found if not known.match(line) and line not in block
    }
    assert unknown == set()
    # Paths are said in another order, and are the same.
    (there,), (here,) = (
        [line for where, line in found if where == one and line.startswith('"~^/user')] or [""]
        for one in ("server", "cluster")
    )
    assert sorted(re.findall(r"[a-z_-]+", there)) == sorted(re.findall(r"[a-z_-]+", here))


def test_nginx_listens_where_the_pod_says() -> None:
    text = "\n".join(files(SITES["own hosts"]).values())
    ports = set(re.findall(r"listen (?:\[::\]:)?(\d+)", text))
    pod = find(own_manifests(), "Deployment", "web")["spec"]["template"]["spec"]["containers"][0]
    assert ports == {str(one["containerPort"]) for one in pod["ports"]} == {"8080", "8443", "8081"}
    assert all(int(port) > 1023 for port in ports)


def test_a_redirect_names_no_port_of_the_pod() -> None:
    assert "absolute_redirect off;" in files(SITES["demonstration"])["nginx.conf"]


def test_requests_of_sessions_to_the_broker_pass_the_same_checks() -> None:
    text = files(SITES["demonstration"])["site/sessions-api.conf"]
    before, _, block = text.partition("location ^~ /broker/ {")
    assert before.index("limit_req zone=sessions") < before.index("if ($refused)")
    assert "proxy_pass http://broker.bigdata:8090;" in block
    (pattern,) = re.findall(r'\$request_uri !~ "(.+)"\)', block)
    for path in (
        "/broker/k8s/api/v1/namespaces/bigdata-work/pods?labelSelector=a%3Db",
        "/broker/workers",
    ):
        assert re.search(pattern, path), path
    for path in (
        "/broker",
        "//broker/workers",
        "/broker/%2e%2e/hub",
        "/broker/a b",
        "/hub/broker/workers",
    ):
        assert not re.search(pattern, path), path


def test_what_stands_before_is_believed_only_where_the_site_says_so() -> None:
    assert "real_ip_header" not in files(SITES["demonstration"])["nginx.conf"]
    text = files(SITES["cards and nodes"])["nginx.conf"]
    assert "set_real_ip_from 192.0.2.0/24;" in text
    assert "real_ip_header X-Forwarded-For;" in text


def test_no_word_is_left_in_what_is_rendered() -> None:
    for values in SITES.values():
        for name, text in files(values).items():
            assert not re.search(r"@[A-Z][A-Z0-9_]*@", text), name


def test_nginx_begins_once_the_names_that_it_forwards_to_are_known(tmp_path: Path) -> None:
    """It would end without them, as after a power cut, when the cluster's DNS comes back later than the web server."""
    pod = find(own_manifests(), "Deployment", "web")["spec"]["template"]["spec"]["containers"][0]
    upstreams = set(re.findall(r"proxy_pass http://([^:;/]+)", "\n".join(files(SITES["demonstration"]).values())))  # fmt: skip
    assert upstreams, "nginx forwards to nobody: nothing is proven"
    nginx_of_this_test = tmp_path / "nginx"
    for program, text in (
        ("nginx", 'echo "nginx $*" >> asked\n'),
        # Each name is known at the second question.
        ("getent", 'echo "$2" >> asked; [ "$(grep -cx "$2" asked)" -ge 2 ]\n'),
        ("sleep", ":\n"),
    ):
        (tmp_path / program).write_text(f"#!/bin/sh\n{text}")
        (tmp_path / program).chmod(0o755)
    (script,) = pod["args"]
    done = subprocess.run(
        [*pod["command"], script.replace("/usr/sbin/nginx", str(nginx_of_this_test))],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    *asked, last = (tmp_path / "asked").read_text().splitlines()
    assert last == "nginx -e stderr -g daemon off;"
    assert set(asked) == upstreams
    assert all(asked.count(name) == 2 for name in upstreams)
    assert done.stderr.count("waiting until the cluster's DNS knows") == len(upstreams)
