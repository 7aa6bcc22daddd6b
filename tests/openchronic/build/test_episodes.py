"""Stays chained into episodes, and readmissions: drawn pathways."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.build.drawn_stays import delivered
from tests.openchronic.front_door import built, everything, rows
from tests.openchronic.small_delivery import ALICE, Files, Row, chaining, plain, stay, write


def day(text: str) -> str:
    """Returns ``5`` or ``31/05`` as the PMSI writes a day of 2021 (of March without a month)."""
    said = text if "/" in text else f"{text}/03"
    number, month = said.split("/")
    return f"{date(2021, int(month), int(number)):%d%b%Y}:00:00:00".upper()


def acute(text: str) -> Files:
    """Returns drawn stays of acute care: their number, days, modes, and other values."""
    stays: list[Row] = []
    chains: list[Row] = []
    for row in drawn(text):
        number, last = row["n"].zfill(10), row["to"]
        month = last.partition("/")[2] or "3"
        told = {"SEJ_NBJ": row["n"], "SOR_MOI": month, "ENT_MOD": row["in"], "SOR_MOD": row["out"]}
        told |= {name: value for name, value in row.items() if name.isupper()}
        stays.append(stay(number, ghm=row.get("ghm", "05M092")) | told)
        days = {"EXE_SOI_DTD": day(row["from"]), "EXE_SOI_DTF": day(last)}
        chains.append(chaining(number, ALICE) | days)
    return {"PMSI/T_MCO21B.CSV": stays, "PMSI/T_MCO21C.CSV": chains, "PMSI/T_MCO21D.CSV": []}


def release_of(tmp_path: Path, files: Files) -> Path:
    delivery = write(tmp_path / "delivery", {**plain(), **files})
    return built(delivery, tmp_path / "releases")


# Pathways of one build, each of a woman of her own.
PATHWAYS = {
    "transfer": """
        n | from | to    | in | out | episode | order | days | again
        1 | 2    | 5     | 8  | 7   | 1       | 1     | .    | .
        2 | 5    | 9     | 7  | 8   | 1       | 2     | .    | .
        3 | 10   | 12    | 8  | 8   | 2       | 1     | 1    | yes
        4 | 31   | 31    | 8  | 8   | 3       | 1     | 19   | yes
        5 | 30/4 | 30/04 | 8  | 8   | 4       | 1     | 30   | yes
        6 | 31/5 | 31/05 | 8  | 8   | 5       | 1     | 31   | .
    """,
    "next day": """
        n | from | to | in | out | episode | order | days | again
        1 | 1    | 3  | 8  | 7   | 1       | 1     | .    | .
        2 | 4    | 6  | 8  | 8   | 1       | 2     | .    | .
        3 | 7    | 9  | 6  | .   | 1       | 3     | .    | .
        4 | 10   | 11 | .  | 0   | 1       | 4     | .    | .
        5 | 13   | 14 | 7  | 8   | 2       | 1     | 2    | yes
        6 | 15   | 16 | 8  | 8   | 3       | 1     | 1    | yes
    """,
    "within": """
        n | from | to | in | out | episode | order | days | again
        1 | 1    | 20 | 8  | 8   | 1       | 1     | .    | .
        2 | 5    | 6  | 8  | 8   | 1       | 2     | .    | .
        3 | 20   | 22 | 8  | 8   | 1       | 3     | .    | .
        4 | 25   | 26 | 8  | 8   | 2       | 1     | 3    | yes
    """,
    "sessions": """
        n | from | to | in | out | ghm    | DGN_PAL | episode | order | days | again
        1 | 1    | 3  | 8  | 8   | 05M092 | I500    | 1       | 1     | .    | .
        2 | 3    | 3  | 8  | 8   | 28Z04Z | Z491    | 2       | 1     | .    | .
        3 | 8    | 9  | 8  | 8   | 17M061 | Z511    | 3       | 1     | 5    | .
        4 | 12   | 13 | 8  | 8   | 05M092 | I500    | 4       | 1     | 3    | yes
    """,
    "death": """
        n | from | to | in | out | episode | order | days | again
        1 | 1    | 3  | 8  | 9   | 1       | 1     | .    | .
        2 | 4    | 6  | 8  | 8   | 2       | 1     | 1    | .
    """,
}
UNPLANNED = [
    ("8", "5", True),
    ("8", "U", True),
    ("8", "", False),
    ("7", "5", False),
    ("", "", None),
]


def from_where(come: str, origin: str) -> Files:
    return acute(
        f"n | from | to | in | out | ENT_PRV\n1 | 1 | 3 | {come or '.'} | 8 | {origin or '.'}"
    )


def known_by_its_month() -> Files:
    """Returns two stays, the second without a day."""
    files = acute(
        """
        n | from | to | in | out
        1 | 1    | 3  | 8  | 8
        2 | 4    | 6  | 8  | 8
        """
    )
    first, second = files["PMSI/T_MCO21C.CSV"]
    untold = {**second, "EXE_SOI_DTD": "", "EXE_SOI_DTF": ""}
    return {**files, "PMSI/T_MCO21C.CSV": [first, untold]}


CASES: dict[str, Files] = {
    **{name: acute(text) for name, text in PATHWAYS.items()},
    **{f"{come} {origin}": from_where(come, origin) for come, origin, _ in UNPLANNED},
    "month": known_by_its_month(),
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    return built_together(tmp_path_factory.mktemp("pathways"), CASES)


def check(many: Together, name: str) -> None:
    """Asserts the drawn episode, order, days since the previous one, and readmissions."""
    found = many.rows(
        name,
        "SELECT CAST(nights AS VARCHAR), CAST(dense_rank() OVER (ORDER BY opened) AS VARCHAR), "
        "CAST(episode_order AS VARCHAR), coalesce(CAST(days_since_episode AS VARCHAR), ''), "
        "CASE WHEN is_readmission THEN 'yes' ELSE '' END FROM (SELECT *, min((start_date, end_date)) "
        "OVER (PARTITION BY episode_id) AS opened FROM stay) ORDER BY nights",
    )
    told = [
        tuple(row[column] for column in ("n", "episode", "order", "days", "again"))
        for row in drawn(PATHWAYS[name])
    ]
    assert found == told


def test_a_transfer_goes_on_with_the_episode_and_a_return_from_home_opens_one(
    many: Together,
) -> None:
    check(many, "transfer")


def test_the_next_day_is_a_transfer_where_one_side_says_so_or_nobody_says_home(
    many: Together,
) -> None:
    check(many, "next day")


def test_a_stay_within_another_is_of_its_episode_which_lasts_as_long_as_the_longest(
    many: Together,
) -> None:
    check(many, "within")


def test_sessions_are_no_part_of_an_episode_and_no_readmission(many: Together) -> None:
    check(many, "sessions")


def test_nobody_is_readmitted_after_death(many: Together) -> None:
    check(many, "death")


def test_an_episode_goes_over_all_settings_and_its_events_name_it(tmp_path: Path) -> None:
    files = acute(
        """
        n | from | to | in | out
        1 | 1    | 2  | 8  | 6
        2 | 20   | 22 | 7  | 8
        """
    )
    # Both stays are from the 2nd to the 20th; care by the day is a separate episode between them.
    weeks = delivered(
        SSRB="n | MOR_PRP | HOS_TYP_UM | ENT_MOD | SOR_MOD\n1 | J449 | 1 | 6 | 7",
        SSRC="n\n1",
        HADB="SEQ_NUM | SSEQ_NUM | DGN_PAL\n1 | 1 | Z515",
        HADC="n\n1",
        RIPRSA="SEQ_SEQ_NUM | DGN_PAL | FOR_ACT\n1 | F200 | 21",
        RIPC="n\n1",
    )
    release = release_of(tmp_path, {**files, **weeks})
    chained = (
        "SELECT care_setting, nights, episode_order, episode_stays, episode_id = first.stay_id "
        "FROM stay, (SELECT stay_id FROM stay WHERE nights = 1) AS first "
        "ORDER BY episode_stays, episode_order, care_setting"
    )
    found = rows(release, chained)
    assert found[0] == ("psy", None, 1, 1, False)
    assert [one[2:] for one in found[1:]] == [(place, 4, True) for place in (1, 2, 3, 4)]
    assert sorted(str(one[0]) for one in found[2:4]) == ["had", "ssr"]
    assert found[1][:2] == ("mco", 1)
    assert found[4][:2] == ("mco", 2)
    told = (
        "SELECT event_type, event.care_setting, count(*) FROM event JOIN stay USING (stay_id) "
        "WHERE event.episode_id = stay.episode_id GROUP BY ALL ORDER BY ALL"
    )
    assert rows(release, told) == [
        ("diagnosis", "had", 1),
        ("diagnosis", "mco", 2),
        ("diagnosis", "psy", 1),
        ("diagnosis", "ssr", 1),
        ("stay", "had", 1),
        ("stay", "mco", 2),
        ("stay", "psy", 1),
        ("stay", "ssr", 1),
    ]
    loose = "SELECT count(*) FROM event WHERE (stay_id IS NULL) <> (episode_id IS NULL)"
    assert rows(release, loose) == [(0,)]


def test_a_stay_known_by_its_month_is_alone_and_no_readmission_can_be_told(many: Together) -> None:
    asked = "SELECT nights, episode_order, days_since_episode, is_readmission FROM stay ORDER BY 1"
    assert many.rows("month", asked) == [(1, 1, None, False), (2, 1, None, None)]


@pytest.mark.parametrize(("come", "origin", "unplanned"), UNPLANNED)
def test_unplanned_is_from_home_through_the_emergency_unit(
    many: Together, come: str, origin: str, unplanned: bool | None
) -> None:
    assert many.rows(f"{come} {origin}", "SELECT is_unplanned FROM stay") == [(unplanned,)]


def test_the_order_of_stays_changes_no_episode(tmp_path: Path) -> None:
    files = acute(
        """
        n | from | to | in | out
        1 | 1    | 3  | 8  | 7
        2 | 1    | 3  | 8  | 7
        3 | 3    | 3  | 7  | 8
        4 | 4    | 4  | .  | 8
        """
    )
    turned: Files = {name: list(reversed(lines)) for name, lines in files.items()}
    one = release_of(tmp_path / "one", files)
    assert everything(one) == everything(release_of(tmp_path / "other", turned))
