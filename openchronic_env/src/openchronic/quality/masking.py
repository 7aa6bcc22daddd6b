"""What a page may show: no count of 1 to 10 people, nor what would give one away.

Source of the number and of the rules on complements and margins: CASD's rule for the PMSI and
ATIH's for ScanSanté (no cell below 11), applied to shares and to sums as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from openchronic.quality.against import Comparison
from openchronic.quality.agreement import Agreement
from openchronic.quality.catalogue import Check
from openchronic.quality.measuring import Group

LEAST_SHOWN = 11


@dataclass(frozen=True)
class Mask:
    """Hides counts below ``least``; 0 is shown."""

    least: int = LEAST_SHOWN

    def hides_count(self, number: float) -> bool:
        """Whether a count is too small to be shown."""
        return 0 < number < self.least

    def hides_group(self, check: Check, group: Group) -> bool:
        """Whether a figure of a check would show a small count, or its complement."""
        if check.unit == "months":
            return False
        if check.unit == "rows":
            return self.hides_count(group.faults)
        return any(
            self.hides_count(number)
            for number in (group.faults, group.among, abs(group.among - group.faults))
        )

    def hides_comparison(self, one: Comparison) -> bool:
        """Whether our count is small, or a sum that gives away a small one by subtraction."""
        if one.ours is None:
            return False
        if self.hides_count(one.ours):
            return True
        return one.cell.is_margin and one.least is not None and self.hides_count(one.least)

    def hides_agreement(self, one: Agreement) -> bool:
        """Whether a count is small: of it and of the rates, the other counts would give it away."""
        counts = (one.both, one.cartography_only, one.release_only, one.neither)
        return any(self.hides_count(count) for count in counts)

    def hides_kappa(self, one: Agreement) -> bool:
        """Whether those who agree or those who differ are few: kappa alone tells no other count."""
        differing = one.cartography_only + one.release_only
        return any(self.hides_count(count) for count in (one.both, differing, one.neither))
