"""Errors of every verb are in English, those of every function of a session in French, whatever the wrong call."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import openchronic as oc
from openchronic import cli
from openchronic.api import pinning
from openchronic.cohort import Cohort
from tests.openchronic.test_errors import FRENCH


def without_releases(ask: Callable[[], object]) -> object:
    """Asks where there is no release."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENCHRONIC_RELEASES", "/no/such/folder")
        return ask()


def everyone() -> Cohort:
    return oc.cohort("everyone", on="date:2018-01-01")


# The wrong call of a verb and its exit status: 2 where the call must change, 1 where something else
# must. PLACE is a folder of releases, OTHER one whose release has another version, NEW a folder
# that does not exist.
CALLS: list[tuple[int, str]] = [
    (2, ""),
    (2, "dragon"),
    (2, "synth NEW"),
    (2, "synth NEW --patients 0"),
    (2, "synth NEW --patients 1 --tidy --hard"),
    (1, "synth PLACE --patients 1"),
    (2, "describe ER_PRSF"),
    (2, "describe NUM_ENQ_ANO"),
    (2, "describe event --html NEW.html"),
    (2, "describe --html NEW/page.html"),
    (2, "describe event patient"),
    (2, "inspect"),
    (1, "inspect NEW"),
    (2, "build"),
    (2, "build PLACE"),
    (2, "build PLACE NEW --bogus"),
    (2, "build PLACE NEW --buckets 0"),
    (2, "build PLACE NEW --buckets many"),
    (2, "build PLACE NEW --memory x"),
    (2, "build PLACE NEW --memory 1KB"),
    (2, "build PLACE NEW --threads 0"),
    (2, "build PLACE NEW --keep 0"),
    (2, "build PLACE NEW --max-rejects 2"),
    (2, "build PLACE NEW --base É"),
    (2, "build PLACE NEW --engine sql"),
    (2, "build PLACE NEW --accept dragon"),
    (2, "build PLACE NEW --with-filter dragon"),
    (2, "build PLACE NEW --require-key"),
    (2, "build PLACE NEW --key NEW"),
    (2, "build PLACE NEW --store-group dragons"),
    (2, "build --explain dragon"),
    (1, "build NEW NEW"),
    (1, "releases NEW"),
    (1, "releases OTHER"),
    (1, "info --releases NEW"),
    (1, "info dragon --releases PLACE"),
    (1, "info snds@dragon --releases PLACE"),
    (1, "info OTHER/snds/old"),
    (1, "info OTHER/snds/broken"),
    (2, "info a b"),
    (2, "run"),
    (2, "run --list NEW.py"),
    (2, "run NEW.py"),
    (2, "run NEW.txt"),
    (2, "run NEW.py --hours 0"),
    (2, "diff snds"),
    (1, "diff snds snds@dragon --releases PLACE"),
    (2, "diff snds snds --hide-below 0 --releases PLACE"),
    (1, "filters dragon --releases PLACE"),
    (1, "filters NEW/folder"),
    (2, "filters snds --base snds --releases PLACE"),
    (2, "diseases show"),
    (2, "diseases list diabetes"),
    (2, "diseases show dragon"),
    (2, "diseases --definitions NEW"),
    (2, "diseases try NEW.toml"),
    (1, "diseases --release dragon --releases PLACE"),
    (2, "build PLACE NEW --definitions NEW"),
    (2, "build PLACE NEW --population all"),
    (2, "ids"),
    (2, "ids NEW.txt --releases PLACE"),
    (1, "ids NEW.csv --releases PLACE"),
    (1, "check snds@dragon --releases PLACE"),
    (1, "check --base dragon --releases PLACE"),
    (2, "check snds --base snds --releases PLACE"),
    (2, "check --tolerance 2 --releases PLACE"),
    (2, "check --against NEW --releases PLACE"),
    (2, "check --planted NEW --releases PLACE"),
    (2, "check --html NEW/page.html --releases PLACE"),
    (1, "rejects dragon --releases PLACE"),
    (1, "rejects --releases NEW"),
    (2, "trace"),
    (1, "trace 0123 --releases PLACE"),
    (1, "trace 00000000000000000000000000000000 --releases PLACE"),
    (1, "trace 00000000000000000000000000000000 --release dragon --releases PLACE"),
    (2, "trace 00000000000000000000000000000000 --key NEW --releases PLACE"),
    (2, "cohort"),
    (2, "cohort NEW.toml --releases PLACE"),
    (2, "cohort NEW.toml --hide-below 0"),
    (2, "pathways NEW"),
    (1, "pathways NEW NEW"),
    (2, "pathways NEW NEW --parameters NEW"),
    (2, "export"),
    (1, "export --meds NEW --releases PLACE"),
    (1, "export --meds NEW --release snds@dragon --releases PLACE"),
    (2, "export --meds NEW --sample 2 --releases PLACE"),
    (2, "prune PLACE"),
    (2, "prune PLACE --keep 0"),
    (1, "prune NEW --keep 1"),
    (1, "prune PLACE --keep 1 --base dragon"),
]
NOBODY: dict[str, list[object]] = {"subject_id": [], "start_date": [], "end_date": []}
WRONG: dict[str, Callable[[], object]] = {
    "release": lambda: oc.release("dragon"),
    "release that is not there": lambda: oc.release("snds@dragon"),
    "sample": lambda: oc.release(sample=2.0),
    "sample of a release": lambda: oc.release().sampled(0.0),
    "files": lambda: oc.release().files("dragon"),
    "columns": lambda: oc.release().columns("dragon"),
    "connect": lambda: oc.connect("snds@dragon"),
    "table": lambda: oc.table("dragon"),
    "arrow": lambda: oc.arrow("dragon"),
    "arrow, column": lambda: oc.arrow("event", columns=["dragon"]),
    "arrow, no column": lambda: oc.arrow("event", columns=[]),
    "pandas": lambda: oc.pandas("dragon"),
    "polars": lambda: oc.polars("event", columns=["dragon"]),
    "dask": lambda: oc.dask("dragon"),
    "dask_cluster": lambda: oc.dask_cluster(workers=10_000),
    "source": lambda: oc.source("DRAGON"),
    "source, years": lambda: oc.source("IR_BEN_R", years=2021),
    "source, sample": lambda: oc.source("IR_BEN_R", oc.release(sample=0.5)),
    "trace": lambda: oc.trace("0123"),
    "trace, event": lambda: oc.trace("0" * 32),
    "trace, key": lambda: oc.trace("0" * 32, key="/no/such/key"),
    "export_meds": lambda: oc.export_meds("/no/such/folder/x"),
    "export_meds, release": lambda: oc.export_meds("/no/such/folder/x", "dragon"),
    "spark": lambda: oc.spark("dragon"),
    "cohort": lambda: oc.cohort("dragon"),
    "cohort, file": lambda: oc.cohort("/no/such/file.toml"),
    "cohort, key": lambda: oc.cohort("everyone", on="date:2018-01-01", steps=[{"dragon": 1}]),
    "cohort, later": lambda: oc.cohort("everyone", on="each_year", steps=[{"observed_after": 1}]),
    "cohort, type": lambda: oc.cohort(3),  # type: ignore[arg-type]
    "onset": lambda: oc.cohort(oc.onset("dragon")),
    "disease": lambda: oc.cohort(oc.everyone().without(oc.disease("dragon"))),
    "stays": lambda: oc.cohort(oc.stays("dragon!")),
    "events": lambda: oc.cohort(oc.events("dragon")),
    "everyone": lambda: oc.cohort(oc.everyone("dragon")),
    "compare": lambda: oc.compare(everyone(), 3),  # type: ignore[arg-type]
    "save": lambda: oc.save(everyone(), "../dragon"),
    "load_cohort": lambda: oc.load_cohort("dragon"),
    "match": lambda: everyone().match(everyone(), on="dragon"),
    "baseline": lambda: everyone().baseline("dragon"),
    "exposures": lambda: oc.exposures({"x": "dragon!"}),
    "exposures, code": lambda: oc.exposures({"x": "Z99ZZ"}),
    "exposures, days": lambda: oc.exposures({"x": "A10"}, days=0),
    "hospital_nights": lambda: oc.hospital_nights("dragon"),
    "pathways": lambda: oc.pathways("/no/such/file.csv", "/no/such/file.csv"),
    "pathways, table": lambda: oc.pathways(3, 4),
    "pathways, name": lambda: oc.pathways("dragon"),
    "pathways, cohort": lambda: oc.pathways("copd", 4),
    "exposures, method": lambda: oc.exposures({"x": "A10"}, method="dragon"),
    "pathways, parameter": lambda: oc.pathways(3, 4, max_gap_day=1),
    "care": lambda: oc.care(3),
    "care, release": lambda: oc.care(NOBODY, release="dragon"),
    "care, nodes": lambda: oc.care(NOBODY, nodes="/no/such/file.csv"),
    "timeline": lambda: oc.timeline(12),
    "timeline, subject": lambda: oc.timeline("dragon"),  # type: ignore[arg-type]
    "timeline, day": lambda: oc.timeline(
        oc.connect().execute("SELECT min(subject_id) FROM patient").fetchall()[0][0], since="dragon"
    ),
    "torch_dataset": lambda: oc.torch_dataset("2021-01-01", "dragon"),
    "project": oc.project,
    "bases": lambda: without_releases(oc.bases),
    "codes": lambda: oc.codes(" "),
    "codes, release": lambda: oc.codes("toux", "dragon"),
    "describe": lambda: oc.describe("dragon"),
    "describe, column": lambda: oc.describe("num_enq_ano"),
}


