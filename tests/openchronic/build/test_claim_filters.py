"""Lines of claims that make no event: each is removed by the filter that gives the reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.openchronic.build.claim_lines import (
    DOCTOR,
    LINES,
    STEPS,
    delivery,
    line,
    of_claims,
    removed,
)
from tests.openchronic.front_door import build
from tests.openchronic.small_delivery import ALICE, Row, claim, facility, outpatients, person, write

DEFECTS: dict[str, Row] = {
    "fictive_number": {"BEN_NIR_PSA": "F" * 17},
    "unknown_beneficiary": {"BEN_NIR_PSA": "Q" * 17},
    "without_date": {"EXE_SOI_DTD": "01/01/1600"},
    "sent_for_information": {"PRS_DPN_QLP": "71"},
    "already_in_pmsi": {},
    "only_surcharge": {"CPL_MAJ_TOP": "2"},
    "only_copayment": {"CPL_AFF_COD": "16"},
    "qualifier_72": {"DPN_QLF": "72"},
    "during_clinic_stay": {},
    "of_which_nothing_is_known": {
        "DPN_QLF": "",
        "PRS_DPN_QLP": "",
        "CPL_MAJ_TOP": "",
        "CPL_AFF_COD": "",
    },
}
BY_SWITCH = ("qualifier_72", "during_clinic_stay")


def defective() -> dict[str, list[Row]]:
    """Returns a claim for each defect, each a visit with a line of every detail table; and orphans."""
    numbers = dict(enumerate(DEFECTS, start=1))
    claims = [
        {**claim(n, ALICE, f"{n:02}/03/2021") | DOCTOR, **DEFECTS[name]}
        for n, name in numbers.items()
    ]
    details = [line(table, n) for n in (*numbers, 99) for table in LINES]
    places = [
        facility(n, ETE_IND_TAA="1" if name == "already_in_pmsi" else "2", ETE_MCO_DDP="M")
        for n, name in numbers.items()
        if name in ("already_in_pmsi", "during_clinic_stay")
    ]
    people: list[Row] = [person(ALICE), person("F" * 17, BEN_CDI_NIR="05")]
    files = {**delivery(list(claims), details, list(places)), "IR_BEN_R.CSV": people}
    return files | outpatients()


@pytest.mark.parametrize("switched", [(), BY_SWITCH], ids=["as they are", "with more"])
def test_a_line_that_does_not_count_is_removed_by_the_filter_that_says_why(
    tmp_path: Path, switched: tuple[str, ...]
) -> None:
    steps = ("service", *STEPS.values())
    options = [word for rule in switched for word in ("--with-filter", rule)]
    told = build(write(tmp_path / "snds", defective()), tmp_path / "releases", *options)
    assert told.status == 0, told.text
    release = (tmp_path / "releases/snds/current").resolve()
    removes = [name for name in list(DEFECTS)[:-1] if name not in BY_SWITCH or name in switched]
    expected = {f"{step}.{name}": 1 for step in steps for name in removes}
    expected |= {f"{step}.orphan": 1 for step in STEPS.values()}
    assert {
        name: n for name, n in removed(release).items() if not name.startswith(("cost.", "ace."))
    } == expected
    left = Counter(of_claims(release, "event_type"))
    assert set(left.values()) == {len(DEFECTS) - len(removes)}
    assert len(left) == len(steps)
