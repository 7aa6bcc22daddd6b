"""The table of passage of a project extraction, whatever its file is called: known by its header.

An extraction that was made for a project holds persons under numbers of its own (NUM_ENQ), and in a table
of its own which of them are one person (NUM_ENQ_ANO).
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
# A referential of the SNDS that is not read here holds numbers too: dates of pregnancies, of family doctors.
SNDS_NAMES = re.compile(r"[A-Z]{2}_[A-Z0-9]{3}_[A-Z](?![A-Z])|T_[A-Z]{3}\d\d", re.IGNORECASE)
# Of other tables too, and no sign that this is one of them.
HARMLESS = {"BEN_CDI_NIR", "BEN_NAI_ANN", "BEN_NAI_MOI", "BEN_SEX_COD"}


def passage(path: Path, inside: Path) -> Named | None:
    """The table of passage if that is what the columns of ``path`` are, which no name tells.

    ``inside``: its path within the delivery. Columns of a study's own do no harm; one of another table
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
    """The names of its columns, each with what it is; and those of all other tables."""
    own = load_tables()[TABLE].columns
    known = {name: column.name for column in own for name in (column.name, *column.aliases)}
    others = {
        name
        for table in load_tables().values()
        for column in table.columns
        for name in (column.name, *column.aliases)
    }
    return known, frozenset(others - known.keys() - HARMLESS)
