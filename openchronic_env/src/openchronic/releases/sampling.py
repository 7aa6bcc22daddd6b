"""Samples of subjects: equal in every table, engine and release of a site, and nested.

A subject is in the sample when ``subject_id % 1000003`` is below the sample's share of 1000003: whole numbers
below 2^53, so that DuckDB, Spark, pandas, Polars and R (``subject_id %% 1000003``) agree. ``subject_id`` comes
from a keyed hash, so that the remainder is as good as random. 1000003 is prime: it shares no factor with a
number of buckets, so that every bucket has its share of the sample.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from openchronic.errors import SettingsError

MODULUS = 1_000_003
SUBJECT = "subject_id"


def limit(sample: object) -> int:
    """Returns the bound below which remainders are in the sample. Raises SettingsError."""
    if not isinstance(sample, float) or not 0 < sample < 1 or not round(sample * MODULUS):
        raise SettingsError(
            f"--sample {sample}: a share of the subjects between 0 and 1, neither of them, such as "
            "0.01 (1 % of them) or 0.1 (10 %)",
            f"sample={sample!r} : une part des sujets, entre 0 et 1, bornes exclues ; "
            "par exemple 0.01 (1 % des sujets) ou 0.1 (10 %).",
        )
    return round(sample * MODULUS)


def condition(sample: float) -> str:
    """Returns SQL: the condition that keeps the rows of the sample's subjects, for every engine."""
    return f"{SUBJECT} % {MODULUS} < {limit(sample)}"


def share(sample: float) -> str:
    """Returns the sample in French: ``1 %``."""
    return f"{sample * 100:g} %".replace(".", ",")


@cache
def columns_of(file: Path) -> tuple[str, ...]:
    """Returns the columns of a Parquet file, from its footer."""
    # A late import, as below: the command line shows a release without an engine.
    from pyarrow import parquet

    return tuple(parquet.read_schema(file).names)


@cache
def count(files: tuple[Path, ...], sample: float) -> int:
    """Returns how many rows of these files are in the sample."""
    from pyarrow import compute, parquet

    found = 0
    for file in files:
        subjects = parquet.ParquetFile(file).read([SUBJECT])[SUBJECT]
        whole = compute.multiply(compute.divide(subjects, MODULUS), MODULUS)
        kept = compute.less(compute.subtract(subjects, whole), limit(sample))
        found += compute.sum(kept).as_py() or 0
    return found
