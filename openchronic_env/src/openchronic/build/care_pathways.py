"""The pathways that a release has: their rows for the graph, and what its manifest says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from openchronic.pathway.release_pathways import ReleasePathway, load_pathways
from openchronic.pathway.treatments import Treatments

Rows = Iterator[Sequence[object]]


def _pathways() -> Rows:
    for one in load_pathways().values():
        yield (one.name, one.version, one.definition, one.follow_days)


def _settings() -> Rows:
    for one in load_pathways().values():
        yield from one.parameters.rows()


def _treatments() -> Rows:
    for one in load_pathways().values():
        # In the order of their names, as those of a session.
        for place, part in enumerate(sorted(one.treatments, key=lambda part: part.name)):
            days = (part.days, part.days_large, part.days_hospital)
            yield (one.name, part.name, 1 << place, place + 1, "pack", part.per, *days)


def _groups() -> Rows:
    for one in load_pathways().values():
        classes = {part.name: part.class_name for part in one.treatments if part.class_name}
        names = sorted(part.name for part in one.treatments)
        for row in Treatments(names, classes).groups():
            yield (one.name, *row)


def _prefixes() -> Rows:
    for one in load_pathways().values():
        for part in one.treatments:
            for vocabulary, codes in part.codes:
                for code in codes:
                    yield (one.name, part.name, vocabulary, code, False)
            for code in part.without:
                yield (one.name, part.name, "ATC", code, True)


ROWS: dict[str, Callable[[], Iterable[Sequence[object]]]] = {
    "care_pathway": _pathways,
    "setting": _settings,
    "treatment": _treatments,
    "treatment_group": _groups,
    "treatment_prefix": _prefixes,
}


def told() -> list[dict[str, object]]:
    """Returns what the manifest says of the pathways: which, of whom, by which codes and parameters."""
    return [_told(one) for one in load_pathways().values()]


def _told(one: ReleasePathway) -> dict[str, object]:
    (setting,) = one.parameters.sets
    return {
        "name": one.name,
        "fr": one.fr,
        "version": one.version,
        "status": one.status,
        "source": one.source,
        "definition": one.definition,
        "follow_days": one.follow_days,
        "meaning": one.meaning,
        "parameters": {name: value for name, value in setting.items() if name != "pathway"},
        "classes": dict(one.classes),
        "treatments": [
            {
                "name": part.name,
                "fr": part.fr,
                "status": part.status,
                "class": part.class_name,
                "codes": {vocabulary: list(codes) for vocabulary, codes in part.codes},
                "not": list(part.without),
                "per": part.per,
                "days": part.days,
                "days_large": part.days_large,
                "days_hospital": part.days_hospital,
            }
            for part in one.treatments
        ],
    }
