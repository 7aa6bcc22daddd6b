"""In hospital, a number that several persons share belongs to the one in care on that day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.openchronic.build.other_products import FILES, GOOD, NUMBERED
from tests.openchronic.front_door import build, built, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    TWINS,
    Row,
    chaining,
    claim,
    pack,
    person,
    stay,
    write,
)

PEOPLE, CLAIMS = "IR_BEN_R.CSV", "DCIR_2021/ER_PRS_F_2021.CSV"
STAYS, CHAINS = "PMSI/T_MCO21B.CSV", "PMSI/T_MCO21C.CSV"
# Each twin has a drug of their own, which identifies the person of a stay.
OF = {1: "3400930000001", 2: "3400930000002"}


def twin(rank: int, **other: str) -> dict[str, str]:
    own = {"BEN_NIR_ANO": f"{rank}" * 17, "BEN_IDT_TOP": "1"}
    return {**person(TWINS, rank, identity=f"{rank}" * 17), **own, **other}


def two(folder: Path, first: Row, second: Row) -> Path:
    """Writes a delivery in which two persons share a number, and a stay of March 2021 has it."""
    return write(
        folder,
        {
            PEOPLE: [person(ALICE), twin(1, **first), twin(2, **second)],
            CLAIMS: [claim(n, TWINS, "10/03/2021", rank=n) for n in OF],
            "DCIR_2021/ER_PHA_F_2021.CSV": [pack(n, cip) for n, cip in OF.items()],
            STAYS: [stay("0000000001")],
            CHAINS: [chaining("0000000001", TWINS)],
        },
    )


def whose(release: Path) -> list[int]:
    """Returns the ranks of the persons with a stay."""
    found = rows(
        release,
        "SELECT drug.code FROM event AS stay JOIN event AS drug USING (subject_id) "
        "WHERE stay.event_type = 'stay' AND drug.event_type = 'drug'",
    )
    return [rank for rank, cip in OF.items() if (cip,) in found]


# The values of each twin, and the rank of the person of a stay in March 2021.
TOLD: tuple[tuple[Row, Row, int], ...] = (
    ({}, {"MAX_TRT_DTD": "01/12/2010"}, 1),
    ({"MAX_TRT_DTD": "01/12/2010"}, {}, 2),
    ({}, {"BEN_DTE_INS": "01/01/2024"}, 1),
    ({"BEN_DCD_DTE": "01/02/2019"}, {}, 2),
    ({"BEN_NAI_ANN": "2022"}, {}, 2),
)
# The same for values that decide nothing; the second twin is the likelier.
UNTOLD: tuple[tuple[Row, Row], ...] = (
    ({"MAX_TRT_DTD": "01/01/2021"}, {}),
    ({"MAX_TRT_DTD": ""}, {}),
    ({"MAX_TRT_DTD": "01/06/2020"}, {}),
)


def many(folder: Path, pairs: Sequence[tuple[Row, Row]]) -> Path:
    """Writes a delivery of such twins, each pair with a number and a stay of its own."""
    files: dict[str, list[Row]] = defaultdict(list)
    for n, known in enumerate(pairs):
        number = f"{n:017}"
        for rank, cip in OF.items():
            own = {"BEN_NIR_ANO": f"{n}{rank}".zfill(17), "BEN_IDT_TOP": "1"}
            base = person(number, rank, identity=own["BEN_NIR_ANO"])
            files[PEOPLE].append({**base, **own, **known[rank - 1]})
            files[CLAIMS].append(claim(10 * n + rank, number, "10/03/2021", rank=rank))
            files["DCIR_2021/ER_PHA_F_2021.CSV"].append(pack(10 * n + rank, cip))
        files[STAYS].append(stay(f"{n:010}", facility=f"35000{n:04}"))
        files[CHAINS].append(chaining(f"{n:010}", number, facility=f"35000{n:04}"))
    return write(folder, files)


def owners(release: Path) -> list[int]:
    """Returns the rank of the person of each stay, in the order of the pairs."""
    found = rows(
        release,
        "SELECT drug.code FROM event AS stay JOIN event AS drug USING (subject_id) "
        "WHERE stay.event_type = 'stay' AND drug.event_type = 'drug' ORDER BY stay.facility_id",
    )
    return [rank for (code,) in found for rank, cip in OF.items() if code == cip]


def test_a_stay_is_that_of_the_one_in_care_and_says_that_its_number_is_shared(
    tmp_path: Path, releases: Path
) -> None:
    release = built(many(tmp_path / "snds", [known[:2] for known in TOLD]), releases)
    assert owners(release) == [owner for _, _, owner in TOLD]
    flags = rows(release, "SELECT DISTINCT event_type, flags FROM event WHERE stay_id IS NOT NULL")
    assert sorted(flags) == [("diagnosis", "shared_number"), ("stay", "shared_number")]


def test_stays_of_which_nothing_tells_whose_they_are_are_left_out_with_their_share(
    tmp_path: Path, releases: Path
) -> None:
    source = many(tmp_path / "snds", [*UNTOLD, TOLD[0][:2]])
    answer = build(source, releases)
    assert answer.status == 0, answer.text
    assert "8 of 8 (100.0 %) persons share theirs" in answer.text
    assert "3 of 4 (75.0 %) records are left out by stay.of_twins" in answer.text
    release = next((releases / "snds").glob("2*"))
    assert owners(release) == [1]
    # Without the filter each stay goes to the likeliest twin.
    other = built(source, releases, "--without-filter", "stay.of_twins")
    assert owners(other) == [2, 2, 2, 1]
    assert rows(other, "SELECT DISTINCT flags FROM event WHERE event_type = 'stay'") == [
        ("shared_number",)
    ]


def test_a_number_goes_from_one_to_the_other_over_the_years(tmp_path: Path, releases: Path) -> None:
    early = {"ENT": "02MAR2012:00:00:00", "SOR": "05MAR2012:00:00:00"}
    source = two(tmp_path / "snds", {"MAX_TRT_DTD": "01/12/2012"}, {"BEN_DTE_INS": "01/01/2019"})
    dates = {"EXE_SOI_DTD": early["ENT"], "EXE_SOI_DTF": early["SOR"]}
    write(
        source,
        {
            "PMSI/T_MCO12B.CSV": [stay("0000000002", SOR_ANN="2012")],
            "PMSI/T_MCO12C.CSV": [chaining("0000000002", TWINS, **dates)],
        },
    )
    release = built(source, releases)
    query = "SELECT year, count(*) FROM stay GROUP BY year ORDER BY year"
    assert rows(release, query) == [(2012, 1), (2021, 1)]
    assert whose(release) == [1, 2]
    assert rows(release, "SELECT count(DISTINCT subject_id) FROM stay") == [(2,)]


def test_stays_elsewhere_are_told_apart_too(tmp_path: Path, releases: Path) -> None:
    source = two(tmp_path / "snds", {}, {"MAX_TRT_DTD": "01/12/2010"})
    for step in ("ssr", "had", "rip"):
        row = {**GOOD, NUMBERED[step]: "00001", "NIR_ANO_17": TWINS}
        write(source, {f"PMSI/{name}.CSV": [row] for name in FILES[step]})
    release = built(source, releases)
    flagged = rows(
        release,
        "SELECT care_setting, min(flags) FROM event WHERE event_type = 'stay' GROUP BY ALL ORDER BY 1",
    )
    assert flagged == [(where, "shared_number") for where in ("had", "mco", "psy", "ssr")]
    assert rows(release, "SELECT count(DISTINCT subject_id), count(*) FROM stay") == [(1, 4)]


def test_two_lifelong_numbers_under_one_pair_are_never_told_apart(
    tmp_path: Path, releases: Path
) -> None:
    other = {"BEN_NIR_ANO": "9" * 17, "BEN_IDT_ANO": "9" * 17, "MAX_TRT_DTD": "01/12/2010"}
    source = two(tmp_path / "snds", {}, {"BEN_RNG_GEM": "1"} | other)
    assert rows(built(source, releases), "SELECT count(*) FROM stay") == [(0,)]


def test_ranks_under_one_lifelong_number_are_one_person_told_with_a_warning(
    tmp_path: Path, releases: Path
) -> None:
    own = {"BEN_NIR_ANO": "1" * 17, "BEN_IDT_ANO": "1" * 17}
    files = {
        PEOPLE: [twin(rank, **own) for rank in (1, 2, 3)],
        CLAIMS: [claim(n, TWINS, "10/03/2021", rank=n) for n in (1, 2, 3)],
        "DCIR_2021/ER_PHA_F_2021.CSV": [pack(n, METFORMIN) for n in (1, 2, 3)],
        STAYS: [stay("0000000001")],
        CHAINS: [chaining("0000000001", TWINS)],
    }
    answer = build(write(tmp_path / "snds", files), releases)
    assert answer.status == 0, answer.text
    assert (
        "warning: 1 of 1 numbers have several birth ranks under one lifelong number" in answer.text
    )
    release = next((releases / "snds").glob("2*"))
    assert rows(release, "SELECT count(*) FROM patient") == [(1,)]
    assert rows(release, "SELECT count(*) FROM stay") == [(1,)]
