"""Reconciles every delivered line and euro with the release: the rows of the table ``balance``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from openchronic.build import questions as asked
from openchronic.build.conflicts import CONFLICTS, conflicts
from openchronic.build.context import Context
from openchronic.build.detail_lines import DetailCount, detail_counts
from openchronic.build.figures import Counted
from openchronic.build.foreign_keys import OrphanCount, orphan_counts
from openchronic.build.money import euros_of, sums_of, sums_of_rows
from openchronic.build.reference_tables import looked_up
from openchronic.build.regularising import Regularised
from openchronic.build.typed import files_of
from openchronic.catalogue import load_tables
from openchronic.catalogue.claims import CLAIMS
from openchronic.models.acute import PAID, VALUED
from openchronic.models.claims import CLAIMED, SAYING_MORE, SERVICE, kinds_of
from openchronic.models.delivery import Delivery
from openchronic.models.filters.filter import FilterCount
from openchronic.models.products import PRODUCTS
from openchronic.releases.balance import Euros, Lines


@dataclass(frozen=True)
class Assertion:
    """One reconciliation of lines or euros: two figures that must be equal."""

    name: str
    expected: str
    found: str


def _every_line(lines: Lines) -> Assertion:
    """Returns the two figures: lines read, and lines whose outcome is known."""
    return Assertion(
        f"every line of {lines.table} is "
        + (
            "at hand, or known to be a reject"
            if lines.role
            else "kept, or known to be a reject, a duplicate, filtered, regularised or an orphan"
        ),
        str(lines.rows),
        str(lines.accounted),
    )


def lines_of(
    context: Context,
    delivery: Delivery,
    counted: Counted,
    filters: Iterable[FilterCount],
    regularised: Regularised,
) -> list[Lines]:
    """Returns the outcome of the lines of every table that was read. Must be called after the last stage."""
    filters = list(filters)
    context.foresee(asked.every(context, delivery))
    kept_lines = _kept_of_claims(context)
    unread: Counter[str] = Counter()
    for conflict in conflicts(context.readings, counted):
        unread[conflict.table] += conflict.unread

    def filtered(step: str) -> dict[str, int]:
        return {
            one.name: one.before - one.after
            for one in filters
            if one.step == step and one.before > one.after
        }

    def lines(
        table: str, kept: int, *, step: str = "", regularised: int = 0, orphans: int = 0
    ) -> Lines:
        reading = context.readings[table]
        return Lines(
            table=table,
            role="",
            rows=reading.rows,
            rejected=sum(one.count for one in reading.rejects),
            duplicates=int(counted.number("duplicates", table)),
            filtered=filtered(step) | ({CONFLICTS: unread[table]} if unread[table] else {}),
            regularised=regularised,
            orphans=orphans,
            kept=kept,
        )

    def of_claims() -> Iterator[Lines]:
        for kind in kinds_of(delivery):
            table = delivery.delivered(kind.table)
            kept, netted = kept_lines.get(kind.table, 0), regularised.of(kind.table).lines
            if kind is SERVICE:
                # Only the claims that are services become events: all claims are in ``cost``.
                name = f"{table} (services)"
                yield Lines(
                    table=name,
                    role="",
                    rows=int(counted.total("judged", kind.step)),
                    rejected=0,
                    duplicates=0,
                    filtered=filtered(kind.step),
                    regularised=netted,
                    orphans=0,
                    kept=kept,
                )
            elif table in context.readings:
                yield lines(table, kept, step=kind.step, regularised=netted)

    def every() -> Iterator[Lines]:
        yield from of_claims()
        for table, step, kept in _judged(context, delivery, counted):
            if table in context.readings:
                yield lines(table, kept, step=step)
        # The lines of these tables are counted with the step that judges them.
        judged = {delivery.delivered(kind.table) for kind in kinds_of(delivery)}
        leading = [one for one in orphan_counts(counted) if one.table not in judged]
        saying_more = {delivery.delivered(table) for table in SAYING_MORE}
        yield from (_led(lines, one) for one in leading if one.table in saying_more)
        records = {product.records for product in PRODUCTS}
        for detail in detail_counts(counted):
            if detail.table in records:
                continue
            of_detail = lines(detail.table, detail.kept, orphans=detail.orphans)
            yield replace(of_detail, filtered=_added(of_detail.filtered, detail.filtered))
        yield from (_led(lines, one) for one in leading if one.table not in saying_more)
        for each in looked_up(context.readings):
            of_reference = lines(each.table, context.readings[each.table].kept)
            yield replace(of_reference, role=each.role, filtered={})

    return list(every())


def _led(lines: Callable[..., Lines], one: OrphanCount) -> Lines:
    return lines(one.table, one.lines - one.orphans, orphans=one.orphans)


def amounts_of(context: Context, delivery: Delivery, counted: Counted) -> list[Euros]:
    """Returns the outcome of the amounts of every table that ``cost`` is made from. Must be called after the
    last stage."""
    table = delivery.delivered(CLAIMS)
    euros = euros_of(
        counted,
        table,
        CLAIMED,
        source=sums_of(context, files_of(context.readings[table]), CLAIMED),
        kept=sums_of_rows(context, asked.costs(context), asked.own(CLAIMED)),
    )
    if VALUED in context.readings:
        euros += euros_of(
            counted,
            VALUED,
            PAID,
            source=sums_of(context, files_of(context.readings[VALUED]), PAID),
            kept=sums_of_rows(context, asked.costs(context, of_stays=True), asked.own(PAID)),
        )
    return euros


def assertions_of(
    context: Context, lines: Iterable[Lines], euros: Iterable[Euros], counted: Counted
) -> list[Assertion]:
    """Returns all reconciliations of the delivery with the release."""
    lines = list(lines)
    reconciled = [one.table for one in lines if one.table in context.readings]
    return [
        Assertion(
            "every table that was read is reconciled, once",
            str(len(context.readings)),
            str(len(reconciled)),
        ),
        *_read(context),
        *map(_every_line, lines),
        *_made(context, detail_counts(counted)),
        *map(_spent, euros),
        _cost_sum(context),
        *_valued_sum(context, counted),
    ]


def _added(some: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(some) + Counter(others))


def _read(context: Context) -> Iterator[Assertion]:
    """Yields the lines read from each table, against a count of its files that is independent of the reader."""
    for name, reading in context.readings.items():
        counts = [file.count for file in reading.files if file.count]
        if len(counts) == len(reading.files):
            yield Assertion(
                f"every row that the files of {name} hold was read",
                str(sum(one.rows for one in counts)),
                str(reading.rows),
            )


def _made(context: Context, detail: Iterable[DetailCount]) -> Iterator[Assertion]:
    """Yields the event parts that detail lines made, against those that the release holds."""
    found = context.counted(asked.lines_by_table(context, "birth", "death", "stay", "session"))
    found[VALUED] = context.one(asked.number(asked.costs(context, of_stays=True)))[0]
    for one in detail:
        yield Assertion(
            f"every {'cost' if one.table == VALUED else 'event'} that {one.table} made is in the "
            "release",
            str(one.made),
            str(found.get(one.table, 0)),
        )


def _kept_of_claims(context: Context) -> dict[str, int]:
    """Returns the lines of claims that are in events, by their table in DCIR."""
    # Births and deaths may come from claims too.
    return context.counted(asked.lines_by_table(context, "birth", "death"))


def _judged(
    context: Context, delivery: Delivery, counted: Counted
) -> Iterator[tuple[str, str, int]]:
    """Yields the other tables that filters judge: name, step, lines kept."""
    claims = delivery.delivered(CLAIMS)
    yield claims, _step(CLAIMS), context.one(asked.number(asked.costs(context)))[0]
    stays = context.counted(asked.stays(context))
    yield "T_MCOaaB", _step("T_MCOaaB"), stays.get("mco", 0)
    (states,) = context.one(asked.states(context))
    yield "IR_IMB_R", _step("IR_IMB_R"), states
    for product in PRODUCTS:
        if product.care_setting:
            kept = stays.get(product.care_setting, 0)
        else:
            kept = int(counted.number("visits", product.step))
        yield product.tables[0], product.step, kept


def _step(table: str) -> str:
    return load_tables()[table].lines.step


def _spent(one: Euros) -> Assertion:
    return Assertion(
        f"every euro of {one.table}.{one.column} is in cost, or known to be filtered or a duplicate",
        f"{one.source:.2f}",
        f"{one.accounted:.2f}",
    )


def _cost_sum(context: Context) -> Assertion:
    (dealt,), (written,) = (
        context.rows(asked.billed(rows))[0] for rows in (asked.dealt(context), asked.costs(context))
    )
    return Assertion(
        "cost adds up to what the kept claims say", str(Decimal(dealt)), str(Decimal(written))
    )


def _valued_sum(context: Context, counted: Counted) -> Iterator[Assertion]:
    if VALUED not in context.readings:
        return
    written = sums_of_rows(context, asked.costs(context, of_stays=True), asked.own(PAID))[
        "reimbursed"
    ]
    paid = Decimal(counted.number("valued"))
    yield Assertion(
        f"cost adds up to what {VALUED} says of the kept stays",
        f"{paid:.2f}",
        f"{written:.2f}",
    )
