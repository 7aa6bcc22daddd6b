"""Turns decimals into the nearest floating-point numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

# Whole numbers up to this, and powers of ten up to that exponent, are exact as doubles, so that their quotient is the
# nearest double.
EXACT = 2**53
EXACT_POWER = 22


def nearest_doubles(column: pa.Array) -> pa.Array:
    """Returns a column of decimals as doubles, each the one that Python's ``float`` gives.

    Arrow's own cast multiplies by a power of ten that no double holds: 0.35 becomes 0.35000000000000003.
    """
    # Late imports, here and below: Arrow and NumPy are a quarter of the start of every command.
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = _unscaled(column)
    scale: int = column.type.scale
    if scale <= EXACT_POWER and within(whole, EXACT):
        return pc.divide(whole.cast(pa.float64()), float(10**scale))
    return column.cast(pa.string()).cast(pa.float64())


def within(whole: pa.Array, bound: int) -> bool:
    """Returns whether all whole numbers of a column are between ``-bound`` and ``bound``."""
    import pyarrow.compute as pc

    extremes = pc.min_max(whole).as_py()
    least, greatest = extremes["min"], extremes["max"]
    return least is None or (-bound <= least and greatest <= bound)


def _unscaled(column: pa.Array) -> pa.Array:
    """Returns the same decimals without their decimal point."""
    import pyarrow as pa

    whole = pa.decimal128(column.type.precision, 0)
    return pa.Array.from_buffers(
        whole, len(column), column.buffers(), null_count=column.null_count, offset=column.offset
    )
