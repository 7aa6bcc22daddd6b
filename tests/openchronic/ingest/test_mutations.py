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
from collections.abc import Iterator, Mapping
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
# A build of few people costs much the same whatever they are: two kinds share one, each in parts of its own.
PARTS = range(2 * len(SEEDS))
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
BESIDE_OTHERS = [kind for kind in CSV_KINDS if kind not in WHOLE_FILES]
PAIRS = list(zip(BESIDE_OTHERS[::2], BESIDE_OTHERS[1::2], strict=True))


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
    """A delivery of parts: mutated ones lie beside valid ones."""
    folder = tmp_path_factory.mktemp("parts") / "delivery"
    for number in PARTS:
        write(folder / name_of(number), part(number))
    return folder


@pytest.fixture(scope="module")
def csv(parts: Path) -> Good:
    return good(parts)


@pytest.fixture(scope="module")
def csv_alone(tmp_path_factory: pytest.TempPathFactory) -> Good:
    folder = tmp_path_factory.mktemp("alone") / "delivery"
    return good(write(folder / name_of(0), part(0)).parent)


@pytest.fixture(scope="module")
def binary(parts: Path, tmp_path_factory: pytest.TempPathFactory) -> Good:
    """The first half of the parts in Parquet, and in the other the tables of which there are files of SAS in SAS."""
    halves = tmp_path_factory.mktemp("halves")
    for number in PARTS:
        half = halves / ("parquet" if number in SEEDS else "sas")
        shutil.copytree(parts / name_of(number), half / name_of(number))
    source = as_parquet(halves / "parquet", halves / "delivery", all_strings)
    for number in PARTS[len(SEEDS) :]:
        folder = shutil.copytree(halves / "sas" / name_of(number), source / name_of(number))
        for path in SAS.glob("*.sas7bdat"):
            (old,) = (one for one in folder.rglob("*.CSV") if one.stem == path.stem)
            old.unlink()
            # A character is a byte in Latin-1, whatever the encoding of the file.
            text = own(path.read_bytes().decode("latin-1"), number)
            old.with_suffix(".sas7bdat").write_bytes(text.encode("latin-1"))
    return good(source)


def name_of(number: int) -> str:
    """Returns the folder of a part; none of them ends as another."""
    return f"{number:02}"


def good(delivery: Path) -> Good:
    """``delivery`` after a build: the files that are refused below were valid before the mutation."""
    out = delivery.with_name("out")
    status, said = command("build", delivery, out)
    assert status == 0, said
    return Good(delivery, out)


def test_the_delivery_is_good_before_it_is_spoilt(csv: Good, csv_alone: Good, binary: Good) -> None:
    """Each of its folders makes events of its own: none hides the outcome of another."""
    for source, subjects in ((csv, 12), (csv_alone, 1), (binary, 12)):
        release = (source.out / "snds" / "current").resolve()
        assert rows(release, "FROM reject") == [], source
        found = rows(
            release,
            "SELECT event_type, count(DISTINCT subject_id) FROM event "
            "WHERE event_type IN ('drug', 'diagnosis') GROUP BY 1 ORDER BY 1",
        )
        assert found == [("diagnosis", subjects), ("drug", subjects)], source


@pytest.mark.parametrize("kinds", PAIRS, ids="-".join)
def test_spoilt_csv(
    csv: Good, tmp_path: Path, outcomes: Counter[tuple[str, str]], kinds: tuple[str, str]
) -> None:
    outcomes.update(ends_of(csv, tmp_path, {kind: CSV_KINDS[kind] for kind in kinds}))


@pytest.mark.parametrize("kind", sorted(WHOLE_FILES))
def test_a_lost_or_replaced_file(
    csv_alone: Good, tmp_path: Path, outcomes: Counter[tuple[str, str]], kind: str
) -> None:
    outcomes.update(ends_alone(csv_alone, tmp_path, CSV_KINDS[kind], kind))


@pytest.mark.parametrize("kind", BINARY_KINDS)
def test_spoilt_parquet_and_sas(
    binary: Good, tmp_path: Path, outcomes: Counter[tuple[str, str]], kind: str
) -> None:
    mutations = {
        f"{form} {kind}": on_bytes(BINARY_KINDS[kind], f".{form}")
        for form in ("parquet", "sas7bdat")
    }
    outcomes.update(ends_of(binary, tmp_path, mutations))


def ends_of(
    source: Good, place: Path, mutations: Mapping[str, Mutate]
) -> Iterator[tuple[str, str]]:
    """Mutates with every seed, by each kind parts of its own, and yields each kind with how a build of it ended."""
    folder = source.copy(place)
    kinds: dict[int, str] = {}
    spoilt: dict[int, set[Path]] = {}
    every = [(kind, seed) for kind in mutations for seed in SEEDS]
    for number, (kind, seed) in zip(PARTS, every, strict=True):
        kinds[number] = kind
        spoilt[number] = spoil(folder / name_of(number), mutations[kind], f"{kind} {seed}")
    for number, end in judged(source, place, spoilt):
        yield kinds[number], end


def ends_alone(source: Good, place: Path, mutate: Mutate, kind: str) -> Iterator[tuple[str, str]]:
    """Does so to a delivery of one part, in a build for every seed."""
    # Equal mutations of two seeds have equal outcomes.
    known: dict[frozenset[tuple[str, bytes]], str] = {}
    for seed in SEEDS:
        folder = source.copy(place / str(seed))
        spoilt = spoil(folder / name_of(0), mutate, f"{kind} {seed}")
        state = frozenset(
            (str(path.relative_to(folder)), data) for path, data in contents(folder).items()
        )
        if state not in known:
            ((_, known[state]),) = judged(source, place / str(seed), {0: spoilt})
        yield kind, known[state]


def spoil(folder: Path, mutate: Mutate, seed: str) -> set[Path]:
    """Returns the files that were changed or removed."""
    before = contents(folder)
    mutate(folder, Random(seed))  # noqa: S311 - the same choices at each run
    after = contents(folder)
    return {path for path in before | after if before.get(path) != after.get(path)}


def judged(source: Good, place: Path, spoilt: dict[int, set[Path]]) -> Iterator[tuple[int, str]]:
    """Builds with the ``spoilt`` parts, and yields each with its outcome: one of the only three valid ones.

    A build that is refused names a mutated file. That file is restored, and the rest built again, until a build
    accepts all that is left.
    """
    folder = place / "delivery"
    while spoilt:
        status, said = command("build", folder, place / "out")
        assert "Traceback" not in said, (spoilt, said)
        assert "internal error" not in said, (spoilt, said)
        assert not any(own(ALICE, number) in said for number in PARTS), spoilt
        if status == 0:
            break
        assert status == 1, (spoilt, said)
        refusal = said[said.index("openchronic: ") :]
        named = [number for number, paths in spoilt.items() if names_of(folder, paths, refusal)]
        assert named, (spoilt, said)
        for number in named:
            del spoilt[number]
            shutil.rmtree(folder / name_of(number))
            shutil.copytree(source.delivery / name_of(number), folder / name_of(number))
            yield number, "refused"
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
    for number, paths in spoilt.items():
        of_rejects = any(str(path.relative_to(folder)) in files for path in paths)
        yield number, "rejects" if of_rejects else "accepted"


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names_of(folder: Path, paths: set[Path], refusal: str) -> bool:
    """Returns whether a refusal names one of ``paths``; or its table, where the only file of it was removed."""
    is_alone = len(list(folder.iterdir())) == 1
    return any(
        str(path.relative_to(folder)) in refusal
        or (is_alone and not path.is_file() and table_of(path) in refusal)
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
