"""MEDS datasets of a release: valid by the standard's schema, without the future, and only where allowed."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from meds import (
    CodeMetadataSchema,
    DataSchema,
    DatasetMetadataSchema,
    SubjectSplitSchema,
    __version__,
    birth_code,
    death_code,
)
from pyarrow import compute, parquet

import openchronic as oc
from openchronic.api import pinning
from tests.openchronic.front_door import Answer, built, openchronic
from tests.openchronic.made_once import made_once
from tests.openchronic.somebody_else import somebody_else


@pytest.fixture
def base(plain_base: Path, releases: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of releases with a small base, which may be changed."""
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    return releases / "snds"


def export(base: Path, folder: Path, *options: object, before: str = "") -> Answer:
    return openchronic(
        "export", "--meds", folder, "--releases", base.parent, *options, before=before
    )


def journal(base: Path) -> list[Mapping[str, Any]]:
    path = base / ".access/access.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture(scope="session")
def dataset(synthetic_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic release, exported; read only."""
    folder = synthetic_releases / "snds/.exports/whole"

    def make(_: Path) -> None:
        answer = export(synthetic_releases / "snds", folder)
        assert answer.status == 0, answer.text

    made_once(tmp_path_factory, "exported", make)
    return folder


def events(dataset: Path) -> dict[str, pa.Table]:
    """The tables of a dataset, by file."""
    return {
        f"{file.parent.name}/{file.name}": parquet.ParquetFile(file).read()
        for file in sorted((dataset / "data").rglob("*.parquet"))
    }


def asked(release_folder: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        for table in ("event", "patient"):
            files = [str(one) for one in sorted((release_folder / table).rglob("*.parquet"))]
            connection.read_parquet(files, hive_partitioning=False).create_view(table)
        return connection.execute(query).fetchall()


def test_every_file_is_valid_by_the_schema_of_meds(dataset: Path) -> None:
    tables = events(dataset)
    assert {name.partition("/")[0] for name in tables} == {"train", "tuning", "held_out"}
    for table in tables.values():
        DataSchema.validate(table)
    CodeMetadataSchema.validate(parquet.read_table(dataset / "metadata/codes.parquet"))
    SubjectSplitSchema.validate(parquet.read_table(dataset / "metadata/subject_splits.parquet"))
    said = json.loads((dataset / "metadata/dataset.json").read_text())
    DatasetMetadataSchema.validate(said)
    assert said["meds_version"] == __version__
    others = set(said["code_modifier_columns"]) | set(said["other_extension_columns"])
    columns = set(next(iter(tables.values())).column_names)
    assert columns == others | {"subject_id", "time", "code", "numeric_value"}


def test_a_subject_is_in_one_file_of_their_split_in_the_order_of_time(dataset: Path) -> None:
    splits = parquet.read_table(dataset / "metadata/subject_splits.parquet").to_pylist()
    split_of = {row["subject_id"]: row["split"] for row in splits}
    assert len(split_of) == len(splits)
    seen: dict[int, str] = {}
    for name, table in events(dataset).items():
        rows = table.select(["subject_id", "time"]).to_pylist()
        order = [(row["subject_id"], row["time"] is not None, str(row["time"])) for row in rows]
        assert order == sorted(order), name
        for subject in {row["subject_id"] for row in rows}:
            assert seen.setdefault(subject, name) == name
            assert split_of[subject] == name.partition("/")[0]
    shares = [
        list(split_of.values()).count(one) / len(split_of)
        for one in ("train", "tuning", "held_out")
    ]
    assert 0.7 < shares[0] < 0.9
    assert min(shares[1:]) > 0.05


def test_it_has_every_event_once_at_the_day_on_which_it_could_be_known(
    dataset: Path, synthetic_releases: Path
) -> None:
    whole = pa.concat_tables(events(dataset).values())
    dated = whole.filter(compute.is_valid(whole["time"]))
    told = sorted(
        (row["subject_id"], row["time"].date(), row["event_type"], row["code"].partition("//")[2])
        for row in dated.to_pylist()
    )
    wanted = asked(
        (synthetic_releases / "snds/current").resolve(),
        "SELECT subject_id, known_date, event_type, CASE WHEN event_type IN ('birth', 'death') "
        "THEN '' ELSE coalesce(code, upper(care_setting), '') END FROM event",
    )
    assert told == sorted(wanted)
    codes = set(whole["code"].to_pylist())
    assert {birth_code, death_code, "SEX//F", "SEX//M", "CIM10//E11"} <= codes
    listed = parquet.read_table(dataset / "metadata/codes.parquet").to_pylist()
    assert {row["code"] for row in listed} == codes
    assert any(row["parent_codes"] and row["parent_codes"][0].startswith("ATC//") for row in listed)
    births = whole.filter(compute.equal(whole["code"], birth_code))
    assert births["time"].cast(pa.date32()).to_pylist() == births["start_date"].to_pylist()
    sexes = whole.filter(compute.is_null(whole["time"]))
    assert set(sexes["event_type"].to_pylist()) == {"sex"}


def test_a_sample_is_of_its_subjects_alone(synthetic_releases: Path) -> None:
    base = synthetic_releases / "snds"
    folder = base / ".exports/sample"
    answer = export(base, folder, "--sample", "0.3")
    assert answer.status == 0, answer.text
    subjects = set(
        parquet.read_table(folder / "metadata/subject_splits.parquet")["subject_id"].to_pylist()
    )
    whole = {
        one for (one,) in asked((base / "current").resolve(), "SELECT subject_id FROM patient")
    }
    assert subjects == {one for one in whole if one % 1_000_003 < 300_001}
    seen = {one for table in events(folder).values() for one in table["subject_id"].to_pylist()}
    assert seen <= subjects


def test_it_leaves_the_zone_only_for_where_the_operator_says(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere/dataset"
    answer = export(base, folder)
    assert answer.status == 1
    assert "exports.toml" in answer.err
    assert "Traceback" not in answer.text
    with pytest.raises(oc.OpenChronicError, match=r"zone restreinte.*Demandez-lui.*snds@"):
        oc.export_meds(folder)
    assert not folder.parent.exists()
    assert journal(base) == []
    (base / "exports.toml").write_text(f'folders = ["{tmp_path}/elsewhere"]\n')
    assert export(base, folder).status == 0
    assert oc.export_meds(folder.with_name("second")).folder == folder.with_name("second")
    # The folder itself is refused, and so are one with a similar name and a link out of it.
    (tmp_path / "elsewhere/out").symlink_to(tmp_path)
    for wrong in ("elsewhere", "elsewhere-too/x", "elsewhere/../x", "elsewhere/out/x"):
        refused = export(base, tmp_path / wrong)
        assert refused.status == 1
        assert "may not be exported" in refused.err
    assert sorted(one.name for one in folder.parent.iterdir()) == ["dataset", "out", "second"]


@pytest.mark.parametrize(
    "text", ["folders = 3", 'folders = ["relative"]', "folder = []", "folders ="]
)
def test_an_operators_file_that_is_wrong_allows_nothing(
    base: Path, tmp_path: Path, text: str
) -> None:
    (base / "exports.toml").write_text(text)
    answer = export(base, tmp_path / "x")
    assert answer.status == 1
    assert "exports.toml" in answer.err
    assert not (tmp_path / "x").exists()


def test_an_analyst_is_told_whom_to_ask_even_where_it_is_allowed(
    base: Path, tmp_path: Path
) -> None:
    (base / "exports.toml").write_text(f'folders = ["{tmp_path}"]\n')
    base.parent.parent.chmod(0o755)
    release = oc.release()
    # Our account loads these modules: another account may not read this Python.
    for module in ("rich.console", "openchronic.runtime.progress", "openchronic.meds"):
        importlib.import_module(module)
    refused = pytest.raises(oc.OpenChronicError, match=r"l'administrateur du serveur.*Demandez-lui")
    with somebody_else(base / ".store"), refused:
        oc.export_meds(tmp_path / "mine", release)
    assert not (tmp_path / "mine").exists()


def test_each_export_is_noted_with_what_left_and_where_to(base: Path) -> None:
    answer = export(base, base / ".exports/d")
    assert answer.status == 0, answer.text
    asked_for, done = journal(base)
    assert (asked_for["what"], done["what"]) == ("export", "exported")
    assert done["folder"] == str(base / ".exports/d")
    assert done["release"] == f"snds@{(base / 'current').resolve().name}"
    assert done["subjects"] == 1
    assert done["events"] > 3
    assert (base / ".exports").stat().st_mode & 0o777 == 0o700


def test_a_zone_on_another_disk_has_its_journal_and_exports_there(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    zone = tmp_path / "restricted"
    built(delivery, releases, "--work", zone)
    beside_releases = export(releases / "snds", releases / "snds/.exports/d")
    assert beside_releases.status == 1
    answer = export(releases / "snds", zone / "openchronic-snds-exports/d")
    assert answer.status == 0, answer.text
    assert (zone / "openchronic-snds-access/access.jsonl").read_text().count("\n") == 2
    assert not (releases / "snds/.access").exists()


def test_a_folder_that_is_there_stays_as_it_is(base: Path) -> None:
    folder = base / ".exports/d"
    folder.mkdir(parents=True)
    answer = export(base, folder)
    assert answer.status == 1
    assert "there already" in answer.err
    assert not list(folder.iterdir())


def test_an_export_that_fails_or_is_killed_leaves_no_dataset(base: Path) -> None:
    folder = base / ".exports/d"
    broken = "import openchronic.meds.exporting as e\ndef stop(*_):\n    {}\ne._write_codes = stop"
    answer = export(
        base, folder, before=broken.format("raise OSError(28, 'No space left on device')")
    )
    assert answer.status == 1
    assert list(folder.parent.iterdir()) == []
    export(base, folder, before=broken.format("import os; os._exit(9)"))
    assert [one.name for one in folder.parent.iterdir()] == [".d.unfinished"]
    assert export(base, folder).status == 0
    assert [one.name for one in folder.parent.iterdir()] == ["d"]
