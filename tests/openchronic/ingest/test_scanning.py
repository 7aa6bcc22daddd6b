"""A scan reads a file's bytes in blocks: its result does not depend on where a block ends."""

from pathlib import Path

import pytest

from openchronic.ingest import scanning


@pytest.mark.parametrize(
    ("cut", "encoding"),
    [(b"\xc3\xa9;b\n", "utf-8"), (b"\xc3;bb\n", "latin-1")],
    ids=["ended in the next block", "never ended"],
)
def test_a_letter_cut_by_the_end_of_a_block_tells_the_encoding(
    tmp_path: Path, cut: bytes, encoding: str
) -> None:
    file = tmp_path / "a.csv"
    header = b"A;B\n"
    before = header + b"a" * (scanning.BLOCK - len(header) - 1)
    file.write_bytes(before + cut + b"a;b\n" * 10)
    assert scanning.scan(file, "a.csv").encoding == encoding
