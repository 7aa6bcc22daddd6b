"""An entry of the store that is damaged is read again, alone, and the release is as before."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from openchronic.store.entry import read_entry
from tests.openchronic.build.watched_base import CLAIMS, Base
from tests.openchronic.front_door import everything
from tests.openchronic.small_delivery import ALICE, claim, plain, write


def _cut(entry: Path) -> None:
    path = next(entry.rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-9])


def _flip(entry: Path) -> None:
    path = next(entry.rglob("*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _lose(entry: Path) -> None:
    next(entry.rglob("*.parquet")).unlink()


def _double(entry: Path) -> None:
    path = next(entry.rglob("*.parquet"))
    shutil.copy(path, path.with_name("data_7.parquet"))


def _miscount(entry: Path) -> None:
    record = entry / "entry.json"
    record.write_text(record.read_text().replace('"kept": 1', '"kept": 2'))


def _no_record(entry: Path) -> None:
    (entry / "entry.json").unlink()


def _no_text(entry: Path) -> None:
    (entry / "entry.json").write_bytes(b"\xff\x00")


def _no_folder(entry: Path) -> None:
    shutil.rmtree(entry)
    entry.write_text("")


DAMAGES = (_cut, _flip, _lose, _double, _miscount, _no_record, _no_text, _no_folder)


def _claims(damage: Callable[[Path], None]) -> str:
    """Returns the file of claims whose entry ``damage`` damages."""
    return f"DCIR_2021/ER_PRS_F_2021{damage.__name__}.CSV"


@dataclass(frozen=True)
class Mended:
    """A base in which each damage was done to one entry, and the files that were read after it."""

    base: Base
    before: Path
    content: dict[str, list[tuple[Any, ...]]]
    entries: dict[str, Path]
    read: set[str]
    read_again: set[str]


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Mended:
    folder = tmp_path_factory.mktemp("mended")
    base, files = Base(folder), plain()
    for number, damage in enumerate(DAMAGES, start=2):
        files[_claims(damage)] = [claim(number, ALICE, f"{number + 9}/03/2021")]
    delivery = write(folder / "delivery", files)
    base.read(delivery)
    before, content = base.release, everything(base.release)
    entries = {one["file"]: base.store / one["typed"] for one in base.manifest["inputs"]}
    for damage in DAMAGES:
        damage(entries[_claims(damage)])
    read = base.read(delivery, "--rebuild")
    return Mended(base, before, content, entries, read, base.read(delivery, "--rebuild"))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_read_again(mended: Mended, damage: Callable[[Path], None]) -> None:
    assert _claims(damage) in mended.read
    assert _claims(damage) not in mended.read_again
    assert read_entry(mended.entries[_claims(damage)]).is_whole()


def test_no_other_entry_is_read_again_and_the_release_is_as_before(mended: Mended) -> None:
    assert mended.read == {_claims(damage) for damage in DAMAGES}
    assert mended.read_again == set()
    assert mended.base.release == mended.before
    assert everything(mended.base.release) == mended.content


def test_damage_is_said(delivery: Path, base: Base, plain_releases: Path) -> None:
    base.take(plain_releases)
    _flip(base.typed("ER_PRS_F"))
    answer = base.build(delivery, "--rebuild", "--quiet")
    assert f"warning: {CLAIMS}: what was kept of it is damaged; it is read again" in answer.err
