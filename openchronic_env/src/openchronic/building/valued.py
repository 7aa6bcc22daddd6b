"""What stays of public hospitals are paid: one cost for each component of a stay, never doubled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.dealing import deal
from openchronic.building.filters import FilterCount, judge
from openchronic.building.hanging import Fates
from openchronic.building.money import PAID, Purse
from openchronic.building.shared import show_unique
from openchronic.building.tally import Tally
from openchronic.engines.text import sql

TABLE, STEP, FOLDER = "T_MCOaaVALO", "valued", "hospital_cost"


@dataclass
class Valued:
    """What was counted on the way: ``amount`` is that of the lines that became costs."""

    tally: Tally = field(default_factory=Tally)
    amount: Decimal = Decimal(0)
    money: Purse = field(default_factory=Purse)

    def filters(self, context: Context) -> list[FilterCount]:
        """The filters of the step, where the table was delivered."""
        return self.tally.counts(context, STEP) if TABLE in context.readings else []


def deal_valued(
    context: Context,
    files: list[Path],
    *,
    part: str,
    valued: Valued,
    fates: Fates,
    duplicates: Counter[str],
) -> None:
    """Deal the costs of the stays of one year, which are the table ``host``."""
    engine = context.engine
    extra = show_unique(context, TABLE, files)
    duplicates[TABLE] += extra
    if extra:
        valued.money.note_duplicates(context, TABLE, files, PAID)
    judged = judge(context.settings.filters, STEP, sql("hospital/valued"))
    engine.scratch(
        "valued",
        f"SELECT {engine.but('fate', 'removed_by')}, fate IS NULL AS is_judged, "
        f"coalesce(fate, removed_by) AS fate FROM ({judged})",
    )
    valued.tally.add(
        STEP, engine.rows("SELECT fate, count(*) FROM valued WHERE is_judged GROUP BY fate")
    )
    counted = engine.rows("SELECT fate, count(*) FROM valued GROUP BY fate")
    ((amount,),) = engine.rows("SELECT coalesce(sum(MNT_TOT_AM), 0) FROM valued WHERE fate IS NULL")
    valued.amount += Decimal(amount)
    valued.money.note_filtered(context, "valued", "fate", PAID)
    (made,) = context.one(f"SELECT count(*) FROM ({sql('hospital/cost')})")
    fates.add(TABLE, "T_MCOaaB", [(fate, int(number)) for fate, number in counted], made=made)
    if made:
        deal(context, sql("hospital/cost"), context.place.private / FOLDER / part)
    engine.drop("valued")