@pytest.fixture
def place(plain_base: Path, releases: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one base in service, which a session uses."""
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    return releases


def of_another_version(place: Path, folder: Path) -> Path:
    """Copies ``place``, with a release of a later version and one whose manifest is cut."""
    shutil.copytree(place, folder, symlinks=True)
    base = folder / "snds"
    manifest = json.loads((base / "current" / "manifest.json").read_text())
    for name, text in (("old", json.dumps(manifest | {"format": 99})), ("broken", "{")):
        (base / name).mkdir()
        (base / name / "manifest.json").write_text(text)
    return folder


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int, str]]]:
    """Runs a verb in this process, since it ends early: its exit status and its output."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    mask = os.umask(0o022)

    def run(*arguments: str) -> tuple[int, str]:
        try:
            status = cli.main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        told = capsys.readouterr()
        return status, told.out + told.err

    yield run
    os.umask(mask)


def test_every_verb_answers_a_wrong_call_in_english_by_the_status_of_its_kind(
    place: Path, tmp_path: Path, command: Callable[..., tuple[int, str]]
) -> None:
    named = {
        "PLACE": place,
        "OTHER": of_another_version(place, tmp_path / "other"),
        "NEW": tmp_path / "new",
    }
    wrong = []
    for status, call in CALLS:
        words = call
        for name, path in named.items():
            words = words.replace(name, str(path))
        ended, said = command(*words.split())
        # Words of the call are repeated as they were.
        french = FRENCH.search(said.replace("É", "E"))
        broken = not said or "Traceback" in said or "internal error" in said
        if ended != status or french or broken:
            wrong.append((call, ended, french, said))
        shutil.rmtree(named["NEW"], ignore_errors=True)
    assert wrong == []


@pytest.mark.parametrize("name", WRONG)
def test_every_function_answers_a_wrong_call_in_french(place: Path, name: str) -> None:
    with pytest.raises(oc.OpenChronicError) as refused:
        WRONG[name]()
    assert FRENCH.search(str(refused.value)), str(refused.value)
    assert not FRENCH.search(refused.value.english), refused.value.english


def test_every_function_has_a_wrong_call_here() -> None:
    called = {name.split(",")[0].split()[0] for name in WRONG}
    functions = {name for name in oc.__all__ if name[0].islower()}
    assert functions - called == set()


def test_every_verb_has_a_wrong_call_here() -> None:
    assert {call.split()[0] for _, call in CALLS if call} - {"dragon"} == set(cli.verbs())
