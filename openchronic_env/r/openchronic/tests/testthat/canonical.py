"""The same text and hash of a table as helper-canonical.R, from Python's own values: Arrow's, never R's."""

import datetime
import decimal
import hashlib
import struct

import openchronic as oc

MISSING, BETWEEN = "\u2205", "\x1f"


def one(value, wide):
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and not wide:
        return str(value)
    if isinstance(value, (int, float, decimal.Decimal)):
        # float() of a decimal is the nearest double; a whole number must be one.
        assert not isinstance(value, int) or int(float(value)) == value
        return struct.pack(">d", float(value)).hex()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ",".join(one(item, wide) for item in value) + "]"
    assert isinstance(value, str), type(value)
    return value


def table_hash(table):
    """R holds whole numbers of 32 bits as integers, and larger ones as doubles."""
    wide = ["int64" in str(field.type) for field in table.schema]
    columns = [
        [one(value, is_wide) for value in column.to_pylist()]
        for column, is_wide in zip(table.columns, wide, strict=True)
    ]
    rows = sorted((BETWEEN.join(row) for row in zip(*columns, strict=True)), key=str.encode)
    text = "\n".join([BETWEEN.join(table.column_names), *rows])
    return hashlib.sha256(text.encode()).hexdigest()


def release_hash(name, release):
    return table_hash(oc.arrow(name, release))


def source_hash(name, release):
    return table_hash(oc.source(name, release).to_arrow_table())


def query_hash(statement, release):
    return table_hash(oc.connect(release).sql(statement).to_arrow_table())


def pandas_bits(name, column, release):
    """The doubles that analysts of Python get, sorted."""
    values = oc.pandas(name, release, columns=[column])[column].dropna()
    return [struct.pack(">d", value).hex() for value in sorted(float(one) for one in values)]
