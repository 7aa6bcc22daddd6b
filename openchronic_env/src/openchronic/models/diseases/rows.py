"""Writes definitions as rows of the tables that the texts read: no code and no expression is in the SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from openchronic.diseases.definition import ANY_AGE, ROLES, Criterion, Definition, Form
from openchronic.diseases.expression import names, terms
from openchronic.diseases.library import Library

Row = tuple[object, ...]
# Each table's columns, with their SQL types.
TABLES: Mapping[str, Mapping[str, str]] = {
    "disease_form": {
        "definition": "STRING",
        "version": "INT",
        "sex": "STRING",
        "min_age": "INT",
        "max_age": "INT",
        "own_bits": "BIGINT",
        "washout_days": "INT",
    },
    "disease_rule": {
        "definition": "STRING",
        "criterion_bit": "BIGINT",
        "find": "STRING",
        "by_start": "BOOLEAN",
        "by_stay": "BOOLEAN",
        "first_offset": "INT",
        "last_offset": "INT",
        "dates": "INT",
        "dates_large": "INT",
        "quantity": "INT",
        "pairing": "STRING",
        "same": "STRING",
        "min_age": "INT",
        "max_age": "INT",
        "sex": "STRING",
    },
    "disease_role": {
        "definition": "STRING",
        "criterion_bit": "BIGINT",
        "part": "STRING",
        "care_setting": "STRING",
        "code_role": "STRING",
    },
    "disease_prefix": {
        "definition": "STRING",
        "criterion_bit": "BIGINT",
        "part": "STRING",
        "vocabulary": "STRING",
        "stem": "STRING",
        "prefix": "STRING",
    },
    "disease_not": {
        "definition": "STRING",
        "criterion_bit": "BIGINT",
        "part": "STRING",
        "prefix": "STRING",
    },
    "disease_term": {
        "definition": "STRING",
        "state_rank": "INT",
        "state": "STRING",
        "must": "BIGINT",
        "must_not": "BIGINT",
    },
    "disease_place": {
        "definition": "STRING",
        "criterion_bit": "BIGINT",
        "place": "BIGINT",
        "criterion": "STRING",
    },
    "disease_reference": {
        "definition": "STRING",
        "criterion_bit": "BIGINT",
        "level": "INT",
        "needs": "STRING",
        "state": "STRING",
    },
}
STEM = 3


def rows_of(table: str, library: Library) -> Iterator[Row]:
    """Yields the rows of one of TABLES."""
    for definition, form in library.forms():
        used = _used(definition, form)
        yield from MAKERS[table](definition, form, used, library.levels[form.name])


def bits_of(definition: Definition, form: Form) -> dict[str, int]:
    """Returns the bit of each name: criteria in the order of the file, then the states of other definitions."""
    own = [one.name for one in definition.criteria]
    other = [n for _, node in form.states for n in names(node) if "." in n]
    return {name: 1 << place for place, name in enumerate(dict.fromkeys([*own, *other]))}


Used = Mapping[str, int]


def _used(definition: Definition, form: Form) -> Used:
    """Returns the bits of the names that the form's expressions have."""
    bits = bits_of(definition, form)
    meant = {n for _, node in form.states for n in names(node)}
    return {name: bit for name, bit in bits.items() if name in meant}


def _criteria(definition: Definition, used: Used) -> Iterator[tuple[Criterion, int]]:
    return ((one, used[one.name]) for one in definition.criteria if one.name in used)


def _forms(definition: Definition, form: Form, used: Used, _level: int) -> Iterator[Row]:
    own = sum(bit for _, bit in _criteria(definition, used))
    ages = _ages(None if definition.ages == ANY_AGE else definition.ages)
    yield (
        form.name,
        definition.version,
        definition.sex or None,
        *ages,
        own,
        definition.washout_days,
    )


def _rules(definition: Definition, form: Form, used: Used, _level: int) -> Iterator[Row]:
    for one, bit in _criteria(definition, used):
        pairing = None if one.pair is None else "without" if one.pair.absent else "with"
        yield (
            form.name,
            bit,
            one.find,
            one.date == "start",
            definition.kind == "stay",
            *one.years,
            one.dates,
            one.dates_large,
            one.quantity,
            pairing,
            one.pair.same if one.pair else None,
            *_ages(one.ages),
            one.sex or None,
        )


def _roles(definition: Definition, form: Form, used: Used, _level: int) -> Iterator[Row]:
    for one, bit in _criteria(definition, used):
        for part, roles in (("is", one.roles), ("other", one.pair.roles if one.pair else ())):
            for role in ROLES if "*" in roles else roles:
                for setting in one.settings:
                    yield (form.name, bit, part, setting, role)


def _parts(definition: Definition, used: Used) -> Iterator[tuple[int, str, str]]:
    """Yields the lists that each criterion names: its bit, the part that they have in it, the name."""
    for one, bit in _criteria(definition, used):
        yield bit, "is", one.codes
        if one.pair:
            yield bit, "other", one.pair.codes
        if one.only_among:
            yield bit, "among", one.only_among


def _prefixes(definition: Definition, form: Form, used: Used, _level: int) -> Iterator[Row]:
    for bit, part, name in _parts(definition, used):
        for vocabulary, codes in definition.codes[name].codes:
            for code in codes:
                yield (form.name, bit, part, vocabulary, code[:STEM], code)


def _nots(definition: Definition, form: Form, used: Used, _level: int) -> Iterator[Row]:
    for bit, part, name in _parts(definition, used):
        for code in definition.codes[name].without:
            yield (form.name, bit, part, code)


def _terms(_definition: Definition, form: Form, used: Used, _level: int) -> Iterator[Row]:
    for rank, (state, node) in enumerate(form.states):
        for one in terms(node):
            masks = (sum(used[name] for name in some) for some in (one.must, one.must_not))
            yield (form.name, rank, state, *masks)


def _places(_definition: Definition, form: Form, used: Used, _level: int) -> Iterator[Row]:
    for name, bit in used.items():
        yield (form.name, bit, bit.bit_length() - 1, name)


def _references(_definition: Definition, form: Form, used: Used, level: int) -> Iterator[Row]:
    for name, bit in used.items():
        if "." in name:
            needs, state = name.split(".")
            yield (form.name, bit, level, needs, state)


def _ages(ages: Sequence[int] | None) -> Iterable[int | None]:
    return ages or (None, None)


MAKERS = {
    "disease_form": _forms,
    "disease_rule": _rules,
    "disease_role": _roles,
    "disease_prefix": _prefixes,
    "disease_not": _nots,
    "disease_term": _terms,
    "disease_place": _places,
    "disease_reference": _references,
}
