"""Patients whose diseases are known, in the files of a delivery and in those of the national cartography."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openchronic.diseases import load_library
from tests.openchronic.front_door import rows
from tests.openchronic.small_delivery import Row, chaining, claim, drug, illness, pack, person, stay

TOPS = {form.name: form.tops for _, form in load_library().forms() if form.tops}
PACKS = {
    "A10BA02": ("3400930000001", "N"),
    "A10BB12": ("3400930000002", "O"),
    "A10BX06": ("3400930000003", "N"),
    "R03AC02": ("3400930000004", "O"),
    "N04BA02": ("3400930000005", "N"),
    "C09AA05": ("3400930000006", "N"),
}


@dataclass
class Patient:
    """The facts about a patient, and the diseases that the build must find in 2021."""

    diseases: tuple[str, ...] = ()
    ald: tuple[tuple[str, str, str], ...] = ()  # code, start, end
    stays: tuple[tuple[int, str, str, tuple[str, ...]], ...] = ()  # year, main, related, associated
    drugs: tuple[tuple[str, str], ...] = ()  # class, day
    sex: str = "2"
    tops: tuple[str, ...] | None = None  # None: those of the diseases
    written: dict[str, str] = field(default_factory=dict)


def days(atc: str, *some: str) -> tuple[tuple[str, str], ...]:
    return tuple((atc, day) for day in some)


OPEN = "01/01/1600"


def number(place: int) -> str:
    return f"{place:017}"


def delivered(patients: list[Patient], *, year: int = 2021) -> dict[str, list[Row]]:
    """Returns the files of some patients: the n-th has the number n."""
    files: defaultdict[str, list[Row]] = defaultdict(list)
    files["IR_PHA_R.CSV"] = [
        drug(cip, atc, atc) | {"PHA_GRD_CND": large} for atc, (cip, large) in PACKS.items()
    ]
    # Claims cover the whole year, so that its care is complete in the release.
    lines = [(0, "10/01/2020", ""), (0, "31/12/2021", "")]
    for place, one in enumerate(patients):
        psa = number(place)
        files["IR_BEN_R.CSV"].append(person(psa, BEN_SEX_COD=one.sex) | one.written)
        files["IR_IMB_R.CSV"] += [illness(psa, begin, end, code) for code, begin, end in one.ald]
        for stay_number, (of, main, related, associated) in enumerate(one.stays):
            rsa = f"{place:06}{stay_number:04}"
            yy = of % 100
            written = stay(rsa, DGN_PAL=main, DGN_REL=related, SOR_ANN=str(of))
            files[f"PMSI/T_MCO{yy:02}B.CSV"].append(written)
            moments = {"EXE_SOI_DTD": f"02MAR{of}:00:00:00", "EXE_SOI_DTF": f"05MAR{of}:00:00:00"}
            files[f"PMSI/T_MCO{yy:02}C.CSV"].append(chaining(rsa, psa, **moments))
            files[f"PMSI/T_MCO{yy:02}D.CSV"] += [
                {"ETA_NUM": "350000022", "RSA_NUM": rsa, "ASS_DGN": code} for code in associated
            ]
        lines += [(place, day, atc) for atc, day in one.drugs]
        tops = one.tops or [TOPS[name][-1] for name in one.diseases]
        files[f"CT_IND_G8_{year}.CSV"].append(mapped(place) | dict.fromkeys(tops, "1"))
        files[f"CT_IDE_G8_{year}.CSV"].append(link(place, psa))
    for claim_number, (place, day, atc) in enumerate(lines):
        flux = f"01/02/{int(day[-4:]) + 1}" if day[3:5] != "01" else f"01/02/{day[-4:]}"
        name = f"_{flux[-4:]}.CSV"
        files["ER_PRS_F" + name].append(claim(claim_number, number(place), day, flux=flux))
        if atc:
            files["ER_PHA_F" + name].append(pack(claim_number, PACKS[atc][0], flux=flux))
    return dict(files)


def mapped(place: int) -> dict[str, str]:
    """Returns a line of CT_IND: a person without any disease."""
    return {"ID_CARTO": f"C{place}"} | {top: "0" for tops in TOPS.values() for top in tops}


def link(place: int, psa: str, rank: int = 1) -> dict[str, str]:
    """Returns a line of CT_IDE."""
    return {"ID_CARTO": f"C{place}", "BEN_NIR_PSA": psa, "BEN_RNG_GEM": str(rank)}


def agreement(release: Path) -> dict[str, tuple[int, int, int, int]]:
    """Returns, for each disease, the patients in both sources, in the cartography only, in the release only, in
    neither."""
    found = rows(
        release,
        "SELECT disease, sum(n_both), sum(n_cartography_only), sum(n_release_only), "
        "sum(n_neither) FROM cartography GROUP BY disease",
    )
    return {name: (int(a), int(b), int(c), int(d)) for name, a, b, c, d in found}


def manifest(release: Path) -> dict[str, Any]:
    return dict(json.loads((release / "manifest.json").read_text()))
