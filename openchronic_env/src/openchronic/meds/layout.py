"""The layout of a MEDS dataset: folders, names, columns and their types (MEDS version 0.4.1)."""

from __future__ import annotations

import pyarrow as pa

VERSION = "0.4.1"
DATA = "data"
DATASET = "metadata/dataset.json"
CODES = "metadata/codes.parquet"
SPLITS = "metadata/subject_splits.parquet"

# The remainders of ``subject_id`` by 997 that belong to each split: 80, 10 and 10 %, the same in
# every release of a site. This prime differs from that of samples, so that a sample has all three
# splits.
MODULUS = 997
SPLIT_LIMITS = {"train": (0, 798), "tuning": (798, 897), "held_out": (897, MODULUS)}

# Columns that this package adds to those of MEDS, which calls them modifiers.
MODIFIERS = ("event_type", "code_role", "care_setting")
EXTENSIONS = ("start_date", "end_date")

EVENTS = pa.schema(
    [
        pa.field("subject_id", pa.int64(), nullable=False),
        pa.field("time", pa.timestamp("us")),
        pa.field("code", pa.string(), nullable=False),
        pa.field("numeric_value", pa.float32()),
        *(pa.field(name, pa.string()) for name in MODIFIERS),
        *(pa.field(name, pa.date32()) for name in EXTENSIONS),
    ]
)
CODE = pa.schema(
    [
        pa.field("code", pa.string(), nullable=False),
        pa.field("description", pa.string()),
        pa.field("parent_codes", pa.list_(pa.string())),
    ]
)
SUBJECT = pa.schema(
    [
        pa.field("subject_id", pa.int64(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
    ]
)
# Descriptions of codes that are in no nomenclature.
DESCRIPTIONS = {
    "MEDS_BIRTH": "Naissance",
    "MEDS_DEATH": "Décès",
    "SEX//F": "Femme",
    "SEX//M": "Homme",
}


def split_condition(split: str) -> str:
    """Returns SQL: whether a subject belongs to ``split``."""
    first, end = SPLIT_LIMITS[split]
    return f"subject_id % {MODULUS} >= {first} AND subject_id % {MODULUS} < {end}"
