"""Records of rehabilitation, hospital at home, psychiatry and hospital outpatients, with the values of a valid one."""

from __future__ import annotations

from dataclasses import dataclass, field

from openchronic.catalogue import load_tables
from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.small_delivery import ALICE, Row

# The values of every record except in drawn cells; its number is ``n``.
GOOD = dict.fromkeys(
    ("NIR_RET", "NAI_RET", "SEX_RET", "SEJ_RET", "FHO_RET", "PMS_RET", "DAT_RET", "IAS_RET"), "0"
) | {
    "COH_NAI_RET": "0",
    "COH_SEX_RET": "0",
    "ENT_DAT_RET": "0",
    "NIR_ANO_17": ALICE,
    "ETA_NUM": "350000022",
    "ETA_NUM_EPMSI": "350000022",
    "RHS_NUM": "1",
    "SEQ_NUM": "1",
    "SSEQ_NUM": "1",
    "SEQ_SEQ_NUM": "1",
    "GRG_GME": "0872A0",
    "TYP_GEN_RHA": "0",
    "GHT_NUM": "03",
    "PAP_GRP_GHPC": "0302",
    "DGN_PAL": "I500",
    "EXE_SOI_DTD": "02MAR2021:00:00:00",
    "EXE_SOI_DTF": "05MAR2021:00:00:00",
}
FILES = {
    "ssr": ("T_SSR21B", "T_SSR21C"),
    "had": ("T_HAD21B", "T_HAD21C", "T_HAD21GRP"),
    "rip": ("T_RIP21RSA", "T_RIP21C"),
    "ace": ("T_MCO21CSTC",),
    "ssr_ace": ("T_SSR21CSTC",),
}
NUMBERED = {
    "ssr": "RHA_NUM",
    "had": "RHAD_NUM",
    "rip": "RIP_NUM",
    "ace": "SEQ_NUM",
    "ssr_ace": "SEQ_NUM",
}


@dataclass(frozen=True)
class Records:
    """A drawn table of the records of a step, and the filter that must remove each.

    A cell ``absent`` is a record without its row of the chaining file. ``more`` are lines of another file.
    ``year``: that of its files.
    """

    text: str
    more: dict[str, list[Row]] = field(default_factory=dict)
    year: str = "21"

    def files(self, step: str) -> dict[str, list[Row]]:
        key = NUMBERED[step]
        files: dict[str, list[Row]] = {}
        for name in FILES[step]:
            columns = {one.name for one in load_tables()[name.replace("21", "aa")].columns}
            files[f"PMSI/{name.replace('21', self.year)}.CSV"] = [
                {k: v for k, v in (GOOD | {key: row["n"]} | _at_home(row)).items() if k in columns}
                for row in drawn(self.text)
                if not (name.endswith("C") and row.get("NIR_ANO_17") == "absent")
            ] + self.more.get(name, [])
        return files


def _at_home(row: Row) -> dict[str, str]:
    """Returns the row with the column names of hospital at home and psychiatry for the facility number."""
    return {**row, **({"ETA_NUM_EPMSI": row["ETA_NUM"]} if "ETA_NUM" in row else {})}
