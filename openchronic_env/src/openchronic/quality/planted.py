"""Compares what was planted in a synthetic delivery with what a release made from it finds.

``planted.csv`` has one row per planted thing: what is expected (``all`` of them found; ``some``, where no
source can identify the others; ``none`` left, where reading corrects them), the SQL that counts those found,
and where that is.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, cast, get_args

import duckdb

from openchronic.errors import SettingsError
from openchronic.quality.material import Material, show_release
from openchronic.releases import Release
from openchronic.restricted.sources import delivered, scan
from openchronic.runtime.database import engine
from openchronic.runtime.options import Means

Want = Literal["all", "some", "none"]
BENEFICIARIES = ("IR_BEN_R", "IR_BEN_R_ARC")
CLAIMS = ("ER_", "NS_")
# Macros for the counts, besides the tables of the release and the delivered ones.
MACROS = """
CREATE MACRO identified(one) AS (SELECT number FROM identity WHERE name = one);
CREATE VIEW last_home AS
    SELECT DISTINCT BEN_NIR_PSA, BEN_RNG_GEM, BEN_IDT_ANO, home
    FROM beneficiary JOIN (
        SELECT BEN_IDT_ANO, arg_max(BEN_RES_COM, BEN_DTE_MAJ) AS home
        FROM beneficiary GROUP BY BEN_IDT_ANO
    ) USING (BEN_IDT_ANO);
CREATE MACRO removed(one) AS (SELECT removed FROM filter_count WHERE name = one);
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """The expectation and the count of one planted thing."""

    trap: str
    want: Want
    found: str
    where: str


@dataclass(frozen=True, slots=True)
class Line:
    """One planted thing and the number found; ``found`` is None when the release cannot show it."""

    finding: Finding
    planted: int
    found: int | None

    @property
    def is_right(self) -> bool:
        """Returns whether the number found is as expected."""
        match self.finding.want:
            case "all":
                return self.found == self.planted
            case "none":
                return self.found == 0
            case "some":
                return self.found is not None and 0 <= self.found <= self.planted


@cache
def load_findings(*, simplified: bool = False) -> tuple[Finding, ...]:
    """Returns the expectation for each planted thing; ``simplified``: for a release made from the simplified
    product.

    Raises ValueError for an unknown word in ``want``.
    """
    instead = _rows("planted_simplified.csv") if simplified else {}
    return tuple((_rows("planted.csv") | instead).values())


def _rows(file: str) -> dict[str, Finding]:
    with (resources.files("openchronic.quality") / file).open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter=";", strict=True))
    for row in rows:
        if row["want"] not in get_args(Want):
            raise ValueError(f"{file}, {row['trap']}: {row['want']}")
    return {
        row["trap"]: Finding(row["trap"], cast("Want", row["want"]), row["found"], row["where"])
        for row in rows
    }


def read_planted(path: Path) -> dict[str, int]:
    """Returns counts by name, from the report that ``openchronic synth`` writes. Raises SettingsError."""
    try:
        report = json.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise SettingsError(f"--planted {path}: {problem.strerror}") from None
    except ValueError:
        raise SettingsError(f"--planted {path}: not JSON; give the synth.json of synth") from None
    planted = report.get("planted") if isinstance(report, dict) else None
    if not isinstance(planted, dict) or not all(type(n) is int for n in planted.values()):
        raise SettingsError(f"--planted {path}: not the synth.json that openchronic synth leaves")
    known = {one.trap for one in load_findings()}
    if unknown := sorted(set(planted) - known):
        raise SettingsError(
            f"--planted {path}: unknown here: {', '.join(unknown)}; made by another version?"
        )
    return planted


def find(release: Release, planted: Mapping[str, int], means: Means) -> list[Line]:
    """Returns every planted thing, in the order of the CSV. Raises OpenChronicError where the typed tables are
    not open to this account, or gone."""
    with ExitStack() as stack:
        here = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="openchronic-check-")))
        connection = stack.enter_context(
            engine(
                here,
                memory=means.memory,
                threads=means.threads,
                spill=means.spill or here / "spill",
            )
        )
        tables = {table: release.files(table) for table in release.tables}
        show_release(connection, Material(tables, release.manifest))
        for table in delivered(release):
            # A line that is in two files is one line.
            once = "DISTINCT" if table.startswith(CLAIMS) else ""
            connection.execute(
                f"CREATE VIEW {table} AS SELECT {once} * FROM ({scan(table, release)})"
            )
        recorded = [name for name in BENEFICIARIES if name in delivered(release)]
        connection.execute(f"CREATE VIEW beneficiary AS FROM {' UNION ALL FROM '.join(recorded)}")
        connection.execute(MACROS)
        return [
            Line(one, planted[one.trap], _count(connection, one.found))
            for one in load_findings(simplified="NS_PRS_F" in delivered(release))
            if one.trap in planted
        ]


def _count(connection: duckdb.DuckDBPyConnection, found: str) -> int | None:
    try:
        row = connection.execute(f"SELECT {found}").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        # The layout lacks this table (ER_PRS_F in the simplified product).
        return None
    return None if row is None or row[0] is None else int(row[0])
