"""Every planted trap is counted again in the files, in plain Python, and held to its rate."""

from collections import Counter, defaultdict
from datetime import date

import pytest

from tests.openchronic.synth.conftest import PATIENTS, YEARS, Extraction, Row

FICTIVE = {"01", "05", "06", "08", "09", "11", "12", "13", "14", "15"}
NO_DATE = "01/01/1600"
ALD = {"41", "43", "45"}


def day(text: str) -> date:
    return date(int(text[6:]), int(text[3:5]), int(text[:2]))


def months_late(row: Row) -> int:
    care, flux = day(row["EXE_SOI_DTD"]), day(row["FLX_DIS_DTD"])
    return (flux.year - care.year) * 12 + flux.month - care.month


def count_persons(extraction: Extraction) -> dict[str, int]:
    rows = extraction.rows("IR_BEN_R.CSV")
    ranks: dict[str, set[str]] = defaultdict(set)
    pseudonyms: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        ranks[row["BEN_NIR_PSA"]].add(row["BEN_RNG_GEM"])
        pseudonyms[row["BEN_IDT_ANO"]].add(row["BEN_NIR_PSA"])
    dead = {row["BEN_IDT_ANO"] for row in rows if row["BEN_DCD_DTE"] != NO_DATE}
    return {
        "patients": len(pseudonyms),
        "pseudonyms": len(rows),
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
    return {
        "lines": len(rows),
        "drug_lines": len(extraction.dispensings),
        "acts": len(statements),
        "cancelled": sum(row["PRS_ACT_QTE"].startswith("-") for row in acts),
        "billed_again": sum(len(lines) == 3 for lines in statements.values()),
        "surcharges": sum(row["CPL_MAJ_TOP"] == "2" for row in rows),
        "complements": sum(
            row["CPL_MAJ_TOP"] == "1" and row["CPL_AFF_COD"] != "16" for row in rows
        ),
        "co_payments": sum(row["CPL_AFF_COD"] == "16" for row in rows),
        "for_information": sum(row["DPN_QLF"] == "71" for row in rows),
        "undated": len(rows) - len(dated),
        "undated_prescriptions": sum(
            row["PRE_PRE_DTD"] == NO_DATE and row["PSE_SPE_COD"] == "0" for row in dated
        ),
        "late": sum(months_late(row) >= 7 for row in dated),
        "next_year": sum(row["FLX_DIS_DTD"][6:] > row["EXE_SOI_DTD"][6:] for row in dated),
    }


def count_stays(extraction: Extraction) -> dict[str, int]:
    described = extraction.rows("PMSI/T_MCO??B.CSV")
    chained = extraction.rows("PMSI/T_MCO??C.CSV")
    kept = {"750712184", "130786049", "690781810"}
    juridical = {(r["RSA_NUM"], r["SOR_ANN"]) for r in described if r["ETA_NUM"] in kept}
    return {
        "stays": len(described),
        "sessions": sum(row["GRG_GHM"].startswith("28") for row in described),
        "ungrouped": sum(row["GRG_GHM"].startswith("90") for row in described),
        "transferred": sum(row["SOR_MOD"] == "7" for row in described),
        "served": sum(
            row["SEJ_TYP"] == "B" and row["ENT_MOD"] == row["SOR_MOD"] == "0" for row in described
        ),
        "copied": sum(
            row["ETA_NUM"] not in kept and (row["RSA_NUM"], row["SOR_ANN"]) in juridical
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
    died = {row["BEN_IDT_ANO"]: row["BEN_DCD_DTE"] for row in extraction.rows("IR_BEN_R.CSV")}
    return {
        "rehabilitation_weeks": len(weeks),
        "rehabilitation_ungrouped": sum(row["GRG_GME"].startswith("90") for row in weeks),
        "home_stays": len(at_home),
        "home_stays_unchained": sum(row["NIR_RET"] != "0" for row in at_home),
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


@pytest.fixture(scope="module")
def counted(extraction: Extraction) -> dict[str, int]:
    return count_all(extraction)


def test_what_is_told_is_what_is_in_the_files(
    extraction: Extraction, counted: dict[str, int]
) -> None:
    # Who died unknown to the referential cannot be told from the files of beneficiaries; what the
    # cartography gets wrong is told by a release (test_cartography_extraction.py).
    told = {
        name: n
        for name, n in extraction.planted.items()
        if name != "deaths_unknown" and not name.startswith("cartography_")
    }
    assert counted == told


@pytest.mark.parametrize(
    ("trap", "among", "low", "high"),
    [
        ("twins", "patients", 0.5, 1.6),
        ("two_pseudonyms", "patients", 3.5, 7),
        ("fictive", "patients", 0.2, 0.9),
        ("provisional", "patients", 0.2, 0.9),
        ("without_nir_ano", "patients", 1.2, 2.8),
        ("deaths", "patients", 2, 4),
        ("ald_patients", "patients", 16, 23),
        ("exemptions_repeated", "exemptions", 6, 14),
        ("exemptions_2099", "exemptions", 5, 11),
        ("exemptions_1600", "exemptions", 2.5, 7),
        ("exemptions_padded", "exemptions", 3, 7),
        ("exemptions_unnumbered", "exemptions", 2, 5),
        ("cancelled", "acts", 1.8, 2.2),
        ("billed_again", "cancelled", 22, 28),
        ("for_information", "lines", 0.9, 1.5),
        ("surcharges", "lines", 1, 1.7),
        ("complements", "lines", 1.5, 2.4),
        ("co_payments", "lines", 5, 7),
        ("undated", "lines", 0.07, 0.14),
        ("undated_prescriptions", "lines", 0.15, 0.3),
        ("late", "lines", 0.85, 1.2),
        ("next_year", "lines", 10, 15),
        ("sessions", "stays", 5, 35),
        ("ungrouped", "stays", 0.2, 1),
        ("transferred", "stays", 0.8, 2.5),
        ("served", "stays", 0.1, 1.2),
        ("copied", "stays", 4, 12),
        ("unchained", "stays", 0.7, 2.2),
        ("doubtful", "stays", 0.2, 1.3),
        ("public_t2a", "lines", 0.4, 1.0),
        ("private_t2a", "lines", 0.5, 1.5),
        ("acts_padded", "lines", 0.1, 0.4),
        ("devices", "lines", 0.1, 1),
        ("hospital_drugs", "lines", 0.05, 0.6),
        ("visits_copied", "visits", 2, 10),
        ("visits_unchained", "visits", 0.8, 1.7),
        ("emergencies", "visits", 8, 12),
        ("second_units", "units", 5, 20),
        ("rehabilitation_ungrouped", "rehabilitation_weeks", 0, 4),
        ("home_stays_unchained", "home_stays", 0, 12),
        ("psychiatric_unchained", "psychiatric_stays", 0, 15),
        ("certificates", "deaths", 75, 97),
        ("certificates_contradictory", "certificates", 0.5, 12),
    ],
)
def test_traps_are_as_frequent_as_announced(
    counted: dict[str, int], trap: str, among: str, low: float, high: float
) -> None:
    assert low <= 100 * counted[trap] / counted[among] <= high


def test_about_forty_lines_a_patient_year(counted: dict[str, int]) -> None:
    assert counted["patients"] == PATIENTS
    assert 36 <= counted["lines"] / (PATIENTS * YEARS) <= 45


def test_a_cancellation_undoes_one_line(extraction: Extraction) -> None:
    columns = (
        *("BEN_NIR_PSA", "EXE_SOI_DTD", "PRS_NAT_REF", "PFS_EXE_NUM", "PFS_PRE_NUM"),
        *("ORG_CLE_NUM", "DCT_ORD_NUM", "FLX_EMT_ORD"),
    )
    first: dict[tuple[str, ...], Row] = {}
    for row in extraction.claims:
        if row["PRS_ORD_NUM"] == "1":
            first[tuple(row[c] for c in columns)] = row
    for row in extraction.claims:
        if row["BSE_PRS_NAT"] != "0" and row["PRS_ACT_QTE"].startswith("-"):
            undone = first[tuple(row[c] for c in columns)]
            for column in ("PRS_ACT_QTE", "PRS_PAI_MNT", "BSE_REM_MNT"):
                assert float(row[column]) == -float(undone[column])
            assert day(row["FLX_DIS_DTD"]) > day(undone["FLX_DIS_DTD"])


def test_twins_share_pseudonym_birth_and_sex_and_nothing_else(extraction: Extraction) -> None:
    by_pseudonym: dict[str, list[Row]] = defaultdict(list)
    for row in extraction.rows("IR_BEN_R.CSV"):
        by_pseudonym[row["BEN_NIR_PSA"]].append(row)
    for twins in (rows for rows in by_pseudonym.values() if len(rows) > 1):
        assert sorted(row["BEN_RNG_GEM"] for row in twins) == ["1", "2"]
        for column in ("BEN_SEX_COD", "BEN_NAI_ANN", "BEN_NAI_MOI"):
            assert len({row[column] for row in twins}) == 1
        assert len({row["BEN_IDT_ANO"] for row in twins}) == 2


def test_who_changes_pseudonym_uses_one_at_a_time(extraction: Extraction) -> None:
    spans: dict[str, dict[str, list[date]]] = defaultdict(lambda: defaultdict(list))
    for row in extraction.claims:
        if row["EXE_SOI_DTD"] != NO_DATE:
            person = extraction.persons[row["BEN_NIR_PSA"], row["BEN_RNG_GEM"]]
            spans[person][row["BEN_NIR_PSA"]].append(day(row["EXE_SOI_DTD"]))
    changed = [list(used.values()) for used in spans.values() if len(used) == 2]
    assert len(changed) > 50
    for one, other in changed:
        assert max(one) <= min(other) or max(other) <= min(one)


def test_a_transfer_is_followed_by_the_other_stay(extraction: Extraction) -> None:
    described = {(r["ETA_NUM"], r["RSA_NUM"]): r for r in extraction.rows("PMSI/T_MCO??B.CSV")}
    arrivals, departures = set(), []
    for row in extraction.rows("PMSI/T_MCO??C.CSV"):
        stay = described[row["ETA_NUM"], row["RSA_NUM"]]
        if row["NIR_RET"] != "0":
            continue
        if stay["ENT_MOD"] == "7":
            arrivals.add((row["NIR_ANO_17"], row["EXE_SOI_DTD"]))
        if stay["SOR_MOD"] == "7" and row["SOR_MOI"] != "12":
            departures.append((row["NIR_ANO_17"], row["EXE_SOI_DTF"]))
    assert departures
    assert set(departures) <= arrivals


def test_nobody_is_treated_before_birth_or_after_death(extraction: Extraction) -> None:
    rows = {(r["BEN_NIR_PSA"], r["BEN_RNG_GEM"]): r for r in extraction.rows("IR_BEN_R.CSV")}
    for claim in extraction.claims:
        if claim["EXE_SOI_DTD"] == NO_DATE:
            continue
        person = rows[claim["BEN_NIR_PSA"], claim["BEN_RNG_GEM"]]
        care = day(claim["EXE_SOI_DTD"])
        assert (care.year, care.month) >= (int(person["BEN_NAI_ANN"]), int(person["BEN_NAI_MOI"]))
        assert person["BEN_DCD_DTE"] == NO_DATE or care <= day(person["BEN_DCD_DTE"])


def test_drugs_go_with_the_condition(extraction: Extraction) -> None:
    classes = {r["PHA_CIP_C13"]: r["PHA_ATC_CLA"] for r in extraction.rows("IR_PHA_R.CSV")}
    persons = extraction.persons
    diabetics = {
        persons[r["BEN_NIR_PSA"], r["BEN_RNG_GEM"]]
        for r in extraction.rows("IR_IMB_R.CSV")
        if r["MED_MTF_COD"].startswith(("E10", "E11", "E14"))
    }
    key = ("ORG_CLE_NUM", "FLX_EMT_ORD", "DCT_ORD_NUM")
    treated = {
        tuple(r[k] for k in key)
        for r in extraction.dispensings
        if classes[r["PHA_PRS_C13"]].startswith("A10")
    }
    with_drugs = {
        persons[r["BEN_NIR_PSA"], r["BEN_RNG_GEM"]]
        for r in extraction.claims
        if tuple(r[k] for k in key) in treated
    }
    assert with_drugs <= diabetics
    assert len(with_drugs) > 0.75 * len(diabetics) > 50


def test_care_of_a_condition_is_exempted(extraction: Extraction) -> None:
    reasons = Counter(row["EXO_MTF"] for row in extraction.claims)
    assert {"0", "41", "42", "43", "44", "45", "46"} >= set(reasons)
    assert reasons["42"] > 0.1 * len(extraction.claims)
    assert all(row["RGO_REM_TAU"] == "100" for row in extraction.claims if row["EXO_MTF"] == "42")
