"""Acts, tests, devices, hospital drugs and services of claims as events: small deliveries, answers by hand."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from openchronic.building.lines import KINDS
from openchronic.building.sitekey import PUBLIC_KEY
from openchronic.schema import load_nomenclature
from tests.openchronic.building.drawn_rows import drawn
from tests.openchronic.building.test_simplified import SIMPLE_CLAIMS, simple
from tests.openchronic.front_door import build, built, everything, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    Files,
    Row,
    claim,
    facility,
    key,
    pack,
    person,
    plain,
    write,
)

CLAIMS, PACKS, PLACES = (f"DCIR_2021/ER_{name}_F_2021.CSV" for name in ("PRS", "PHA", "ETE"))
LINES = {
    "CAM": {"CAM_PRS_IDE": "DEQP003", "CAM_ACT_COD": "1", "CAM_TRT_PHA": "0"},
    "BIO": {"BIO_PRS_IDE": "1577", "BIO_ACT_QSN": "1"},
    "TIP": {"TIP_PRS_IDE": "1130220", "TIP_ACT_QSN": "1", "TIP_PRS_TYP": "1"},
    "UCD": {"UCD_UCD_COD": "0000009261098", "UCD_DLV_NBR": "1", "UCD_TOP_UCD": "0"},
}
QUANTITY = {"BIO": "BIO_ACT_QSN", "TIP": "TIP_ACT_QSN", "UCD": "UCD_DLV_NBR"}
STEPS = {"CAM": "procedure", "BIO": "biology", "TIP": "device", "UCD": "hospital_drug"}
DOCTOR = {"PRS_NAT_REF": "1111", "PSE_SPE_COD": "1", "PSE_ACT_NAT": "0", "PFS_PRE_NUM": ""}
FLUX = date(2021, 4, 1)


def line(
    table: str, number: int, *, flux: str = "01/04/2021", order: int = 1, **other: str
) -> dict[str, str]:
    """A line of ER_CAM_F, ER_BIO_F, ER_TIP_F or ER_UCD_F."""
    return {**key(number, flux), f"{table}_ORD_NUM": str(order), **LINES[table], **other}


def delivery(
    claims: Sequence[Row], details: Sequence[Row], places: Sequence[Row] = ()
) -> dict[str, list[Row]]:
    """The plain delivery with these claims, and each detail in its table."""
    files: dict[str, list[Row]] = {**plain(), CLAIMS: [*claims], PACKS: []}
    for one in details:
        (table,) = (name for name in (*LINES, "PHA") if f"{name}_ORD_NUM" in one)
        files.setdefault(f"DCIR_2021/ER_{table}_F_2021.CSV", []).append(one)
    return files | ({PLACES: [*places]} if places else {})


def release_of(
    folder: Path, claims: Sequence[Row], details: Sequence[Row], places: Sequence[Row] = ()
) -> Path:
    return built(write(folder / "snds", delivery(claims, details, places)), folder / "releases")


def manifest_of(release: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((release / "manifest.json").read_text())
    return manifest


def removed(release: Path) -> dict[str, int]:
    return {
        one["name"]: one["removed"] for one in manifest_of(release)["filters"] if one["removed"]
    }


def of_claims(release: Path, columns: str) -> list[tuple[Any, ...]]:
    """Events of claims, in the order of the pathway."""
    return rows(
        release,
        f"FROM event SELECT {columns} WHERE source_table LIKE 'ER%' "
        "ORDER BY subject_id, start_date, order_in_day",
    )


def test_each_kind_of_line_is_an_event_that_says_what_was_done(tmp_path: Path) -> None:
    nurse = {"PRS_NAT_REF": "3111", "PRS_ACT_QTE": "4", "PSE_ACT_NAT": "24", "PSE_SPE_COD": "0"}
    release = release_of(
        tmp_path,
        [
            claim(1, ALICE, "01/03/2021") | DOCTOR,
            claim(2, ALICE, "02/03/2021", PRS_NAT_REF="1352", PSE_SPE_COD="3", PFS_PRE_NUM=""),
            claim(3, ALICE, "03/03/2021", PRS_NAT_REF="3211", PSE_ACT_NAT="30"),
            claim(4, ALICE, "04/03/2021"),
            claim(5, ALICE, "05/03/2021", PRS_NAT_REF="3317", PSE_ACT_NAT="52"),
            claim(6, ALICE, "06/03/2021", PRS_NAT_REF="3512", PSE_ACT_NAT="60"),
            claim(7, ALICE, "07/03/2021") | nurse,
            claim(8, ALICE, "08/03/2021", PRS_NAT_REF="3122", PSE_ACT_NAT="26"),
            claim(9, ALICE, "09/03/2021", PRS_NAT_REF="4213", PSE_ACT_NAT="99"),
        ],
        [
            line("CAM", 2),
            line("BIO", 3, BIO_ACT_QSN="2"),
            pack(4, METFORMIN, 3),
            line("UCD", 5, UCD_DLV_NBR="30"),
            line("TIP", 6, TIP_ACT_QSN="5"),
        ],
    )
    columns = (
        "day(start_date), event_type, vocabulary, code, code_role, quantity, provider_id, "
        "provider_specialty, source_table"
    )
    doer, asker = "35200001", "35100001"
    act = "1/0"
    assert of_claims(release, columns) == [
        (1, "visit", "PRS_NAT", "1111", None, 1, doer, "1", "ER_PRS_F"),
        (2, "procedure", "CCAM", "DEQP003", act, 1, doer, "3", "ER_CAM_F"),
        (3, "biology", "NABM", "1577", None, 2, doer, "A30", "ER_BIO_F"),
        (4, "drug", "CIP13", METFORMIN, "dispensed", 3, asker, "1", "ER_PHA_F"),
        (5, "hospital_drug", "UCD", "9261098", "retrocession", 30, asker, "1", "ER_UCD_F"),
        (6, "device", "LPP", "1130220", "purchase", 5, doer, "A60", "ER_TIP_F"),
        (7, "nursing", "PRS_NAT", "3111", None, 4, doer, "A24", "ER_PRS_F"),
        (8, "physiotherapy", "PRS_NAT", "3122", None, 1, doer, "A26", "ER_PRS_F"),
        (9, "transport", "PRS_NAT", "4213", None, 1, doer, None, "ER_PRS_F"),
    ]
    same = "end_date = start_date, known_date, care_setting, facility_id, date_precision, flags"
    assert set(of_claims(release, same)) == {(True, FLUX, "city", None, "day", None)}
    labels = rows(release, "SELECT code, label FROM code WHERE vocabulary = 'PRS_NAT' ORDER BY 1")
    assert labels[0] == ("1111", "CONSULTATION COTEE C")
    assert len(labels) == 4
    assert {
        one["table"]: one["kept"] for one in manifest_of(release)["accounts"] if one["kept"]
    } | {"T_MCOaaB": 1} == {
        "ER_PRS_F": 9,
        "ER_PRS_F (services)": 4,
        "ER_PHA_F": 1,
        "ER_CAM_F": 1,
        "ER_BIO_F": 1,
        "ER_TIP_F": 1,
        "ER_UCD_F": 1,
        "IR_IMB_R": 1,
        "T_MCOaaB": 1,
        "T_MCOaaC": 1,
        "T_MCOaaD": 1,
    }


def test_each_code_is_written_in_one_way(tmp_path: Path) -> None:
    table = drawn("""
        table | written         | code
        CAM   | DEQP003         | DEQP003
        CAM   | DEQP00301234    | DEQP003
        BIO   | 522             | 0522
        BIO   | 1577            | 1577
        BIO   | 0               | .
        TIP   | 201             | 0000201
        TIP   | 1130220         | 1130220
        TIP   | 0               | .
        UCD   | 0000009261098   | 9261098
        UCD   | 9261098         | 9261098
        UCD   | 3400892610985   | 9261098
        UCD   | 0000000000000   | .
    """)
    name = {"CAM": "CAM_PRS_IDE", "BIO": "BIO_PRS_IDE", "TIP": "TIP_PRS_IDE", "UCD": "UCD_UCD_COD"}
    numbered = list(enumerate(table, start=1))
    release = release_of(
        tmp_path,
        [claim(n, ALICE, f"{n:02}/03/2021") for n, _ in numbered],
        [line(row["table"], n) | {name[row["table"]]: row["written"]} for n, row in numbered],
    )
    assert of_claims(release, "day(start_date), code") == [
        (n, row["code"]) for n, row in numbered if row["code"]
    ]
    assert removed(release) == {
        "biology_without_code": 1,
        "device_without_code": 1,
        "hospital_drug_without_code": 1,
    }


def test_roles_tell_what_an_act_a_device_or_a_hospital_drug_was(tmp_path: Path) -> None:
    table = drawn("""
        table | column      | said | role
        CAM   | CAM_ACT_COD | 4    | 4/0
        CAM   | CAM_ACT_COD | .    | -/0
        CAM   | CAM_TRT_PHA | 2    | 1/2
        CAM   | CAM_TRT_PHA | .    | 1/-
        TIP   | TIP_PRS_TYP | 3    | rental
        TIP   | TIP_PRS_TYP | 5    | repair
        TIP   | TIP_PRS_TYP | 9    | .
        TIP   | TIP_PRS_TYP | .    | .
        UCD   | UCD_TOP_UCD | 0    | retrocession
        UCD   | UCD_TOP_UCD | 1    | on_top
        UCD   | UCD_TOP_UCD | .    | .
    """)
    numbered = list(enumerate(table, start=1))
    release = release_of(
        tmp_path,
        [claim(n, ALICE, f"{n:02}/03/2021") for n, _ in numbered],
        [line(row["table"], n) | {row["column"]: row["said"]} for n, row in numbered],
    )
    assert of_claims(release, "day(start_date), code_role") == [
        (n, row["role"] or None) for n, row in numbered
    ]


def test_another_known_profession_makes_no_nursing_and_an_unknown_one_does(tmp_path: Path) -> None:
    table = drawn("""
        n | PRS_NAT_REF | PSE_ACT_NAT | event
        1 | 3112        | 24          | nursing
        2 | 3112        | .           | nursing
        3 | 3112        | 0           | nursing
        4 | 3112        | 21          | .
        5 | 3125        | 26          | physiotherapy
        6 | 3125        | 24          | .
        7 | 1191        | 50          | visit
        8 | 3303        | 24          | .
        9 | 1933        | 0           | .
    """)
    claims = [
        claim(
            int(row["n"]),
            ALICE,
            f"0{row['n']}/03/2021",
            PRS_NAT_REF=row["PRS_NAT_REF"],
            PSE_ACT_NAT=row["PSE_ACT_NAT"],
        )
        for row in table
    ]
    release = release_of(tmp_path, list(claims), [])
    assert of_claims(release, "day(start_date), event_type") == [
        (int(row["n"]), row["event"]) for row in table if row["event"]
    ]


# Quantities of the lines of one day, and what is left of them: an event, of so many lines.
SUMS = drawn("""
    day | lines  | kept | n_lines
    1   | 2      | 2    | 1
    2   | 1 1    | 2    | 2
    3   | 2 -1   | 1    | 2
    4   | 1 -1   | .    | .
    5   | 1 -1 1 | 1    | 3
    6   | -1     | .    | .
    7   | 0      | .    | .
    8   | 1 .    | 1    | 2
