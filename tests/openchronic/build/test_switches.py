"""Every listed filter can be switched, and its lines are then in the release or not.

One delivery holds a line for each filter, which no earlier filter that is on removes; it is built with the
defaults, with no filter, and with those that are off by default.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from openchronic.models.filters.filter import Filter, load_filters
from tests.openchronic.build.other_products import FILES, GOOD, NUMBERED
from tests.openchronic.front_door import built, openchronic
from tests.openchronic.made_once import made_once
from tests.openchronic.small_delivery import (
    METFORMIN,
    Row,
    chaining,
    claim,
    facility,
    illness,
    key,
    pack,
    person,
    stay,
    write,
)

SWITCHED = [one for one in load_filters() if not one.always]
FLUX = "01/04/2021"
DETAILS: Mapping[str, tuple[str, Row]] = {
    "drug": ("ER_PHA_F", {}),
    "procedure": ("ER_CAM_F", {"CAM_ORD_NUM": "1", "CAM_PRS_IDE": "DEQP003", "CAM_ACT_COD": "1"}),
    "biology": ("ER_BIO_F", {"BIO_ORD_NUM": "1", "BIO_PRS_IDE": "1577", "BIO_ACT_QSN": "1"}),
    "device": ("ER_TIP_F", {"TIP_ORD_NUM": "1", "TIP_PRS_IDE": "1130220", "TIP_ACT_QSN": "1"}),
    "hospital_drug": (
        "ER_UCD_F",
        {"UCD_ORD_NUM": "1", "UCD_UCD_COD": "0000009260765", "UCD_DLV_NBR": "1"},
    ),
    "service": ("", {}),
}
# The values of a claim that the rule removes.
CLAIMS: Mapping[str, Row] = {
    "sent_for_information": {"DPN_QLF": "71"},
    "qualifier_72": {"DPN_QLF": "72"},
    "already_in_pmsi": {},
    "during_clinic_stay": {},
    "only_surcharge": {"CPL_MAJ_TOP": "2"},
    "only_copayment": {"CPL_AFF_COD": "16"},
    "only_complement": {"BSE_PRS_NAT": "0"},
    "retrocession": {"PRS_NAT_REF": "3317"},
}
FACILITIES: Mapping[str, Row] = {
    "already_in_pmsi": {"ETE_IND_TAA": "1", "ETE_MCO_DDP": "Z"},
    "during_clinic_stay": {"ETE_IND_TAA": "2", "ETE_MCO_DDP": "M"},
}
AP_HP, A_SITE_OF_IT = "750712184", "750100042"
STAYS: Mapping[str, Row] = {
    "error_ghm": {"GRG_GHM": "90Z00Z"},
    "inter_facility": {"SEJ_TYP": "B"},
    "inter_facility_modes": {"ENT_MOD": "0", "SOR_MOD": "0"},
    "inter_facility_type": {"SEJ_TYP": "B", "GRG_GHM": "28Z04Z"},
    "generated_otherwise": {"TYP_GEN_RSA": "1"},
    "session": {"GRG_GHM": "28Z04Z"},
    "abortion": {"GRG_GHM": "14Z08Z"},
    "not_reimbursed": {"GHS_NUM": "9999"},
}
# Sites were sent again up to 2017.
TWICE = ("finess_sent_again", "finess_sent_again_short")
DATES_2017 = {"EXE_SOI_DTD": "02MAR2017:00:00:00", "EXE_SOI_DTF": "05MAR2017:00:00:00"}
RECORDS: Mapping[str, Row] = {
    "error_gme": {"GRG_GME": "9001A0"},
    "generated_otherwise": {"TYP_GEN_RHA": "1"},
    "error_ght": {"GHT_NUM": "99"},
    "error_ghpc": {"PAP_GRP_GHPC": "9901"},
}
CHECKED: Mapping[str, Row] = {
    "return_code_error": {"NIR_RET": "1"},
    "return_code_error_five": {"NIR_RET": "1"},
}


class Delivery:
    """Rows by file, and persons who have one line each."""

    def __init__(self) -> None:
        self.files: defaultdict[str, list[Row]] = defaultdict(list)
        self.n = 0

    def add(self, table: str, row: Row) -> None:
        place = {"E": "DCIR", "T": "PMSI"}.get(table[0], "REF")
        self.files[f"{place}/{table}.CSV"].append(row)

    def somebody(self, rule: str) -> str:
        """Returns a new person, or two who share a number, or a fictive one."""
        self.n += 1
        psa = f"P{self.n:016}"
        fictive = {"BEN_CDI_NIR": "01"} if rule == "fictive_number" else {}
        for rank in (1, 2) if rule == "of_twins" else (1,):
            own = f"{rank}N{self.n:015}"
            number = {"BEN_NIR_ANO": own, "BEN_IDT_TOP": "1"}
            self.add("IR_BEN_R", {**person(psa, rank, identity=own), **number, **fictive})
        return psa

    def line(self, one: Filter) -> None:
        """Adds a line that ``one`` removes."""
        rule = one.rule
        psa = self.somebody(rule)
        if one.step in DETAILS or one.step == "cost":
            self.claimed(one.step, psa, rule)
        elif one.step == "stay":
            site = A_SITE_OF_IT if rule in TWICE else ""
            self.stay(psa, STAYS.get(rule, {}), CHECKED.get(rule, {}), site=site)
            if rule == "key_conflict":
                number = f"{self.n:010}"
                self.add("T_MCO21C", chaining(number, self.somebody("")))
            if rule == "not_valued":
                self.valued({"VALO": "0", "MNT_TOT_AM": "0"})
        elif one.step in FILES:
            site = A_SITE_OF_IT if rule in TWICE else ""
            said = {**RECORDS.get(rule, {}), **CHECKED.get(rule, {})}
            self.record(one.step, psa, said, site=site)
            if site:  # the same stay under the juridical number, without which it is no repetition
                self.record(one.step, psa, said, site=AP_HP)
            if rule == "key_conflict":
                self.record(one.step, self.somebody(""), said, number=self.n - 1)
        elif one.step == "ald":
            end = "01/01/2000" if rule == "end_before_start" else "31/12/2025"
            nature = "11" if rule == "not_an_ald" else "41"
            self.add("IR_IMB_R", illness(psa, "15/02/2020", end, "E11", IMB_ETM_NAT=nature))
        else:
            assert rule == "in_claims"
            self.stay(psa, {}, {})
            self.valued({"VALO": "1", "MNT_TOT_AM": "10", "FLAG_FIDES": "1"})

    def valued(self, said: Row) -> None:
        number = f"{self.n:010}"
        self.add("T_MCO21VALO", {"ETA_NUM": "350000022", "RSA_NUM": number, **said})

    def claimed(self, step: str, psa: str, rule: str) -> None:
        nature = {"PRS_NAT_REF": "1111"} if step == "service" else {}
        bare = claim(self.n, psa, "10/03/2021", flux=FLUX)
        self.add("ER_PRS_F_2021", {**bare, "BSE_PRS_NAT": "1111", **nature, **CLAIMS.get(rule, {})})
        if rule in FACILITIES:
            self.add("ER_ETE_F_2021", {**facility(self.n, flux=FLUX), **FACILITIES[rule]})
        table, said = DETAILS.get(step, ("", {}))
        if step == "drug":
            self.add("ER_PHA_F_2021", pack(self.n, METFORMIN, flux=FLUX))
        elif table:
            self.add(f"{table}_2021", {**key(self.n, FLUX), **said})

    def stay(self, psa: str, said: Row, checked: Row, *, site: str = "") -> None:
        number = f"{self.n:010}"
        if site:
            dates = {"SOR_ANN": "2017", "SOR_MOI": "3"}
            self.add("T_MCO17B", {**stay(number, facility=site), **dates, **said})
            self.add("T_MCO17C", {**chaining(number, psa, facility=site), **DATES_2017, **checked})
        else:
            self.add("T_MCO21B", {**stay(number), **said})
            self.add("T_MCO21C", {**chaining(number, psa), **checked})

    def record(self, step: str, psa: str, said: Row, *, site: str = "", number: int = 0) -> None:
        """Adds a record and its chaining line. ``number``: that of another record, which then has another person."""
        row = {**GOOD, NUMBERED[step]: f"{number or self.n:05}", "NIR_ANO_17": psa, **said}
        if site:
            row |= {"ETA_NUM": site, "ETA_NUM_EPMSI": site, **DATES_2017}
        for name in FILES[step]:
            if not number or name.endswith(("C", "STC")):
                self.add(name.replace("21", "17") if site else name, row)


def everything() -> Delivery:
    delivery = Delivery()
    for one in SWITCHED:
        delivery.line(one)
    # The juridical number, without which a site of it repeats nothing.
    delivery.stay(delivery.somebody(""), {}, {}, site=AP_HP)
    # Outpatients in hospital files, without which claims for them are kept.
    delivery.record("ace", delivery.somebody(""), {})
    visit = {"ETA_NUM": "350000022", "SEQ_NUM": f"{delivery.n:05}"}
    for letter, code in (
        ("B", {"ACT_COD": "C"}),
        ("C", {"ACT_COD": "CS"}),
        ("M", {"CCAM_COD": "DEQP003"}),
        ("L", {"NABM_COD": "1577"}),
    ):
        delivery.add(f"T_MCO21F{letter}STC", {**visit, **code})
    return delivery


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The manifests of the builds with the defaults, with no filter, and with the others."""
    on, off = ([one.name for one in SWITCHED if one.on is want] for want in (True, False))
    without = [word for name in on for word in ("--without-filter", name)]
    others = [*without, *(word for name in off for word in ("--with-filter", name))]

    def make(folder: Path) -> None:
        source = write(folder / "delivery", everything().files)
        for name, options in (("defaults", []), ("none", without), ("others", others)):
            built(source, folder / name, *options, "--buckets", 1)

    made = made_once(tmp_path_factory, "switched", make)
    return {
        name: json.loads((made / name / "snds" / "current" / "manifest.json").read_text())
        for name in ("defaults", "none", "others")
    }


