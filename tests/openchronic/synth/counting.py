"""Counts planted traps again in the files, in plain Python."""

from collections import Counter, defaultdict
from datetime import date

from tests.openchronic.synth.conftest import Extraction, Row
from tests.openchronic.synth.test_layout import KEY

FICTIVE = {"01", "05", "06", "08", "09", "11", "12", "13", "14", "15"}
NO_DATE = "01/01/1600"
ALD = {"41", "43", "45"}
KEPT = {"750712184", "130786049", "690781810"}
"""Under these the large public hospitals declare what counts."""


def day(text: str) -> date:
    return date(int(text[6:]), int(text[3:5]), int(text[:2]))


def months_late(row: Row) -> int:
    care, flux = day(row["EXE_SOI_DTD"]), day(row["FLX_DIS_DTD"])
    return (flux.year - care.year) * 12 + flux.month - care.month


def homes(extraction: Extraction) -> dict[str, str]:
    """Returns the commune of each person in the last record."""
    rows = sorted(extraction.rows("IR_BEN_R*.CSV"), key=lambda row: day(row["BEN_DTE_MAJ"]))
    return {row["BEN_IDT_ANO"]: row["BEN_RES_COM"] for row in rows}


def count_persons(extraction: Extraction) -> dict[str, int]:
    every = extraction.rows("IR_BEN_R*.CSV")
    rows = list({(row["BEN_NIR_PSA"], row["BEN_RNG_GEM"]): row for row in every}.values())
    ranks: dict[str, set[str]] = defaultdict(set)
    pseudonyms: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        ranks[row["BEN_NIR_PSA"]].add(row["BEN_RNG_GEM"])
        pseudonyms[row["BEN_IDT_ANO"]].add(row["BEN_NIR_PSA"])
    dead = {row["BEN_IDT_ANO"] for row in rows if row["BEN_DCD_DTE"] != NO_DATE}
    return {
        "patients": len(pseudonyms),
        "pseudonyms": len(rows),
        "archived": len(extraction.rows("IR_BEN_R_ARC.CSV")),
        "archived_and_not": len(every) - len(rows),
        "unsaid": sum(row["BEN_NAI_ANN"] == "1600" and row["BEN_SEX_COD"] == "0" for row in rows),
        "students": sum(
            row["ORG_AFF_BEN"][:3] + row["ORG_AFF_BEN"][6:] == "01M617" for row in rows
        ),
        "corsicans": sum(row["BEN_RES_DPT"] in ("201", "202", "209") for row in rows),
        "soldiers": sum(row["BEN_RES_COM"] == "999" for row in rows),
        "twins": sum(len(r) for r in ranks.values() if len(r) > 1),
        "two_pseudonyms": sum(len(p) == 2 for p in pseudonyms.values()),
        "fictive": sum(row["BEN_CDI_NIR"] in FICTIVE for row in rows),
        "provisional": sum(row["BEN_CDI_NIR"] in ("03", "04") for row in rows),
        "without_nir_ano": sum(
            row["BEN_IDT_TOP"] == "0" and row["BEN_CDI_NIR"] not in FICTIVE for row in rows
        ),
        "deaths": len(dead) + extraction.planted["deaths_unknown"],
    }


def count_exemptions(extraction: Extraction) -> dict[str, int]:
    rows = extraction.rows("IR_IMB_R.CSV")
    persons = extraction.persons
    ald = [row for row in rows if row["IMB_ETM_NAT"] in ALD]

    def person(row: Row) -> str:
        return persons[row["BEN_NIR_PSA"], row["BEN_RNG_GEM"]]

    same = Counter(
        (person(row), row["MED_MTF_COD"].strip(), row["IMB_ETM_NAT"], row["IMB_ALD_DTD"])
        for row in ald
    )
    return {
        "ald_patients": len({person(row) for row in ald}),
        "exemptions": len(rows),
        "exemptions_repeated": sum(n - 1 for n in same.values()),
        "exemptions_2099": sum(row["IMB_ALD_DTF"].endswith("/2099") for row in rows),
        "exemptions_1600": sum(row["IMB_ALD_DTF"] == NO_DATE for row in rows),
        "exemptions_other": len(rows) - len(ald),
        "exemptions_padded": sum(row["MED_MTF_COD"].endswith(" ") for row in rows),
        "exemptions_unnumbered": sum(row["IMB_ALD_NUM"] == "0" for row in ald),
    }