""")


def summed(number: int = 0) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Claims and details of ``SUMS``, each line in a flux of its own, for every table and a visit."""
    claims, details = [], []
    for row in SUMS:
        for at, quantity in enumerate(row["lines"].replace(".", "").split(" ")):
            number += 1
            flux = f"01/{4 + at:02}/2021"
            day = f"{row['day'].zfill(2)}/03/2021"
            claims.append(claim(number, ALICE, day, flux=flux) | DOCTOR | {"PRS_ACT_QTE": quantity})
            details += [
                line(table, number, flux=flux) | {QUANTITY[table]: quantity}
                if table in QUANTITY
                else line(table, number, flux=flux)
                for table in LINES
            ]
    return claims, details


def test_cancellations_take_back_what_they_cancel_in_every_kind(tmp_path: Path) -> None:
    release = release_of(tmp_path, *summed())
    found = rows(
        release,
        "SELECT event_type, day(start_date), quantity, n_source_rows, known_date "
        "FROM event WHERE source_table LIKE 'ER%'",
    )
    expected = [
        (kind, int(row["day"]), float(row["kept"]), int(row["n_lines"]), FLUX)
        for kind in ("visit", *STEPS.values())
        for row in SUMS
        if row["kept"]
    ]
    # An act is one per line: its claim says whether it was done or taken back, not how often.
    reduced = {("procedure", 1): 1.0, ("procedure", 3): None}
    expected = [
        (kind, day, reduced.get((kind, day), kept) or 0.0, n, known)
        for kind, day, kept, n, known in expected
        if reduced.get((kind, day), kept)
    ]
    assert sorted(found) == sorted(expected)
    # What the sums took is counted by table: days 4, 6 and 7, and of acts the 3rd too.
    taken = manifest_of(release)["regularised_tables"]
    assert {table: one["lines"] for table, one in taken.items()} == {
        "ER_BIO_F": 4,
        "ER_CAM_F": 6,
        "ER_PRS_F": 4,
        "ER_TIP_F": 4,
        "ER_UCD_F": 4,
    }
    assert {one["cancelling_lines"] for one in taken.values()} == {4}
    assert manifest_of(release)["regularised"]["lines"] == 22


