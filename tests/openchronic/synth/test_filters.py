"""Filters and kinds of events that a made-up delivery gives something to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from openchronic.building.filters import load_filters
from tests.openchronic.front_door import built, rows
from tests.openchronic.made_once import made_once

# What a release may hold: those of its own dictionary (release_columns.csv, event_type).
EVENTS = {
    *("birth", "ald", "stay", "session", "diagnosis", "visit", "procedure", "biology", "drug"),
    *("hospital_drug", "device", "nursing", "physiotherapy", "transport", "hospital_service"),
    *("death", "death_cause"),
}
# Another filter takes the same rows before, as long as it is on.
STRICTER = {
    *("inter_facility_modes", "inter_facility_type", "finess_duplicate_short"),
    *("ace_finess_duplicate_short", "ssr_finess_duplicate_short"),
    *("ssr_return_codes_five", "had_return_codes_five", "had_finess_duplicate_short"),
}
DETAILS = ("procedure", "biology", "device", "hospital_drug")
# What no made-up delivery holds yet: take it out of here when it does.
UNPLANTED = {
    *("orphan_detail", "surcharge", "copayment_line", "complement", "drug_without_code"),
    *("for_information", "public_t2a", "biology_for_information", "biology_public_t2a"),
    *("device_for_information", "device_public_t2a", "device_fictive_number"),
    *("hospital_drug_for_information", "hospital_drug_public_t2a"),
    *("hospital_drug_fictive_number", "service_surcharge"),
    *(f"{step}_{what}" for step in DETAILS for what in ("orphan", "surcharge", "copayment")),
    *(f"{step}_{what}" for step in DETAILS for what in ("complement", "without_code")),
    *("stay_without_chaining", "generated_record", "stay_fictive_number", "stay_without_date"),
    *("abortion", "ssr_without_chaining", "ssr_finess_duplicate", "ssr_error_gme"),
    *("ssr_generated_record", "ssr_invalid_number", "ssr_of_twins", "ssr_fictive_number"),
    *("ssr_without_date", "had_without_chaining", "had_error_ght", "had_error_ghpc"),
    *("had_finess_duplicate", "not_valued"),
    *("had_of_twins", "had_fictive_number", "had_without_date", "rip_without_chaining"),
    *("rip_of_twins", "rip_fictive_number", "rip_without_date", "ace_return_codes"),
    *("ace_without_date", "ald_fictive_number", "ald_without_start"),
    *(one.name for one in load_filters() if one.name.endswith("unknown_beneficiary")),
    *(one.name for one in load_filters() if one.step == "ssr_ace"),
    *(one.name for one in load_filters() if one.name.endswith("key_conflict")),
    # So few lines that some seeds have none.
    *("hospital_drug_without_date", "device_without_date", "rip_return_codes"),
}


@pytest.fixture(scope="module")
def release(many: Path, many_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of `many`, with every filter on; read only."""

    def make(folder: Path) -> None:
        # Its files are read already; with no release before it, none is compared.
        store = Path("snds", ".store")
        shutil.copytree(many_releases / store, folder / "releases" / store)
        off = [one.name for one in load_filters() if not one.on]
        options = [word for name in off for word in ("--with-filter", name)]
        built(many, folder / "releases", *options)

    made = made_once(tmp_path_factory, "filtered", make)
    return (made / "releases" / "snds" / "current").resolve()


def test_every_kind_of_event_is_made_up(release: Path) -> None:
    found = dict(rows(release, "SELECT event_type, count(*) FROM event GROUP BY ALL"))
    # Sessions are left out by a filter that is off unless asked for.
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
