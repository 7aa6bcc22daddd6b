"""Entries of a delivery that lead out of it, or never end, are reported by name and not read."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from openchronic.errors import SourceError
from openchronic.ingest.finding import look
from openchronic.ingest.folder import open_delivered, seen
from tests.openchronic.front_door import built, openchronic, refused
from tests.openchronic.small_delivery import ALICE, claim, plain, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"
SECRET = "SECRET" * 3
FORGED = "ER_PRS_F_2021\nerror: all is well.CSV"


def outside(tmp_path: Path) -> Path:
    """Claims of another base, as valid as the delivery's own."""
    other = write(tmp_path / "other", {CLAIMS: [claim(1, SECRET[:17], "10/03/2021")]})
    return other / CLAIMS


def link(place: Path, tmp_path: Path) -> None:
    place.symlink_to(outside(tmp_path))


def shadow(place: Path, _: Path) -> None:
    place.symlink_to("/etc/shadow")


def link_within(place: Path, _: Path) -> None:
    (place.parent / "kept.txt").write_text("x")
    place.symlink_to("kept.txt")


def dangling(place: Path, _: Path) -> None:
    place.symlink_to("nowhere\nforged line of a journal")


def hard_link(place: Path, tmp_path: Path) -> None:
    place.hardlink_to(outside(tmp_path))


def pipe(place: Path, _: Path) -> None:
    os.mkfifo(place)


def unix_socket(place: Path, _: Path) -> None:
    here = Path.cwd()
    # The path of a socket may have at most 107 characters.
    os.chdir(place.parent)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(place.name)
    os.chdir(here)


