"""R in the images of sessions: the package openchronic, its tests, and the documents that analysts begin with."""

import base64
import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from infra.settings.settings_file import ROOT
from tests.images.conftest import RunIn

# Images built on it have the same package (test_jupyter_kernels.py compares them).
ITS_IMAGE_ALONE = True
PACKAGE = ROOT / "openchronic_env/r/openchronic"
NOTEBOOKS = ROOT / "onboarding/notebooks"
# The package as it is installed is tested, with the tests of the checkout.
SUITE = """
library(openchronic)
reporter <- testthat::MultiReporter$new(list(
  testthat::ListReporter$new(), testthat::CheckReporter$new()
))
found <- testthat::test_dir(
  "testthat", package = "openchronic", load_package = "installed", reporter = reporter, stop_on_failure = FALSE
)
found <- as.data.frame(reporter$reporters[[1]]$get_results())
cat("\\nfailed", sum(found$failed) + sum(found$error), "passed", sum(found$passed), "skipped", sum(found$skipped), "\\n")
"""
COUNTS = re.compile(r"^failed (\d+) passed (\d+) skipped (\d+)", re.M)
LEAST_PASSED = 250
# Those of cohorts and pathways run in a session of the server (tests/server/test_pathway_notebooks.py).
OF_R = ("premiers-pas-r.ipynb", "rapport-r.Rmd")


def packed() -> str:
    """Return a tar of what runs in the image, in base64."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        tar.add(PACKAGE / "tests/testthat", "testthat")
        tar.add(PACKAGE / "vignettes/openchronic.Rmd", "openchronic.Rmd")
        for one in OF_R:
            tar.add(NOTEBOOKS / one, one)
        text = SUITE.encode()
        entry = tarfile.TarInfo("suite.R")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    return base64.b64encode(held.getvalue()).decode()


@pytest.fixture(scope="module")
def ran(run_in: RunIn, image: str) -> dict[str, Any]:
    script = (Path(__file__).parent / "inside/r_suite.sh").read_text()
    said = run_in(image, script, stdin=packed(), timeout_s=1200)
    assert said.status == 0, said
    found: dict[str, Any] = json.loads(said.out.splitlines()[-1])
    return found


def test_the_r_package_keeps_its_promises(ran: dict[str, Any]) -> None:
    log = ran["suite"]["log"]
    counts = COUNTS.search(log)
    assert counts, log
    failed, passed, skipped = map(int, counts.groups())
    assert (failed, skipped) == (0, 0), log
    assert passed >= LEAST_PASSED, log


@pytest.mark.parametrize(
    ("name", "page", "words"),
    [
        ("vignette", "vignette.html", ["INNER JOIN", "personnes", "<svg"]),
        (
            "report",
            "report.html",
            ["Les affections les plus fréquentes", "known_date", "data:image/png;base64,iVBOR"],
        ),
        ("premiers-pas-r", "premiers-pas-r.html", ["événements\n", "<img alt"]),
    ],
)
def test_a_document_of_r_runs(ran: dict[str, Any], name: str, page: str, words: list[str]) -> None:
    assert ran[name]["status"] == 0, ran[name]["log"]
    assert [word for word in words if word not in ran["pages"][page]] == []


def test_r_ends_without_a_word(ran: dict[str, Any]) -> None:
    assert ran["quiet"] == {"status": 0, "log": ""}
