"""Stays that are in several yearly files: what makes them one stay, and what does not."""

from __future__ import annotations

from pathlib import Path

from tests.openchronic.build.test_hospital_events import fates, stays
from tests.openchronic.build.test_lasting_stays import (
    ENDS,
    ENTERED,
    IN_2014,
    IN_2015,
    STAYS,
    chain,
    of_year,
)
from tests.openchronic.front_door import everything, rows
from tests.openchronic.small_delivery import ALICE, Files, chaining, person, plain, stay

BOB = "B" * 17


def test_the_name_of_a_stay_is_that_of_its_first_file(tmp_path: Path) -> None:
    first = of_year("14", SSRB=IN_2014, SSRC=chain(ENTERED))
    later = of_year("15", SSRB=IN_2015, SSRC=chain(ENTERED, RHA_NUM="9"))
    asked = "SELECT stay_id FROM stay WHERE care_setting = 'ssr'"
    alone = rows(stays(tmp_path / "first", first), asked)
    both = stays(tmp_path / "both", {**first, **later})
    assert rows(both, asked) == alone
    turned: Files = {name: list(reversed(lines)) for name, lines in {**first, **later}.items()}
    assert everything(both) == everything(stays(tmp_path / "turned", turned))


def test_files_of_two_years_that_say_the_same_are_both_read(tmp_path: Path) -> None:
    """Both files have one number and no exit: their chaining files are equal."""
    weeks = "RHS_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE\n1 | {} | 11111 | 11"
    files = {
        **of_year("14", SSRB=weeks.format(0), SSRC=chain(ENTERED), SSRD="DGN_COD\nI10"),
        **of_year("15", SSRB=weeks.format(63), SSRC=chain(ENTERED), SSRD="DGN_COD\nI10"),
    }
    assert files["PMSI/T_SSR14C.CSV"] == files["PMSI/T_SSR15C.CSV"]
    release = stays(tmp_path, files)
    assert rows(release, STAYS) == [
        ("2014-11-03", "2015-01-11", "day", 14, 2, "end_rebuilt,several_files")
    ]
    assert fates(release, "T_SSRaaD") == {"kept": 2}


def test_stays_of_others_of_other_places_or_of_other_days_are_stays_of_their_own(
    tmp_path: Path,
) -> None:
    numbers = ("1", "2", "3", "4", "5")
    weeks = "RHA_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE | ETA_NUM | HOS_TYP_UM\n" + "\n".join(
        f"{number} | {{}} | 11111 | 00 | 350000022 | 1" for number in numbers
    )
    chains = f"""
        RHA_NUM | NIR_ANO_17 | EXE_SOI_DTD        | ETA_NUM
        1       | {ALICE}    | 03NOV2014:00:00:00 | 350000022
        2       | {BOB}      | 03NOV2014:00:00:00 | 350000022
        3       | {ALICE}    | 04NOV2014:00:00:00 | 350000022
        4       | {ALICE}    | 03NOV2014:00:00:00 | 350000055
        5       | {ALICE}    | 03NOV2014:00:00:00 | 350000022
    """

    def placed(text: str, ant: int) -> str:
        lines = text.replace("{}", str(ant)).splitlines()
        lines[4] = lines[4].replace("350000022", "350000055")
        # The last stay is by the day, beside the complete stay of the same day.
        lines[5] = lines[5].removesuffix("1") + "2"
        return "\n".join(lines)

    files = {
        **of_year("14", SSRB=placed(weeks, 0), SSRC=chains),
        **of_year("15", SSRB=placed(weeks, 63), SSRC=chains),
        "IR_BEN_R.CSV": [*plain()["IR_BEN_R.CSV"], person(BOB)],
    }
    release = stays(tmp_path, files)
    asked = "SELECT count(*), count(DISTINCT stay_id), sum(n_records), min(flags) FROM stay "
    assert rows(release, asked + "WHERE care_setting = 'ssr'") == [
        (5, 5, 10, "end_rebuilt,several_files")
    ]


def test_an_acute_stay_within_one_over_years_is_of_its_episode(tmp_path: Path) -> None:
    number = "0000000002"
    acute = {
        "PMSI/T_MCO15B.CSV": [stay(number, SOR_ANN="2015", SOR_MOI="6", ENT_MOD="7", SOR_MOD="7")],
        "PMSI/T_MCO15C.CSV": [
            chaining(
                number, ALICE, EXE_SOI_DTD="01JUN2015:00:00:00", EXE_SOI_DTF="03JUN2015:00:00:00"
            )
        ],
        "PMSI/T_MCO16B.CSV": [stay(number, SOR_ANN="2016", SEJ_NBJ="3")],
        "PMSI/T_MCO16C.CSV": [
            chaining(
                number, ALICE, EXE_SOI_DTD="01MAR2016:00:00:00", EXE_SOI_DTF="04MAR2016:00:00:00"
            )
        ],
    }
    release = stays(tmp_path, {**ENDS["three files"][0], **acute})
    asked = (
        "SELECT care_setting, year, episode_order, episode_stays, days_since_episode, "
        "is_readmission FROM stay WHERE year < 2020 ORDER BY start_date"
    )
    assert rows(release, asked) == [
        ("ssr", 2016, 1, 2, None, False),
        ("mco", 2015, 2, 2, None, False),
        ("mco", 2016, 1, 1, 10, True),
    ]
