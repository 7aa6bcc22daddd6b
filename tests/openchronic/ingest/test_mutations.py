"""A mutated delivery ends in a refusal that names the file, or in counted rejects: no line is lost.

``pytest -s`` shows the table of kinds and outcomes.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from openchronic.cli import main
from openchronic.ingest.naming import identify
from tests.openchronic.front_door import rows
from tests.openchronic.ingest.mutations import (
    BINARY_KINDS,
    CSV_KINDS,
    Mutate,
    on_bytes,
    own,
    part,
)
from tests.openchronic.parquet_delivery import all_strings, as_parquet
from tests.openchronic.small_delivery import ALICE, write

SEEDS = range(6)
SAS = Path(__file__).parent / "sas"
# Mutations that remove a whole file: they are done to a delivery with no other file of that table.
WHOLE_FILES = {
    "empty",
    "only_a_header",
    "wrong_table",
    "lost_file",
    "folder_for_file",
    "false_name",
}


@dataclass(frozen=True)
class Good:
    """A delivery in folders, each with every table of its own subjects, and the rows that a build keeps of it."""

    delivery: Path
    out: Path

    def copy(self, place: Path) -> Path:
        """Copies the delivery to ``place``, to be mutated; a build into ``place / "out"`` reads only mutated
        files."""
        shutil.copytree(self.out / "snds/.store", place / "out/snds/.store")
        return shutil.copytree(self.delivery, place / "delivery")


@pytest.fixture(scope="module")
def outcomes() -> Iterator[Counter[tuple[str, str]]]:
    """How often each kind of mutation ended in each way; shown at the end."""
    found: Counter[tuple[str, str]] = Counter()
    yield found
    ends = ("refused", "rejects", "accepted")
    print(f"\n{'mutation':<28}" + "".join(f"{end:>10}" for end in ends))
    for kind in dict.fromkeys(kind for kind, _ in found):
        print(f"{kind:<28}" + "".join(f"{found[kind, end]:>10}" for end in ends))
    print(
        f"{'all ' + str(found.total()):<28}"
        + "".join(f"{sum(n for (_, one), n in found.items() if one == end):>10}" for end in ends)
    )


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery with as many parts as there are seeds: mutated parts lie beside valid ones."""
    folder = tmp_path_factory.mktemp("parts") / "delivery"
    for number in SEEDS:
        write(folder / str(number), part(number))
    return folder


@pytest.fixture(scope="module")
def csv(parts: Path) -> Good:
    return good(parts)


@pytest.fixture(scope="module")
def csv_alone(tmp_path_factory: pytest.TempPathFactory) -> Good:
    folder = tmp_path_factory.mktemp("alone") / "delivery"
    return good(write(folder / "0", part(0)).parent)


@pytest.fixture(scope="module")
def parquet(parts: Path, tmp_path_factory: pytest.TempPathFactory) -> Good:
    return good(as_parquet(parts, tmp_path_factory.mktemp("parquet") / "delivery", all_strings))


@pytest.fixture(scope="module")
def sas(parts: Path, tmp_path_factory: pytest.TempPathFactory) -> Good:
    source = shutil.copytree(parts, tmp_path_factory.mktemp("sas") / "delivery")
    for number in SEEDS:
        for path in SAS.glob("*.sas7bdat"):
            (old,) = (one for one in (source / str(number)).rglob("*.CSV") if one.stem == path.stem)
            old.unlink()
            # A character is a byte in Latin-1, whatever the encoding of the file.
            text = own(path.read_bytes().decode("latin-1"), number)
            old.with_suffix(".sas7bdat").write_bytes(text.encode("latin-1"))
    return good(source)


def good(delivery: Path) -> Good:
    """``delivery`` after a build: the files that are refused below were valid before the mutation."""
    out = delivery.with_name("out")
    status, said = command("build", delivery, out)
    assert status == 0, said
    return Good(delivery, out)


def test_the_delivery_is_good_before_it_is_spoilt(
    csv: Good, csv_alone: Good, parquet: Good, sas: Good
) -> None:
    """Each of its folders makes events of its own: none hides the outcome of another."""
    for source, subjects in ((csv, 6), (csv_alone, 1), (parquet, 6), (sas, 6)):
        release = (source.out / "snds" / "current").resolve()
        assert rows(release, "FROM reject") == [], source
        found = rows(
            release,
            "SELECT event_type, count(DISTINCT subject_id) FROM event "
            "WHERE event_type IN ('drug', 'diagnosis') GROUP BY 1 ORDER BY 1",
        )
        assert found == [("diagnosis", subjects), ("drug", subjects)], source


@pytest.mark.parametrize("kind", CSV_KINDS)
def test_spoilt_csv(
    *,
    csv: Good,
    csv_alone: Good,
    tmp_path: Path,
    outcomes: Counter[tuple[str, str]],
    kind: str,
) -> None:
    source = csv_alone if kind in WHOLE_FILES else csv
    for end in ends_of(source, tmp_path, CSV_KINDS[kind], kind):
        outcomes[kind, end] += 1