def test_acts_that_differ_in_anything_are_not_summed(tmp_path: Path) -> None:
    day = "10/03/2021"
    claims: list[Row] = [
        claim(1, ALICE, day),
        claim(2, ALICE, day),
        claim(3, ALICE, day, PFS_EXE_NUM="35200009"),
        claim(4, ALICE, day, PFS_PRE_NUM="35100009"),
        claim(5, ALICE, day),
        claim(6, ALICE, day, PFS_PRE_NUM=""),
    ]
    details = [line("CAM", n) for n in (1, 2, 3, 4, 6)] + [line("CAM", 5, CAM_ACT_COD="4")]
    release = release_of(tmp_path, claims, details)
    assert sorted(of_claims(release, "quantity, n_source_rows")) == [(1, 1)] * 4 + [(2, 2)]
    assert rows(release, "SELECT count(DISTINCT event_id) = count(*) FROM event") == [(True,)]


DEFECTS: dict[str, Row] = {
    "fictive_number": {"BEN_NIR_PSA": "F" * 17},
    "unknown_beneficiary": {"BEN_NIR_PSA": "Q" * 17},
    "without_date": {"EXE_SOI_DTD": "01/01/1600"},
    "for_information": {"PRS_DPN_QLP": "71"},
    "public_t2a": {},
    "surcharge": {"CPL_MAJ_TOP": "2"},
    "copayment": {"CPL_AFF_COD": "16"},
    "for_information_72": {"DPN_QLF": "72"},
    "clinic_stay": {},
    "of_which_nothing_is_known": {
        "DPN_QLF": "",
        "PRS_DPN_QLP": "",
        "CPL_MAJ_TOP": "",
        "CPL_AFF_COD": "",
    },
}
BY_SWITCH = ("for_information_72", "clinic_stay")


