"""A delivery small enough to read: rows as dictionaries, written as the SNDS delivers them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from openchronic.catalogue import load_tables
from openchronic.ingest.naming import identify

Row = Mapping[str, str]
Files = Mapping[str, Sequence[Row]]

ALICE = "A" * 17
TWINS = "T" * 17
METFORMIN, RAMIPRIL = "3400930000001", "3400930000002"


def write(folder: Path, files: Files, *, separator: str = ";", encoding: str = "utf-8") -> Path:
    """Writes each file with all declared columns of its table; missing values are empty."""
    for name, rows in files.items():
        identified = identify(Path(name).name)
        assert identified is not None, name
        columns = [column.name for column in load_tables()[identified[0]].columns]
        lines = [separator.join(columns)]
        lines += [separator.join(row.get(column, "") for column in columns) for row in rows]
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return folder


def without(path: Path, columns: Collection[str], *, separator: str = ";") -> None:
    """Removes columns from a written file."""
    lines = [line.split(separator) for line in path.read_text().splitlines()]
    kept = [at for at, name in enumerate(lines[0]) if name not in columns]
    text = "\n".join(separator.join(line[at] for at in kept) for line in lines)
    path.write_text(text + "\n")


def person(psa: str, rank: int = 1, *, identity: str = "", **other: str) -> dict[str, str]:
    """Returns a record of IR_BEN_R: a living woman born in May 1950 in département 035."""
    return {
        "BEN_NIR_PSA": psa,
        "BEN_RNG_GEM": str(rank),
        "BEN_IDT_ANO": identity or f"{psa}{rank}"[-18:],
        "BEN_IDT_TOP": "0",
        "BEN_CDI_NIR": "00",
        "BEN_NAI_ANN": "1950",
        "BEN_NAI_MOI": "5",
        "BEN_SEX_COD": "2",
        "BEN_DCD_DTE": "01/01/1600",
        "ORG_AFF_BEN": "01C350001",
        "BEN_RES_DPT": "035",
        "BEN_RES_COM": "238",
        "MAX_TRT_DTD": "01/06/2021",
        "BEN_DTE_MAJ": "01/06/2021",
    } | other


def key(number: int, flux: str) -> dict[str, str]:
    """Returns the nine columns that join a claim to its detail."""
    return {
        "FLX_DIS_DTD": flux,
        "FLX_TRT_DTD": flux,
        "FLX_EMT_TYP": "1",
        "FLX_EMT_NUM": "1",
        "FLX_EMT_ORD": "0",
        "ORG_CLE_NUM": "01C350001",
        "DCT_ORD_NUM": str(number),
        "PRS_ORD_NUM": "1",
        "REM_TYP_AFF": "0",
    }


def claim(
    number: int, psa: str, day: str, *, rank: int = 1, flux: str = "01/04/2021", **other: str
) -> dict[str, str]:
    """Returns a line of ER_PRS_F: 10.50 € for a pharmacy, prescribed by a general practitioner."""
    return {
        **key(number, flux),
        "BEN_NIR_PSA": psa,
        "BEN_RNG_GEM": str(rank),
        "EXE_SOI_DTD": day,
        "PRS_NAT_REF": "3303",
        "PRS_ACT_QTE": "1",
        "PRS_PAI_MNT": "10.50",
        "BSE_REM_BSE": "10.50",
        "BSE_REM_MNT": "6.82",
        "DPN_QLF": "0",
        "PRS_DPN_QLP": "0",
        "CPL_MAJ_TOP": "0",
        "CPL_AFF_COD": "0",
        "PFS_EXE_NUM": "35200001",
        "PFS_PRE_NUM": "35100001",
        "PSP_SPE_COD": "1",
    } | other


def pack(
    number: int,
    cip13: str,
    packs: int = 1,
    *,
    flux: str = "01/04/2021",
    order: int = 1,
    **other: str,
) -> dict[str, str]:
    """Returns a line of ER_PHA_F."""
    return {
        **key(number, flux),
        "PHA_ORD_NUM": str(order),
        "PHA_PRS_C13": cip13,
        "PHA_ACT_QSN": str(packs),
    } | other


def facility(number: int, *, flux: str = "01/04/2021", **other: str) -> dict[str, str]:
    """Returns a line of ER_ETE_F: where the claim of that number was executed."""
    return key(number, flux) | {"ETB_EXE_FIN": "35000002"} | other


def stay(
    rsa: str, *, facility: str = "350000022", ghm: str = "05M092", **other: str
) -> dict[str, str]:
    """Returns a line of T_MCOaaB: three nights for heart failure, exit to home."""
    return {
        "ETA_NUM": facility,
        "RSA_NUM": rsa,
        "GRG_GHM": ghm,
        "GHS_NUM": "1800",
        "AGE_ANN": "70",
        "COD_SEX": "2",
        "ENT_MOD": "8",
        "SOR_MOD": "8",
        "SOR_MOI": "3",
        "SOR_ANN": "2021",
        "SEJ_NBJ": "3",
        "DGN_PAL": "I500",
        "TYP_GEN_RSA": "0",
    } | other


def chaining(rsa: str, psa: str, *, facility: str = "350000022", **other: str) -> dict[str, str]:
    """Returns a line of T_MCOaaC with valid return codes."""
    good = dict.fromkeys(
        (
            "NIR_RET",
            "NAI_RET",
            "SEX_RET",
            "SEJ_RET",
            "FHO_RET",
            "PMS_RET",
            "DAT_RET",
            "COH_NAI_RET",
            "COH_SEX_RET",
        ),
        "0",
    )
    return (
        {
            "ETA_NUM": facility,
            "RSA_NUM": rsa,
            "NIR_ANO_17": psa,
            "EXE_SOI_DTD": "02MAR2021:00:00:00",
            "EXE_SOI_DTF": "05MAR2021:00:00:00",
        }
        | good
        | other
    )


def outpatients(year: str = "21") -> dict[str, list[Row]]:
    """Returns a visit to a public hospital of that year, by an unknown person, with its detail lines."""
    visit = {"ETA_NUM": "350000022", "SEQ_NUM": "0000000001"}
    said = {
        "CSTC": {"NIR_ANO_17": "Z" * 17, "EXE_SOI_DTD": f"02MAR20{year}"},
        "FBSTC": {"ACT_COD": "FFM", "ACT_NBR": "1"},
        "FCSTC": {"ACT_COD": "CS", "ACT_NBR": "1"},
        "FMSTC": {"CCAM_COD": "DEQP003"},
        "FLSTC": {"NABM_COD": "1577", "NABM_NBR": "1"},
    }
    return {f"PMSI/T_MCO{year}{name}.CSV": [visit | row] for name, row in said.items()}


def illness(
    psa: str, start: str, end: str, diagnosis: str, *, rank: int = 1, **other: str
) -> dict[str, str]:
    """Returns a line of IR_IMB_R: a listed ALD."""
    return {
        "BEN_NIR_PSA": psa,
        "BEN_RNG_GEM": str(rank),
        "IMB_ALD_DTD": start,
        "IMB_ALD_DTF": end,
        "IMB_ETM_NAT": "41",
        "MED_MTF_COD": diagnosis,
        "MED_NCL_IDT": "CIM10",
        "INS_DTE": start,
        "UPD_DTE": start,
    } | other


def drug(cip13: str, atc: str, name: str) -> dict[str, str]:
    """Returns a line of IR_PHA_R."""
    return {"PHA_CIP_C13": cip13, "PHA_ATC_CLA": atc, "PHA_MED_NOM": name}


def plain() -> dict[str, list[Row]]:
    """Returns one woman with diabetes, two packs of metformin, one stay: the smallest delivery with everything."""
    return {
        "IR_BEN_R.CSV": [person(ALICE)],
        "IR_IMB_R.CSV": [illness(ALICE, "15/02/2020", "01/01/1600", "E11")],
        "IR_PHA_R.CSV": [
            drug(METFORMIN, "A10BA02", "METFORMINE"),
            drug(RAMIPRIL, "C09AA05", "RAMIPRIL"),
        ],
        "DCIR_2021/ER_PRS_F_2021.CSV": [claim(1, ALICE, "10/03/2021")],
        "DCIR_2021/ER_PHA_F_2021.CSV": [pack(1, METFORMIN, 2)],
        "PMSI/T_MCO21B.CSV": [stay("0000000001")],
        "PMSI/T_MCO21C.CSV": [chaining("0000000001", ALICE)],
        "PMSI/T_MCO21D.CSV": [{"ETA_NUM": "350000022", "RSA_NUM": "0000000001", "ASS_DGN": "E119"}],
    }
