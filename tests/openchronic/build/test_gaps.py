"""Gaps in a delivery are reported: months of a detail table, years of a companion."""

from __future__ import annotations

import json
from pathlib import Path

from tests.openchronic.build.reconciled_lines import records
from tests.openchronic.build.test_claim_details import detail
from tests.openchronic.front_door import built
from tests.openchronic.small_delivery import ALICE, Files, chaining, claim, pack, plain, stay, write


def test_months_and_years_that_a_companion_lacks_are_noted(tmp_path: Path) -> None:
    act = {"ETA_NUM": "350000022", "RSA_NUM": "0000000001", "CDC_ACT": "DEQP003"}
    week, number = {"RHA_NUM": "1"}, "0000000007"
    files: Files = {
        **plain(),
        "DCIR_2021/ER_PRS_F_2021.CSV": [
            claim(1, ALICE, "10/03/2021"),
            claim(2, ALICE, "10/04/2021", flux="01/05/2021"),
        ],
        "DCIR_2021/ER_PHA_F_2021.CSV": [
            pack(1, "3400930000001"),
            pack(2, "3400930000001", flux="01/05/2021"),
        ],
        "ER_BIO_F_2021.CSV": [detail("BIO", 1)],
        "PMSI/T_MCO20B.CSV": [stay(number, SOR_ANN="2020")],
        "PMSI/T_MCO20C.CSV": [chaining(number, ALICE)],
        "PMSI/T_MCO20D.CSV": [{"ETA_NUM": "350000022", "RSA_NUM": number, "ASS_DGN": "E119"}],
        "PMSI/T_MCO21A.CSV": [act],
        # Acts of rehabilitation (CSARR) begin in 2014.
        "PMSI/T_SSR13B.CSV": records("T_SSR21B", week),
        "PMSI/T_SSR13C.CSV": records("T_SSR21C", week),
        "PMSI/T_SSR21B.CSV": records("T_SSR21B", week | {"RHS_NUM": "2"}),
        "PMSI/T_SSR21C.CSV": records("T_SSR21C", week | {"SEJ_RET": "0", "SOR_DAT": "05032021"}),
        "PMSI/T_SSR21CSARR.CSV": records("T_SSR21CSARR", week | {"CSARR_COD": "ALQ+003"}),
    }
    release = built(write(tmp_path / "snds", files), tmp_path / "releases")
    notes = json.loads((release / "manifest.json").read_text())["notes"]
    assert [note for note in notes if "lack" in note or "no line" in note] == [
        "ER_BIO_F has no line in 1 month in which ER_PRS_F has some (2021-05): "
        "no laboratory tests there",
        "T_MCOaaA lacks years that T_MCOaaB has (2020)",
    ]