def defective() -> dict[str, list[Row]]:
    """A claim for each defect, each a visit with a line of every detail table; and orphans."""
    numbers = dict(enumerate(DEFECTS, start=1))
    claims = [
        {**claim(n, ALICE, f"{n:02}/03/2021") | DOCTOR, **DEFECTS[name]}
        for n, name in numbers.items()
    ]
    details = [line(table, n) for n in (*numbers, 99) for table in LINES]
    places = [
        facility(n, ETE_IND_TAA="1" if name == "public_t2a" else "2", ETE_MCO_DDP="M")
        for n, name in numbers.items()
        if name in ("public_t2a", "clinic_stay")
    ]
    people: list[Row] = [person(ALICE), person("F" * 17, BEN_CDI_NIR="05")]
    return {**delivery(list(claims), details, list(places)), "IR_BEN_R.CSV": people}


@pytest.mark.parametrize("switched", [(), BY_SWITCH], ids=["as they are", "with more"])
def test_a_line_that_does_not_count_is_removed_by_the_filter_that_says_why(
    tmp_path: Path, switched: tuple[str, ...]
) -> None:
    steps = ("service", *STEPS.values())
    options = [
        word for name in switched for step in steps for word in ("--with-filter", f"{step}_{name}")
    ]
    told = build(write(tmp_path / "snds", defective()), tmp_path / "releases", *options)
    assert told.status == 0, told.text
    release = (tmp_path / "releases/snds/current").resolve()
    removes = [name for name in list(DEFECTS)[:-1] if name not in BY_SWITCH or name in switched]
    expected = {f"{step}_{name}": 1 for step in steps for name in removes}
    expected |= {f"{step}_orphan": 1 for step in STEPS.values()}
    assert {
        name: n for name, n in removed(release).items() if not name.startswith("cost_")
    } == expected
    left = Counter(of_claims(release, "event_type"))
    assert set(left.values()) == {len(DEFECTS) - len(removes)}
    assert len(left) == len(steps)


