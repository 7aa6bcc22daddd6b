"""One delivered file becomes typed Parquet; the lines that do not fit are counted, not lost."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path

import duckdb

from openchronic.schema import Column, Table
from openchronic.source.casting import Cast, cast, date_formats
from openchronic.source.finding import Delivered
from openchronic.source.header import Header, read_header, split_line
from openchronic.source.rejects import SHOWN_LINES, Reject, line_numbers
from openchronic.source.scanning import Scan

# Values without which a line says nothing. A key's other parts may be empty: an exemption for a
# work accident has no diagnosis.
MAY_BE_EMPTY = {"IMB_ALD_DTD", "MED_MTF_COD", "INS_DTE", "UPD_DTE"}
# Monthly tables are cut by the data's own month, whatever the cut of the files.
MONTH_COLUMN = "FLX_DIS_DTD"
SEP = "\t"
MALFORMED = {
    "MISSING COLUMNS": "too few columns",
    "TOO MANY COLUMNS": "too many columns",
    "UNQUOTED VALUE": "quote not closed",
    "LINE SIZE OVER MAXIMUM": "line too long",
}


@dataclass(frozen=True)
class FileReading:
    """What one file gave. ``rows`` counts all lines but the header: kept plus refused."""

    file: Delivered
    folder: Path
    scan: Scan
    header: Header
    rows: int
    kept: int
    rejects: tuple[Reject, ...]


def read_file(
    connection: duckdb.DuckDBPyConnection, table: Table, file: Delivered, scan: Scan, target: Path
) -> FileReading:
    """Cast ``file`` into Parquet under ``target`` (a folder per month for monthly tables)."""
    header = read_header(scan, table, file=file.name, year=file.year)
    target.mkdir(parents=True)
    partition = table.period == "flux_year"
    rejects_name = f"rejects_{target.name}"
    query = typed_query(table, file, scan, header, rejects=rejects_name)
    destination = target if partition else target / "data.parquet"
    options = ", PARTITION_BY (month)" if partition else ""
    connection.execute(f"COPY ({query}) TO '{_text(destination)}' (FORMAT parquet{options})")
    malformed = connection.execute(
        f"SELECT error_type, list(DISTINCT line ORDER BY line) FROM {rejects_name}_lines "
        "GROUP BY ALL"
    ).fetchall()
    connection.execute(f"DROP TABLE {rejects_name}_lines; DROP TABLE {rejects_name}_scans")
    kept, misfits = _misfits(connection, target)
    rejects = _rejects(table, file, scan, malformed=malformed, misfits=misfits)
    refused = sum(reject.count for reject in rejects)
    return FileReading(file, target, scan, header, kept + refused, kept, tuple(rejects))


def typed_query(table: Table, file: Delivered, scan: Scan, header: Header, *, rejects: str) -> str:
    """The SQL that reads, casts and judges each line; ``_reject`` is NULL on the good ones."""
    present = {logical: f"c{place}" for place, logical in enumerate(header.logical) if logical}
    casts = {
        column.name: _cast(column, table, scan, header)
        for column in table.columns
        if column.name in present
    }
    raw = ", ".join(f'{place} AS "{name}"' for name, place in present.items())
    typed = ", ".join(
        f'{one.value} AS "{name}", raw."{name}" AS "raw {name}"' for name, one in casts.items()
    )
    kept = ", ".join(
        f'{casts[column.name].kept if column.name in casts else _absent(column)} AS "{column.name}"'
        for column in table.columns
    )
    faults = " ".join(
        f"WHEN {condition} THEN '{one.column}{SEP}{reason}{SEP}' || _record"
        for one in casts.values()
        for condition, reason in one.faults
    )
    suspect = " OR ".join(one.suspect for one in casts.values())
    month = f", coalesce(strftime(typed.\"{MONTH_COLUMN}\", '%Y-%m'), 'none') AS month"
    return f"""
        WITH raw AS (
            SELECT row_number() OVER () AS _record, {raw}
            FROM {_csv(file, scan, header, rejects)}
        ),
        typed AS (SELECT _record, {typed} FROM raw)
        SELECT
            {kept},
            {"NULL" if file.year is None else file.year} AS file_year,
            CASE WHEN {suspect} THEN CASE {faults} END END AS _reject
            {month if table.period == "flux_year" else ""}
        FROM typed
    """


def _cast(column: Column, table: Table, scan: Scan, header: Header) -> Cast:
    formats: tuple[str, ...] = ()
    if column.type == "date":
        place = header.logical.index(column.name)
        lines = (
            split_line(line.decode(scan.encoding, "replace"), header.separator)
            for line in scan.sample
        )
        formats = date_formats(fields[place] for fields in lines if len(fields) > place)
    needed = column.name in table.key and column.required and column.name not in MAY_BE_EMPTY
    return cast(column.name, column.type, formats=formats, needed=needed)


def _absent(column: Column) -> str:
    types = {"string": "VARCHAR", "integer": "BIGINT", "decimal": "DECIMAL(18,5)", "date": "DATE"}
    return f"CAST(NULL AS {types[column.type]})"


def _csv(file: Delivered, scan: Scan, header: Header, rejects: str) -> str:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header.written)))
    # A lone dot is how SAS writes a missing number or date.
    quote = "quote = '\"', escape = '\"'" if scan.quoted else "quote = '', escape = ''"
    newline = "\\r\\n" if scan.crlf else "\\n"
    return f"""read_csv('{_pattern(file.path)}', auto_detect = false, header = true,
        columns = {{{columns}}}, delim = '{header.separator}', {quote}, new_line = '{newline}',
        nullstr = ['', '.'], encoding = '{scan.encoding}', compression = '{"gzip" if scan.gzipped else "none"}',
        store_rejects = true, rejects_limit = 0,
        rejects_table = '{rejects}_lines', rejects_scan = '{rejects}_scans')"""


def _misfits(
    connection: duckdb.DuckDBPyConnection, target: Path
) -> tuple[int, dict[tuple[str, str], list[int]]]:
    """How many lines are good, and the records of the others by (column, reason)."""
    files = f"read_parquet('{_pattern(target)}/**/*.parquet', hive_partitioning = false)"
    if not any(target.rglob("*.parquet")):
        return 0, {}
    kept = connection.execute(f"SELECT count(*) FROM {files} WHERE _reject IS NULL").fetchall()
    found: dict[tuple[str, str], list[int]] = {}
    for (text,) in connection.execute(
        f"SELECT _reject FROM {files} WHERE _reject IS NOT NULL"
    ).fetchall():
        column, reason, record = text.split(SEP)
        found.setdefault((column, reason), []).append(int(record))
    return int(kept[0][0]), found


def _rejects(
    table: Table,
    file: Delivered,
    scan: Scan,
    *,
    malformed: list[tuple[str, list[int]]],
    misfits: dict[tuple[str, str], list[int]],
) -> list[Reject]:
    seen: set[int] = set()
    rejects = []
    for kind, lines in sorted(malformed):
        fresh = sorted(set(lines) - seen)  # a line with two faults is one line
        seen.update(fresh)
        if fresh:
            rejects.append(
                Reject(
                    table.name,
                    file.name,
                    "",
                    MALFORMED.get(kind, kind.lower()),
                    len(fresh),
                    tuple(fresh[:SHOWN_LINES]),
                )
            )
    first = {record for records in misfits.values() for record in sorted(records)[:SHOWN_LINES]}
    places = line_numbers(file.path, first, quoted=scan.quoted, skipped=seen) if first else {}
    for (column, reason), records in sorted(misfits.items()):
        shown = tuple(places[record] for record in sorted(records)[:SHOWN_LINES])
        rejects.append(Reject(table.name, file.name, column, reason, len(records), shown))
    return rejects


def _pattern(path: Path) -> str:
    # The engine takes the path of a scan for a pattern: brackets and stars in names are literal.
    return glob.escape(str(path)).replace("'", "''")


def _text(path: Path) -> str:
    return str(path).replace("'", "''")
