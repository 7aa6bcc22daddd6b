"""Turns Arrow's columns into those that R holds without rounding, and refuses the others."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from openchronic.errors import RefusedError
from openchronic.runtime.decimals import EXACT, nearest_doubles, within

# How whole numbers of more than 32 bits are given: as numbers (refused where R would round them), or as text.
Whole = Literal["numeric", "character"]
# In R this integer is the missing value.
R_MISSING = -(2**31)


def for_r(batch: pa.RecordBatch, *, whole: Whole) -> pa.RecordBatch:
    """Returns the same rows in types that R has. Raises RefusedError for a value that R would change."""
    columns = [
        _exact(column, name, whole)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names) if columns else batch


def _exact(column: pa.Array, name: str, whole: Whole) -> pa.Array:
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _list(column, name, whole)
    if pa.types.is_fixed_size_list(kind):
        return _list(column.cast(pa.list_(kind.value_type)), name, whole)
    if pa.types.is_struct(kind):
        parts = [_exact(part, name, whole) for part in column.flatten()]
        names = [field.name for field in kind]
        return pa.StructArray.from_arrays(parts, names, mask=column.is_null())
    number = _number(column, name, whole)
    return _other(column, name, whole) if number is None else number


def _list(column: pa.Array, name: str, whole: Whole) -> pa.Array:
    values = _exact(column.flatten(), name, whole)
    lengths = pc.fill_null(pc.list_value_length(column), 0).cast(pa.int32())
    ends = pc.cumulative_sum(lengths)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    return pa.ListArray.from_arrays(offsets, values, mask=column.is_null())


def _number(column: pa.Array, name: str, whole: Whole) -> pa.Array | None:
    """Returns a column of numbers in a type of R; None for a column of others."""
    kind = column.type
    if pa.types.is_integer(kind) and kind.bit_width < 32:
        return column.cast(pa.int32())
    if pa.types.is_int32(kind):
        if pc.min(column).as_py() == R_MISSING:
            raise _refused(name, f"la valeur {R_MISSING}, qui est NA pour R", "BIGINT")
        return column
    if pa.types.is_uint32(kind) or pa.types.is_floating(kind):
        return column.cast(pa.float64())
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        return _whole(column, name, whole)
    return nearest_doubles(column) if pa.types.is_decimal(kind) else None


def _whole(column: pa.Array, name: str, whole: Whole) -> pa.Array:
    if whole == "character":
        return column.cast(pa.string())
    if not within(column, EXACT):
        raise _refused(name, "des entiers au-delà de 2^53, que R arrondirait", "VARCHAR")
    return column.cast(pa.float64())


def _other(column: pa.Array, name: str, whole: Whole) -> pa.Array:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        # An opaque type is one that Arrow does not know.
        if kind.extension_name == "arrow.opaque":
            raise _unknown(name, kind)
        return _exact(column.storage, name, whole)
    if pa.types.is_dictionary(kind):
        return _exact(column.cast(kind.value_type), name, whole)
    if pa.types.is_null(kind):
        return column.cast(pa.bool_())
    if pa.types.is_time(kind) or pa.types.is_large_string(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind):
        # A moment without a time zone is shown as it is, wherever R runs.
        zone = "UTC" if kind.tz in (None, "Etc/UTC") else kind.tz
        return column.cast(pa.timestamp("us", kind.tz), safe=False).view(pa.timestamp("us", zone))
    if (
        pa.types.is_boolean(kind)
        or pa.types.is_string(kind)
        or pa.types.is_date32(kind)
        or pa.types.is_binary(kind)
    ):
        return column
    raise _unknown(name, kind)


def _refused(name: str, holds: str, kind: str) -> RefusedError:
    return RefusedError(
        f"the column {name} holds what R would change: {holds}",
        f"La colonne « {name} » contient {holds}. Demandez-la dans un autre type : "
        f'CAST("{name}" AS {kind}), ou ouvrez la connexion par oc_connect(bigint = "character").',
    )


def _unknown(name: str, kind: object) -> RefusedError:
    return RefusedError(
        f"R has no type for the column {name} ({kind})",
        f"R n’a pas de type pour la colonne « {name} » ({kind}). Demandez-la en texte : "
        f'CAST("{name}" AS VARCHAR).',
    )
