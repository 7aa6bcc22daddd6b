"""A trace returns all delivered rows of an event and no others, to those allowed, and is recorded."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.catalogue import load_tables
from openchronic.lineage import PSEUDONYMS, Trace
from tests.openchronic.front_door import Answer, built, openchronic
from tests.openchronic.made_once import made_once
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    RAMIPRIL,
    chaining,
    claim,
    pack,
    person,
    plain,
    stay,
    write,
)
from tests.openchronic.somebody_else import somebody_else

OTHER = "B" * 17


@pytest.fixture(scope="session")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Alice under two numbers, and Bob. Two packs, one of them cancelled by a later flux, and a copy of a file.
    Read only."""

    def make(folder: Path) -> None:
        built(write(folder / "delivery", delivered()), folder / "releases")

    return made_once(tmp_path_factory, "traced", make)


@pytest.fixture
def place(traced: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of that delivery and its release where other users can reach them; it may be changed."""
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(traced, folder, symlinks=True, dirs_exist_ok=True)
    folder.chmod(0o755)
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(folder / "releases"))
    monkeypatch.setattr(pinning, "_pinned", {})
    yield folder
    shutil.rmtree(folder)


def delivered() -> dict[str, list[dict[str, str]]]:
    files = {name: [dict(row) for row in rows] for name, rows in plain().items()}
    newer = "N" * 17
    files["IR_BEN_R.CSV"] = [
        person(ALICE, identity="ALICE", BEN_IDT_TOP="1"),
        person(newer, identity="ALICE", BEN_IDT_TOP="1"),
        person(OTHER),
    ]
    files["DCIR_2021/ER_PRS_F_2021.CSV"] = [
        claim(1, ALICE, "10/03/2021"),
        claim(2, newer, "10/03/2021"),
        claim(3, ALICE, "11/03/2021"),
        claim(4, OTHER, "10/03/2021"),
        claim(6, ALICE, "12/03/2021", PRS_NAT_REF="1111"),
    ]
    late = "01/01/2022"
    files["DCIR_2022/ER_PRS_F_2022.CSV"] = [
        claim(5, ALICE, "10/03/2021", PRS_ACT_QTE="-1", flux=late)
    ]
    files["DCIR_2021/ER_PHA_F_2021.CSV"] = [
        pack(1, METFORMIN, 2),
        pack(1, RAMIPRIL, 1, order=2),
        pack(2, METFORMIN, 1),
        pack(3, METFORMIN, 1),
        pack(4, METFORMIN, 1),
    ]
    # The same line again, in another file of the same year.
    files["DCIR_2021/ER_PHA_F_2021_bis.CSV"] = [
        pack(2, METFORMIN, 1),
        pack(4, RAMIPRIL, 1, order=2),
    ]
    files["DCIR_2022/ER_PHA_F_2022.CSV"] = [pack(5, METFORMIN, -1, flux=late)]
    files["PMSI/T_MCO21B.CSV"] = [stay("0000000001"), stay("0000000002", DGN_PAL="I10")]
    files["PMSI/T_MCO21C.CSV"] = [chaining("0000000001", ALICE), chaining("0000000002", OTHER)]
    return files


def event(condition: str) -> str:
    """Returns the identifier of the only event that meets ``condition``."""
    ((found,),) = oc.table("event").filter(condition).project("event_id").fetchall()
    return str(found)


def told(found: Trace, column: str) -> list[tuple[str, object]]:
    return sorted((row.file, row.values[column]) for row in found.rows)


def metformin() -> str:
    return event(f"code = '{METFORMIN}' AND start_date = '2021-03-10' AND n_source_rows > 1")


def command(place: Path, *arguments: object, **env: str) -> Answer:
    """Runs ``openchronic trace``."""
    return openchronic("trace", *arguments, "--releases", place / "releases", env=env)


def journal(place: Path) -> list[dict[str, Any]]:
    path = place / "releases/snds/.access/access.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_an_event_of_claims_has_its_lines_and_its_cancellation_each_with_its_file(
    place: Path,
) -> None:
    found = oc.trace(metformin())
    assert {row.table for row in found.rows} == {"ER_PHA_F"}
    lines = {row.values["DCT_ORD_NUM"]: row.values["PHA_ACT_QSN"] for row in found.rows}
    assert lines == {1: 2, 2: 1, 5: -1}
    files = {row.values["DCT_ORD_NUM"]: row.file for row in found.rows}
    assert files[1] == "DCIR_2021/ER_PHA_F_2021.CSV"
    assert files[5] == "DCIR_2022/ER_PHA_F_2022.CSV"
    visit = oc.trace(event("event_type = 'visit'"))
    assert told(visit, "DCT_ORD_NUM") == [("DCIR_2021/ER_PRS_F_2021.CSV", 6)]


def test_what_hospitals_and_registers_say_is_found_in_their_tables(place: Path) -> None:
    found = oc.trace(
        event(
            "event_type = 'stay' AND code IS NOT NULL AND subject_id = "
            "(SELECT subject_id FROM event WHERE event_type = 'ald')"
        )
    )
    assert told(found, "RSA_NUM") == [("PMSI/T_MCO21B.CSV", "0000000001")]
    assert told(oc.trace(event("code_role = 'DAS'")), "ASS_DGN") == [("PMSI/T_MCO21D.CSV", "E119")]
    assert told(oc.trace(event("event_type = 'ald'")), "MED_MTF_COD") == [("IR_IMB_R.CSV", "E11")]
    birth = oc.trace(event("event_type = 'birth' AND n_source_rows = 2"))
    assert [row.file for row in birth.rows] == ["IR_BEN_R.CSV"] * 2


def test_pseudonyms_are_masked_unless_asked_for(place: Path) -> None:
    visit = event("event_type = 'visit'")
    hidden, shown = oc.trace(visit), oc.trace(visit, pseudonyms=True)
    assert ALICE not in repr(hidden) + hidden._repr_html_()
    assert [row.values["BEN_NIR_PSA"] for row in shown.rows] == [ALICE]
    rest = [name for name in hidden.rows[0].values if name not in PSEUDONYMS]
    assert [hidden.rows[0].values[one] for one in rest] == [
        shown.rows[0].values[one] for one in rest
    ]
    answer = command(place, visit)
    assert answer.status == 0, answer.text
    assert "PRS_NAT_REF" in answer.out
    assert ALICE not in answer.text
    assert ALICE in command(place, visit, "--show-pseudonyms").out
    assert [line["pseudonyms"] for line in journal(place)] == [False, True, False, True]


def test_every_column_that_names_a_person_is_known_as_such() -> None:
    naming = re.compile(r"NIR_(PSA|ANO)|IDT_(ANO|ENC)$|IRR_CRY")
    named = {
        column.name
        for table in load_tables().values()
        for column in table.columns
        if naming.search(column.name) and column.name != "BEN_IDT_TOP"
    }
    assert named == PSEUDONYMS


def test_each_use_is_noted_with_who_when_and_which_event(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = event("event_type = 'visit'")
    assert command(place, visit, SUDO_USER="mdurand").status == 0
    (line,) = journal(place)
    assert (line["what"], line["event_id"], line["behind"]) == ("trace", visit, "mdurand")
    assert line["release"] == oc.release().name
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", line["when"])
    folder = place / "releases/snds/.access"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "access.jsonl").stat().st_mode & 0o777 == 0o600
    built(place / "delivery", place / "releases", "--rebuild")
    assert journal(place) == [line]


def test_nothing_is_shown_that_cannot_be_noted(place: Path) -> None:
    visit = event("event_type = 'visit'")
    (place / "releases/snds/.access").write_text("no folder")
    with pytest.raises(oc.OpenChronicError, match=r"journal des accès.*l'administrateur"):
        oc.trace(visit)
    answer = command(place, visit)
    assert answer.status == 1
    assert "nothing is shown" in answer.err
    assert not answer.out


def test_who_may_not_read_the_zone_is_refused_in_their_language(place: Path) -> None:
    visit = event("event_type = 'visit'")
    store = place / "releases/snds/.store"
    refused = pytest.raises(oc.OpenChronicError, match=r"zone restreinte.*l'administrateur")
    with somebody_else(store), refused:
        oc.trace(visit)
    assert journal(place) == []
    store.rename(place / "aside")
    answer = command(place, visit)
    assert answer.status == 1
    assert "the restricted zone of the base snds is not open to this account" in answer.err
    assert "Traceback" not in answer.text
    assert ALICE not in answer.text


def test_a_base_of_another_key_asks_for_its_own(place: Path) -> None:
    keys = place / "site.key", place / "other.key"
    for path, letter in zip(keys, "ab", strict=True):
        path.write_text(letter * 64)
    built(place / "delivery", place / "releases", "--key", keys[0])
    chosen = oc.release()
    ((visit,),) = (
        oc.table("event", chosen).filter("event_type = 'visit'").project("event_id").fetchall()
    )
    with pytest.raises(oc.OpenChronicError, match=r"clé de site.*l'administrateur"):
        oc.trace(visit, chosen)
    with pytest.raises(oc.OpenChronicError, match="clé de site"):
        oc.trace(visit, chosen, key=keys[1])
    with pytest.raises(oc.OpenChronicError, match="pas lisible"):
        oc.trace(visit, chosen, key=place / "absent.key")
    assert journal(place) == []
    assert len(oc.trace(visit, chosen, key=keys[0]).rows) == 1
    answer = command(place, visit, OPENCHRONIC_KEY=str(keys[0]))
    assert answer.status == 0, answer.text
    assert "made with another site key" in command(place, visit).err


def test_what_is_no_event_or_no_longer_kept_is_said(place: Path) -> None:
    with pytest.raises(oc.OpenChronicError, match="32 chiffres"):
        oc.trace("' OR 1 = 1")
    with pytest.raises(oc.OpenChronicError, match="n'a pas d'événement"):
        oc.trace("0" * 32)
    old, gone = oc.release().name, metformin()
    write(
        place / "delivery",
        {"DCIR_2022/ER_PHA_F_2022.CSV": [pack(5, RAMIPRIL, 1, flux="01/01/2022")]},
    )
    built(place / "delivery", place / "releases")
    with pytest.raises(oc.OpenChronicError, match="ne sont plus gardées"):
        oc.trace(gone, old)


def test_nothing_of_a_trace_stays_in_the_releases(place: Path) -> None:
    before = {path for path in place.rglob("*") if ".access" not in path.parts}
    oc.trace(metformin())
    assert {path for path in place.rglob("*") if ".access" not in path.parts} == before
