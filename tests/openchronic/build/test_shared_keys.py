"""Lines that share a key: different lines are never merged, and a line that is delivered twice counts once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import openchronic as oc
from openchronic.api import pinning
from tests.openchronic.build.claim_lines import (
    DOCTOR,
    LINES,
    STEPS,
    delivery,
    line,
    manifest_of,
    of_claims,
)
from tests.openchronic.build.test_hospital_events import fates
from tests.openchronic.build.test_simplified import (
    SIMPLE_CLAIMS,
    SIMPLE_PACKS,
    simple,
    simple_pack,
)
from tests.openchronic.front_door import build, built, digests, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    RAMIPRIL,
    Row,
    chaining,
    claim,
    pack,
    person,
    plain,
    stay,
    without,
    write,
)

BOB = "B" * 17
AGAIN = "more/ER_{}_F_2021.CSV"


def files(claims: Sequence[Row], details: Sequence[Row] = (), **others: Sequence[Row]) -> Any:
    """Returns a delivery of Alice and Bob; ``others``: tables that a second file delivers again."""
    people: list[Row] = [person(ALICE), person(BOB)]
    more = {AGAIN.format(name): lines for name, lines in others.items()}
    return {**delivery(claims, details), "IR_BEN_R.CSV": people, **more}


def release_of(folder: Path, delivered: Any) -> Path:
    return built(write(folder / "snds", delivered), folder / "releases")


def told(release: Path) -> dict[str, int]:
    return {one["table"]: one["lines"] for one in manifest_of(release)["key_conflicts"]}


def test_two_lines_of_one_key_that_differ_are_two(tmp_path: Path) -> None:
    """In some years the last part of the key is the number of lines, not the number of the line."""
    code = {"CAM": ("CAM_PRS_IDE", "BGQP002"), "BIO": ("BIO_PRS_IDE", "0522")}
    code |= {"TIP": ("TIP_PRS_IDE", "1104432"), "UCD": ("UCD_UCD_COD", "0000009261099")}
    assert code.keys() == LINES.keys()
    claims, lines = [], []
    for number, (table, (name, other)) in enumerate(code.items(), 1):
        claims.append(claim(number, ALICE, f"1{number}/03/2021"))
        lines += [line(table, number, order=2), line(table, number, order=2, **{name: other})]
    release = release_of(tmp_path, files(claims, lines))
    # Each table has a claim of its own, on a day of its own.
    assert of_claims(release, "day(start_date), event_type") == [
        (10 + number, STEPS[table]) for number, table in enumerate(code, 1) for _ in range(2)
    ]
    assert told(release) == {f"ER_{table}_F": 2 for table in code}
    for table in code:
        assert fates(release, f"ER_{table}_F") == {"kept": 2}
    assert any("share their key" in note for note in manifest_of(release)["notes"])


def test_equal_lines_are_one_only_where_the_key_tells_lines_apart(tmp_path: Path) -> None:
    """A file in which two different lines share a key cannot show that two equal lines are one."""
    twice = [pack(1, METFORMIN, 2), pack(1, METFORMIN, 2)]
    claims = [claim(1, ALICE, "10/03/2021"), claim(2, ALICE, "11/03/2021")]
    release = release_of(tmp_path / "complete", files(claims, [*twice, pack(2, RAMIPRIL)]))
    assert of_claims(release, "quantity") == [(2,), (1,)]
    assert fates(release, "ER_PHA_F") == {"kept": 2, "duplicates": 1}
    shared = [*twice, pack(2, RAMIPRIL), pack(2, METFORMIN)]
    release = release_of(tmp_path / "not", files(claims, shared))
    assert of_claims(release, "quantity, n_source_rows") == [(4, 2), (1, 1), (1, 1)]
    assert fates(release, "ER_PHA_F") == {"kept": 4}


def test_a_key_is_judged_in_all_of_a_file_and_not_month_by_month(tmp_path: Path) -> None:
    claims = [claim(1, ALICE, "10/03/2021"), claim(2, ALICE, "10/04/2021", flux="01/05/2021")]
    lines = [pack(1, METFORMIN, 2), pack(1, METFORMIN, 2)]
    lines += [pack(2, one, flux="01/05/2021") for one in (METFORMIN, RAMIPRIL)]
    release = release_of(tmp_path, files(claims, lines))
    assert of_claims(release, "quantity, n_source_rows") == [(4, 2), (1, 1), (1, 1)]


def test_a_month_that_is_delivered_twice_counts_once(tmp_path: Path) -> None:
    """A line counts as often as in the file that holds it most often: the maximum, not the sum."""
    claims = [claim(1, ALICE, "10/03/2021"), claim(2, ALICE, "11/03/2021")]
    some = [pack(1, METFORMIN), pack(1, METFORMIN), pack(1, RAMIPRIL)]
    more = [pack(1, METFORMIN), pack(1, METFORMIN), pack(1, METFORMIN), pack(1, RAMIPRIL)]
    more += [pack(2, RAMIPRIL)]
    release = release_of(tmp_path, files(claims, some, PRS=claims[:1], PHA=more))
    assert sorted(of_claims(release, "code, quantity")) == [
        (METFORMIN, 3),
        (RAMIPRIL, 1),
        (RAMIPRIL, 1),
    ]
    assert fates(release, "ER_PHA_F") == {"kept": 5, "duplicates": 3}
    assert fates(release, "ER_PRS_F") == {"kept": 2, "duplicates": 1}


def test_a_line_that_says_less_in_another_file_is_the_same_line(tmp_path: Path) -> None:
    """A month may be delivered again in an extraction with fewer columns: missing values make no other line."""
    claims = [claim(n, ALICE, f"1{n}/03/2021") for n in (1, 2)]
    packs = [pack(n, METFORMIN, PHA_ACT_PRU="2.50") for n in (1, 2)]
    folder = write(tmp_path / "snds", files(claims, packs, PRS=claims, PHA=packs))
    without(folder / AGAIN.format("PHA"), {"PHA_ACT_PRU", "PHA_DEC_TOP"})
    without(folder / AGAIN.format("PRS"), {"BSE_REM_BSE", "PSP_SPE_COD"})
    release = built(folder, tmp_path / "releases")
    assert of_claims(release, "quantity, n_source_rows, provider_specialty") == [(1, 1, "1")] * 2
    assert fates(release, "ER_PHA_F") == {"kept": 2, "duplicates": 2}
    assert rows(release, "SELECT count(*), count(reimbursement_base) FROM cost") == [(2, 2)]
    assert told(release) == {}


def test_what_a_file_lacks_is_told_by_all_its_months_however_many_memory_holds(
    tmp_path: Path,
) -> None:
    """A price that only some lines of a file leave out is no column that the file lacks."""
    claims = [claim(1, ALICE, "10/03/2021"), claim(2, ALICE, "10/04/2021", flux="01/05/2021")]
    some = [
        pack(1, METFORMIN, PHA_ACT_PRU=""),
        pack(2, METFORMIN, flux="01/05/2021", PHA_ACT_PRU="2.50"),
    ]
    more = [
        pack(1, METFORMIN, PHA_ACT_PRU="2.50"),
        pack(2, METFORMIN, flux="01/05/2021", PHA_ACT_PRU="2.50"),
    ]
    folder = write(tmp_path / "snds", files(claims, some, PHA=more))
    by_month = """
