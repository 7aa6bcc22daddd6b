"""The notebooks of cohorts and pathways in R, in a session of the server, on its releases."""

import json
import re

import pytest

from infra.settings.settings_file import ROOT
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.smoke.kernel import Kernel
from tests.smoke.session import Session

NOTEBOOKS = ROOT / "onboarding/notebooks"
STEP_S = 400
# As the notebooks take it.
NAMED = "(lambda oc: oc.release(oc.bases()[0]).name)(__import__('openchronic'))"
# Those in Python run in unit tests, with the same package.
IN_R = ("diabete-r.ipynb", "bpco-r.ipynb")


def said_by(kernel: Kernel, notebook: str) -> str:
    """Run each cell of code to its end. KernelError: a cell failed."""
    cells = json.loads((NOTEBOOKS / notebook).read_text("utf-8"))["cells"]
    return "".join(
        kernel.run("".join(cell["source"]), timeout_s=STEP_S)
        for cell in cells
        if cell["cell_type"] == "code"
    )


@pytest.mark.timeout(patience(1800))
@pytest.mark.parametrize("notebook", IN_R)
def test_a_notebook_runs_to_its_end_and_names_the_release_that_it_read(
    notebook: str, session: Session, demo: Analyst
) -> None:
    in_service = session.value(NAMED)
    kernel = Kernel(demo.hub, name="ir")
    try:
        said = said_by(kernel, notebook)
    finally:
        kernel.close()
    (again,) = re.findall(r'Pour refaire\s: version <- oc_release\("([^"]+)"\)', said)
    assert again == in_service
