"""Recognises the table of passage of a project extraction by its header, whatever its file is called.

An extraction for a project identifies persons by numbers of its own (NUM_ENQ), and has a table of the numbers
that are one person (NUM_ENQ_ANO).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from openchronic.catalogue import load_tables
from openchronic.errors import SourceError
from openchronic.ingest.header import SEPARATORS
from openchronic.ingest.naming import EXTENSIONS, Named
from openchronic.ingest.parquet import SUFFIX as PARQUET
from openchronic.ingest.parquet import peek_parquet
from openchronic.ingest.peeking import peek
from openchronic.ingest.sas import SUFFIX as SAS
from openchronic.ingest.sas import peek_sas

TABLE = "PASSAGE"
IDENTITIES = ("BEN_NIR_ANO", "BEN_IDT_ANO")
# Other referentials of the SNDS, which are not read, hold numbers too: dates of pregnancies, of
# family doctors.
SNDS_NAMES = re.compile(r"[A-Z]{2}_[A-Z0-9]{3}_[A-Z](?![A-Z])|T_[A-Z]{3}\d\d", re.IGNORECASE)
# These columns are in other tables too, and do not rule out that this is a table of passage.
HARMLESS = {"BEN_CDI_NIR", "BEN_NAI_ANN", "BEN_NAI_MOI", "BEN_SEX_COD"}


def passage(path: Path, inside: Path) -> Named | None:
    """Returns the table of passage if ``path``, whose name is of no table, has its columns.

    ``inside``: its path within the delivery. Columns that a study added are allowed; a column of another table
    of the SNDS means that this is no table of passage.
    """
    if not EXTENSIONS.search(path.name) or SNDS_NAMES.match(path.name):
        return None
    known, foreign = _columns()
    try:
        written = _written(path, str(inside))
    except (SourceError, OSError, ValueError):
        return None
    meant = {known[name] for name in written if name in known}
    is_one = "BEN_NIR_PSA" in meant and bool(meant & {*IDENTITIES}) and not foreign & set(written)
    return Named(TABLE, None) if is_one else None


def _written(path: Path, name: str) -> list[str]:
    lower = name.lower()
    if lower.endswith((PARQUET, SAS)):
        found = peek_parquet(path, name) if lower.endswith(PARQUET) else peek_sas(path, name)
        return [column.name.strip().upper() for column in found.columns]
    start, _, _ = peek(path, name)
    text = start.header.decode(start.encoding)
    return max(
        ([one.strip().strip('"').upper() for one in text.split(each)] for each in SEPARATORS),
        key=len,
    )


@cache
def _columns() -> tuple[dict[str, str], frozenset[str]]:
    """Returns the names of its columns, each with its meaning; and those of all other tables."""
    own = load_tables()[TABLE].columns
    known = {name: column.name for column in own for name in (column.name, *column.aliases)}
    others = {
        name
        for table in load_tables().values()
        for column in table.columns
        for name in (column.name, *column.aliases)
    }
    return known, frozenset(others - known.keys() - HARMLESS)
