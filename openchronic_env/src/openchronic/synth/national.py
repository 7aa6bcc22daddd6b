"""Loads the diseases of the national cartography, for the models that assign them to persons."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import duckdb

from openchronic.diseases import Definition, load_library
from openchronic.diseases.expression import terms
from openchronic.synth.inserting import insert

SEXES = {"": 0, "M": 1, "F": 2}
# Each place of a diagnosis in a stay of acute care, with the role that a definition must name.
PLACES = {"main": "DP", "related": "DR", "unit": "DP_UM"}


def load_national(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes `national_disease` and `national_rule`: the rules that are applied to synthetic patients.

    Those are the criteria that make a case alone, by an ALD or a diagnosis: a definition that has none of them is
    not told by the synthetic cartography. Some do so unless another criterion, which ``spoils`` them, is met.
    """
    connection.execute(
        "CREATE TABLE national_disease (disease VARCHAR, sex INTEGER, tops VARCHAR[]);"
        "CREATE TABLE national_rule (disease VARCHAR, kind VARCHAR, prefix VARCHAR, years INTEGER, "
        "conditional BOOLEAN, spoils BOOLEAN)"
    )
    diseases: list[tuple[str, int, list[str]]] = []
    rules: list[tuple[str, str, str, int, bool, bool]] = []
    for one in load_library().definitions:
        found = set(_rules(one))
        if one.tops and found:
            diseases.append((one.name, SEXES[one.sex], list(one.tops)))
            rules += [(one.name, *rule) for rule in sorted(found)]
    insert(connection, "national_disease", diseases)
    insert(connection, "national_rule", rules)


def _rules(one: Definition) -> Iterator[tuple[str, str, int, bool, bool]]:
    ways = [way for _, node in one.forms[0].states for way in terms(node) if len(way.must) == 1]
    alone = {name: way.must_not for way in ways for name in way.must}
    for name, unless in alone.items():
        own = frozenset(part.name for part in one.criteria) & unless
        yield from ((*place, bool(own), False) for place in _places(one, {name}))
        yield from ((*place, False, True) for place in _places(one, own))


def _places(one: Definition, names: Collection[str]) -> Iterator[tuple[str, str, int]]:
    for part in one.criteria:
        if part.name not in names:
            continue
        kinds: list[str] = []
        if part.find == "ald" and part.date == "open":
            kinds = ["ald"]
        elif part.find == "diagnosis" and part.settings == ("mco",):
            kinds = [kind for kind, role in PLACES.items() if role in part.roles and not part.pair]
        for kind in kinds:
            for _, prefixes in one.codes[part.codes].codes:
                yield from ((kind, prefix, -part.years[0]) for prefix in prefixes)
