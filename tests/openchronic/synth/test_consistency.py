"""The values of one person agree over the files."""

from collections import Counter, defaultdict
from datetime import date

from openchronic.nomenclatures import load_nomenclature
from tests.openchronic.synth.conftest import Extraction, Row
from tests.openchronic.synth.counting import NO_DATE, day


def test_a_cancellation_undoes_one_line(extraction: Extraction) -> None:
    columns = (
        *("BEN_NIR_PSA", "EXE_SOI_DTD", "PRS_NAT_REF"),
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
            # Otherwise the cancelling line names nobody.
            assert row["PFS_EXE_NUM"] in (undone["PFS_EXE_NUM"], "00000000")
            assert row["PFS_PRE_NUM"] in (undone["PFS_PRE_NUM"], "")
            assert day(row["FLX_DIS_DTD"]) > day(undone["FLX_DIS_DTD"])


def test_twins_share_pseudonym_birth_and_sex_and_nothing_else(extraction: Extraction) -> None:
    by_pseudonym: dict[str, list[Row]] = defaultdict(list)
    every = {(r["BEN_NIR_PSA"], r["BEN_RNG_GEM"]): r for r in extraction.rows("IR_BEN_R*.CSV")}
    for row in every.values():
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


def test_who_moves_lives_in_real_communes_one_after_the_other(extraction: Extraction) -> None:
    spans: dict[str, dict[str, list[date]]] = defaultdict(lambda: defaultdict(list))
    for row in extraction.claims:
        if row["EXE_SOI_DTD"] != NO_DATE:
            person = extraction.persons[row["BEN_NIR_PSA"], row["BEN_RNG_GEM"]]
            spans[person][row["BEN_RES_DPT"] + row["BEN_RES_COM"]].append(day(row["EXE_SOI_DTD"]))
    moved = [list(places.values()) for places in spans.values() if len(places) > 1]
    assert len(moved) > 100
    for one, other in moved:
        assert max(one) < min(other) or max(other) < min(one)
    corsica = {"201": "02A", "202": "02B"}
    written = {
        corsica.get(row["BEN_RES_DPT"], row["BEN_RES_DPT"]) + row["BEN_RES_COM"]
        for row in extraction.claims
        # Soldiers, students with a truncated département, Corsicans without a département.
        if row["BEN_RES_COM"] != "999"
        and not row["ORG_AFF_BEN"].endswith("617")
        and row["BEN_RES_DPT"] != "209"
    }
    real = {
        f"{row['department'][:2]:0>3}{number:03}"
        for row in load_nomenclature("commune")
        for number in range(int(row["first"]), int(row["last"]) + 1)
    }
    assert len(written) > 1000
    assert written <= real


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
    rows = {(r["BEN_NIR_PSA"], r["BEN_RNG_GEM"]): r for r in extraction.rows("IR_BEN_R*.CSV")}
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
