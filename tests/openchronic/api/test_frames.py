"""Tables as Arrow, pandas, Polars and Dask return them: the same rows, of the same release."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import openchronic as oc
from openchronic.api import pinning
from tests.openchronic.front_door import IN_TWO, built
from tests.openchronic.made_once import made_once
from tests.openchronic.small_delivery import ALICE, claim, person, plain, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"
READERS: dict[str, Callable[..., Any]] = {
    "pyarrow": oc.arrow,
    "pandas": oc.pandas,
    "polars": oc.polars,
    "dask": oc.dask,
}
LIBRARIES = list(READERS)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of two women, one without any care, in two buckets, in a folder whose name a glob would
    misread; read only."""

    def make(folder: Path) -> None:
        files = plain()
        files["IR_BEN_R.CSV"] = [*files["IR_BEN_R.CSV"], person("B" * 17)]
        built(write(folder / "delivery", files), folder / "releases [1]", *IN_TWO)

    return made_once(tmp_path_factory, "frames", make)


@pytest.fixture
def place(published: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of that release, as a new session finds it."""
    return enter(published / "releases [1]", monkeypatch)


def copied(published: Path, folder: Path) -> Path:
    """Copies the release to another folder, where it may be changed."""
    shutil.copytree(published, folder, symlinks=True, dirs_exist_ok=True)
    return folder / "releases [1]"


def enter(releases: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Begins a session."""
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    return releases


def rows(found: Any) -> list[tuple[Any, ...]]:
    """Returns what a reader returned, as sorted rows of text."""
    if hasattr(found, "collect"):
        values = found.collect().rows()
    elif hasattr(found, "to_pylist"):
        values = [tuple(row.values()) for row in found.to_pylist()]
    else:
        values = list(
            (found.compute() if hasattr(found, "compute") else found).itertuples(
                index=False, name=None
            )
        )
    return sorted((tuple(_word(value) for value in row) for row in values), key=repr)


def _word(value: Any) -> str:
    missing = value is None or str(value) in ("<NA>", "NaT", "nan")
    text = "" if missing else str(value).removesuffix(" 00:00:00")
    return text.rstrip("0").rstrip(".") if "." in text else text


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_table_is_read_alike(place: Path, library: str) -> None:
    """Where a library is missing here, tests/images runs the same test inside a session's image."""
    pytest.importorskip(library, reason=f"{library} is in sessions; tests/images runs it there")
    for name in oc.release().tables:
        if name == "reject":  # each library writes its list of lines differently
            continue
        wanted = sorted(
            (tuple(_word(value) for value in row) for row in oc.table(name).fetchall()), key=repr
        )
        assert rows(READERS[library](name)) == wanted, name


@pytest.mark.parametrize("library", LIBRARIES)
def test_columns_are_those_asked_for_in_their_order(place: Path, library: str) -> None:
    pytest.importorskip(library, reason=f"{library} is in sessions; tests/images runs it there")
    read = READERS[library]
    codes = rows(read("code", columns=["parent_code", "code"]))
    assert ("A10BA02", "3400930000001") in codes
    assert list(rows(read("patient", columns="birth_date"))) == [("1950-05-01",)] * 2
    with pytest.raises(
        oc.OpenChronicError, match=r"« patient » n'a pas de colonne « nir »\. Col.*sex"
    ):
        read("patient", columns=["nir"])
    with pytest.raises(oc.OpenChronicError, match="aucune colonne"):
        read("patient", columns=[])
    with pytest.raises(oc.OpenChronicError, match="pas de table « evenement »"):
        read("evenement")


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_session_keeps_its_release_and_may_name_another(
    library: str, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(library, reason=f"{library} is in sessions; tests/images runs it there")
    place = enter(copied(published, tmp_path), monkeypatch)
    read = READERS[library]
    pinned = oc.release().name
    assert len(rows(read("cost"))) == 1
    delivery = tmp_path / "delivery"
    write(delivery, {CLAIMS: [claim(n, ALICE, "11/03/2021") for n in range(1, 4)]})
    built(delivery, place)
    assert len(rows(read("cost"))) == 1
    assert len(rows(read("cost", release=oc.release()))) == 3
    assert len(rows(read("cost", pinned))) == 1


def test_dask_has_a_partition_per_bucket_and_reads_no_other_file(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("dask", reason="dask is in sessions; tests/images runs it there")
    enter(copied(published, tmp_path), monkeypatch)
    events = oc.dask("event")
    assert events.npartitions == len(oc.release().files("event")) == 2
    (file, *_) = oc.release().files("event")
    (file.parent / "part-1.parquet").write_bytes(file.read_bytes())
    assert len(events) == oc.release().rows("event")
    assert len(rows(oc.dask("event"))) == oc.release().rows("event")
    subjects = events.map_partitions(lambda part: part[["subject_id"]].drop_duplicates()).compute()
    assert sorted(subjects.subject_id) == [
        one for (one,) in oc.table("patient").project("subject_id").order("1").fetchall()
    ]


def test_a_missing_value_changes_no_type(place: Path) -> None:
    pytest.importorskip("pandas", reason="pandas is in sessions; tests/images runs it there")
    found = oc.pandas("stay", columns=["nights", "start_date", "ghm", "is_session"])
    assert [str(one) for one in found.dtypes] == ["Int32", "datetime64[ms]", "string", "boolean"]
    assert str(oc.pandas("cost").billed.dtype) == "float64"
    assert str(oc.pandas("patient").subject_id.dtype) == "Int64"


@pytest.mark.parametrize(
    ("library", "module", "said"),
    [
        ("pandas", "pandas", r"pandas n'est pas installé.*pip install 'pandas<3'"),
        ("polars", "polars", r"polars n'est pas installé.*pip install polars"),
        (
            "dask",
            "dask.dataframe",
            r"dask n'est pas installé.*pip install '?\S*/openchronic_env\[dask\]",
        ),
    ],
)
def test_what_is_not_installed_is_said_in_french(
    place: Path, library: str, module: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(oc.OpenChronicError, match=said):
        READERS[library]("patient")
