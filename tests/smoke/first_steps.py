"""The notebook that every newcomer runs, and how to tell that it gave its answer."""

import json
import re

from infra.settings.settings_file import ROOT

NOTEBOOK = "onboarding/notebooks/premiers-pas.ipynb"
AGREEMENT = re.compile(r"DuckDB et Spark s['’]accordent\D*(\d[\d\s\u00a0\u202f]*)")

# The place, among all cells, of the one that prints it.
ANSWER_CELL = next(
    place
    for place, cell in enumerate(json.loads((ROOT / NOTEBOOK).read_text())["cells"])
    if "s'accordent" in "".join(cell["source"]) and cell["cell_type"] == "code"
)


def agreed_count(text: str) -> int:
    """The count on which both engines agree; 0 when the text holds no such line."""
    found = AGREEMENT.search(text)
    return int(re.sub(r"\D", "", found[1])) if found else 0
