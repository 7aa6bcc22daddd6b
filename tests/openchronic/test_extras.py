"""No message installs this package by its bare name, which belongs to somebody else on a public index."""

import json
import re
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from openchronic import extras

ROOT = Path(__file__).parents[2]
# A program that queries an index, options, then the name with an extra, a version, or nothing.
# Paths and the argument of --editable do not count.
BARE = re.compile(
    r"""\b(?:(?:pip3?|pipx|uv|poetry|conda|mamba)\b[^\n;&|]*?\s(?:install|add|inject|run|--with)\s|uvx\s|install\.packages\()
        (?:(?![\n;&|]|-e\s|--editable\s).)*?
        (?<![\w/.-])openchronic(?:[-_]env)?(?![\w/.-])""",
    re.VERBOSE,
)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("pip install openchronic", True),
        ("pip install 'openchronic[spark]'", True),
        ("uv pip install --upgrade openchronic==0.1", True),
        ("uv add openchronic", True),
        ("uvx openchronic synth", True),
        ('install.packages("openchronic")', True),
        ("pip install openchronic_env", True),
        ("pip install ./openchronic_env", False),
        ("pip install '/srv/openchronic_env[spark]'", False),
        ("uv pip install --no-deps --editable openchronic_env", False),
        ("pip install duckdb\nopenchronic build", False),
        ("install -d -o openchronic /srv", False),
    ],
)
def test_what_is_looked_for_is_found(text: str, tells: bool) -> None:
    assert bool(BARE.search(text)) == tells


def test_no_message_and_no_page_names_the_package_to_an_index() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found, looked_at = [], 0
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path == Path(__file__) or not path.is_file() or path.suffix in {".csv", ".png"}:
            continue
        looked_at += 1
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name}: {match[0]}" for match in BARE.finditer(text)]
    assert looked_at > 300
    assert found == []


class Installed:
    """The data that pip keeps of an installation."""

    def __init__(self, url: str | None) -> None:
        self.requires = metadata.requires("openchronic")
        self.noted = None if url is None else json.dumps({"url": url, "dir_info": {}})

    def read_text(self, name: str) -> str | None:
        return self.noted if name == "direct_url.json" else None


def installed(monkeypatch: pytest.MonkeyPatch, url: str | None) -> None:
    found: Any = Installed(url)
    monkeypatch.setattr(metadata, "distribution", lambda _: found)


def test_the_checkout_or_the_wheel_at_hand_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "été 1" / "openchronic-0.1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.touch()
    installed(monkeypatch, wheel.as_uri())
    assert extras.command("spark") == f"pip install '{wheel}[spark]'"


@pytest.mark.parametrize("url", [None, "file:///wheels/gone.whl", "https://index.example/o.whl"])
def test_without_either_what_the_extra_brings_is_named(
    url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, url)
    assert extras.command("spark") == "pip install 'pandas<3' 'pyspark[connect]==4.3.*'"
    assert extras.command("dask") == "pip install cryptography 'dask[dataframe]' distributed"
