"""Each address, port and folder of the server is written once: in the layout."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.operations.rendering import CONSTANTS, UnknownWord, rendered, rendered_file
from infra.settings import layout
from infra.settings.accounts import RESERVED_LOGINS
from infra.settings.settings_file import ROOT

HOME = "infra/settings/layout.py"
# The files that must import the layout. Not those of images: inside a container, the Dockerfile sets the paths.
GUARDED = (
    *("infra", "jupyterhub-conf", "spark-conf", ":(glob)tests/*.py"),
    *("tests/infra", "tests/images", "tests/jupyterhub_conf", "tests/mutations", "tests/server"),
    *("tests/smoke", "tests/upgrade", "tests/bench"),
)
# Files in which the same text means something else, with the reason.
ELSEWHERE = {
    "infra/sites/": "what a site says of itself, the defaults among it",
    "infra/components/hardening/rules.toml": "the guide's own words",
    "tests/infra/components/hardening/": "the guide's own words",
    "tests/infra/settings/test_site.py": "site files, as operators write them",
    "tests/infra/settings/test_refused_settings.py": "site files, as operators write them",
    "tests/infra/settings/test_cluster_site.py": "site files, as operators write them",
    "tests/infra/test_bootstrap.py": "the operator's machine",
    "infra/bootstrap": "the operator's machine, before there is a Python to read the layout",
    "infra/box/cluster/files/": "the node of a cluster, which is no server",
    "infra/box/files/": "the operator's machine lends them to the box, before it is a server",
    "jupyterhub-conf/pods.py": "a pod of a cluster; tests/infra/cluster compares the two targets",
    "tests/images/inside/": "in a container",
    "tests/images/test_jupyterhub.py": "in a container",
    "tests/images/test_web.py": "in a container",
    "tests/jupyterhub_conf/broker/": "pods of a cluster",
    "tests/jupyterhub_conf/cluster_site.py": "a cluster",
    "tests/jupyterhub_conf/fake_cluster.py": "a cluster",
    "tests/jupyterhub_conf/test_cluster_settings.py": "what a cluster refuses of a server",
    "tests/server/escapes/inside/": "in a container",
}
# The beginning of the gateway's and the other addresses of the sessions' network.
SUBNET = layout.SESSIONS_SUBNET.rpartition(".0/")[0]
LEAST = 60


def patterns() -> Iterator[tuple[str, str, str]]:
    """Yield each constant with a text to search and a regular expression that finds its value written out. Values that
    are ordinary words, such as `sessions`, are left out."""
    for name, value in CONSTANTS.items():
        exactly = re.escape(value)
        if name.endswith("_PORT"):
            yield name, value, rf"(?<![\w.-]){exactly}(?![\w-])"
        elif value.startswith(("/", "http://")) or re.search(r"\.(service|timer)$", value):
            yield name, value, rf"(?<![\w/.])(?<!\w-){exactly}(?![\w-])"
        elif name.endswith(("_BRIDGE", "_GATEWAY", "_UNIT", "_REVERT")):
            yield name, value, rf"(?<![\w.-]){exactly}(?![\w.-])"
    unit = layout.build_unit("")
    yield "build_unit", unit, rf"(?<![\w.-]){unit}(\{{|\*|[a-z]+\.(service|timer))"
    yield "SESSIONS_SUBNET", SUBNET, rf"(?<![\w.]){re.escape(SUBNET)}\.\d+"


PATTERNS = {name: (word, re.compile(exactly)) for name, word, exactly in patterns()}


def written_out(text: str) -> list[str]:
    """Return `line: constant` for each constant whose value a text writes out."""
    return [
        f"{text.count(chr(10), 0, found.start()) + 1}: {name}"
        for name, (word, exactly) in PATTERNS.items()
        # A fast check: most values are nowhere in the text.
        if word in text
        for found in exactly.finditer(text)
    ]


def guarded_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *GUARDED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [
        ROOT / name
        for name in listed
        if name != HOME
        and not name.startswith(tuple(ELSEWHERE))
        and not name.endswith((".png", ".txt", ".json", ".md"))
        and (ROOT / name).is_file()
    ]


def test_nothing_that_the_layout_says_is_written_elsewhere() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{place}"
        for path in guarded_files()
        for place in written_out(path.read_text(encoding="utf-8"))
    ]
    assert found == [], "say `layout.NAME`, or `@NAME@` in a file that is rendered"


def test_the_guard_knows_most_of_the_layout_and_looks_at_most_files() -> None:
    assert len(PATTERNS) >= LEAST
    names = {str(path.relative_to(ROOT)) for path in guarded_files()}
    assert {"infra/components/web/files/nginx.conf", "tests/server/test_deploy.py"} <= names


@pytest.mark.parametrize(
    ("planted", "constant"),
    [
        (f"proxy_pass http://127.0.0.1:{layout.HUB_PORT};", "HUB_PORT"),
        (f"listen {layout.SESSIONS_API_PORT};", "SESSIONS_API_PORT"),
        (f'gateway = "{SUBNET}.1"', "SESSIONS_SUBNET"),
        (f"cat {layout.IMAGES}/state", "IMAGES"),
        (f"state=${{STATE:-{layout.FIREWALL_STATE}}}", "FIREWALL_STATE"),
        (f"After={layout.HUB_UNIT}", "HUB_UNIT"),
        (f"start {layout.build_unit('demo')}.service", "build_unit"),
        (f"unit={layout.FIREWALL_REVERT}", "FIREWALL_REVERT"),
        (f'iifname "{layout.SESSIONS_BRIDGE}" drop', "SESSIONS_BRIDGE"),
    ],
)
def test_a_constant_that_is_planted_is_found(planted: str, constant: str) -> None:
    assert f"1: {constant}" in written_out(planted)


@pytest.mark.parametrize(
    "other",
    [
        f"{layout.RELEASES}x",
        f"1{layout.HUB_PORT}",
        f"/root{layout.HOMES}",
        f"old-{layout.HUB_UNIT}",
    ],
)
def test_what_only_looks_like_a_constant_is_left_alone(other: str) -> None:
    assert written_out(other) == []


def test_two_constants_are_two_facts() -> None:
    """No two constants have the same value: a port, an address or a folder has one name."""
    values = [
        CONSTANTS[name] for name in PATTERNS if name in CONSTANTS and name != "SESSIONS_SUBNET"
    ]
    assert len(values) == len(set(values))


def test_a_session_listens_where_its_image_says() -> None:
    dockerfile = (ROOT / "images/jupyter/Dockerfile").read_text()
    assert re.findall(r"(?m)^EXPOSE (\d+)$", dockerfile) == [str(layout.SESSION_PORT)]


def test_the_names_that_the_server_takes_are_nobodys_to_have() -> None:
    assert {layout.BUILDER, layout.PROXY_USER, layout.WEB_USER} <= RESERVED_LOGINS


def test_a_file_gets_the_layouts_constants_and_what_it_is_given() -> None:
    assert rendered("@HUB_URL@/@X@ ~@privileged me@example", X=1) == (
        f"{layout.HUB_URL}/1 ~@privileged me@example"
    )


def test_a_word_that_nobody_gives_is_refused_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "some.conf"
    file.write_text("listen @NO_SUCH_PORT@;\n")
    with pytest.raises(UnknownWord, match=r"some\.conf: NO_SUCH_PORT: no constant of the layout"):
        rendered_file(file)
    with pytest.raises(UnknownWord, match="HUB_PORT: given, and the layout says it"):
        rendered("", HUB_PORT=1)