def test_the_facility_is_told_and_whether_it_is_a_hospital(tmp_path: Path) -> None:
    table = drawn("""
        n | ETE_IND_TAA | ETE_MCO_DDP | PRS_PPU_SEC | setting
        1 | 2           | M           | 2           | private_clinic
        2 | 0           | S           | 1           | public_hospital
        3 | 0           | P           | 2           | private_clinic
        4 | 0           | Z           | 1           | city
        5 | .           | .           | .           | city
    """)
    places: list[Row] = [
        facility(int(row["n"]), **{k: v for k, v in row.items() if k not in ("n", "setting")})
        for row in table
    ]
    # A second facility of the same line multiplies nothing: the hospital is told.
    places.append(facility(1, ETB_EXE_FIN="01000001", ETE_IND_TAA="0", ETE_MCO_DDP="Z"))
    claims: list[Row] = [claim(n, ALICE, f"0{n}/03/2021") | DOCTOR for n in range(1, 7)]
    release = release_of(tmp_path, claims, [line("CAM", 1)], places)
    assert of_claims(release, "day(start_date), event_type, care_setting, facility_id") == [
        (1, "visit", "private_clinic", "35000002"),
        (1, "procedure", "private_clinic", "35000002"),
        *((int(row["n"]), "visit", row["setting"], "35000002") for row in table[1:]),
        (6, "visit", "city", None),
    ]