def count_claims(extraction: Extraction) -> dict[str, int]:
    rows = extraction.claims
    acts = [row for row in rows if row["BSE_PRS_NAT"] != "0"]
    statements: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in acts:
        statements[row["ORG_CLE_NUM"], row["FLX_EMT_ORD"], row["DCT_ORD_NUM"]].append(row)
    dated = [row for row in rows if row["EXE_SOI_DTD"] != NO_DATE]
    home = homes(extraction)
    return {
        "lines": len(rows),
        "lines_before_move": sum(
            row["BEN_RES_COM"] != home[extraction.persons[row["BEN_NIR_PSA"], row["BEN_RNG_GEM"]]]
            for row in rows
        ),
        "drug_lines": len({tuple(row[k] for k in KEY) for row in extraction.dispensings}),
        "packs_by_unit": sum(row["PHA_DEC_TOP"] == "D" for row in extraction.dispensings),
        "packs_without_units": sum(
            row["PHA_DEC_TOP"] == "D" and not row["PHA_DEC_QSU"] for row in extraction.dispensings
        ),
        "packs_paired": sum(row["PHA_ORD_NUM"] == "2" for row in extraction.dispensings) // 2,
        "acts": len(statements),
        "cancelled": sum(row["PRS_ACT_QTE"].startswith("-") for row in acts),
        "cancelled_unsigned": sum(
            any(
                (row["PFS_EXE_NUM"], row["PFS_PRE_NUM"])
                != (lines[0]["PFS_EXE_NUM"], lines[0]["PFS_PRE_NUM"])
                for row in lines
                if row["PRS_ACT_QTE"].startswith("-")
            )
            for lines in statements.values()
        ),
        "billed_again": sum(len(lines) == 3 for lines in statements.values()),
        "surcharges": sum(row["CPL_MAJ_TOP"] == "2" for row in rows),
        "complements": sum(
            row["CPL_MAJ_TOP"] == "1" and row["CPL_AFF_COD"] != "16" for row in rows
        ),
        "co_payments": sum(row["CPL_AFF_COD"] == "16" for row in rows),
        "for_information": sum(row["DPN_QLF"] == "71" for row in rows),
        "undated": len(rows) - len(dated),
        "ages_unknown": sum(row["BEN_AMA_COD"] == "9999" for row in rows),
        "undated_prescriptions": sum(
            row["PRE_PRE_DTD"] == NO_DATE and row["PSE_SPE_COD"] == "0" for row in dated
        ),
        "late": sum(months_late(row) >= 7 for row in dated),
        "repeated": sum(
            len(list(path.open("rb"))) - 1 for path in extraction.folder.glob("DCIR_*/ER_PRS_F_*")
        )
        - len(rows),
        "next_year": sum(row["FLX_DIS_DTD"][6:] > row["EXE_SOI_DTD"][6:] for row in dated),
    }


def count_stays(extraction: Extraction) -> dict[str, int]:
    described = extraction.rows("PMSI/T_MCO??B.CSV")
    chained = extraction.rows("PMSI/T_MCO??C.CSV")
    juridical = {(r["RSA_NUM"], r["SOR_ANN"]) for r in described if r["ETA_NUM"] in KEPT}
    return {
        "stays": len(described),
        "sessions": sum(row["GRG_GHM"].startswith("28") for row in described),
        "ungrouped": sum(row["GRG_GHM"].startswith("90") for row in described),
        "transferred": sum(row["SOR_MOD"] == "7" for row in described),
        "served": sum(
            row["SEJ_TYP"] == "B" and row["ENT_MOD"] == row["SOR_MOD"] == "0" for row in described
        ),
        "copied": sum(
            row["ETA_NUM"] not in KEPT and (row["RSA_NUM"], row["SOR_ANN"]) in juridical
            for row in described
        ),
        "unchained": sum(
            row["NIR_ANO_17"] == "x" * 17 and row["NIR_RET"] != "0" for row in chained
        ),
        "doubtful": sum(row["NAI_RET"] != "0" for row in chained),
        "deaths_in_hospital": sum(row["SOR_MOD"] == "9" for row in described),
        "associated": len(extraction.rows("PMSI/T_MCO??D.CSV")),
    }


