"""A file is typed once: whatever happens to builds, its reading stays in the store, and no other does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.openchronic.build.watched_base import ALL, CLAIMS, PACKS, Base
from tests.openchronic.front_door import everything, refused, rows
from tests.openchronic.parquet_delivery import Write, all_strings, as_parquet, typed
from tests.openchronic.small_delivery import ALICE, METFORMIN, claim, pack, plain, write


def test_an_unchanged_delivery_is_not_read_again(
    delivery: Path, base: Base, plain_releases: Path
) -> None:
    base.take(plain_releases)
    assert base.manifest["files"] == {"read": len(ALL), "unchanged": 0}
    release, content = base.release, everything(base.release)
    assert base.read(delivery) == set()
    assert base.read(delivery, "--without-filter", "drug.sent_for_information") == set()
    assert everything(base.release) == content
    assert base.read(delivery, "--reread", "--rebuild") == ALL
    assert base.release == release


def test_dates_and_names_of_files_say_nothing_about_their_content(
    delivery: Path, base: Base, plain_releases: Path
) -> None:
    base.take(plain_releases)
    release = base.release
    for path in list(delivery.rglob("*.CSV")):
        os.utime(path, (1, 1))
        new = delivery / "elsewhere" / f"{path.stem.lower()}_final.csv"
        new.parent.mkdir(exist_ok=True)
        path.rename(new)
    assert base.read(delivery, "--rebuild") == set()
    assert base.release == release


def test_a_new_month_costs_its_own_size(delivery: Path, base: Base, plain_releases: Path) -> None:
    base.take(plain_releases)
    month = "DCIR_2021/ER_PRS_F_2021-05.CSV"
    write(delivery, {month: [claim(2, ALICE, "10/04/2021", flux="01/05/2021")]})
    assert base.read(delivery) == {month}
    assert base.manifest["files"] == {"read": 1, "unchanged": len(ALL)}
    assert rows(base.release, "SELECT count(*) FROM cost") == [(2,)]


def test_a_byte_that_changed_is_read_whatever_the_size_and_date(
    delivery: Path, base: Base, plain_releases: Path
) -> None:
    base.take(plain_releases)
    path = delivery / CLAIMS
    before = path.stat()
    path.write_text(path.read_text().replace("10/03/2021", "11/03/2021"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert base.read(delivery) == {CLAIMS}
    assert rows(
        base.release,
        "SELECT DISTINCT CAST(start_date AS VARCHAR) FROM event WHERE event_type = 'drug'",
    ) == [("2021-03-11",)]


@pytest.mark.parametrize("form", [typed, all_strings])
def test_parquet_deliveries_are_read_once_too(
    delivery: Path, tmp_path: Path, base: Base, form: Write
) -> None:
    source = as_parquet(delivery, tmp_path / "parquet", form)
    first = base.read(source)
    assert first
    assert base.read(source, "--rebuild") == set()
    with next(source.rglob("*_[Pp][Rr][Ss]_*")).open("ab") as file:
        file.write(b"more")
    assert "Parquet file" in refused(source, base.releases)


def test_files_cut_again_are_read_and_change_no_row(delivery: Path, base: Base) -> None:
    write(delivery, {CLAIMS: [claim(number, ALICE, "10/03/2021") for number in range(1, 7)]})
    whole = base.read(delivery)
    release, large = base.release, delivery / CLAIMS
    header, *lines = large.read_text().splitlines()
    parts = {CLAIMS.replace(".CSV", f"_part{part}.CSV") for part in range(2)}
    for part, name in enumerate(sorted(parts)):
        (delivery / name).write_text("\n".join([header, *lines[part::2]]) + "\n")
    large.unlink()
    assert base.read(delivery, "--rebuild") == parts
    assert len(whole) > len(parts)
    assert base.release == release


def test_rejects_are_told_again_under_the_name_that_the_file_has(
    delivery: Path, base: Base
) -> None:
    good, bad = claim(1, ALICE, "10/03/2021"), claim(2, ALICE, "nonsense")
    write(delivery, {CLAIMS: [good, bad]})
    with (delivery / CLAIMS).open("a") as file:
        file.write("too;short\n" + ";".join(["x"] * 400) + "\n")
    base.read(delivery)
    told = rows(base.release, "FROM reject")
    counted = base.manifest["rejects"]
    assert {(row["column"], row["reason"]) for row in counted} >= {("EXE_SOI_DTD", "not a date")}
    assert len(told) == 3
    (delivery / CLAIMS).rename(delivery / CLAIMS.replace("2021.CSV", "2021-a.CSV"))
    write(delivery, {PACKS: [pack(1, METFORMIN, 3)]})
    assert base.read(delivery) == {PACKS}
    assert base.manifest["rejects"] == counted
    renamed = [
        tuple(
            value.replace("F_2021.CSV", "F_2021-a.CSV") if isinstance(value, str) else value
            for value in row
        )
        for row in told
    ]
    assert renamed != told
    assert sorted(rows(base.release, "FROM reject"), key=repr) == sorted(renamed, key=repr)


DECLARED = """
import dataclasses, openchronic.catalogue.reading as t
read = t._table
def changed(name, *others):
    found = read(name, *others)
    if name != "T_MCOaaD":
        return found
    first = dataclasses.replace(found.columns[0], {change})
    return dataclasses.replace(found, columns=(first, *found.columns[1:]))
