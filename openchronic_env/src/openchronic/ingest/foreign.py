"""Recognises files that are not text, by their first bytes."""

from __future__ import annotations

from openchronic.errors import SourceError

FOREIGN = {
    b"PK\x03\x04": "a ZIP archive: unpack it first",
    b"PAR1": "a Parquet file: end its name in .parquet",
    b"\xff\xfe": "UTF-16 text: convert it to UTF-8",
    b"\xfe\xff": "UTF-16 text: convert it to UTF-8",
    b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60": (
        "a SAS dataset: end its name in .sas7bdat"
    ),
}


def refuse_foreign(start: bytes, name: str) -> None:
    """Raises SourceError when the first bytes of a file belong to a format other than text."""
    for magic, what in FOREIGN.items():
        if start.startswith(magic):
            raise SourceError(f"{name}, line 1: this is not CSV text but {what}")