def count_details(extraction: Extraction) -> dict[str, int]:
    facility = Counter(row["ETE_IND_TAA"] for row in extraction.rows("DCIR_*/ER_ETE_F_*.CSV"))
    return {
        "public_t2a": facility["1"],
        "private_t2a": facility["2"],
        "acts_padded": sum(
            row["CAM_PRS_IDE"].endswith(" ") for row in extraction.rows("DCIR_*/ER_CAM_F_*.CSV")
        ),
        "devices": len(extraction.rows("DCIR_*/ER_TIP_F_*.CSV")),
        "rentals": sum(
            row["TIP_PRS_TYP"] == "3" for row in extraction.rows("DCIR_*/ER_TIP_F_*.CSV")
        ),
        "transports": len(extraction.rows("DCIR_*/ER_TRS_F_*.CSV")),
        "hospital_drugs": len(extraction.rows("DCIR_*/ER_UCD_F_*.CSV")),
    }


def count_visits(extraction: Extraction) -> dict[str, int]:
    visits = extraction.rows("PMSI/T_MCO??CSTC.CSV")
    times = Counter(row["SEQ_NUM"] for row in visits)
    return {
        "visits": len(visits),
        "visits_copied": sum(n - 1 for n in times.values()),
        "visits_unchained": sum(
            row["NIR_ANO_17"] == "x" * 17 and row["NIR_RET"] != "0" for row in visits
        ),
        "emergencies": sum(
            row["ACT_COD"] == "ATU  " for row in extraction.rows("PMSI/T_MCO??FBSTC.CSV")
        ),
    }


def count_wards(extraction: Extraction) -> dict[str, int]:
    units = extraction.rows("PMSI/T_MCO??UM.CSV")
    return {
        "units": len(units),
        "second_units": sum(row["UM_ORD_NUM"] == "2" for row in units),
        "operations": len(extraction.rows("PMSI/T_MCO??A.CSV")),
        "costly_drugs": sum(
            len(extraction.rows(f"PMSI/T_MCO??{table}.CSV")) for table in ("MED", "FH")
        ),
    }


def count_elsewhere(extraction: Extraction) -> dict[str, int]:
    weeks = extraction.rows("PMSI/T_SSR??B.CSV")
    at_home = extraction.rows("PMSI/T_HAD??C.CSV")
    psychiatric = extraction.rows("PMSI/T_RIP??C.CSV")
    certified = extraction.rows("KI_CCI_R.CSV")
    died = {row["BEN_IDT_ANO"]: row["BEN_DCD_DTE"] for row in extraction.rows("IR_BEN_R*.CSV")}
    rehabilitated = extraction.rows("PMSI/T_SSR??C.CSV")
    large = {row["RHAD_NUM"] for row in at_home if row["ETA_NUM_EPMSI"] in KEPT}
    again = [
        row for row in at_home if row["ETA_NUM_EPMSI"] not in KEPT and row["RHAD_NUM"] in large
    ]
    return {
        "rehabilitation_weeks": len(weeks),
        "rehabilitation_over_years": sum(not row["EXE_SOI_DTF"] for row in rehabilitated),
        "home_stays_copied": len(again),
        "rehabilitation_ungrouped": sum(row["GRG_GME"].startswith("90") for row in weeks),
        "home_stays": len(at_home),
        "home_stays_unchained": sum(row["NIR_RET"] != "0" for row in at_home)
        - sum(row["NIR_RET"] != "0" for row in again),
        "psychiatric_stays": len(psychiatric),
        "psychiatric_unchained": sum(row["NIR_RET"] != "0" for row in psychiatric),
        "psychiatric_acts": len(extraction.rows("PMSI/T_RIP??R3A.CSV")),
        "certificates": len(certified),
        "certificates_contradictory": sum(
            died[row["BEN_IDT_ANO"]] not in (NO_DATE, row["BEN_DCD_DTE"]) for row in certified
        ),
    }


def count_all(extraction: Extraction) -> dict[str, int]:
    return (
        count_persons(extraction)
        | count_exemptions(extraction)
        | count_claims(extraction)
        | count_stays(extraction)
        | count_details(extraction)
        | count_visits(extraction)
        | count_wards(extraction)
        | count_elsewhere(extraction)
    )
