"""Visits to the emergency units of private clinics, which only claims record."""

from __future__ import annotations

from pathlib import Path

from tests.openchronic.build.claim_lines import DOCTOR, delivery, of_claims, removed
from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.front_door import built
from tests.openchronic.small_delivery import ALICE, claim, facility, outpatients, write

# ATU; FCP, an emergency in any year by its label; the fees of emergency physicians. ANP is no
# emergency.
SERVICES = """
    n | nature | day        | ETE_IND_TAA | flags
    1 | 2238   | 05/04/2020 | 2           | emergency
    5 | 2216   | 05/04/2021 | 2           | emergency
    2 | 2216   | 05/04/2022 | 2           | emergency
    3 | 1098   | 06/04/2022 | 2           | emergency
    4 | 1099   | 07/04/2022 | .           | emergency
    6 | 2235   | 08/04/2022 | 2           | .
    7 | 1111   | 09/04/2022 | 2           | visit
    8 | 2238   | 09/04/2021 | 1           | .
"""


def test_what_clinics_bill_for_an_emergency_is_a_visit_that_says_so(tmp_path: Path) -> None:
    table = drawn(SERVICES)
    flux = "01/06/2022"
    claims = [
        claim(int(row["n"]), ALICE, row["day"], flux=flux) | DOCTOR | {"PRS_NAT_REF": row["nature"]}
        for row in table
    ]
    places = [
        facility(int(row["n"]), flux=flux, ETE_IND_TAA=row["ETE_IND_TAA"])
        for row in table
        if row["ETE_IND_TAA"]
    ]
    files = delivery(claims, [], places) | outpatients("21")
    release = built(write(tmp_path / "snds", files), tmp_path / "releases")
    found = of_claims(release, "event_type, code, strftime(start_date, '%d/%m/%Y'), flags")
    assert found == [
        ("visit", row["nature"], row["day"], {"emergency": "emergency"}.get(row["flags"]))
        for row in table
        if row["flags"]
    ]
    # The files of a public hospital hold its own emergencies.
    assert removed(release)["service.already_in_pmsi"] == 1
