"""The least number of persons that a figure tells: what fewer are is grouped with something else, or not drawn."""

from __future__ import annotations

from collections.abc import Iterable

LEAST_SUBJECTS = 11
"""CASD's rule for the PMSI and ATIH's for ScanSanté: no count of 1 to 10 persons."""
LEAST_ALIKE = 100
"""The least number of persons of whom it is told that all do the same."""
ROUNDED_TO = 5


def certain(counts: Iterable[int], *, several: bool) -> int:
    """Returns how many persons groups of so many hold together at least.

    ``several``: a person may be in more than one of them (a cohort with several periods a subject).
    """
    return max(counts, default=0) if several else sum(counts)


def rounded(count: int) -> int:
    """Returns ``count`` rounded up to a multiple of five: eleven are not told as ten."""
    return -(-count // ROUNDED_TO) * ROUNDED_TO
