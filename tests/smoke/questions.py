"""Counts the events of each type of a release in one query, and finds the types without any."""

from collections.abc import Mapping
from typing import Any

# Runs in the session: it prints the declared types, the counts of the events, and the counts of the manifest.
SCRIPT = """
import openchronic as oc
from openchronic.dictionary import event_types

def events_of(base):
    release = oc.release(base)
    question = "SELECT event_type, count(*) FROM event GROUP BY event_type"
    counted = dict(oc.connect(release).sql(question).fetchall())
    told = dict(release.manifest["events"])
    # A release of before an upgrade may have been built by what did not know a type.
    known = list(release.manifest.get("event_types", told))
    return {"declared": list(event_types()), "known": known, "counted": counted, "told": told}
"""


def silent(found: Mapping[str, Any], *, has_all: bool) -> list[str]:
    """Return a line for each type of event whose count is wrong or zero.

    ``has_all``: the base must have events of every type that its build declared.
    """
    counted, told = found["counted"], found["told"]
    wrong = [
        f"{name}: no event"
        for name in found["declared"]
        if has_all and name in found["known"] and not counted.get(name)
    ]
    wrong += [
        f"{name}: {counted.get(name, 0):,} events, and {number:,} when it was built"
        for name, number in told.items()
        if counted.get(name, 0) != number
    ]
    wrong += [f"{name}: not in the dictionary" for name in counted if name not in found["declared"]]
    return wrong
