"""The filters and event types that a synthetic delivery exercises."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from openchronic.models.filters.filter import load_filters
from tests.openchronic.front_door import built, rows
from tests.openchronic.made_once import made_once

# The event types of a release, from its own dictionary (release_columns.csv, event_type).
EVENTS = {
    *("birth", "ald", "stay", "session", "diagnosis", "visit", "procedure", "biology", "drug"),
    *("hospital_drug", "device", "nursing", "physiotherapy", "transport", "hospital_service"),
    *("death", "death_cause"),
}
# Another filter removes the same rows first, while it is on.
STRICTER = {
    *("stay.inter_facility_modes", "stay.inter_facility_type", "stay.finess_sent_again_short"),
    *("ace.finess_sent_again_short", "ssr.finess_sent_again_short"),
    *("ssr.return_code_error_five", "had.return_code_error_five", "had.finess_sent_again_short"),
}
DETAILS = ("drug", "procedure", "biology", "device", "hospital_drug")
# Filters without lines in a synthetic delivery: remove one from here when it has some.
UNPLANTED = {
    *("device.fictive_number", "hospital_drug.fictive_number", "service.only_surcharge"),
    *(f"{step}.sent_for_information" for step in ("drug", "biology", "device", "hospital_drug")),
    *(f"{step}.already_in_pmsi" for step in ("drug", "biology", "device", "hospital_drug")),
    *(f"{step}.{rule}" for step in DETAILS for rule in ("orphan", "without_code")),
    *(
        f"{step}.only_{what}"
        for step in DETAILS
        for what in ("surcharge", "copayment", "complement")
    ),
    *(
        "stay.without_chaining",
        "stay.generated_otherwise",
        "stay.fictive_number",
        "stay.without_date",
    ),
    *("stay.abortion", "ssr.without_chaining", "ssr.finess_sent_again", "ssr.error_gme"),
    *(
        "ssr.generated_otherwise",
        "ssr.invalid_patient_number",
        "ssr.of_twins",
        "ssr.fictive_number",
    ),
    *("ssr.without_date", "had.without_chaining", "had.error_ght", "had.error_ghpc"),
    *("had.finess_sent_again", "stay.not_valued"),
    *("had.of_twins", "had.fictive_number", "had.without_date", "rip.without_chaining"),
    *("rip.of_twins", "rip.fictive_number", "rip.without_date", "ace.return_code_error"),
    *("ace.without_date", "ald.fictive_number", "ald.without_date"),
    *(one.name for one in load_filters() if one.rule == "unknown_beneficiary"),
    *(one.name for one in load_filters() if one.step == "ssr_ace"),
    *(one.name for one in load_filters() if one.rule == "key_conflict"),
    # These have so few lines that some seeds have none.
    *("hospital_drug.without_date", "device.without_date", "rip.return_code_error"),
}


@pytest.fixture(scope="module")
def release(many: Path, many_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of `many` with every filter on; read only."""

    def make(folder: Path) -> None:
        # The store has its files already; without a previous release, none is compared.
        store = Path("snds", ".store")
        shutil.copytree(many_releases / store, folder / "releases" / store)
        off = [one.name for one in load_filters() if not one.on]
        options = [word for name in off for word in ("--with-filter", name)]
        built(many, folder / "releases", *options)

    made = made_once(tmp_path_factory, "filtered", make)
    return (made / "releases" / "snds" / "current").resolve()


def test_every_kind_of_event_is_made_up(release: Path) -> None:
    found = dict(rows(release, "SELECT event_type, count(*) FROM event GROUP BY ALL"))
    # A filter that is on here and off by default leaves sessions out.
    assert set(found) == EVENTS - {"session"}


def test_filters_have_something_to_remove(release: Path) -> None:
    told = json.loads((release / "manifest.json").read_text())["filters"]
    idle = {one["name"] for one in told if not one["removed"]}
    known = {one.name for one in load_filters()}
    assert known >= UNPLANTED | STRICTER
    assert idle - STRICTER <= UNPLANTED


def test_rides_are_told(release: Path) -> None:
    query = "SELECT count(*), count(code_role), count(DISTINCT code) FROM event WHERE event_type = 'transport'"
    ((events, routes, codes),) = rows(release, query)
    assert (events > 1000, routes > 0.9 * events, codes) == (True, True, 4)
