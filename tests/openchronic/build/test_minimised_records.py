"""Records of hospitals and certificates without the numbers of their parts: a value of one part holds for all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.openchronic.build.other_products import FILES, GOOD, NUMBERED
from tests.openchronic.front_door import built, rows
from tests.openchronic.ingest.extraction import without
from tests.openchronic.made_once import made_once
from tests.openchronic.small_delivery import ALICE, Row, plain, write

EVENTS = (
    "SELECT care_setting, event_type, code, code_role, sum(n_source_rows) FROM event "
    "WHERE care_setting IN ('had', 'ssr', 'psy') AND event_type IN ('diagnosis', 'procedure') "
    "GROUP BY ALL ORDER BY ALL"
)


def parts(step: str, rank: str) -> dict[str, list[Row]]:
    """Returns a stay of two parts (sub-sequences, weeks, sequences), each with its own main diagnosis."""
    files: dict[str, list[Row]] = {}
    for name in FILES[step]:
        common = {**GOOD, NUMBERED[step]: "00001", "NIR_ANO_17": ALICE}
        mains = ({"DGN_PAL": "I500", "FP_PEC": "I500"}, {"DGN_PAL": "J440", "FP_PEC": "J440"})
        both: list[Row] = [
            {**common, rank: str(n), **main} for n, main in enumerate(mains, start=1)
        ]
        files[f"PMSI/{name}.CSV"] = both[:1] if name.endswith("C") else both
    return files


HAD: Mapping[str, list[Row]] = {
    **parts("had", "SSEQ_NUM"),
    "PMSI/T_HAD21D.CSV": [
        {**GOOD, "RHAD_NUM": "00001", "SSEQ_NUM": n, "DGN_ASS": code}
        for n, code in (("1", "E119"), ("2", "I10"))
    ],
    "PMSI/T_HAD21A.CSV": [
        {**GOOD, "RHAD_NUM": "00001", "SSEQ_NUM": "1", "CCAM_COD": "DEQP003", "REAL_NBR": "1"}
    ],
}
SSR: Mapping[str, list[Row]] = {
    **parts("ssr", "RHS_NUM"),
    "PMSI/T_SSR21D.CSV": [
        {**GOOD, "RHA_NUM": "00001", "RHS_NUM": n, "DGN_COD": code}
        for n, code in (("1", "E119"), ("2", "I10"))
    ],
}
RIP: Mapping[str, list[Row]] = {
    **parts("rip", "SEQ_SEQ_NUM"),
    "PMSI/T_RIP21RSAD.CSV": [
        {**GOOD, "RIP_NUM": "00001", "SEQ_SEQ_NUM": n, "ASS_DGN": code}
        for n, code in (("1", "F171"), ("2", "F200"))
    ],
}


RANKS = {"HAD": ("SEQ_NUM", "SSEQ_NUM"), "SSR": ("RHS_NUM",), "RIP": ("SEQ_SEQ_NUM",)}
RECORDS = ("T_HAD21B", "T_SSR21B", "T_RIP21RSA")
DETAILS = ("T_HAD21GRP", "T_HAD21D", "T_HAD21A", "T_SSR21D", "T_RIP21RSAD")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of all of them, with every number."""

    def make(folder: Path) -> None:
        built(write(folder / "delivery", {**plain(), **HAD, **SSR, **RIP}), folder / "releases")

    made = made_once(tmp_path_factory, "with-numbers-of-parts", make)
    return made / "releases" / "snds" / "current"


@pytest.mark.parametrize(
    "bare", [RECORDS + DETAILS, RECORDS, DETAILS], ids=["all", "the records", "the details"]
)
def test_no_part_of_a_stay_is_lost_for_want_of_its_number(
    tmp_path: Path, releases: Path, whole: Path, bare: tuple[str, ...]
) -> None:
    less = write(tmp_path / "less", {**plain(), **HAD, **SSR, **RIP})
    for name in bare:
        without(less / f"PMSI/{name}.CSV", *RANKS[name[2:5]])
    release = built(less, releases)
    found = rows(release, EVENTS)
    assert len(found) > 8
    assert found == rows(whole, EVENTS)
    count = "SELECT care_setting, count(*) FROM stay GROUP BY ALL ORDER BY ALL"
    assert rows(release, count) == rows(whole, count)


CERTIFICATE = {
    "DCD_IDT_ENC": "c" * 64,
    "BEN_IDT_ANO": f"{ALICE}1",
    "BEN_DCD_DTE": "20/03/2021",
    "DCD_CIM_COD": "I500",
}
CAUSE = {
    "DCD_IDT_ENC": "c" * 64,
    "BEN_IDT_ANO": f"{ALICE}1",
    "CER_LIG_NUM": "1",
    "ECD_CAU_RNG": "1",
    "ECD_CIM_COD": "E119",
}


@pytest.mark.parametrize(
    "bare",
    ["KI_CCI_R", "KI_ECD_R", "KI_CCI_R KI_ECD_R"],
)
def test_causes_are_found_by_person_where_certificates_have_no_number(
    delivery: Path, releases: Path, bare: str
) -> None:
    write(delivery, {"KI_CCI_R.CSV": [CERTIFICATE], "KI_ECD_R.CSV": [CAUSE]})
    for name in bare.split():
        without(delivery / f"{name}.CSV", "DCD_IDT_ENC")
    causes = "SELECT code, code_role FROM event WHERE event_type = 'death_cause' ORDER BY code"
    assert rows(built(delivery, releases), causes) == [("E119", "associated"), ("I500", "initial")]
