"""From exemption records to ALD periods, in plain Python.

The rule (Documentation-SNDS, beneficiaires_ald and requete_type_ald): it takes ALD (natures 41, 43, 45) of
identified persons; a record that was changed counts once, in its last state; periods of one nature and
diagnosis that overlap, or of which one begins the day after the other, are one; an end of 1600 (read as
missing) or from 2099 on means none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

Row = Mapping[str, Any]

# Codes that physicians use for a listed ALD, without a number in the nomenclature.
USED = {"E12": 8, "E13": 8, "E14": 8, "J44": 14, "J47": 14, "J960": 14, "G30": 15} | {
    "I11": 5,
    "I13": 5,
    "I44": 5,
    "I45": 5,
    "Z992": 19,
}
KINDS = {41: "listed", 43: "off_list", 45: "several"}
NO_END = date(2099, 1, 1)
FOREVER = date.max
NEVER = date.min


def periods(
    records: Iterable[Row], people: Mapping[tuple[str, int], int], numbers: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Returns the periods. ``people``: subjects by pair, without fictive ones. ``numbers``: ALD numbers by code."""
    states: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        read = _read(record, people)
        if read:
            states[read["of"]].append(read)
    by_start = {of: sorted(found, key=lambda one: one["start"]) for of, found in states.items()}
    return [
        _period(of, stretch, numbers)
        for of, found in by_start.items()
        for stretch in _stretches(_left_last(found))
    ]


def _read(record: Row, people: Mapping[tuple[str, int], int]) -> dict[str, Any] | None:
    """Returns a record of an ALD with a start, of an identified person, whose end is not before its start."""
    subject = people.get((record["BEN_NIR_PSA"], record["BEN_RNG_GEM"]))
    start, end = record["IMB_ALD_DTD"], record["IMB_ALD_DTF"] or FOREVER
    end = FOREVER if end >= NO_END else end
    if subject is None or record["IMB_ETM_NAT"] not in KINDS or start is None or end < start:
        return None
    said_of = record["MED_NCL_IDT"]
    code = record["MED_MTF_COD"] if said_of is None or said_of.strip() == "CIM10" else None
    diagnosis = "".join(one for one in (code or "").upper() if one not in ".+ ") or None
    return {
        "of": (subject, record["IMB_ETM_NAT"], diagnosis),
        "start": start,
        "end": end,
        "number": record["IMB_ALD_NUM"],
        "inserted": record["INS_DTE"],
        "updated": record["UPD_DTE"],
    }


def _left_last(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns one record per start: the last one written, then changed; then the longest, then the lowest number."""
    by_start: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for one in found:
        by_start[one["start"]].append(one)
    return [
        max(
            same,
            key=lambda one: (
                one["inserted"] or NEVER,
                one["updated"] or NEVER,
                one["end"],
                -(one["number"] if one["number"] is not None else 10**6),
            ),
        )
        | {
            "states": len(same),
            "known": min((one["inserted"] for one in same if one["inserted"]), default=start),
        }
        for start, same in by_start.items()
    ]


def _stretches(found: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Returns records in the order of their starts, split where a day between them is in none."""
    stretches: list[list[dict[str, Any]]] = []
    reached = NEVER
    for one in found:
        if not stretches or (reached < FOREVER and one["start"] > reached + timedelta(days=1)):
            stretches.append([])
        stretches[-1].append(one)
        reached = one["end"] if len(stretches[-1]) == 1 else max(reached, one["end"])
    return stretches


def _period(
    of: tuple[Any, ...], stretch: list[dict[str, Any]], numbers: Mapping[str, int]
) -> dict[str, Any]:
    subject, nature, diagnosis = of
    start, end = stretch[0]["start"], max(one["end"] for one in stretch)
    written = [one["number"] for one in stretch if one["number"] in range(1, 33)]
    # The fund's last number; else the one of the whole code, of its category, of its first three
    # characters; for a listed ALD, the one of a code in use.
    by_code = [numbers.get((diagnosis or "")[:length]) for length in (99, 4, 3)]
    if nature == 41:
        by_code += [number for code, number in USED.items() if (diagnosis or "").startswith(code)]
    known = next((number for number in by_code if number is not None), 31 if nature == 43 else 99)
    return {
        "subject_id": subject,
        "start_date": start,
        "end_date": None if end == FOREVER else end,
        "known_date": max(start, min(one["known"] for one in stretch)),
        "ald_number": written[-1] if written else known,
        "icd10": diagnosis,
        "kind": KINDS[nature],
        "n_source_rows": sum(one["states"] for one in stretch),
        "natural_key": f"{subject}|{nature}|{diagnosis or ''}|{start}",
    }