def test_a_rental_lasts_as_long_as_it_says_unless_it_contradicts_itself(tmp_path: Path) -> None:
    table = drawn("""
        n | TIP_ACL_DTD | TIP_ACL_DTF | start | end
        1 | 20/02/2021  | 15/03/2021  | 02-20 | 03-15
        2 | 20/02/2021  | .           | 02-20 | 02-20
        3 | .           | 15/03/2021  | 03-10 | 03-10
        4 | 01/01/1600  | 01/01/1600  | 03-10 | 03-10
        5 | 20/02/2021  | 15/02/2021  | 03-10 | 03-10
        6 | 20/02/2011  | 15/03/2021  | 03-10 | 03-10
        7 | 20/05/2021  | 15/06/2021  | 03-10 | 03-10
        8 | 20/02/2021  | 15/03/2031  | 02-20 | 02-20
    """)
    release = release_of(
        tmp_path,
        [claim(int(row["n"]), ALICE, "10/03/2021") for row in table],
        [
            line(
                "TIP",
                int(row["n"]),
                TIP_PRS_IDE=f"113022{row['n']}",
                TIP_ACL_DTD=row["TIP_ACL_DTD"],
                TIP_ACL_DTF=row["TIP_ACL_DTF"],
            )
            for row in table
        ],
    )
    found = rows(
        release,
        "SELECT substr(code, 7, 1), strftime(start_date, '%m-%d'), strftime(end_date, '%m-%d') "
        "FROM event WHERE event_type = 'device' ORDER BY code",
    )
    assert found == [(row["n"], row["start"], row["end"]) for row in table]


def test_within_a_day_events_have_an_order_of_their_own(tmp_path: Path) -> None:
    natures = {1: "4213", 2: "3122", 3: "3111", 4: "3303", 5: "1111"}
    claims = [claim(n, ALICE, "10/03/2021", PRS_NAT_REF=one) for n, one in natures.items()]
    details = [line(table, 4) for table in ("UCD", "TIP", "BIO", "CAM")] + [pack(4, METFORMIN)]
    release = release_of(tmp_path, list(claims), details)
    assert [kind for (kind,) in of_claims(release, "event_type")] == [
        "visit",
        "procedure",
        "biology",
        "drug",
        "hospital_drug",
        "device",
        "nursing",
        "physiotherapy",
        "transport",
    ]


def test_neither_the_order_of_rows_nor_the_cut_of_files_changes_a_release(tmp_path: Path) -> None:
    claims, details = summed(100)
    files = defective()
    for name, more in delivery(claims, details).items():
        if name.startswith("DCIR") and name != PACKS:
            files[name] = [*files[name], *more]
    del files[PACKS]
    cut = {name: lines[::-1] for name, lines in files.items()}
    for name in [name for name in files if name.startswith("DCIR")]:
        cut[name], cut[name.replace("DCIR", "MORE")] = cut[name][::2], cut[name][1::2]
    one = built(write(tmp_path / "one", files), tmp_path / "from_one")
    other = built(write(tmp_path / "other", cut), tmp_path / "from_other")
    assert everything(one) == everything(other)
    assert len(of_claims(one, "event_id")) > 20


def test_months_taken_one_by_one_give_what_all_of_them_give_together(tmp_path: Path) -> None:
    """How many claims fit in memory decides how many months are read at once, and nothing else."""
    claims, details = summed()
    moves = {"BEN_RES_DPT": "035", "BEN_RES_COM": "238"}
    source = write(tmp_path / "snds", delivery([one | moves for one in claims], details))
    cramped = "import openchronic.building.claims as claims; claims.BYTES_PER_CLAIM = 10**12"
    for name, before in (("together", ""), ("one_by_one", cramped)):
        told = build(source, tmp_path / name, before=before)
        assert told.status == 0, told.text
    together, one_by_one = (
        (tmp_path / name / "snds/current").resolve() for name in ("together", "one_by_one")
    )
    assert everything(together) == everything(one_by_one)
    assert together.name == one_by_one.name


