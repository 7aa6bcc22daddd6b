"""The documents: each file, folder and function that they name exists."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

import pytest

import openchronic
from infra.operations.checkout import version
from infra.settings import layout
from infra.settings.settings_file import ROOT
from tests.openchronic.test_rooms import ROOMS

PACKAGE = "openchronic_env/src/openchronic"
FENCE = re.compile(r"^```.*?^```", re.M | re.S)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
# A path of a file or folder; `<name>` matches any name.
WORD = re.compile(r"(?P<path>[\w.@*<>-]+(?:/[\w.@*<>-]+)*/?)(?::(?P<function>\w+))?")
ENDINGS = (
    *(".py", ".toml", ".md", ".csv", ".sql", ".txt", ".in", ".conf", ".properties", ".sh"),
    *(".html", ".css", ".js", ".ipynb", ".nft", ".json", ".jsonl", ".parquet", ".pem"),
)
# Files that builds, deploys, exports or operators make, and that are not in the checkout.
MADE = {
    *("manifest.json", "access.jsonl", "exports.toml", "dataset.json", "subject_splits.parquet"),
    *("metadata/codes.parquet", "data/<split>/NN.parquet", "synth.json", "meds/exports"),
    *("release.json", "deploys.jsonl", "site.json", "current.json", "ca.pem", "checks.html"),
    *("cohort.csv", "cohort_step.csv", "build/pages"),
    *("pathway_step.csv", "pathway.csv", "adherence.csv", "persistence.csv", "treatment_line.csv"),
    *("infra/sites/x.toml", "infra/sites/name.toml", "infra/sites/mysite.toml"),
    *("onboarding/mysite.toml", "RELEASES/<base>/exports.toml"),
}


@cache
def tracked() -> frozenset[str]:
    """Return the files of the project, and its folders."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    files = [name for name in listed if (ROOT / name).exists()]
    return frozenset(files) | {
        str(folder)
        for name in files
        for folder in PurePosixPath(name).parents
        if str(folder) != "."
    }


def documents() -> list[str]:
    """Return the documents to check. Others cite sources and name files of other projects."""
    ours = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
    return sorted(name for name in tracked() if PurePosixPath(name).name in ours)


def named(text: str) -> Iterator[re.Match[str]]:
    """Yield the words in backticks that are paths: a file by its ending, a folder by its slash."""
    for code in CODE.findall(FENCE.sub("", text)):
        for word in code.split():
            found = WORD.fullmatch(word.strip(",;()\"'"))
            # An ending by itself (`.in`) is no file.
            is_file = found and found["path"].endswith(ENDINGS) and found["path"][0] != "."
            if found and (is_file or "/" in found["path"]):
                yield found


def places(document: str, path: str) -> list[str]:
    """Return the paths that ``path`` may mean: beside the document, in the project, in the package."""
    folders = (str(PurePosixPath(document).parent), "", PACKAGE)
    return [str(PurePosixPath(folder) / path) for folder in folders]


def found(document: str, path: str) -> list[str]:
    """Return the project's files and folders that ``path`` names."""
    path = path.rstrip("/")
    if "/" not in path and "<" not in path:
        return [name for name in tracked() if PurePosixPath(name).name == path]
    pattern = "|".join(
        re.sub(r"<\w+>|\\\*", "[^/]+", re.escape(place)) for place in places(document, path)
    )
    return [name for name in tracked() if re.fullmatch(pattern, name)]


def _is_ours(path: str) -> bool:
    """Whether a path with a slash is meant as one of the project's: `a/b` may also be two words or a URL."""
    first = path.partition("/")[0]
    inside = {PurePosixPath(name).parts[0] for name in tracked() if "/" in name}
    rooms = {one for rooms in ROOMS for one in rooms} | {"filters", "tables", "specs"}
    return path.endswith(ENDINGS) or first in inside | rooms


@pytest.mark.parametrize("document", documents())
def test_what_a_document_names_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    wrong = [
        word[0]
        for word in named(text)
        if word["path"] not in MADE and _is_ours(word["path"]) and not found(document, word["path"])
    ]
    assert not wrong, f"{document} names what is not there"


@pytest.mark.parametrize("document", documents())
def test_a_function_that_a_document_names_is_in_its_file(document: str) -> None:
    for word in named((ROOT / document).read_text(encoding="utf-8")):
        if word["function"]:
            files = [(ROOT / name).read_text() for name in found(document, word["path"])]
            defined = rf"^(async )?(def|class) {word['function']}\b"
            assert any(re.search(defined, text, re.M) for text in files), word[0]


def test_the_welcome_page_names_the_places_of_a_session() -> None:
    text = (ROOT / "onboarding/bienvenue.md").read_text(encoding="utf-8")
    named = {place.rstrip("/") for place in re.findall(r"/srv/[\w./-]+/", text)}
    assert named == {layout.TEAMS, layout.SNAPSHOTS, layout.RELEASES, layout.RESTRICTED}


def test_the_charter_is_the_same_before_the_login_and_in_a_session() -> None:
    page = (ROOT / "infra/components/web/pages/charte.html").read_text(encoding="utf-8")
    text = (ROOT / "onboarding/charte.md").read_text(encoding="utf-8")
    rules = re.findall(r"^\d\. \*\*(.+)\.\*\* (.+)$", text, re.M)
    assert len(rules) == 6
    assert re.findall(r"<h2>(.+)</h2>\n *<p>(.+)</p>", page) == rules


@pytest.mark.parametrize("document", documents())
def test_a_link_leads_somewhere(document: str) -> None:
    text = FENCE.sub("", (ROOT / document).read_text(encoding="utf-8"))
    links = [link for link in LINK.findall(text) if "://" not in link]
    assert [link for link in links if not (ROOT / document).parent.joinpath(link).exists()] == []


def test_a_name_that_is_not_there_is_found() -> None:
    def missing(text: str) -> list[str]:
        return [one[0] for one in named(text) if not found("README.md", one["path"])]

    assert missing("`infra/settings/site.py`, `infra/sites/<site>.toml`, `models/people`") == []
    assert missing("`infra/sight.py` and `models/peoples/`") == [
        "infra/sight.py",
        "models/peoples/",
    ]
    assert missing("`openchronic_env/<site>.sql`") == ["openchronic_env/<site>.sql"]


def test_every_folder_of_the_top_has_its_readme() -> None:
    top = {PurePosixPath(name).parts[0] for name in tracked() if "/" in name}
    without = [
        one for one in top if not one.startswith(".") and f"{one}/README.md" not in tracked()
    ]
    assert sorted(without) == []


def test_every_subject_of_a_build_has_its_readme() -> None:
    models = ROOT / PACKAGE / "models"
    subjects = [path for path in models.iterdir() if (path / "__init__.py").exists()]
    assert len(subjects) > 8
    assert [path.name for path in subjects if not (path / "README.md").exists()] == []
    assert (ROOT / PACKAGE / "catalogue/README.md").exists()


def test_the_readme_draws_the_rooms_as_they_are() -> None:
    (block,) = FENCE.findall(_section("## Rooms of the package"))
    drawn = re.findall(r"^ *(?:▼ )?([\w· ]+?) {2,}\S", block, re.M)
    lines = [tuple(re.findall(r"\w+", line)) for line in drawn]
    assert lines == [tuple(one for one in rooms) for rooms in ROOMS]


def test_the_newest_version_of_the_changelog_is_this_one() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## \[(.+?)\]", text, re.M)
    assert heads[0] == "Unreleased"
    assert heads[1] == version() == openchronic.__version__


def _section(head: str) -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.partition(f"{head}\n")[2].partition("\n## ")[0]