from openchronic.build import instances
instances.groups_of = lambda sizes, most, before: [[month] for month in sorted(sizes)]
"""
    together = built(folder, tmp_path / "releases")
    apart = build(folder, tmp_path / "by_month", before=by_month)
    assert apart.status == 0, apart.text
    alone = (tmp_path / "by_month/snds/current").resolve()
    assert fates(together, "ER_PHA_F") == fates(alone, "ER_PHA_F") == {"kept": 3, "duplicates": 1}
    assert digests(together) == digests(alone)


def test_two_persons_under_the_key_of_one_claim_keep_their_money_and_their_care(
    tmp_path: Path,
) -> None:
    first = claim(1, ALICE, "10/03/2021") | DOCTOR
    second = first | {"BEN_NIR_PSA": BOB, "PRS_PAI_MNT": "99.00"}
    details: list[Row] = [line("CAM", 1)]
    release = release_of(tmp_path, files([first, second], details))
    query = "SELECT billed, flags, count(*) OVER (PARTITION BY subject_id) FROM cost ORDER BY 1"
    assert [(float(paid), *more) for paid, *more in rows(release, query)] == [
        (10.5, None, 1),
        (99.0, "key_conflict", 1),
    ]
    kinds = of_claims(release, "event_type, flags")
    # The person of the act is uncertain: the act is there once, with a flag.
    assert sorted(kinds, key=str) == [
        ("procedure", "key_conflict"),
        ("visit", "key_conflict"),
        ("visit", None),
    ]
    assert told(release) == {"ER_PRS_F": 2}
    euros = {one["amount"]: one for one in manifest_of(release)["euros"]}
    assert euros["billed"]["source"] == euros["billed"]["kept"] == "109.50"


def test_the_acts_of_a_key_are_those_of_all_its_claims(tmp_path: Path) -> None:
    """A key may hold an act, its cancellation and the act again; or an act and its co-payment."""
    first = claim(1, ALICE, "10/03/2021") | DOCTOR
    back = first | {"PRS_ACT_QTE": "-1", "PRS_PAI_MNT": "-10.50", "BSE_REM_MNT": "-6.82"}
    again = first | {"PRS_PAI_MNT": "11.50"}
    other = claim(2, ALICE, "11/03/2021") | DOCTOR
    payment = other | {"CPL_AFF_COD": "16", "PRS_PAI_MNT": "-1.00", "BSE_REM_MNT": "-1.00"}
    gone = claim(3, ALICE, "12/03/2021") | DOCTOR
    taken = gone | {"PRS_ACT_QTE": "-1", "PRS_PAI_MNT": "-10.50", "BSE_REM_MNT": "-6.82"}
    claims = [first, back, again, payment, other, taken, gone]
    details = [line("CAM", n) for n in (1, 2, 3)]
    release = release_of(tmp_path, files(claims, details))
    found = of_claims(release, "event_type, day(start_date), quantity")
    assert found == [("visit", 10, 1), ("procedure", 10, 1), ("visit", 11, 1), ("procedure", 11, 1)]
    (paid,) = rows(release, "SELECT CAST(sum(billed) AS DOUBLE) FROM cost")
    assert paid == (11.5 + 9.5,)


def test_the_simplified_product_is_judged_alike(tmp_path: Path) -> None:
    claims = [claim(1, ALICE, "10/03/2021"), claim(2, ALICE, "11/03/2021")]
    of = [simple(one) for one in claims]
    packs = [simple_pack(pack(1, one), claims[0]) for one in (METFORMIN, RAMIPRIL)]
    delivered = {name: lines for name, lines in plain().items() if not name.startswith("DCIR")}
    delivered |= {
        "IR_BEN_R.CSV": [person(ALICE), person(BOB)],
        SIMPLE_CLAIMS: [*of, simple(claims[1], BEN_IDT_ANO=f"{BOB}1")],
        SIMPLE_PACKS: packs,
        SIMPLE_PACKS.replace("part1", "part2"): packs[:1],
    }
    release = built(write(tmp_path / "snds", delivered), tmp_path / "releases")
    assert sorted(of_claims(release, "code, quantity")) == [(METFORMIN, 1), (RAMIPRIL, 1)]
    assert rows(release, "SELECT count(*), count(DISTINCT subject_id) FROM cost") == [(3, 2)]
    assert fates(release, "NS_PHA_F") == {"kept": 2, "duplicates": 1}


def test_a_stay_number_of_two_patients_is_nobody_s_and_told(tmp_path: Path) -> None:
    number = "0000000001"
    delivered = plain() | {
        "IR_BEN_R.CSV": [person(ALICE), person(BOB)],
        "PMSI/T_MCO21C.CSV": [chaining(number, ALICE), chaining(number, BOB)],
    }
    release = built(write(tmp_path / "snds", delivered), tmp_path / "releases")
    assert rows(release, "SELECT * FROM stay") == []
    assert fates(release, "T_MCOaaB") == {"stay.key_conflict": 1}
    assert fates(release, "T_MCOaaC") == {"kept": 1, "key_conflict": 1}
    assert fates(release, "T_MCOaaD") == {"kept": 1}
    (note,) = [one for one in manifest_of(release)["notes"] if "T_MCOaaC: 2 lines" in one]
    assert "key_conflict" in note
    # With the filter off, the first record is read; the number of two patients stays one stay.
    options = ("--without-filter", "stay.key_conflict")
    release = built(tmp_path / "snds", tmp_path / "others", *options)
    assert len(rows(release, "SELECT * FROM stay")) == 1


def test_two_stays_under_one_number_of_one_patient_are_one_and_the_other_is_told(
    tmp_path: Path,
) -> None:
    number = "0000000001"
    delivered = plain() | {"PMSI/T_MCO21B.CSV": [stay(number), stay(number, SEJ_NBJ="4")]}
    release = built(write(tmp_path / "snds", delivered), tmp_path / "releases")
    assert len(rows(release, "SELECT * FROM stay")) == 1
    assert fates(release, "T_MCOaaB") == {"kept": 1, "key_conflict": 1}


def test_lines_without_a_key_of_their_own_count_as_often_as_in_the_fullest_file(
    tmp_path: Path,
) -> None:
    """Acts of stays have no number: the same act twice in one file is two acts, once in each of two files is one."""
    act: Row = {
        "ETA_NUM": "350000022",
        "RSA_NUM": "0000000001",
        "CDC_ACT": "DEQP003",
        "ACV_ACT": "1",
        "PHA_ACT": "0",
        "NBR_EXE_ACT": "1",
    }
    delivered = plain() | {
        "PMSI/T_MCO21A.CSV": [act, act],
        "more/T_MCO21A.CSV": [act, {**act, "CDC_ACT": "DZQM006"}],
    }
    release = built(write(tmp_path / "snds", delivered), tmp_path / "releases")
    query = (
        "SELECT code, quantity, n_source_rows FROM event WHERE event_type = 'procedure' ORDER BY 1"
    )
    assert rows(release, query) == [("DEQP003", 2.0, 2), ("DZQM006", 1.0, 1)]
    assert fates(release, "T_MCOaaA") == {"kept": 3, "duplicates": 1}
    # The result is the same where the other file has fewer columns.
    without(tmp_path / "snds/more/T_MCO21A.CSV", {"NBR_EXE_ACT", "ACV_ACT"})
    release = built(tmp_path / "snds", tmp_path / "releases")
    assert fates(release, "T_MCOaaA") == {"kept": 3, "duplicates": 1}


def test_the_rows_of_an_event_are_found_where_keys_are_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = [claim(1, ALICE, "10/03/2021"), claim(2, ALICE, "11/03/2021")]
    some = [pack(1, METFORMIN), pack(1, METFORMIN), pack(2, RAMIPRIL), pack(2, METFORMIN)]
    release = release_of(tmp_path, files(claims, some, PHA=some[:1]))
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(tmp_path / "releases"))
    monkeypatch.setattr(pinning, "_pinned", {})
    drugs = "SELECT event_id, n_source_rows FROM event WHERE event_type = 'drug'"
    found = {event_id: len(oc.trace(event_id).rows) for event_id, _ in rows(release, drugs)}
    assert found == dict(rows(release, drugs))
    assert sorted(found.values()) == [1, 1, 2]


def test_lines_whose_keys_get_one_number_by_chance_are_told_apart(tmp_path: Path) -> None:
    """Of 64 bits there are too few for five thousand million claims: the whole key decides which lines are one."""
    claims = [claim(1, ALICE, "10/03/2021"), claim(2, BOB, "11/03/2021")]
    packs = [pack(1, METFORMIN, 2), pack(1, METFORMIN, 2), pack(2, RAMIPRIL)]
    source = write(tmp_path / "snds", files(claims, packs, PRS=claims[:1], PHA=packs[:2]))
    chance = (
        "from openchronic.engines.duck import Duck; Duck.route = lambda self, columns: 'hash(1)'"
    )
    answer = build(source, tmp_path / "chance", before=chance)
    assert answer.status == 0, answer.text
    one = (tmp_path / "chance" / "snds" / "current").resolve()
    other = built(source, tmp_path / "apart")
    assert digests(one) == digests(other)
    assert told(one) == told(other)
    for table in ("ER_PRS_F", "ER_PHA_F"):
        assert fates(one, table) == fates(other, table)
    assert fates(one, "ER_PRS_F")["duplicates"] == 1
