"""A delivery in every form that is read, with every kind of fault that a build bears: claims of four years, and their packs."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from tests.openchronic.parquet_delivery import all_strings, as_parquet, shards, typed
from tests.openchronic.small_delivery import ALICE, METFORMIN, claim, drug, pack, plain, write

CLAIMS = "DCIR_{0}/ER_PRS_F_{0}"


def faulty(folder: Path, *, lines: int = 40) -> Path:
    """Writes it in ``folder``. ``lines``: of claims in a year."""
    source = write(folder / "source", plain())
    of = {year: _claims(year, lines) for year in (2017, 2018, 2020, 2021)}
    as_text = plain() | {f"{CLAIMS.format(2017)}.CSV": of[2017]}
    # A column of numbers has no other value.
    as_typed = plain() | {
        f"{CLAIMS.format(2018)}.CSV": [one | {"PRS_PAI_MNT": "10.50"} for one in of[2018]],
        "DCIR_2018/ER_PHA_F_2018.CSV": [pack(n, METFORMIN, 2) for n in range(1, lines)],
    }
    for files, form, name in (
        (as_text, all_strings, f"{CLAIMS.format(2017)}.parquet".lower()),
        (as_typed, typed, f"{CLAIMS.format(2018)}.parquet"),
        (as_typed, shards, "DCIR_2018/ER_PHA_F_2018.parquet"),
    ):
        made = as_parquet(write(folder / f"text {name}", files), folder / f"made {name}", form)
        (found,) = [
            one
            for one in made.rglob("*.parquet")
            if str(one.relative_to(made)).lower() == name.lower()
        ]
        target = source / "DCIR" / found.name
        target.parent.mkdir(exist_ok=True)
        found.rename(target)
    # Short and long lines, and words for what is missing.
    claims = write(source, {f"{CLAIMS.format(2021)}.CSV": of[2021]}) / f"{CLAIMS.format(2021)}.CSV"
    first, *rest = claims.read_text().splitlines()
    rest[2] = rest[2][: len(rest[2]) // 2].rpartition(";")[0]
    rest[4] += ";1;2"
    rest[6] = rest[6].replace(";10.50;", ";NA;", 1)
    claims.write_text("\n".join([first, *rest[:9], first, *rest[9:], ""]))
    # A copy under another name is read once.
    shutil.copy(claims, source / "DCIR_2021/ER_PRS_F_2021_copie.CSV")
    # Lines that end in two ways, in the encoding of Windows, packed.
    write(source, {f"{CLAIMS.format(2020)}.CSV": of[2020]})
    plain_text = source / f"{CLAIMS.format(2020)}.CSV"
    data = plain_text.read_text().replace(";3303;", ";3303œ;", 1).encode("cp1252")
    half = data.index(b"\n", len(data) // 2)
    packed = plain_text.with_name(plain_text.name + ".gz")
    packed.write_bytes(gzip.compress(data[:half].replace(b"\n", b"\r\n") + data[half:]))
    plain_text.unlink()
    # Latin-1, and a quoted field that goes on in the next line.
    drugs = [drug(METFORMIN, "A10BA02", '"METFORMINE\nBIOGARAN ; 1 g"'), drug("3", "C09AA05", "É")]
    write(source, {"IR_PHA_R.CSV": drugs}, encoding="latin-1")
    return source


def _claims(year: int, lines: int) -> list[dict[str, str]]:
    found = [
        claim(n, ALICE, f"{n % 28 + 1:02}/0{n % 3 + 1}/{year}", flux=f"01/0{n % 4 + 2}/{year}")
        for n in range(1, lines + 1)
    ]
    found[1]["EXE_SOI_DTD"] = f"31/02/{year}"
    found[3]["PRS_PAI_MNT"] = "dix"
    found[5]["PRS_ACT_QTE"] = "2.5"
    found[7]["BEN_NIR_PSA"] = ""
    found[9]["EXE_SOI_DTD"] = "10/03/9000"
    return found


def lose_digits(folder: Path) -> None:
    """Writes numbers of a claim with an exponent, as a spreadsheet does, which loses their last digits."""
    path = folder / "DCIR_2021/ER_PRS_F_2021.CSV"
    path.write_text(path.read_text().replace(";3303;", ";1.2E+12;"))
