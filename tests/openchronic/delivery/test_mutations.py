"""A spoilt delivery ends in a refusal that names the file, or in counted rejects: nothing is lost.

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
from pathlib import Path
from random import Random

import pytest

from openchronic.cli import main
from openchronic.delivery.finding import identify
from tests.openchronic.delivery.mutations import BINARY_KINDS, CSV_KINDS, Mutate, on_bytes
from tests.openchronic.parquet_delivery import all_strings, as_parquet
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    claim,
    pack,
    plain,
    write,
)

SEEDS = range(6)
SAS = Path(__file__).parent / "sas"


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
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [claim(number, ALICE, f"{number + 9}/03/2021") for number in range(1, 7)]
    packs = [pack(number, METFORMIN, 2) for number in range(1, 7)]
    files = plain() | {
        "DCIR_2021/ER_PRS_F_2021.CSV": lines,
        "DCIR_2021/ER_PHA_F_2021.CSV": packs,
    }
    return write(tmp_path_factory.mktemp("mutations") / "csv", files)


@pytest.fixture(scope="module")
def parquet(csv: Path) -> Path:
    return as_parquet(csv, csv.with_name("parquet"), all_strings)


@pytest.fixture(scope="module")
def sas(csv: Path) -> Path:
    source = shutil.copytree(csv, csv.with_name("sas"))
    for path in SAS.glob("*.sas7bdat"):
        (old,) = (one for one in source.rglob("*.CSV") if one.stem == path.stem)
        shutil.copy(path, old.with_suffix(".sas7bdat"))
        old.unlink()
    return source


@pytest.mark.parametrize("kind", CSV_KINDS)
def test_spoilt_csv(
    csv: Path, tmp_path: Path, outcomes: Counter[tuple[str, str]], kind: str
) -> None:
    for seed in SEEDS:
        outcomes[kind, judged(csv, tmp_path / str(seed), CSV_KINDS[kind], f"{kind} {seed}")] += 1


@pytest.mark.parametrize("kind", BINARY_KINDS)
@pytest.mark.parametrize("form", ["parquet", "sas7bdat"])
def test_spoilt_parquet_and_sas(
    *,
    parquet: Path,
    sas: Path,
    tmp_path: Path,
    outcomes: Counter[tuple[str, str]],
    kind: str,
    form: str,
) -> None:
    mutate = on_bytes(BINARY_KINDS[kind], f".{form}")
    source = parquet if form == "parquet" else sas
    for seed in SEEDS:
        end = judged(source, tmp_path / str(seed), mutate, f"{form} {kind} {seed}")
        outcomes[f"{form} {kind}", end] += 1


def test_the_delivery_is_good_before_it_is_spoilt(csv: Path, parquet: Path, sas: Path) -> None:
    for source in (csv, parquet, sas):
        assert command("build", source, source.with_name(f"{source.name} out"))[0] == 0


def judged(source: Path, place: Path, mutate: Mutate, seed: str) -> str:
    """Spoil a copy of ``source``, build it, and say how that ended: the only three good ways."""
    folder = shutil.copytree(source, place / "delivery")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    mutate(folder, Random(seed))  # noqa: S311 - the same choices at each run
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    spoilt = {path for path in before | after if before.get(path) != after.get(path)}
    status, said = command("build", folder, place / "out")
    assert "Traceback" not in said, (seed, said)
    assert "internal error" not in said, (seed, said)
    assert ALICE not in said, seed
    if status == 1:
        # The table is named where its file is gone.
        names = {path.name for path in spoilt} | {table_of(path) for path in spoilt}
        assert any(name in said for name in names), (seed, names, said)
        return "refused"
    assert status == 0, (seed, said)
    manifest = json.loads((place / "out/snds/current/manifest.json").read_text())
    rejected = sum(one["lines"] for one in manifest["rejects"])
    for one in manifest["inputs"]:
        path = folder / one["file"]
        if one["format"] == "csv":
            assert one["rows"] in records(path), (seed, one)
    read = manifest["rows_read"].values()
    assert sum(one["rows"] for one in read) == sum(one["kept"] for one in read) + rejected, seed
    return "rejects" if rejected else "accepted"


def records(path: Path) -> range:
    """How many lines a reader may count: those with something in them, fewer where quotes span lines."""
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    lines = sum(1 for line in data.split(b"\n") if line.strip(b"\r")) - 1
    return range(0 if b'"' in data else lines, lines + 1)


def table_of(path: Path) -> str:
    identified = identify(path.name)
    return identified[0] if identified else path.stem.split(".")[0][:8]


def command(*arguments: object) -> tuple[int, str]:
    """The command in this process: hundreds of them would each pay for a process."""
    out = io.StringIO()
    options = ("--memory", "1GB", "--threads", "2", "--buckets", "1")
    mask = os.umask(0o022)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            status = main([*map(str, arguments), *options])
    finally:
        os.umask(mask)
    return status, out.getvalue()
