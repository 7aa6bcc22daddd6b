"""Definitions and criteria as rows of the release: what was applied, with its status, in words."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.diseases.definition import ANY_AGE, Definition, Form
from openchronic.diseases.french import sentence
from openchronic.diseases.library import Library
from openchronic.models.diseases.rows import Row, bits_of

DEFINITION = {
    "definition": "STRING",
    "version": "INT",
    "label": "STRING",
    "kind": "STRING",
    "status": "STRING",
    "source": "STRING",
    "states": "STRING",
    "first_year": "INT",
    "sex": "STRING",
    "min_age": "INT",
    "max_age": "INT",
    "washout_days": "INT",
    "tops": "STRING",
    "lacks": "STRING",
    "is_local": "BOOLEAN",
}
CRITERION = {
    "definition": "STRING",
    "version": "INT",
    "criterion": "STRING",
    "place": "INT",
    "criterion_bit": "BIGINT",
    "find": "STRING",
    "code_list": "STRING",
    "codes": "STRING",
    "status": "STRING",
    "rule": "STRING",
}


def told_definitions(library: Library) -> Iterator[Row]:
    """Yields one row per definition and variant."""
    for one, form in library.forms():
        ages = (None, None) if one.ages == ANY_AGE else one.ages
        yield (
            form.name,
            one.version,
            one.fr,
            one.kind,
            one.status,
            one.source,
            _states(one, form),
            form.first_year,
            one.sex or None,
            *ages,
            one.washout_days,
            " ".join(form.tops) or None,
            one.lacks or None,
            one.is_local,
        )


def told_criteria(library: Library) -> Iterator[Row]:
    """Yields one row per criterion of a definition, in the order of its file."""
    for one in library.definitions:
        bits = bits_of(one, one.forms[0])
        for place, part in enumerate(one.criteria):
            codes = one.codes[part.codes]
            yield (
                one.name,
                one.version,
                part.name,
                place,
                bits[part.name],
                part.find,
                part.codes,
                "; ".join(f"{name}: {' '.join(some)}" for name, some in codes.codes)
                + (f"; not: {' '.join(codes.without)}" if codes.without else ""),
                codes.status,
                sentence(one, part),
            )


def _states(one: Definition, form: Form) -> str:
    variant = form.name.partition(".")[2]
    before = f"{variant}." if variant else ""
    return "; ".join(f"{state}: {one.expressions[before + state]}" for state, _ in form.states)