@pytest.mark.parametrize("kind", BINARY_KINDS)
@pytest.mark.parametrize("form", ["parquet", "sas7bdat"])
def test_spoilt_parquet_and_sas(
    *,
    parquet: Good,
    sas: Good,
    tmp_path: Path,
    outcomes: Counter[tuple[str, str]],
    kind: str,
    form: str,
) -> None:
    mutate = on_bytes(BINARY_KINDS[kind], f".{form}")
    source = parquet if form == "parquet" else sas
    for end in ends_of(source, tmp_path, mutate, f"{form} {kind}"):
        outcomes[f"{form} {kind}", end] += 1


def ends_of(source: Good, place: Path, mutate: Mutate, kind: str) -> Iterator[str]:
    """Mutates with every seed, and yields how each build ended."""
    if (source.delivery / "1").exists():
        folder = source.copy(place)
        yield from judged(
            source,
            place,
            {seed: spoil(folder / str(seed), mutate, f"{kind} {seed}") for seed in SEEDS},
        )
        return
    # Equal mutations of two seeds have equal outcomes.
    known: dict[frozenset[tuple[str, bytes]], str] = {}
    for seed in SEEDS:
        folder = source.copy(place / str(seed))
        spoilt = spoil(folder / "0", mutate, f"{kind} {seed}")
        state = frozenset(
            (str(path.relative_to(folder)), data) for path, data in contents(folder).items()
        )
        if state not in known:
            (known[state],) = judged(source, place / str(seed), {0: spoilt})
        yield known[state]


def spoil(folder: Path, mutate: Mutate, seed: str) -> set[Path]:
    """Returns the files that were changed or removed."""
    before = contents(folder)
    mutate(folder, Random(seed))  # noqa: S311 - the same choices at each run
    after = contents(folder)
    return {path for path in before | after if before.get(path) != after.get(path)}


def judged(source: Good, place: Path, spoilt: dict[int, set[Path]]) -> Iterator[str]:
    """Builds with the ``spoilt`` folders, and yields the outcome of each: one of the only three valid ones.

    A build that is refused names a mutated file. That file is restored, and the rest built again, until a build
    accepts all that is left.
    """
    folder = place / "delivery"
    while spoilt:
        status, said = command("build", folder, place / "out")
        assert "Traceback" not in said, (spoilt, said)
        assert "internal error" not in said, (spoilt, said)
        assert not any(own(ALICE, number) in said for number in SEEDS), spoilt
        if status == 0:
            break
        assert status == 1, (spoilt, said)
        refusal = said[said.index("openchronic: ") :]
        named = [number for number, paths in spoilt.items() if names_of(folder, paths, refusal)]
        assert named, (spoilt, said)
        for number in named:
            del spoilt[number]
            shutil.rmtree(folder / str(number))
            shutil.copytree(source.delivery / str(number), folder / str(number))
            yield "refused"
    if not spoilt:
        return
    manifest = json.loads((place / "out/snds/current/manifest.json").read_text())
    for one in manifest["inputs"]:
        path = folder / one["file"]
        if one["format"] == "csv":
            assert one["rows"] in records(path), (spoilt, one)
    read = manifest["rows_read"].values()
    rejected = sum(one["lines"] for one in manifest["rejects"])
    kept = sum(one["kept"] for one in read)
    assert sum(one["rows"] for one in read) == kept + rejected, spoilt
    files = {one["file"] for one in manifest["inputs"] if one["rows"] != one["kept"]}
    assert files <= {str(path.relative_to(folder)) for path in set[Path]().union(*spoilt.values())}
    for paths in spoilt.values():
        of_rejects = any(str(path.relative_to(folder)) in files for path in paths)
        yield "rejects" if of_rejects else "accepted"


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names_of(folder: Path, paths: set[Path], refusal: str) -> bool:
    """Returns whether a refusal names one of ``paths``; or its table, where the file was removed."""
    return any(
        str(path.relative_to(folder)) in refusal
        or (not path.is_file() and table_of(path) in refusal)
        for path in paths
    )


def records(path: Path) -> range:
    """Returns how many lines a reader may count: non-empty ones, fewer where quotes span lines."""
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    lines = sum(1 for line in data.split(b"\n") if line.strip(b"\r")) - 1
    return range(0 if b'"' in data else lines, lines + 1)


def table_of(path: Path) -> str:
    identified = identify(path.name)
    return identified[0] if identified else path.stem.split(".")[0][:8]


def command(*arguments: object) -> tuple[int, str]:
    """Runs the command in this process: hundreds of processes would each take their start time."""
    out = io.StringIO()
    options = ("--memory", "1GB", "--threads", "2", "--buckets", "1")
    mask = os.umask(0o022)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            status = main([*map(str, arguments), *options])
    finally:
        os.umask(mask)
    return status, out.getvalue()
