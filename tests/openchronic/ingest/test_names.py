"""A file is recognised by its name: those of real deliveries, and no other table's."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openchronic.catalogue import load_tables
from openchronic.ingest.naming import identify
from tests.openchronic.ingest.conftest import few

REAL = {
    "ER_CAM_f_2008.CSV": ("ER_CAM_F", 2008),
    "ER_ETE_F_2016.csv.gz": ("ER_ETE_F", 2016),
    "er_prs_f.csv": ("ER_PRS_F", None),
    "ER_UCD_F_2021-03.csv": ("ER_UCD_F", 2021),
    "ER_TRS_F_2016.CSV": ("ER_TRS_F", 2016),
    "NS_TRS_F_2016.CSV": ("NS_TRS_F", 2016),
    "ns_prs_f_m01_2016.csv": ("NS_PRS_F", 2016),
    "NS_PRS_F012018.CSV": ("NS_PRS_F", 2018),
    "NS_CAM_F_2017.CSV": ("NS_CAM_F", 2017),
    "NS_UCD_F3_2017.CSV": ("NS_UCD_F", 2017),
    "IR_IBA_R.CSV": ("IR_IBA_R", None),
    "IR_BEN_R_ARC.CSV": ("IR_BEN_R_ARC", None),
    "da_pra_r_200812_F.CSV": ("DA_PRA_R", 2008),
    "da_pra_r_201712_F.CSV": ("DA_PRA_R", 2017),
    "DA_PRA_R.CSV": ("DA_PRA_R", None),
    "ct_ind_g5_2012.CSV": ("CT_IND_AAAA_GN", 2012),
    "CT_IDE_2015_G9.CSV": ("CT_IDE_AAAA_GN", 2015),
    "CT_DEP_2015_G9.parquet": ("CT_DEP_AAAA_GN", 2015),
    "CT_IND_AAAA_GN.csv": ("CT_IND_AAAA_GN", None),
    "KI_CCI_R.CSV": ("KI_CCI_R", None),
    "T_MCO08A.CSV": ("T_MCOaaA", 2008),
    "T_MCO16UM.CSV": ("T_MCOaaUM", 2016),
    "t_mco16cstc.csv": ("T_MCOaaCSTC", 2016),
    "T_MCO16C.CSV": ("T_MCOaaC", 2016),
    "T_MCOaaCSTC.CSV": ("T_MCOaaCSTC", None),
    "YY_T_MCO22C.parquet": ("T_MCOaaC", 2022),
    "YY_T_MCO22FCSTC.parquet": ("T_MCOaaFCSTC", 2022),
    "T_MCO19VALO.CSV": ("T_MCOaaVALO", 2019),
    "T_SSR09B.CSV": ("T_SSRaaB", 2009),
    "T_SSR14CCAM.CSV": ("T_SSRaaCCAM", 2014),
    "T_SSR14C.CSV": ("T_SSRaaC", 2014),
    "T_SSR14CSTC.CSV": ("T_SSRaaCSTC", 2014),
    "T_SMR24CSARR.CSV": ("T_SSRaaCSARR", 2024),
    "T_HAD08B.CSV": ("T_HADaaB", 2008),
    "T_RIP11RSA.CSV": ("T_RIPaaRSA", 2011),
    "T_RIP11R3A.CSV": ("T_RIPaaR3A", 2011),
    # Monthly states.
    "T_MCO20_05B.CSV": ("T_MCOaaB", 2020),
    "t_had20_11grp.csv": ("T_HADaaGRP", 2020),
    "PATIENTS_ETUDE_ENQ_IDT.csv": ("PASSAGE", None),
}
# Tables without an entry, and a month that does not exist.
FOREIGN = [
    *("T_MCO14_13B.CSV", "T_MCO16FASTCX.CSV", "T_MCO16VALOACE.CSV", "T_MCO16FHSTC.CSV"),
    *(
        "T_SSR14CMC.CSV",
        "T_SSR14FASTC.CSV",
        "T_HAD14DMPP.CSV",
        "T_RIP14CCAM.CSV",
    ),
    *("ER_ARO_F_2016.CSV", "IR_ORC_R.CSV", "notes.csv"),
    *("T_MCO16B.docx", "KI_CCI.CSV", "CT_IND.CSV"),
]


@pytest.mark.parametrize("name", REAL)
def test_a_real_name_says_table_and_year(name: str) -> None:
    assert identify(name) == REAL[name]


@pytest.mark.parametrize("name", FOREIGN)
def test_another_name_says_nothing(name: str) -> None:
    assert identify(name) is None


def test_every_pattern_means_its_own_table() -> None:
    for table in load_tables().values():
        for pattern, part in itertools.product(table.patterns, ("", "_part2", "-03")):
            name = pattern.replace("{yyyy}", "2016").replace("{aa}", "16").replace("*", "5")
            written = name.replace(".CSV", f"{part}.CSV")
            for one in (written, written.lower()):
                identified = identify(one)
                assert identified is not None, one
                assert identified[0] == table.name, one
                assert identified[1] == (2016 if "{" in pattern else None), one


@few
@given(
    year=st.integers(2006, 2035),
    part=st.sampled_from(("", "_part2", "-03", ".1", " (2)", "_copie")),
    suffix=st.sampled_from((".CSV", ".csv.gz", ".txt", ".parquet", ".sas7bdat")),
    change=st.sampled_from((str.upper, str.lower, str.title)),
)
def test_a_name_says_its_table_and_year_in_any_case(
    year: int, part: str, suffix: str, change: Callable[[str], str]
) -> None:
    assert identify(change(f"ER_PRS_F_{year}{part}{suffix}")) == ("ER_PRS_F", year)
    assert identify(change(f"T_MCO{year % 100:02}B{part}{suffix}")) == ("T_MCOaaB", year)
    assert identify(change(f"IR_BEN_R{part}{suffix}")) == ("IR_BEN_R", None)


@few
@given(st.text(max_size=40))
def test_any_name_is_known_or_not(name: str) -> None:
    found = identify(name)
    assert found is None or found[0]
