"""Mutations of the bytes of a file: a seeded choice of what is spoilt, and where."""

from __future__ import annotations

import re
from random import Random


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


def quote_at_an_edge(data: bytes, random: Random) -> bytes:
    """Adds a quote at the start or at the end of a field, alone in its file or with another far away."""
    lines = data.splitlines(keepends=True)
    for _ in range(random.randint(1, 2)):
        place = random.randrange(1, len(lines))
        lines[place] = lines[place].replace(b";", random.choice((b';"', b'";')), 1)
    return b"".join(lines)


def powers_of_ten(data: bytes, random: Random) -> bytes:
    """Writes long numbers as SAS, spreadsheets and R do."""
    shape = random.choice((b"%.5E", b"%.2e", b"%.0E"))
    return re.sub(rb"(?<=;)\d{7,15}(?=[;\n])", lambda one: shape % int(one[0]), data)


def truths(data: bytes, random: Random) -> bytes:
    """Writes codes as a schema does that declares them boolean."""
    yes, no = random.choice(((b"TRUE", b"FALSE"), (b"true", b"false"), (b"True", b"False")))
    return re.sub(rb"(?<=;)[01](?=[;\n])", lambda one: yes if one[0] == b"1" else no, data)


def words_for_nothing(data: bytes, random: Random) -> bytes:
    word = random.choice((b"NA", b"NULL", b"\\N", b".", b"nan"))
    return re.sub(rb"(?<=;)(?=[;\n])", lambda _: word, data)


def other_days(data: bytes, random: Random) -> bytes:
    shape = random.choice(
        (
            rb"\3-\2-\1T00:00:00.000+01:00",
            rb"\1/\2/\3 00:00",
            rb"\1-\2-\3",
            rb"\2/\1/\3",
            rb"\1/\2/9999",
        )
    )
    return re.sub(rb"(\d\d)/(\d\d)/(\d{4})", shape, data)


def last_separators(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    first = random.choice((0, 1))
    return b"\n".join(line + b";" if line and n >= first else line for n, line in enumerate(lines))