t._table = changed
t.load_tables.cache_clear()
"""


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ("aliases=('OLD_NAME',)", {"PMSI/T_MCO21D.CSV"}),
        ("required=False", {"PMSI/T_MCO21D.CSV"}),
        ("meaning='said otherwise'", set()),
        ("without='more than was thought'", set()),
    ],
)
def test_what_a_declaration_changes_in_reading_is_read_again(
    delivery: Path, base: Base, plain_releases: Path, change: str, again: set[str]
) -> None:
    base.take(plain_releases)
    assert base.read(delivery, "--rebuild", before=DECLARED.format(change=change)) == again


@pytest.mark.parametrize(
    "change",
    [
        "import openchronic.store.keys as k\nk.metadata.version = lambda name: '99'\n",
        "import openchronic.store.keys as k\nk.code_of_reading = lambda: 'of another version'\n",
    ],
)
def test_another_version_of_the_reading_code_reads_anew(
    delivery: Path, base: Base, plain_releases: Path, change: str
) -> None:
    base.take(plain_releases)
    old = base.kept()
    assert base.read(delivery, "--rebuild", before=change) == ALL
    assert len(base.kept() - old) == len(ALL)


def test_the_year_that_a_name_says_is_part_of_what_is_read(
    delivery: Path, base: Base, plain_releases: Path
) -> None:
    base.take(plain_releases)
    (delivery / "PMSI/T_MCO21D.CSV").rename(delivery / "PMSI/T_MCO22D.CSV")
    assert base.read(delivery) == {"PMSI/T_MCO22D.CSV"}


def test_what_no_release_in_service_needs_goes_with_the_next_publish(
    delivery: Path, base: Base, plain_releases: Path
) -> None:
    base.take(plain_releases)
    old = base.kept()
    write(delivery, {CLAIMS: [claim(1, ALICE, "11/03/2021")]})
    (delivery / PACKS).write_text("")
    assert f"{PACKS}: the file is empty" in refused(delivery, base.releases)
    assert base.kept() >= old
    write(delivery, {PACKS: plain()[PACKS]})
    assert base.read(delivery) == {CLAIMS}
    assert len(base.kept()) == len(ALL)
    assert len(base.kept() - old) == 1


def test_nobody_but_the_builder_enters_the_store(delivery: Path, base: Base) -> None:
    base.read(delivery)
    assert base.store.stat().st_mode & 0o777 == 0o700
    for path in base.store.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert not [path for path in base.release.rglob("*") if ".store" in path.parts]
    text = (base.release / "manifest.json").read_text()
    assert ALICE not in text


def test_a_store_follows_the_disk_that_is_chosen_and_none_is_left_behind(
    delivery: Path, base: Base, plain_releases: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    base.take(plain_releases)
    assert base.read(delivery, "--rebuild", "--work", one) == ALL
    assert base.read(delivery, "--rebuild", "--work", one) == set()
    assert base.store.is_symlink()
    assert base.read(delivery, "--rebuild", "--work", two) == ALL
    assert list(one.iterdir()) == []
    assert base.read(delivery, "--rebuild") == ALL
    assert list(two.iterdir()) == []
    assert not base.store.is_symlink()
