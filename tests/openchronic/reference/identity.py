"""From records of the referential to persons and subjects, in plain Python.

The rule (Documentation-SNDS, fiche_beneficiaire): a person is identified by BEN_IDT_ANO, else by the lifelong
number BEN_NIR_ANO, else by the pair of insured person's number and rank; a number made of x is missing. The
last record of a pair that has an identity is used, but a lifelong number in any of its records comes first. A
fictive number identifies nobody. In hospitals, which have no rank, a number that several persons share
identifies nobody.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

Row = Mapping[str, Any]
Pair = tuple[str, int]

NEVER = date.min
LAST_TEXT = "\U0010ffff"


def pairs(
    records: Iterable[Row], *, fictive: Collection[str], provisional: Collection[str]
) -> list[dict[str, Any]]:
    """Returns one row per pair."""
    found: dict[Pair, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        found[record["BEN_NIR_PSA"], record["BEN_RNG_GEM"]].append(_read(record))
    told = []
    for (psa, rank), seen in found.items():
        latest_first = sorted(seen, key=_age)
        named = [one for one in latest_first if one["written"]]
        itself = next((one["pair"] for one in latest_first), None)
        own = [one for one in named if one["is_own"]]
        kind = next((one["kind"] for one in latest_first if one["kind"] is not None), None)
        told.append(
            {
                "BEN_NIR_PSA": psa,
                "BEN_RNG_GEM": rank,
                "natural_id": (own or named or [{"written": itself}])[0]["written"],
                "nir_kind": kind,
                "is_fictive": kind in fictive,
                # This is the default; switching the filter off keeps the person.
                "is_left_out": kind in fictive,
                "is_provisional": kind in provisional,
                "n_identities": len({one["written"] for one in named} or {itself} - {None}),
                "n_own_numbers": len({one["written"] for one in own}),
            }
        )
    return told


def subjects(pairs: Iterable[Row], *, site_key: str) -> list[dict[str, Any]]:
    """Returns one row per person with a real number, identified by the first 53 bits of a keyed hash.

    Raises ValueError where two of them are equal, which another rule resolves.
    """
    people = {one["natural_id"] for one in pairs if not one["is_fictive"] and one["natural_id"]}
    told = [
        {
            "natural_id": person,
            "subject_id": int(
                hashlib.sha256(f"{site_key}|subject|{person}".encode()).hexdigest()[:14], 16
            )
            >> 3,
        }
        for person in people
    ]
    if len({one["subject_id"] for one in told}) < len(told):
        raise ValueError("two persons with the same 53 bits")
    return told


def hospital_numbers(pairs: Iterable[Row], subjects: Iterable[Row]) -> list[dict[str, Any]]:
    """Returns one row per number of an insured person: its person in hospitals, if there is one."""
    number_of = {one["natural_id"]: one["subject_id"] for one in subjects}
    by_psa: dict[str, list[Row]] = defaultdict(list)
    for one in pairs:
        by_psa[one["BEN_NIR_PSA"]].append(one)
    told = []
    for psa, same in by_psa.items():
        people = {one["natural_id"] for one in same if one["natural_id"]}
        shared = len(people) > 1 or any(one["n_own_numbers"] > 1 for one in same)
        real = [
            number_of[one["natural_id"]]
            for one in same
            if not one["is_fictive"] and one["natural_id"]
        ]
        told.append(
            {
                "BEN_NIR_PSA": psa,
                "is_shared": shared,
                "is_fictive": all(one["is_fictive"] for one in same),
                "has_ranks_of_one": len({one["BEN_RNG_GEM"] for one in same}) > len(people)
                and any(one["n_own_numbers"] > 0 for one in same),
                "subject_id": real[0] if real and not shared else None,
            }
        )
    return told


def _read(record: Row) -> dict[str, Any]:
    person, number, top = (record[name] for name in ("BEN_IDT_ANO", "BEN_NIR_ANO", "BEN_IDT_TOP"))
    psa, kind = _usable(record["BEN_NIR_PSA"]), record["BEN_CDI_NIR"]
    if top is not None:
        is_own = top == 1
    elif person is not None:
        is_own = person == number
    else:
        is_own = _usable(number) is not None
    return {
        "written": _usable(person) or (_usable(number) if top in (None, 1) else None),
        "pair": f"{psa}{record['BEN_RNG_GEM']}" if psa else None,
        "is_own": is_own,
        "kind": None if kind is None else kind[:2].rjust(2, "0"),
        "processed": record["MAX_TRT_DTD"],
        "changed": record["BEN_DTE_MAJ"],
    }


def _usable(number: str | None) -> str | None:
    return None if number is None or number[:16].lower() == "x" * 16 else number


def _age(one: Mapping[str, Any]) -> tuple[Any, ...]:
    """Returns a key that is smaller for a later record; on equal days, for one with a lifelong number."""
    return (
        -(one["processed"] or NEVER).toordinal(),
        -(one["changed"] or NEVER).toordinal(),
        not one["is_own"],
        one["written"] or one["pair"] or LAST_TEXT,
        one["kind"] or LAST_TEXT,
    )
