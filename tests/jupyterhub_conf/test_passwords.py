"""Passwords at the hub: which must be changed, and what the helper's answer means to the user."""

import asyncio
from pathlib import Path

import passwords
import pytest
from passwords import REASONS, TROUBLE, change, must_change

from tests.jupyterhub_conf.conftest import CONFIGURATION

TODAY = 20_000
LINES = f"""root:*:{TODAY}:0:99999:7:::
first:$y$x:0:0:99999:7:::
old:$y$x:{TODAY - 100}:0:99999:7:::
new:$y$x:{TODAY}:0:99999:7:::
odd:$y$x::0:99999:7:::
"""


@pytest.mark.parametrize(
    ("login", "max_days", "due"),
    [
        ("first", None, True),
        ("first", 90, True),
        ("old", None, False),
        ("old", 99, True),
        ("old", 100, False),
        ("new", 1, False),
        ("odd", 1, False),
        # Of a directory service: not ours to change.
        ("elsewhere", 1, False),
    ],
)
def test_a_first_password_and_one_that_is_too_old_must_be_changed(
    tmp_path: Path, login: str, max_days: int | None, due: bool
) -> None:
    assert CONFIGURATION.is_dir()
    shadow = tmp_path / "shadow"
    shadow.write_text(LINES)
    asked = must_change(login, max_days=max_days, shadow=shadow, now_s=TODAY * 86400.0 + 5)
    assert asked is due


def test_an_unreadable_shadow_file_is_no_permission(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        must_change("demo", max_days=None, shadow=tmp_path / "nothing")


def ask(place: Path, answer: bytes) -> tuple[str, bytes]:
    """Return what the hub tells the user when a helper answers so, and what the helper was asked."""
    asked: list[bytes] = []

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(answer)
        writer.close()

    async def both() -> str:
        server = await asyncio.start_unix_server(answering, str(place))
        async with server:
            return await change("demo", old="a\nb", new="é:\0", socket=str(place))

    return asyncio.run(both()), asked[0]


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_each_reason_is_told_in_french(tmp_path: Path, reason: str) -> None:
    told, _ = ask(tmp_path / "s", b'{"refused": "%s"}\n' % reason.encode())
    assert told == REASONS[reason]
    assert "'" not in told, "an apostrophe is ’"


def test_done_is_done_and_the_request_is_one_line(tmp_path: Path) -> None:
    told, asked = ask(tmp_path / "s", b'{"changed": true}\n')
    assert told == ""
    assert asked.count(b"\n") == 1


@pytest.mark.parametrize(
    "answer",
    [b"", b"\n", b"no\n", b"[]\n", b"1\n", b'{"changed": 1}\n', b'{"changed": "true"}\n', b'{"refused": "x"}\n', b"\xff\n"],
)  # fmt: skip
def test_any_other_answer_is_no_change(tmp_path: Path, answer: bytes) -> None:
    assert ask(tmp_path / "s", answer)[0] == TROUBLE


def test_without_a_helper_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(tmp_path / "none")
    assert asyncio.run(change("demo", old="a", new="b", socket=place)) == TROUBLE

    async def hangs(*_: object) -> None:
        await asyncio.sleep(60)

    async def both() -> str:
        async with await asyncio.start_unix_server(hangs, place):
            return await change("demo", old="a", new="b", socket=place)

    monkeypatch.setattr(passwords, "WITHIN_S", 0.2)
    assert asyncio.run(both()) == TROUBLE
