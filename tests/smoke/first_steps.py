"""The first notebook of analysts, and how to read its result."""

import json
import re

from infra.settings.settings_file import ROOT

NOTEBOOK = "onboarding/notebooks/premiers-pas.ipynb"
AGREEMENT = re.compile(r"DuckDB et Spark s['’]accordent\D*(\d[\d\s\u00a0\u202f]*)")

# The index of the cell that prints the result.
ANSWER_CELL = next(
    place
    for place, cell in enumerate(json.loads((ROOT / NOTEBOOK).read_text())["cells"])
    if "s'accordent" in "".join(cell["source"]) and cell["cell_type"] == "code"
)


def agreed_count(text: str) -> int:
    """Return the count on which both engines agree; 0 when the text has no such line."""
    found = AGREEMENT.search(text)
    return int(re.sub(r"\D", "", found[1])) if found else 0
