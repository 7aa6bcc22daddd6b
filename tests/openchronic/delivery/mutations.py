"""Ways to spoil a delivery, each by its name, and a seeded choice of them: bytes, columns, files."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from random import Random

Mutate = Callable[[Path, Random], None]


def chosen(folder: Path, random: Random, suffix: str = ".CSV") -> Path:
    """One file of the delivery with lines in it."""
    return random.choice(sorted(path for path in folder.rglob(f"*{suffix}") if path.stat().st_size))


def on_bytes(change: Callable[[bytes, Random], bytes], suffix: str = ".CSV") -> Mutate:
    """A mutation that rewrites the bytes of one file."""

    def mutate(folder: Path, random: Random) -> None:
        path = chosen(folder, random, suffix)
        path.write_bytes(change(path.read_bytes(), random))

    return mutate


def on_table(change: Callable[[list[list[str]], Random], None]) -> Mutate:
    """A mutation of the fields of one file, header first."""

    def mutate(folder: Path, random: Random) -> None:
        path = chosen(folder, random)
        table = [line.split(";") for line in path.read_text().splitlines()]
        change(table, random)
        path.write_text("".join(";".join(line) + "\n" for line in table))

    return mutate


def flip_bits(data: bytes, random: Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(random.randint(1, 8)):
        spoilt[random.randrange(len(spoilt))] ^= 1 << random.randrange(8)
    return bytes(spoilt)


def overwrite(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data))
    return data[:place] + random.randbytes(random.randint(1, 50)) + data[place + 20 :]


def cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data))]


def cut_in_front(data: bytes, random: Random) -> bytes:
    return data[random.randrange(1, len(data)) :]


def add_rubbish(data: bytes, random: Random) -> bytes:
    rubbish = (b"\x1a", b"\0\0\0", b"garbage", b"garbage\n", b";;;\n", b"\n\n\n", b"(2 rows)\n")
    return data + random.choice(rubbish)


def put_nulls(data: bytes, random: Random) -> bytes:
    place = random.randrange(len(data))
    return data[:place] + bytes(random.randint(1, 3)) + data[place:]


def odd_line_ends(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    ends = random.choice(([b"\r\n"], [b"\r"], [b"\n", b"\r\n"], [b"\n\n"], [b"\r\r\n"], [b"\n\r"]))
    return b"".join(line + random.choice(ends) for line in lines if line)


def header_twice(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    lines.insert(random.randint(1, len(lines)), lines[0])
    return b"".join(lines)


def no_header(data: bytes, random: Random) -> bytes:
    return b"".join(data.splitlines(keepends=True)[1:])


def huge_field(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    fields = lines[-1].split(b";")
    fields[random.randrange(len(fields) - 1)] = b"9" * random.choice((5_000, 300_000, 5_000_000))
    return b"".join(lines[:-1]) + b";".join(fields)


def other_encoding(data: bytes, random: Random) -> bytes:
    names = ("utf-16", "utf-16-le", "utf-32", "cp037", "utf-8-sig", "utf-7", "shift_jis")
    return (data.decode() + "é;à\n").encode(random.choice(names), "replace")


def other_separator(data: bytes, random: Random) -> bytes:
    return data.replace(b";", random.choice((b",", b"\t", b"|", b"^", b" ", b"::", b"")))


def separator_of_a_line(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    place = random.randrange(len(lines))
    lines[place] = lines[place].replace(b";", b",")
    return b"".join(lines)


def stray_quotes(data: bytes, random: Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(random.randint(1, 3)):
        spoilt.insert(random.randrange(len(spoilt)), ord('"'))
    return bytes(spoilt)


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
    """Text under the name of another format, which promises what the file is not."""
    path = chosen(folder, random)
    path.rename(path.with_suffix(random.choice((".parquet", ".sas7bdat", ".xlsx", ".CSV.zip"))))


CSV_KINDS: dict[str, Mutate] = {
    **{
        change.__name__: on_bytes(change)
        for change in (
            *(flip_bits, overwrite, cut, cut_in_front, add_rubbish, put_nulls, odd_line_ends),
            *(header_twice, no_header, huge_field, other_encoding, other_separator),
            *(separator_of_a_line, stray_quotes),
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
