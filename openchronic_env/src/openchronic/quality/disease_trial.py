"""Tries a definition of a disease on a release: who is found, by which criterion, and by which alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from openchronic.diseases import Definition, Library, load_library
from openchronic.diseases.expression import names
from openchronic.diseases.library import library_of
from openchronic.engines.specs import DUCKDB, functions
from openchronic.errors import SettingsError
from openchronic.models.delivery import every_table
from openchronic.models.diseases import TABLES
from openchronic.models.diseases.rows import rows_of
from openchronic.models.graph import graph_of
from openchronic.models.query import query_of

WANTED = ("disease_year", "disease_stay")
# Tables of a release under the names that the texts of a build read.
SHOWN = {"event": "released_event", "cost": "released_cost"}


@dataclass(frozen=True)
class Found:
    """A criterion: the subjects who meet it in some year, those who are cases by it, those by it alone."""

    form: str
    criterion: str
    met: int
    cases: int
    alone: int


@dataclass(frozen=True)
class Trial:
    """What a definition finds. ``states``: subjects (or stays) by form, year (0: stays) and state."""

    criteria: tuple[Found, ...]
    states: tuple[tuple[str, int, str, int], ...]


def tried(
    connection: duckdb.DuckDBPyConnection,
    manifest: Mapping[str, Any],
    one: Definition,
    known: Library,
) -> Trial:
    """Evaluates ``one`` on the release that ``connection`` shows. Every year of its care is asked, whatever the
    look-back. Raises SettingsError where ``one`` names a state that neither it nor ``known`` has."""
    _evaluate(connection, manifest, _with_needed(one, known=known), WANTED)
    own = [form.name for form in one.forms]
    return Trial(tuple(_criteria(connection, own)), tuple(_states(connection, own)))


def evaluated(
    connection: duckdb.DuckDBPyConnection,
    manifest: Mapping[str, Any],
    forms: Collection[str],
    wanted: Sequence[str],
) -> None:
    """Makes the models ``wanted`` of some ``forms`` of the package's definitions, on the release that ``connection``
    shows. Raises SettingsError where a form is not one of the package: a site's own are known to its builds alone."""
    every = {one.name for one in load_library().definitions}
    own = sorted({form.partition(".")[0] for form in forms})
    if strangers := [one for one in own if one not in every]:
        named = ", ".join(strangers)
        raise SettingsError(
            f"{named}: the days of a definition of the site are not known here; ask without days, which is from its "
            "onset on",
            f"{named}\u00a0: les jours d’une définition propre au site ne sont pas connus ici. Enlevez days, la maladie "
            "compte alors depuis son début.",
        )
    library = load_library()
    _evaluate(
        connection, manifest, _with_needed(*(library[one] for one in own), known=library), wanted
    )


def _evaluate(
    connection: duckdb.DuckDBPyConnection,
    manifest: Mapping[str, Any],
    library: Library,
    wanted: Sequence[str],
) -> None:
    """Makes the models ``wanted`` as temporary tables. Every year of the release's care is asked."""
    for statement in functions(DUCKDB):
        connection.execute(statement)
    for table, name in SHOWN.items():
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {table}")
    for name, columns in TABLES.items():
        load(connection, name, columns, list(rows_of(name, library)))
    asked = {"definition": "STRING", "level": "INT", "year": "INT", "is_published": "BOOLEAN"}
    load(connection, "asked_year", asked, list(_asked(library, manifest)))
    load(connection, "population_setting", {"population": "STRING"}, [("consumers",)])
    graph = graph_of(every_table())
    there = {*TABLES, *SHOWN.values(), "asked_year", "population_setting", *manifest["tables"]}
    # The release has tables of these names already: those made here stand before them.
    for model in graph.needed(wanted, there=there - set(wanted)):
        query = query_of(graph.model(model.name), judge="")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {model.name} AS {query}")


def _with_needed(*some: Definition, known: Library) -> Library:
    """Returns the library of ``some`` and of the definitions of ``known`` that they need."""
    every = {other.name: other for other in known.definitions}
    every |= {one.name: one for one in some}
    needed, wanted = {}, [one.name for one in some]
    while wanted:
        name = wanted.pop()
        if name in every and name not in needed:
            needed[name] = every[name]
            nodes = [node for form in every[name].forms for _, node in form.states]
            wanted += [n.partition(".")[0] for node in nodes for n in names(node) if "." in n]
    return library_of(list(needed.values()))


def _asked(library: Library, manifest: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    window = manifest["care_window"]
    if window["start"] and window["end"]:
        first, last = (date.fromisoformat(window[name]).year for name in ("start", "end"))
        for one, form in library.forms():
            if one.kind == "year":
                for year in range(max(first, form.first_year), last + 1):
                    yield (form.name, library.levels[form.name], year, True)


def load(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[object]],
) -> None:
    """Makes a small table of ``rows``."""
    declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({declared})")
    if rows:
        marks = ", ".join("?" for _ in columns)
        connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)


def _criteria(connection: duckdb.DuckDBPyConnection, own: list[str]) -> Iterator[Found]:
    found = connection.execute(
        """
        WITH held AS (
            SELECT definition, subject_id, criteria FROM temp.disease_year
            UNION ALL
            SELECT definition, subject_id, criteria FROM temp.disease_stay
        ),
        by_case AS (
            SELECT place.definition, place.place, count(DISTINCT held.subject_id) AS cases,
                count(DISTINCT CASE WHEN held.criteria = place.criterion_bit THEN held.subject_id END)
                    AS alone
            FROM disease_place AS place
            JOIN held ON held.definition = place.definition
                AND (held.criteria & place.criterion_bit) <> 0
            GROUP BY ALL
        ),
        met AS (
            SELECT definition, criterion_bit, count(DISTINCT subject_id) AS subjects
            FROM disease_met GROUP BY ALL
        )
        SELECT place.definition, place.criterion, coalesce(met.subjects, 0), coalesce(cases, 0),
            coalesce(alone, 0)
        FROM disease_place AS place
        LEFT JOIN met USING (definition, criterion_bit)
        LEFT JOIN by_case USING (definition, place)
        WHERE place.definition IN (SELECT unnest(?)) AND place.criterion NOT LIKE '%.%'
        ORDER BY place.definition, place.place
        """,
        [own],
    ).fetchall()
    yield from (Found(*row) for row in found)


def _states(
    connection: duckdb.DuckDBPyConnection, own: list[str]
) -> Iterator[tuple[str, int, str, int]]:
    yield from connection.execute(
        """
        SELECT definition, year, state, count(*) FROM temp.disease_year
        WHERE definition IN (SELECT unnest(?)) GROUP BY ALL
        UNION ALL
        SELECT definition, 0, state, count(*) FROM temp.disease_stay
        WHERE definition IN (SELECT unnest(?)) GROUP BY ALL
        ORDER BY ALL
        """,
        [own, own],
    ).fetchall()
