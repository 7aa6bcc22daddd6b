"""The notebook that every newcomer runs, and how to tell that it gave its answer."""

import re

NOTEBOOK = "onboarding/notebooks/premiers-pas.ipynb"
AGREEMENT = re.compile(r"DuckDB et Spark s['’]accordent\D*(\d[\d\s\u00a0\u202f]*)")


def agreed_count(text: str) -> int:
    """The count on which both engines agree; 0 when the text holds no such line."""
    found = AGREEMENT.search(text)
    return int(re.sub(r"\D", "", found[1])) if found else 0
