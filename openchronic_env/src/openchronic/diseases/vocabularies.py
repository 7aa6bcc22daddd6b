"""The vocabularies that a list of codes may have: what begins a code of each, and what it can find."""

from __future__ import annotations

import re
from collections.abc import Mapping

from openchronic.diseases.definition import Find

# A valid beginning of a code has three characters at least.
CODES = {
    "CIM10": re.compile(r"[A-Z][0-9]{2}[0-9A-Z]{0,3}"),
    "ATC": re.compile(r"[A-Z][0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?"),
    "CIP13": re.compile(r"34009[0-9]{0,8}"),
    "UCD": re.compile(r"[0-9]{5,7}"),
    "CCAM": re.compile(r"[A-Z]{4}([0-9]{3})?"),
    "NABM": re.compile(r"[0-9]{4}"),
    "GHM": re.compile(r"[0-9]{2}[A-Z]([0-9]{2}[0-9A-Z]?)?"),
    "PRS_NAT": re.compile(r"[0-9]{4}"),
}
# The vocabularies of what each kind of fact is looked for by.
SAID_IN: Mapping[Find, tuple[str, ...]] = {
    "ald": ("CIM10",),
    "drug": ("ATC", "CIP13", "UCD"),
    "hospital_drug": ("ATC", "CIP13", "UCD"),
    "diagnosis": ("CIM10",),
    "procedure": ("CCAM",),
    "biology": ("NABM",),
    "session": ("GHM",),
    "stay": ("GHM",),
    "service": ("PRS_NAT",),
}
