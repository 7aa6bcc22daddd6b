"""Periods of observation: lives drawn by quarter, and the periods in which their care could be observed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.build.test_lasting_stays import of_year
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import Files, Row, claim, illness, person, plain, write

# One character per quarter, from 2008 on: x is care on the 15th of its first month, - a cancelled
# claim, A the start of an ALD.
LIVES = """
    who       | scheme | care                         | started                  | ended
    steady    | 01C    | xxxxxxxxxxxxxxxxxxxxxxxxxxxx | 2008-01-01 start_of_data | 2014-10-15 end_of_data
    seldom    | 01C    | .....x....x....x....x....x.. | 2008-01-01 start_of_data | 2014-10-15 end_of_data
    late      | 01C    | ................xxxxxxxxxxxx | 2012-01-15 first_care    | 2014-10-15 end_of_data
    gone      | 01C    | xxxx........................ | 2008-01-01 start_of_data | 2008-10-15 loss
    back      | 01C    | xxxx.......-....xxxxxxxxxxxx | 2008-01-01 start_of_data | 2008-10-15 loss
    .         | .      | .                            | 2012-01-15 return        | 2014-10-15 end_of_data
    granted   | 01C    | xxxx....A....xxxxxxxxxxxxxxx | 2008-01-01 start_of_data | 2014-10-15 end_of_data
    farmer    | 02C    | .....xxxxxxxxxxxxxxxxxxxxxxx | 2009-01-01 scheme        | 2014-10-15 end_of_data
    convert   | 01>02  | xxxxxxxxxxxxxxxxxxxxxxxxxxxx | 2008-01-01 start_of_data | 2014-10-15 end_of_data
    leaver    | 02>01  | .....xxxxxxxxxxxxxxxxxxxxxxx | 2009-01-01 scheme        | 2014-10-15 end_of_data
    child     | 01C    | .........xxxxxxxxxxxxxxxxxxx | 2010-02-01 birth         | 2014-10-15 end_of_data
    dead      | 01C    | xxxxxxxxxxxx..x............. | 2008-01-01 start_of_data | 2011-01-20 death
    forgotten | 01C    | xxxx........................ | 2008-01-01 start_of_data | 2008-10-15 loss
    unseen    | 01C    | ............................ | .                        | .
