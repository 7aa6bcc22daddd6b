"""A build that a check stops is not published; the operator may accept the check, and that is recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.openchronic.front_door import build, built, openchronic, refused
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    Row,
    claim,
    pack,
    person,
    plain,
    write,
)

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
CHAININGS = "PMSI/T_MCO21C.CSV"
STAYS = "PMSI/T_MCO21B.CSV"
# Python for the build's own process: an event without a subject, as an error in the code would
# leave.
LOSE_SUBJECTS = (
    "import openchronic.build.parts as t\n"
    "write = t.write_part\n"
    "def lose(context, table, query, *rest):\n"
    "    if table == 'event':\n"
    "        query = f'SELECT * REPLACE (CAST(NULL AS BIGINT) AS subject_id) FROM ({query})'\n"
    "    write(context, table, query, *rest)\n"
    "t.write_part = lose\n"
)


@pytest.fixture
def unchained(tmp_path: Path) -> Path:
    """Writes 150 stays, of which 60 have no chaining line."""
    files = plain()
    (one,), (link,) = files[STAYS], files[CHAININGS]
    numbers = [f"{number:010}" for number in range(1, 151)]
    files[STAYS] = [{**one, "RSA_NUM": number} for number in numbers]
    files[CHAININGS] = [{**link, "RSA_NUM": number} for number in numbers[:90]]
    return write(tmp_path / "unchained", files)


def test_a_check_that_stops_leaves_the_old_release_and_says_which_and_how_to_accept(
    unchained: Path, releases: Path, plain_base: Path
) -> None:
    old = plain_base
    message = refused(unchained, releases)
    assert "stays_without_chaining (2021): 40 % " in message
    assert "above 30 %" in message
    assert "accept with --accept stays_without_chaining" in message
    assert (releases / "snds" / "current").resolve() == old
    left = {path.name for path in (releases / "snds").iterdir()}
    assert ".work" not in left
    assert {name for name in left if not name.startswith(".")} == {"current", old.name}


def test_what_is_accepted_is_published_and_recorded(unchained: Path, releases: Path) -> None:
    answer = build(unchained, releases, "--accept", "stays_without_chaining")
    assert answer.status == 0, answer.text
    assert "check accepted: stays_without_chaining (2021): 40 %" in answer.err
    release = (releases / "snds" / "current").resolve()
    quality = {
        one["name"]: one for one in json.loads((release / "manifest.json").read_text())["quality"]
    }
    one = quality["stays_without_chaining"]
    assert (one["state"], one["at"], one["faults"], one["among"]) == ("accepted", "2021", 60, 150)
    assert one["stop"] == 0.3
    # The check was accepted and recorded: another check of the release does not fail.
    again = openchronic("check", release)
    assert again.status == 0
    assert "accepted: stays_without_chaining (2021): 40 %" in again.out
    assert "1 accepted" in openchronic("info", "--releases", releases).out


def test_accepting_what_passes_changes_nothing(delivery: Path, releases: Path) -> None:
    release = built(delivery, releases, "--accept", "stays_without_chaining")
    quality = json.loads((release / "manifest.json").read_text())["quality"]
    assert "accepted" not in {one["state"] for one in quality}


def test_a_fault_of_the_build_itself_cannot_be_accepted(delivery: Path, releases: Path) -> None:
    answer = build(delivery, releases, before=LOSE_SUBJECTS)
    assert answer.status == 1
    assert "event_without_subject_or_date: 6 events" in answer.err
    assert "--accept" not in answer.err
    assert not (releases / "snds" / "current").exists()
    for name in ("event_without_subject_or_date", "nonsense", "code_without_label"):
        message = refused(delivery, releases, "--accept", name, status=2)
        assert f"--accept {name}: no check that can be accepted" in message
        assert "stays_without_chaining" in message


def test_a_shrunken_delivery_does_not_replace_the_release(tmp_path: Path, releases: Path) -> None:
    large, small = (write(tmp_path / str(size), many(size)) for size in (300, 150))
    old = built(large, releases)
    message = refused(small, releases)
    for name in ("rows_lost (", "events_lost (", "subjects_lost: "):
        assert name in message
    assert (releases / "snds" / "current").resolve() == old
    accepted = message.split("accept with ")[1].split()
    assert built(small, releases, *accepted) != old


def many(size: int) -> dict[str, list[Row]]:
    """Returns women and men, as many as ``size``, with numbers of their own and a pack of metformin each."""
    people = {number: f"SUBJECT{number:010}" for number in range(1, size + 1)}
    return plain() | {
        "IR_BEN_R.CSV": [
            person(ALICE),
            *(
                person(psa, BEN_IDT_TOP="1", BEN_SEX_COD=str(1 + number % 2))
                for number, psa in people.items()
            ),
        ],
        CLAIMS: [claim(number, psa, "10/03/2021") for number, psa in people.items()],
        PACKS: [pack(number, METFORMIN) for number in people],
    }