def test_the_simplified_product_gives_the_same_events(tmp_path: Path) -> None:
    """But for what it lacks: lines sent for information by their sender alone, surcharges."""
    claims, details = summed()
    by_number = {one["DCT_ORD_NUM"]: one for one in claims}
    people: list[Row] = [person(ALICE)]
    plainly = {**delivery(claims, details), "IR_BEN_R.CSV": people}
    simplified = {name: lines for name, lines in plainly.items() if not name.startswith("DCIR")}
    simplified[SIMPLE_CLAIMS] = [
        simple(one, PSE_SPE_COD=one["PSE_SPE_COD"], PSE_ACT_NAT=one["PSE_ACT_NAT"])
        for one in claims
    ]
    for table, said in LINES.items():
        simplified[f"DCIRS/ns_{table.lower()}_f_2021.csv"] = [
            {
                **{name: one[name] for name in ("FLX_DIS_DTD", *said)},
                "CLE_DCI_JNT": one["DCT_ORD_NUM"],
                f"{table}_SEQ_NUM": one[f"{table}_ORD_NUM"],
                "BEN_IDT_ANO": f"{ALICE}1",
                "EXE_SOI_DTD": by_number[one["DCT_ORD_NUM"]]["EXE_SOI_DTD"],
            }
            for one in details
            if f"{table}_ORD_NUM" in one
        ]
    dcir = built(write(tmp_path / "dcir", plainly), tmp_path / "from_dcir")
    dcirs = built(write(tmp_path / "dcirs", simplified), tmp_path / "from_dcirs")
    assert everything(dcir)["event"] == everything(dcirs)["event"]
    assert everything(dcir)["code"] == everything(dcirs)["code"]


def test_acts_are_as_many_as_the_simplified_product_counts(tmp_path: Path) -> None:
    lines = {1: "2", 2: "-1", 3: ""}
    source: Files = {
        **{name: rows_of for name, rows_of in plain().items() if not name.startswith("DCIR")},
        SIMPLE_CLAIMS: [simple(claim(n, ALICE, f"0{n}/03/2021")) for n in lines],
        "DCIRS/ns_cam_f_2021.csv": [
            {
                **LINES["CAM"],
                "FLX_DIS_DTD": "01/04/2021",
                "CLE_DCI_JNT": str(n),
                "CAM_SEQ_NUM": "1",
                "CAM_ACT_QSN": count,
            }
            for n, count in lines.items()
        ],
    }
    release = built(write(tmp_path / "snds", source), tmp_path / "releases")
    assert of_claims(release, "day(start_date), quantity") == [(1, 2), (3, 1)]


def test_drugs_keep_the_identifier_that_they_had(tmp_path: Path) -> None:
    """A study that noted identifiers finds the same dispensings in a later release."""
    release = release_of(
        tmp_path, [claim(1, ALICE, "10/03/2021")], [pack(1, METFORMIN), line("UCD", 1)]
    )
    ((subject, found),) = rows(
        release, "SELECT subject_id, event_id FROM event WHERE event_type = 'drug'"
    )
    natural = f"{subject}|2021-03-10|CIP13|{METFORMIN}|35200001|35100001"
    assert found == hashlib.sha256(f"{PUBLIC_KEY}|drug|{natural}".encode()).hexdigest()[:32]


def test_a_hospital_drug_has_the_class_of_its_packs(tmp_path: Path) -> None:
    files: Files = {
        **delivery([claim(1, ALICE, "10/03/2021")], [line("UCD", 1)]),
        "IR_PHA_R.CSV": [
            {
                "PHA_CIP_C13": METFORMIN,
                "PHA_CIP_UCD": "9261098",
                "PHA_ATC_CLA": "L01XX32",
                "PHA_MED_NOM": "VELCADE",
            }
        ],
    }
    release = built(write(tmp_path / "snds", files), tmp_path / "releases")
    query = "SELECT label, parent_code, is_large_pack FROM code WHERE vocabulary = 'UCD'"
    assert rows(release, query) == [("VELCADE", "L01XX32", None)]


def test_natures_that_are_events_are_natures_once_and_say_their_source() -> None:
    known = {row["code"] for row in load_nomenclature("service")}
    listed = load_nomenclature("service_event")
    assert {row["code"] for row in listed} <= known
    assert len({row["code"] for row in listed}) == len(listed)
    assert all(row["source"] for row in listed)
    kinds = {row["event_type"] for row in listed}
    assert kinds == {"visit", "nursing", "physiotherapy", "transport"}
    assert len({kind.step for kind in KINDS}) == len(KINDS)