def removed(manifest: Mapping[str, Any]) -> dict[str, int]:
    return {one["name"]: one["removed"] for one in manifest["filters"]}


@pytest.mark.parametrize("one", SWITCHED, ids=lambda one: one.name)
def test_a_filter_takes_its_lines_when_it_is_on_and_none_when_it_is_off(
    told: dict[str, dict[str, Any]], one: Filter
) -> None:
    takes, leaves = ("defaults", "others") if one.on else ("others", "defaults")
    assert removed(told[takes])[one.name] > 0
    assert removed(told[leaves])[one.name] == 0
    assert removed(told["none"])[one.name] == 0


def test_without_filters_every_line_is_in_the_release(told: dict[str, dict[str, Any]]) -> None:
    reconciliation = told["none"]["reconciliation"]
    assert len(reconciliation) > 20
    for one in reconciliation:
        if not one["role"] and one["table"] != "T_HADaaGRP":
            # Of two lines of one key one is read, whatever the filters.
            unread = one["filtered"].pop("key_conflict", 0)
            assert one["filtered"] == {}, one
            assert one["kept"] + unread == one["rows"], one


def test_a_condition_that_is_no_choice_is_told_apart_and_cannot_be_switched_off() -> None:
    answer = openchronic("filters", "--json")
    listed = json.loads(answer.out)
    assert {one["name"] for one in listed["filters"]} == {one.name for one in SWITCHED}
    always = {one["name"]: one["always"] for one in listed["always"]}
    assert "stay.unknown_beneficiary" in always
    for name in ("stay.unknown_beneficiary", "drug.without_date", "drug.orphan"):
        refusal = openchronic("build", "x", "y", "--without-filter", name)
        assert refusal.status == 2
        assert f"{name} cannot be switched off: {always[name]}" in refusal.err
