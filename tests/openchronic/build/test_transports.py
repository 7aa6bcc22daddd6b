"""Transports: their departure and their route, once each, and never the driver."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from openchronic.catalogue import load_tables
from tests.openchronic.build.cases import Together, built_together
from tests.openchronic.build.drawn_rows import Ask
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import ALICE, Files, Row, claim, key, person, plain, write

CLAIMS, RIDES = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_TRS_F_2021.CSV"
TAXI = {"PRS_NAT_REF": "4214", "PSE_ACT_NAT": "56"}


def taxi(number: int, day: str, **other: str) -> dict[str, str]:
    return claim(number, ALICE, day) | TAXI | other


def ride(number: int, start: str, end: str, *, order: int = 1, **other: str) -> dict[str, str]:
    """Returns a line of ER_TRS_F, between two postal codes."""
    places = {"TRS_DEP_CDP": start, "TRS_ARR_CDP": end}
    return key(number, "01/04/2021") | {"ITR_ORD_NUM": str(order)} | places | other


def case(claims: Sequence[Row], rides: Sequence[Row] | None) -> Files:
    return {CLAIMS: claims} | ({} if rides is None else {RIDES: rides})


def release_of(folder: Path, claims: Sequence[Row], rides: Sequence[Row] | None) -> Path:
    return built(write(folder / "snds", {**plain(), **case(claims, rides)}), folder / "releases")


def asked(ask: Ask, columns: str) -> list[tuple[Any, ...]]:
    return ask(
        f"FROM event SELECT {columns} WHERE event_type = 'transport' ORDER BY start_date, end_date"
    )


def transports(release: Path, columns: str) -> list[tuple[Any, ...]]:
    return asked(partial(rows, release), columns)


# The input of one build: each case is a woman of her own.
CASES: dict[str, Files] = {
    "places": case(
        [taxi(n, f"{n:02}/03/2021") for n in range(1, 7)],
        [
            ride(1, "35000", "22000"),
            ride(2, "22000", "35000"),
            ride(3, "35000", "35400"),
            ride(4, "20137", "20200", TRS_DTD_DTE="03/03/2021", TRS_DTF_DTE="05/03/2021"),
            ride(5, "35000", ""),
            # A day that contradicts the day of care.
            ride(6, "97133", "75001", TRS_DTD_DTE="03/03/2019"),
        ],
    ),
    "codes": case(
        [taxi(n, f"{n:02}/03/2021") for n in range(1, 12)],
        [
            ride(n, code, code)
            for n, code in enumerate(
                [
                    "35000",
                    "01500",
                    "20137",
                    "20290",
                    "20600",
                    "97133",
                    "98000",
                    "00000",
                    "3500",
                    "3A000",
                    "99999",
                ],
                1,
            )
        ],
    ),
    "there and back": case(
        [taxi(1, "01/03/2021", PRS_ACT_QTE="2")],
        [ride(1, "35000", "22000", order=1), ride(1, "22000", "35000", order=2)],
    ),
    "cancelled": case(
        [
            taxi(1, "01/03/2021"),
            taxi(2, "01/03/2021", PRS_ACT_QTE="-1"),
            taxi(3, "02/03/2021"),
        ],
        [ride(1, "35000", "22000"), ride(3, "35000", "35400")],
    ),
    "no claim": case(
        [taxi(1, "01/03/2021")],
        [ride(1, "35000", "22000"), ride(9, "35000", "22000"), ride(1, "35000", "22000")],
    ),
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Together:
    return built_together(tmp_path_factory.mktemp("transports"), CASES)


def test_a_transport_says_when_it_left_and_which_departements_it_links(many: Together) -> None:
    assert asked(many.of("places"), "start_date, end_date, code_role, quantity") == [
        (date(2021, 3, 1), date(2021, 3, 1), "22-35", 1),
        (date(2021, 3, 2), date(2021, 3, 2), "22-35", 1),
        (date(2021, 3, 3), date(2021, 3, 3), "35", 1),
        (date(2021, 3, 3), date(2021, 3, 5), "2A-2B", 1),
        (date(2021, 3, 5), date(2021, 3, 5), None, 1),
        (date(2021, 3, 6), date(2021, 3, 6), "75-971", 1),
    ]


def test_a_postal_code_tells_its_departement_and_what_is_none_tells_nothing(many: Together) -> None:
    """Corsica and overseas told apart; too short, with letters or out of bounds is none."""
    found = [role for (role,) in asked(many.of("codes"), "code_role")]
    assert found == ["35", "01", "2A", "2B", "2B", "971", "98", None, None, None, None]


def test_several_rides_of_a_claim_neither_double_it_nor_its_cost(many: Together) -> None:
    found = asked(many.of("there and back"), "code_role, quantity, n_source_rows")
    assert found == [("22-35", 2, 1)]
    assert many.rows("there and back", "SELECT count(*), sum(billed) FROM cost")[0][0] == 1


def test_a_cancellation_that_says_no_route_takes_back_its_transport(many: Together) -> None:
    found = asked(many.of("cancelled"), "start_date, code_role")
    assert found == [(date(2021, 3, 2), "35")]


def test_a_transport_is_the_same_event_whether_its_rides_were_delivered(tmp_path: Path) -> None:
    claims = [taxi(1, "01/03/2021")]
    events = [
        transports(release_of(tmp_path / name, claims, rides), "event_id")
        for name, rides in (
            ("with", [ride(1, "35000", "22000")]),
            ("no_line", []),
            ("without", None),
        )
    ]
    assert events[0] == events[1] == events[2] != []


def test_rides_without_a_claim_are_counted_and_make_nothing(many: Together) -> None:
    assert len(asked(many.of("no claim"), "event_id")) == 1
    (told,) = (
        one
        for one in json.loads((many.release / "manifest.json").read_text())["reconciliation"]
        if one["table"] == "ER_TRS_F"
    )
    # Every ride of the other cases is kept.
    others = sum(len(files[RIDES]) for name, files in CASES.items() if name != "no claim")
    assert [told[name] for name in ("rows", "duplicates", "orphans", "kept")] == [
        3 + others,
        1,
        1,
        1 + others,
    ]


def test_drivers_and_plates_are_read_into_nothing(tmp_path: Path) -> None:
    """The file has all columns of the official list."""
    folder = write(tmp_path / "snds", {**plain(), CLAIMS: [taxi(1, "01/03/2021")]})
    secret = {
        "TRS_CDR_NOM": "DRIVERNAME",
        "TRS_ACP_NOM": "ESCORTNAME",
        "TRS_VEH_NUM": "AA123ZZ",
        "TRS_CDR_NOMC": "D" * 32,
        "TRS_ACP_NOMC": "E" * 32,
        "TRS_VEH_NUMC": "F" * 32,
    }
    line: Mapping[str, str] = ride(1, "35000", "22000") | secret
    text = ";".join(line) + "\n" + ";".join(line.values()) + "\n"
    (folder / RIDES).write_text(text)
    release = built(folder, tmp_path / "releases")
    assert transports(release, "code_role") == [("22-35",)]
    columns = [column.name for column in load_tables()["ER_TRS_F"].columns]
    assert not set(secret) & set(columns)
    kept = [path for path in (tmp_path / "releases").rglob("*.parquet") if path.is_file()]
    assert {"TRS_DEP_CDP"} < {name for path in kept for name in columns_and_rows(path)[0]}, "typed"
    for path in kept:
        names, found = columns_and_rows(path)
        assert not set(secret) & set(names), path
        assert not any(value in str(found) for value in secret.values()), path
    for path in (tmp_path / "releases").rglob("*.json"):
        assert not any(value in path.read_text() for value in secret.values()), path


def columns_and_rows(path: Path) -> tuple[list[str], list[Any]]:
    from pyarrow import parquet

    table = parquet.read_table(path, partitioning=None)
    return table.column_names, table.to_pylist()


def test_the_simplified_product_tells_the_same(tmp_path: Path) -> None:
    claims = [taxi(1, "01/03/2021"), taxi(2, "02/03/2021")]
    whole = release_of(tmp_path / "dcir", claims, [ride(1, "35000", "22000")])
    join = {"CLE_DCI_JNT": "1", "FLX_DIS_DTD": "01/04/2021", "BEN_IDT_ANO": "I" * 18}
    simple = [
        {**one, **join, "CLE_DCI_JNT": one["DCT_ORD_NUM"], "BEN_NIR_PSA": ""} for one in claims
    ]
    rides = [ride(1, "35000", "22000") | join | {"TRS_SEQ_NUM": "1", "EXE_SOI_DTD": "01/03/2021"}]
    files = {name: lines for name, lines in plain().items() if not name.startswith("DCIR")} | {
        "IR_BEN_R.CSV": [person(ALICE, identity="I" * 18)],
        "DCIRS_2021/NS_PRS_F_2021.CSV": simple,
        "DCIRS_2021/NS_TRS_F_2021.CSV": rides,
    }
    other = built(write(tmp_path / "dcirs" / "snds", files), tmp_path / "dcirs" / "releases")
    columns = "start_date, code, code_role, quantity, provider_id"
    assert transports(other, columns) == transports(whole, columns)
    assert transports(other, "code_role") == [("22-35",), (None,)]
