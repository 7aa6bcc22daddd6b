"""Reads the doses of packs that somebody gives: a release has none, and daily doses are not for the package to share."""

from __future__ import annotations

from typing import Any

import duckdb

from openchronic.errors import SettingsError
from openchronic.models.pathways import PACK_DOSE
from openchronic.pathway.sources import source_of


def load_doses(connection: duckdb.DuckDBPyConnection, doses: Any) -> None:
    """Makes ``pack_dose`` of a file or a table with ``code``, ``units``, ``strength``, ``daily_dose``.

    Raises OpenChronicError where it is none, has a bad row, or lacks a pack of ``treatment_code`` whose treatment is counted by
    doses.
    """
    columns = ", ".join(PACK_DOSE.columns)
    if doses is None:
        raise SettingsError(
            f"method dose needs doses: a table or a file with {columns}",
            f"La méthode dose demande doses\u00a0: un tableau ou un fichier de colonnes {columns}.",
        )
    source = source_of(connection, doses, "doses")
    there = {name.lower() for name, *_ in connection.execute(f"DESCRIBE FROM {source.rows}").fetchall()}  # fmt: skip
    if missing := [name for name in PACK_DOSE.columns if name not in there]:
        raise SettingsError(
            f"{source.name}: no column {', '.join(missing)}",
            f"{source.name}\u00a0: il manque {', '.join(missing)}. Les colonnes attendues sont {columns}.",
        )
    numbers = ", ".join(
        f"TRY_CAST({name} AS DOUBLE) AS {name}" for name in PACK_DOSE.columns if name != "code"
    )
    connection.execute(
        f"""CREATE TEMP TABLE pack_dose AS SELECT trim(CAST(code AS VARCHAR)) AS code, {numbers},
            {source.number} AS row_of_source FROM {source.rows}"""
    )
    bad = connection.execute(
        """SELECT min(row_of_source) FROM pack_dose WHERE code IS NULL OR NOT coalesce(
            least(units, strength, daily_dose) > 0 AND isfinite(units * strength / daily_dose), FALSE)
            OR units IS NULL OR strength IS NULL OR daily_dose IS NULL
            OR code IN (SELECT code FROM pack_dose GROUP BY code HAVING count(*) > 1)"""
    ).fetchall()[0][0]
    if bad is not None:
        raise SettingsError(
            f"{source.name}: row {bad}: a code that is there once, and three numbers above 0, are needed",
            f"{source.name}\u00a0: la ligne {bad} doit avoir un code, qui n’y est qu’une fois, et trois nombres au-dessus de 0.",
        )
    lacking = [
        code
        for (code,) in connection.execute(
            """SELECT DISTINCT meant.code FROM treatment_code AS meant JOIN treatment USING (pathway, treatment)
            WHERE method = 'dose' AND meant.code NOT IN (SELECT code FROM pack_dose) ORDER BY 1"""
        ).fetchall()
    ]
    if lacking:
        named = ", ".join(lacking[:5]) + ("…" if len(lacking) > 5 else "")
        raise SettingsError(
            f"{source.name}: {len(lacking)} codes of the release lack a dose: {named}",
            f"{source.name}\u00a0: {len(lacking)} codes de la version n’y ont pas de dose ({named}).",
        )