def device(place: Path, _: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes a device")
    os.mknod(place, 0o20666, os.makedev(1, 5))  # /dev/zero


HOSTILE: dict[str, tuple[Callable[[Path, Path], None], str]] = {
    "a link to another base": (link, "a link to /"),
    "a link to a secret of the host": (shadow, "a link to /etc/shadow"),
    "a link within": (link_within, "a link to kept.txt"),
    "a link that leads nowhere": (dangling, r"a link to nowhere\nforged"),
    "a hard link": (hard_link, "the file has another name outside the delivery"),
    "a pipe": (pipe, "a pipe, where a delivery has files"),
    "a socket": (unix_socket, "a socket, where a delivery has files"),
    "a device": (device, "a device, where a delivery has files"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_file_of_the_delivery_is_told_and_not_read(
    delivery: Path, tmp_path: Path, what: str
) -> None:
    plant, told = HOSTILE[what]
    (delivery / CLAIMS).unlink()
    plant(delivery / CLAIMS, tmp_path)
    message = refused(delivery, tmp_path / "releases")
    assert f"{CLAIMS}: {told}" in message
    assert SECRET not in message
    assert "\nforged" not in message


@pytest.mark.parametrize("name", ["ER_PRS_F_2021.parquet", "IR_BEN_R.sas7bdat", "README.txt"])
def test_so_is_it_under_any_other_name(delivery: Path, tmp_path: Path, name: str) -> None:
    for place, (plant, told) in enumerate(HOSTILE.values()):
        folder = delivery / f"{place}"
        folder.mkdir()
        plant(folder / name, tmp_path)
        assert [f"{place}/{name}: {told}" in one for one in look(delivery).refused] == [True]
        (folder / name).unlink()


def test_an_inspection_tells_each_and_reads_the_rest(delivery: Path, tmp_path: Path) -> None:
    shadow(delivery / "IR_IBA_R.CSV", tmp_path)
    pipe(delivery / "NS_PRS_F_2021.CSV", tmp_path)
    inspected = openchronic("inspect", delivery)
    assert inspected.status == 1
    assert "IR_IBA_R.CSV: a link to /etc/shadow" in inspected.out
    assert "NS_PRS_F_2021.CSV: a pipe" in inspected.out
    assert "ER_PRS_F" in inspected.out


def test_a_folder_that_is_a_link_is_told_and_not_entered(delivery: Path, tmp_path: Path) -> None:
    other = outside(tmp_path).parent
    (delivery / CLAIMS).unlink()
    (delivery / "DCIR_2020").symlink_to(other)
    assert f"DCIR_2020: a link to {other}" in refused(delivery, tmp_path / "releases")


@pytest.mark.parametrize(
    "name",
    [
        FORGED,
        "ER_PRS_F_2021\x1b[2K.CSV",
        "ER_PRS_F_2021\u202evsc.CSV",
        "ER_PRS_F_2021\u2028.CSV",
        os.fsdecode(b"ER_PRS_F_2021\xff.CSV"),
    ],
)
@pytest.mark.parametrize("folder", [False, True])
def test_a_name_that_would_write_lines_of_its_own_is_told_in_one_line(
    delivery: Path, tmp_path: Path, name: str, folder: bool
) -> None:
    place = delivery / name
    if folder:
        place.mkdir()
    else:
        (delivery / CLAIMS).rename(place)
    assert look(delivery).refused == (
        f"{seen(name)}: a name with characters that nobody sees; rename it",
    )
    assert seen(name).isprintable()
    if name == FORGED and not folder:
        message = refused(delivery, tmp_path / "releases")
        [line] = [one for one in message.splitlines() if "ER_PRS_F_2021" in one]
        assert seen(name) in line
        assert seen(name) in openchronic("inspect", delivery).out


def test_usual_names_and_names_of_the_delivery_alone_are_read(
    delivery: Path, releases: Path
) -> None:
    """Accents, spaces and no-break spaces; a file with two names, both in the delivery; hidden entries."""
    (delivery / CLAIMS).rename(delivery / "DCIR_2021/ER_PRS_F_2021 (reçu\xa0le 3).CSV")
    again = delivery / "again"
    again.mkdir()
    (again / "IR_PHA_R.CSV").hardlink_to(delivery / "IR_PHA_R.CSV")
    (delivery / ".cache").symlink_to("/etc")
    os.mkfifo(delivery / ".pipe")
    assert look(delivery).refused == ()
    assert built(delivery, releases).is_dir()


def test_the_folder_itself_may_be_reached_by_a_link(tmp_path: Path) -> None:
    """The builder chose that link, not the supplier."""
    source = write(tmp_path / "there", plain())
    (tmp_path / "here").symlink_to(source)
    found = look(tmp_path / "here")
    assert "ER_PRS_F" in found.tables
    assert found.refused == ()


@pytest.mark.parametrize("swapped", ["link", "pipe"])
def test_what_takes_the_place_of_a_file_after_the_look_is_not_opened(
    tmp_path: Path, swapped: str
) -> None:
    """The refusal is immediate: opening a pipe would wait for ever."""
    place = tmp_path / "ER_PRS_F_2021.CSV"
    if swapped == "link":
        place.symlink_to(outside(tmp_path))
    else:
        os.mkfifo(place)
    with pytest.raises(SourceError, match="took the place of the file"):
        open_delivered(place, place.name)


def test_a_file_that_was_replaced_while_it_was_read_is_refused(
    delivery: Path, tmp_path: Path
) -> None:
    """The new file has the same size and time: the engine may have read it from outside the delivery."""
    place = delivery / CLAIMS
    found = place.stat()
    other = write(tmp_path / "other", {CLAIMS: [claim(1, ALICE, "11/03/2021")]}) / CLAIMS
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert other.stat().st_size == found.st_size
    before = (
        "from openchronic.build import taking\nimport os\nread = taking.read_file\n"
        "def swap(connection, table, file, *others):\n"
        f"    if file.name == {CLAIMS!r}: os.replace({str(other)!r}, {str(place)!r})\n"
        "    return read(connection, table, file, *others)\n"
        "taking.read_file = swap\n"
    )
    answer = openchronic("build", delivery, tmp_path / "releases", "--buckets", 2, before=before)
    assert answer.status == 1, answer.text
    assert f"{CLAIMS}: the file changed while it was read" in answer.err
