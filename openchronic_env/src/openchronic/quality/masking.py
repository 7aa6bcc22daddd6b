"""Decides what a page may show: no count of 1 to 10 people, nor what would reveal one.

Source of the number and of the rules on complements and margins: CASD's rule for the PMSI and ATIH's for
ScanSanté (no cell below 11), applied to shares and to sums as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from openchronic.figures.threshold import LEAST_SUBJECTS
from openchronic.quality.against import Comparison
from openchronic.quality.agreement import Agreement
from openchronic.quality.catalogue import Check
from openchronic.quality.measuring import Group

LEAST_SHOWN = LEAST_SUBJECTS


@dataclass(frozen=True)
class Mask:
    """Hides counts below ``least``; 0 is shown."""

    least: int = LEAST_SHOWN

    def hides_count(self, number: float) -> bool:
        """Returns whether a count is too small to be shown."""
        return 0 < number < self.least

    def hides_group(self, check: Check, group: Group) -> bool:
        """Returns whether a figure of a check would show a small count, or its complement."""
        if check.unit == "months":
            return False
        if check.unit == "rows":
            return self.hides_count(group.faults)
        return any(
            self.hides_count(number)
            for number in (group.faults, group.among, abs(group.among - group.faults))
        )

    def hides_comparison(self, one: Comparison) -> bool:
        """Returns whether the release's count is small, or is a sum that reveals a small one by subtraction."""
        if one.ours is None:
            return False
        if self.hides_count(one.ours):
            return True
        return one.cell.is_margin and one.least is not None and self.hides_count(one.least)

    def hides_agreement(self, one: Agreement) -> bool:
        """Returns whether any count is small: the other counts, or the rates, would reveal it."""
        counts = (one.both, one.cartography_only, one.release_only, one.neither)
        return any(self.hides_count(count) for count in counts)

    def hides_kappa(self, one: Agreement) -> bool:
        """Returns whether those who agree or those who differ are few: kappa alone reveals no other count."""
        differing = one.cartography_only + one.release_only
        return any(self.hides_count(count) for count in (one.both, differing, one.neither))