"""
BORN = {"child": {"BEN_NAI_ANN": "2010", "BEN_NAI_MOI": "2"}}
DIED = {"dead": {"BEN_DCD_DTE": "20/01/2011"}, "forgotten": {"BEN_DCD_DTE": "20/06/2012"}}
PERIODS = (
    "SELECT residence_commune, CAST(start_date AS VARCHAR) || ' ' || start_reason, "
    "CAST(end_date AS VARCHAR) || ' ' || end_reason FROM observation_period JOIN patient "
    "USING (subject_id) ORDER BY residence_commune, start_date"
)


def delivered(
    folder: Path,
    people: list[Row],
    claims: list[Row],
    illnesses: list[Row],
    more: Files | None = None,
) -> Path:
    """Builds the claims in one file for each year of their flux; stays come from ``more`` only."""
    files: dict[str, list[Row]] = {"IR_BEN_R.CSV": people, "IR_IMB_R.CSV": illnesses}
    files |= {name: [*lines] for name, lines in (more or {}).items()}
    files["IR_PHA_R.CSV"] = [*plain()["IR_PHA_R.CSV"]]
    for one in claims:
        year = one["FLX_DIS_DTD"][-4:]
        files.setdefault(f"DCIR_{year}/ER_PRS_F_{year}.CSV", []).append(one)
        files.setdefault(f"DCIR_{year}/ER_PHA_F_{year}.CSV", [])
    for table in ("B", "C", "D"):
        files[f"PMSI/T_MCO21{table}.CSV"] = [*plain()[f"PMSI/T_MCO21{table}.CSV"]]
    return built(write(folder / "delivery", files), folder / "releases")


def billed(number: int, psa: str, day: date) -> dict[str, str]:
    """Returns a claim that came in the flux of the next month."""
    flux = (day.replace(day=1) + timedelta(31)).replace(day=1)
    return claim(number, psa, f"{day:%d/%m/%Y}", flux=f"{flux:%d/%m/%Y}")


def test_a_period_begins_and_ends_with_what_shows_that_care_could_be_seen(tmp_path: Path) -> None:
    people: list[Row] = []
    claims: list[Row] = []
    illnesses: list[Row] = []
    lives = [row for row in drawn(LIVES) if row["who"]]
    for place, row in enumerate(lives, start=1):
        psa = f"{place:017}"
        first, _, last = row["scheme"].rpartition(">")
        traits = BORN.get(row["who"], {}) | DIED.get(row["who"], {})
        body = {"ORG_AFF_BEN": f"{last}350001", "BEN_RES_COM": f"{place:03}"}
        people.append(person(psa) | body | traits)
        for quarter, seen in enumerate(row["care"].ljust(28, ".")):
            day = date(2008 + quarter // 4, 1 + quarter % 4 * 3, 15)
            scheme = f"{first if first and quarter < 12 else last}350001"
            cancelled = ("1", "10.50"), ("-1", "-10.50")
            if seen in "x-":
                for quantity, amount in cancelled if seen == "-" else cancelled[:1]:
                    more = {"PRS_ACT_QTE": quantity, "PRS_PAI_MNT": amount, "ORG_AFF_BEN": scheme}
                    claims.append(billed(len(claims), psa, day) | more)
            if seen == "A":
                illnesses.append(illness(psa, f"{day:%d/%m/%Y}", "01/01/1600", "E11"))
    release = delivered(tmp_path, people, claims, illnesses)
    told = []
    who = ""
    for row in drawn(LIVES):
        who = row["who"] or who
        if row["started"]:
            told.append((who, row["started"], row["ended"]))
    names = {f"35{place:03}": row["who"] for place, row in enumerate(lives, start=1)}
    assert [(names[place], *periods) for place, *periods in rows(release, PERIODS)] == told
    overlaps = (
        "SELECT count(*) FROM observation_period AS a JOIN observation_period AS b USING (subject_id) "
        "WHERE a.start_date < b.start_date AND a.end_date >= b.start_date"
    )
    assert rows(release, overlaps) == [(0,)]


@pytest.mark.parametrize(("apart", "periods"), [(548, 1), (549, 2)])
def test_548_days_without_care_are_no_loss_and_one_more_is(
    tmp_path: Path, apart: int, periods: int
) -> None:
    psa, first = "S" * 17, date(2010, 3, 10)
    claims: list[Row] = [billed(1, psa, first), billed(2, psa, first + timedelta(apart))]
    release = delivered(tmp_path, [person(psa)], claims, [])
    assert len(rows(release, PERIODS)) == periods


def test_within_548_days_of_data_somebody_without_care_is_observed(tmp_path: Path) -> None:
    claims: list[Row] = [billed(1, "S" * 17, date(2010, 3, 10))]
    people: list[Row] = [person("S" * 17), person("U" * 17)]
    release = delivered(tmp_path, people, claims, [])
    period = ("35238", "2010-03-01 start_of_data", "2010-03-10 end_of_data")
    assert rows(release, PERIODS) == [period, period]


def test_a_stay_without_an_end_is_care_until_its_subject_was_last_seen(tmp_path: Path) -> None:
    """A rehabilitation stay of three years that has not ended: no period of observation ends during it."""
    weeks = "RHS_NUM | RHS_ANT_SEJ_ENT | JP_HWE | JP_WE\n1 | 0 | 11111 | 11\n2 | 1036 | 11111 | 11"
    psa = "P" * 17
    numbers = "EXE_SOI_DTD | NIR_ANO_17\n02MAR2009:00:00:00 | " + psa
    stays = of_year("11", SSRB=weeks, SSRC=numbers)
    claims: list[Row] = [
        billed(1, psa, date(2009, 1, 15)),
        billed(2, "Q" * 17, date(2009, 1, 15)),
        billed(3, "Q" * 17, date(2014, 2, 15)),
    ]
    people: list[Row] = [person(psa, BEN_RES_COM="001"), person("Q" * 17, BEN_RES_COM="002")]
    release = delivered(tmp_path, people, claims, [], more=stays)
    found = [row[1:] for row in rows(release, PERIODS) if row[0] == "35001"]
    assert found == [("2009-01-01 start_of_data", "2012-01-08 loss")]
