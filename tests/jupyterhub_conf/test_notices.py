"""What an administrator writes on stopping a session: bounded, on one line, kept until the user has read it."""

import datetime
from pathlib import Path

import pytest
from notices import LONGEST, MEMORY, MessageRefused, Notices, cleaned
from pages import french_time, stopped


class Somebody:
    name = "alix"


def test_a_message_is_one_line_without_control_characters() -> None:
    assert cleaned("  Pause\r\nà 18\u00a0h\x00\u202e, merci.\t") == "Pause à 18\u00a0h , merci."
    assert cleaned("<script>alert(1)</script>") == "<script>alert(1)</script>", "pages escape it"


@pytest.mark.parametrize("message", ["", " \n\t", "\x00", "x" * (LONGEST + 1)])
def test_an_empty_or_long_message_is_refused_in_french(message: str) -> None:
    with pytest.raises(MessageRefused, match=r"Écrivez un message|raccourcissez"):
        cleaned(message)
    assert len(cleaned("x" * LONGEST)) == LONGEST


def test_a_message_is_there_until_it_is_forgotten_and_outlives_the_hub(tmp_path: Path) -> None:
    notices = Notices(tmp_path / "notices")
    assert stopped(Somebody(), notices) is None
    notices.leave("alix", "Un autre calcul a besoin de la place.")
    notices.leave("alix", "Maintenance.")
    found = stopped(Somebody(), Notices(tmp_path / "notices"))
    assert found is not None
    assert found["message"] == "Maintenance."
    assert found["when"].startswith(french_time(datetime.datetime.now(datetime.UTC))[:10])
    assert notices.read("demo") is None
    assert stopped(None, notices) is None
    notices.forget("alix")
    notices.forget("alix")
    assert notices.read("alix") is None


def test_a_session_without_memory_is_told_apart_and_an_older_file_is_an_administrators(
    tmp_path: Path,
) -> None:
    at = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
    Notices(tmp_path).leave("alix", "2\u00a0Gio", why=MEMORY, at=at)
    assert stopped(Somebody(), Notices(tmp_path)) == {
        "when": french_time(at),
        "message": "2\u00a0Gio",
        "why": "memory",
    }
    (tmp_path / "alix.json").write_text(f'{{"message": "x", "at": "{at.isoformat()}"}}')
    assert (stopped(Somebody(), Notices(tmp_path)) or {})["why"] == "administrator"


def test_a_damaged_file_is_no_error(tmp_path: Path) -> None:
    for text in ("", "[]", "{}", '{"message": "x", "at": "soon"}', "\udcff"):
        (tmp_path / "alix.json").write_text(text, errors="surrogateescape")
        assert Notices(tmp_path).read("alix") is None


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "notices"
    Notices(folder).leave("..", "x")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [folder / "...json"]
