"""Mutations of a delivery, each with a name, and a seeded choice of them: bytes, columns, files.

It also writes a delivery in parts, each of which may be mutated or written in a format of its own.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.openchronic.ingest.spoilt_bytes import (
    add_rubbish,
    cut,
    cut_in_front,
    flip_bits,
    header_twice,
    huge_field,
    last_separators,
    no_header,
    odd_line_ends,
    other_days,
    other_encoding,
    other_separator,
    overwrite,
    powers_of_ten,
    put_nulls,
    quote_at_an_edge,
    separator_of_a_line,
    stray_quotes,
    truths,
    words_for_nothing,
)
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    Row,
    chaining,
    claim,
    pack,
    plain,
    stay,
)

Mutate = Callable[[Path, Random], None]


def own(text: str, number: int) -> str:
    """Returns ``text`` of the first part with the codes of another part instead, of the same length."""
    return (
        text.replace(ALICE, chr(ord(ALICE[0]) + number) * len(ALICE))
        .replace("01C350001", f"01C35{number + 1:04}")
        .replace(METFORMIN[:-3], f"{METFORMIN[:-5]}{number:02}")
    )


def part(number: int) -> dict[str, list[Row]]:
    """Returns a woman with diabetes, six packs of metformin and a stay: every table, and no key of another part."""
    rsa = f"{number + 1:010}"
    files = plain() | {
        "DCIR_2021/ER_PRS_F_2021.CSV": [
            claim(one, ALICE, f"{one + 9}/03/2021") for one in range(1, 7)
        ],
        "DCIR_2021/ER_PHA_F_2021.CSV": [pack(one, METFORMIN, 2) for one in range(1, 7)],
        "PMSI/T_MCO21B.CSV": [stay(rsa)],
        "PMSI/T_MCO21C.CSV": [chaining(rsa, ALICE)],
        "PMSI/T_MCO21D.CSV": [{"ETA_NUM": "350000022", "RSA_NUM": rsa, "ASS_DGN": "E119"}],
    }
    return {
        name: [{column: own(value, number) for column, value in row.items()} for row in lines]
        for name, lines in files.items()
    }


def chosen(folder: Path, random: Random, suffix: str = ".CSV") -> Path:
    """Returns one file of the delivery with lines in it."""
    return random.choice(sorted(path for path in folder.rglob(f"*{suffix}") if path.stat().st_size))


def on_bytes(change: Callable[[bytes, Random], bytes], suffix: str = ".CSV") -> Mutate:
    """Returns a mutation that rewrites the bytes of one file."""

    def mutate(folder: Path, random: Random) -> None:
        path = chosen(folder, random, suffix)
        path.write_bytes(change(path.read_bytes(), random))

    return mutate


def on_table(change: Callable[[list[list[str]], Random], None]) -> Mutate:
    """Returns a mutation of the fields of one file, header first."""

    def mutate(folder: Path, random: Random) -> None:
        path = chosen(folder, random)
        table = [line.split(";") for line in path.read_text().splitlines()]
        change(table, random)
        path.write_text("".join(";".join(line) + "\n" for line in table))

    return mutate


def drop_column(table: list[list[str]], random: Random) -> None:
    place = random.randrange(len(table[0]))
    for line in table:
        del line[place]


def rename_column(table: list[list[str]], random: Random) -> None:
    table[0][random.randrange(len(table[0]))] = random.choice(("X", "", "é", '"', "BEN_NIR_PSA"))


def swap_names(table: list[list[str]], random: Random) -> None:
    one, other = random.sample(range(len(table[0])), 2)
    table[0][one], table[0][other] = table[0][other], table[0][one]


def repeat_column(table: list[list[str]], random: Random) -> None:
    place = random.randrange(len(table[0]))
    for line in table:
        line.append(line[place])


def spoil_value(table: list[list[str]], random: Random) -> None:
    line = random.choice(table[1:])
    values = ("soon", "-", "1e999", "99/99/9999", "NaN", "é", "'", "0x10", " ", "1,2,3", "٣", "\\N")
    line[random.randrange(len(line))] = random.choice(values)


def move_field(table: list[list[str]], random: Random) -> None:
    line = random.choice(table[1:])
    random.choice((line.append, lambda text: line.insert(0, text)))("1")


def empty(folder: Path, random: Random) -> None:
    path = chosen(folder, random)
    path.write_bytes(random.choice((b"", b"\n", b"\xef\xbb\xbf", b" \n \n", b"\xef\xbb\xbf\n")))


def only_a_header(folder: Path, random: Random) -> None:
    path = chosen(folder, random)
    path.write_text(path.read_text().split("\n", 1)[0] + "\n")


def wrong_table(folder: Path, random: Random) -> None:
    one, other = random.sample(sorted(folder.rglob("*.CSV")), 2)
    one.write_bytes(other.read_bytes())


def lost_file(folder: Path, random: Random) -> None:
    chosen(folder, random).unlink()


def twice(folder: Path, random: Random) -> None:
    path = chosen(folder, random)
    data = path.read_bytes()
    copy = path.with_name(f"{path.stem}_copy.CSV")
    copy.write_bytes(data if random.random() < 0.5 else data + data.splitlines(keepends=True)[-1])


def folder_for_file(folder: Path, random: Random) -> None:
    path = chosen(folder, random)
    path.unlink()
    path.mkdir()


def damaged_gzip(folder: Path, random: Random) -> None:
    path = chosen(folder, random)
    change = random.choice((flip_bits, cut, overwrite, put_nulls, add_rubbish, cut_in_front))
    packed = gzip.compress(path.read_bytes(), mtime=0)
    path.unlink()
    path.with_name(f"{path.name}.gz").write_bytes(change(packed, random) or b"\x1f\x8b")


def false_name(folder: Path, random: Random) -> None:
    """Names a text file like a file of another format."""
    path = chosen(folder, random)
    path.rename(path.with_suffix(random.choice((".parquet", ".sas7bdat", ".xlsx", ".CSV.zip"))))


CSV_KINDS: dict[str, Mutate] = {
    **{
        change.__name__: on_bytes(change)
        for change in (
            *(flip_bits, overwrite, cut, cut_in_front, add_rubbish, put_nulls, odd_line_ends),
            *(header_twice, no_header, huge_field, other_encoding, other_separator),
            *(separator_of_a_line, stray_quotes, quote_at_an_edge, powers_of_ten, truths),
            *(words_for_nothing, other_days, last_separators),
        )
    },
    **{
        change.__name__: on_table(change)
        for change in (
            drop_column,
            rename_column,
            swap_names,
            repeat_column,
            spoil_value,
            move_field,
        )
    },
    **{
        change.__name__: change
        for change in (
            *(empty, only_a_header, wrong_table, lost_file, twice, folder_for_file, damaged_gzip),
            false_name,
        )
    },
}
BINARY_KINDS: dict[str, Callable[[bytes, Random], bytes]] = {
    change.__name__: change for change in (flip_bits, overwrite, cut, cut_in_front, put_nulls)
}
