"""The R package, as far as it can be read without R: one version, documented functions, packages of Debian only."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import openchronic
from infra.settings.settings_file import ROOT
from openchronic.for_r.french import TWINS
from tests.typography import FRENCH, faults

PACKAGE = ROOT / "openchronic_env/r/openchronic"
NOTEBOOKS = ROOT / "onboarding/notebooks"
# Those that a session has from Debian: nothing else can be installed there.
OF_DEBIAN = {
    *("DBI", "dbplyr", "dplyr", "knitr", "methods", "nanoarrow", "reticulate", "rmarkdown"),
    *("testthat", "tools", "utils"),
}
EXPORT = re.compile(r"^export\((\w+)\)", re.M)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def description() -> dict[str, str]:
    """Return the fields of DESCRIPTION."""
    text = (PACKAGE / "DESCRIPTION").read_text(encoding="utf-8")
    fields = re.findall(r"^([\w/@]+):((?:.*\n(?:[ \t].*\n)*))", text, re.M)
    return {name: " ".join(value.split()) for name, value in fields}


def exported() -> set[str]:
    return set(EXPORT.findall((PACKAGE / "NAMESPACE").read_text(encoding="utf-8")))


def pages() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in (PACKAGE / "man").glob("*.Rd")}


def test_it_has_the_version_of_the_python_package() -> None:
    project = tomllib.loads((ROOT / "openchronic_env/pyproject.toml").read_text())["project"]
    assert description()["Version"] == project["version"] == openchronic.__version__


def test_it_needs_packages_of_debian_only() -> None:
    fields = description()
    needed = ", ".join(fields.get(one, "") for one in ("Imports", "Suggests", "LinkingTo"))
    names = {one.split("(")[0].strip() for one in needed.split(",")} - {""}
    assert names <= OF_DEBIAN
    code = "\n".join(path.read_text() for path in (PACKAGE / "R").glob("*.R"))
    used = set(re.findall(r"\b(\w+)::", code))
    assert used <= names | {"utils", "methods"}, "a package that DESCRIPTION does not name"


def test_the_functions_of_python_have_a_twin() -> None:
    assert {f"oc_{name}" for name in TWINS.split("|")} <= exported()
    for name in TWINS.split("|"):
        assert callable(getattr(openchronic, name))


def test_every_function_has_its_page_and_every_page_its_function() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "R").glob("*.R"))
    defined = set(re.findall(r"^(oc_\w+) <- function", code, re.M))
    assert defined == {name for name in exported() if name.startswith("oc_")}
    assert len(defined) >= 9
    documented = {
        alias for text in pages().values() for alias in re.findall(r"\\alias\{(oc_\w+)\}", text)
    }
    assert documented == defined


def test_a_page_says_each_argument() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "R").glob("*.R"))
    for name in sorted(one for one in exported() if one.startswith("oc_")):
        (arguments,) = re.findall(rf"^{name} <- function\((.*?)\) ", code, re.M)
        wanted = {one.split("=")[0].strip() for one in re.sub(r"\(.*?\)", "", arguments).split(",")}
        page = pages()[name].replace(r"\dots", "...")
        said = set(", ".join(re.findall(r"\\item\{([\w., ]+)\}", page)).split(", "))
        assert wanted - {""} <= said, name


def texts() -> Iterator[tuple[str, str]]:
    """Yield what analysts read in R: messages, pages, documents."""
    for path in sorted((PACKAGE / "R").glob("*.R")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.lstrip().startswith("#"):
                continue
            for text in STRING.findall(line):
                if FRENCH.search(text):
                    yield path.name, text
    for path in (PACKAGE / "vignettes/openchronic.Rmd", NOTEBOOKS / "rapport-r.Rmd"):
        prose = re.sub(r"^(---|```).*?^(---|```)$", "", path.read_text("utf-8"), flags=re.M | re.S)
        prose = re.sub(r"`[^`\n]*`|<!--.*?-->|\]\(\S+\)", "code", prose, flags=re.S)
        yield path.name, prose
    notebook = json.loads((NOTEBOOKS / "premiers-pas-r.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            yield "premiers-pas-r.ipynb", re.sub(r"`[^`\n]*`", "code", "".join(cell["source"]))


def test_what_analysts_read_follows_french_typography() -> None:
    found = list(texts())
    assert len(found) > 20
    wrong = [f"{name}: {fault}" for name, text in found for fault in faults(text)]
    assert wrong == []


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_a_notebook_has_no_outputs(notebook: Path) -> None:
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
