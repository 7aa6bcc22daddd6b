"""Costs of stays of public hospitals: one row per component, to the cent, none doubled."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.openchronic.build.test_hospital_events import fates, four_stays, lines, stays
from tests.openchronic.front_door import build, built, everything, rows
from tests.openchronic.small_delivery import ALICE, Files, chaining, plain, stay, write

VALUED = "PMSI/T_MCO21VALO.CSV"
TOTAL = {"MNT_TOT_AM": "1234.56"}
COSTS = (
    "SELECT service_code, billed, reimbursed, care_setting, CAST(start_date AS VARCHAR), "
    "CAST(known_date AS VARCHAR) FROM cost WHERE source_table = 'T_MCOaaVALO' ORDER BY ALL"
)
SUMS = "SELECT sum(reimbursed), count(*) FROM cost WHERE source_table = 'T_MCOaaVALO'"


def test_the_components_of_a_stay_add_up_to_its_total(tmp_path: Path) -> None:
    valued = lines("""
        MNT_GHS_AM | MNT_MON | MNT_DMI | MNT_RAC | MNT_FJ2 | MNT_TOT_AM
        1000.10    | 200.00  | .       | 50.00   | 18.00   | 1234.56
    """)
    release = stays(tmp_path, {VALUED: valued})
    when = ("mco", "2021-03-02", "2022-07-01")
    assert rows(release, COSTS) == [
        ("GHS", Decimal("1000.10"), Decimal("1000.10"), *when),
        ("MON", Decimal(200), Decimal(200), *when),
        ("OTHER", Decimal("34.46"), Decimal("34.46"), *when),
    ]
    assert rows(release, SUMS) == [(Decimal("1234.56"), 3)]
    # The claims are unchanged.
    claims = "SELECT service_code, billed FROM cost WHERE source_table = 'ER_PRS_F'"
    assert rows(release, claims) == [("3303", Decimal("10.50"))]
    assert fates(release, "T_MCOaaVALO") == {"kept": 1}


def test_a_stay_takes_its_cost_along(tmp_path: Path) -> None:
    files = four_stays(VALUED, TOTAL)
    release = stays(tmp_path / "one", files)
    assert rows(release, SUMS) == [(Decimal("1234.56"), 1)]
    told = {"kept": 1, "stay.error_ghm": 1, "stay.invalid_patient_number": 1, "orphans": 1}
    assert fates(release, "T_MCOaaVALO") == told
    turned: Files = {name: list(reversed(one)) for name, one in files.items()}
    assert everything(release) == everything(stays(tmp_path / "other", turned))


def test_a_stay_valued_twice_costs_once(tmp_path: Path) -> None:
    release = stays(tmp_path, {VALUED: [lines("n\n1")[0] | TOTAL] * 2})
    assert rows(release, SUMS) == [(Decimal("1234.56"), 1)]
    assert fates(release, "T_MCOaaVALO") == {"kept": 1, "duplicates": 1}


def test_amounts_of_a_year_without_stays_are_orphans(tmp_path: Path) -> None:
    release = stays(tmp_path, {"PMSI/T_MCO19VALO.CSV": [lines("n\n1")[0] | TOTAL]})
    assert rows(release, COSTS) == []
    assert fates(release, "T_MCOaaVALO") == {"orphans": 1}


def test_what_the_claims_hold_already_is_not_there_again(tmp_path: Path) -> None:
    valued = {VALUED: [lines("n\n1")[0] | TOTAL | {"FLAG_FIDES": "1"}]}
    release = stays(tmp_path / "one", valued)
    assert rows(release, COSTS) == []
    assert fates(release, "T_MCOaaVALO") == {"valued.in_claims": 1}
    source = write(tmp_path / "other", {**plain(), **valued})
    switched = ("--without-filter", "valued.in_claims", "--with-filter", "cost.already_in_pmsi")
    assert build(source, tmp_path / "releases", *switched).status == 0
    assert rows((tmp_path / "releases" / "snds" / "current").resolve(), SUMS)[0][1] == 1


def test_costs_lost_on_the_way_stop_the_build(tmp_path: Path) -> None:
    source = write(tmp_path / "delivery", {**plain(), **four_stays(VALUED, TOTAL)})
    # The release has another folder than the one to which the costs of stays were written by
    # bucket.
    lose = (
        "from openchronic.engines.duck import Duck\n"
        "dealt = Duck.files_of_buckets\n"
        "Duck.files_of_buckets = lambda self, folder, buckets: (\n"
        "    [] if folder.name == 'hospital_cost' else dealt(self, folder, buckets)\n"
        ")"
    )
    told = build(source, tmp_path / "releases", before=lose)
    assert told.status == 1, told.text
    assert "cost adds up to what T_MCOaaVALO says of the kept stays" in told.err


def test_stays_valued_zero_are_left_out_only_on_demand(tmp_path: Path) -> None:
    """Stays without a valuation are kept: a clinic has none."""
    numbers = [f"000000000{n}" for n in (1, 2, 3)]
    own = {"ETA_NUM": "350000022"}
    files: Files = {
        **plain(),
        "PMSI/T_MCO21B.CSV": [stay(number) for number in numbers],
        "PMSI/T_MCO21C.CSV": [chaining(number, ALICE) for number in numbers],
        VALUED: [
            own | {"RSA_NUM": numbers[0], "VALO": "0", "MNT_TOT_AM": "0.00"},
            own | {"RSA_NUM": numbers[1], "VALO": "1", "MNT_TOT_AM": "10.00"},
        ],
    }
    source = write(tmp_path / "delivery", files)
    asked = "SELECT count(*) FROM stay"
    assert rows(built(source, tmp_path / "all"), asked) == [(3,)]
    chosen = built(source, tmp_path / "chosen", "--with-filter", "stay.not_valued")
    assert rows(chosen, asked) == [(2,)]
    assert fates(chosen, "T_MCOaaB") == {"kept": 2, "stay.not_valued": 1}
    assert fates(chosen, "T_MCOaaVALO") == {"kept": 1, "stay.not_valued": 1}
