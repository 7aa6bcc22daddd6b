"""Computes the key of an entry: what decides the typed values of a file, from its content to the code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib import metadata
from pathlib import Path

from openchronic.catalogue import Table, load_tables
from openchronic.ingest.finding import Delivered
from openchronic.store.code import code_digest

# Descriptions for people, patterns that find files, and the treatment of rows after reading: none
# of these changes a value.
DESCRIPTIVE = {"product", "place", "patterns", "source", "length", "nomenclature"}
DESCRIPTIVE |= {"meaning", "meaning_fr", "used_for", "used_for_fr", "without"}
DESCRIPTIVE |= {"need", "lines", "joined", "doubled", "dated", "of_persons", "dcir"}
# The packages whose code reads files: any change in them may change a value.
READING = ("ingest", "store")
LIBRARIES = ("duckdb", "pyarrow", "pyreadstat")
TEXT = {".csv", ".txt", ".tsv", ".gz"}


def key_of(table: str, file: Delivered, sha256: str) -> str:
    """Returns the key under which a file is stored. It depends on the year in its name, not on the name or the
    date."""
    ending = Path(file.name.lower()).suffix
    promised = "text" if ending in TEXT else ending
    text = json.dumps([_declaration(table), sha256, file.year, promised, code_of_reading()])
    return hashlib.sha256(text.encode()).hexdigest()


def key_of_folder(keys: Sequence[str]) -> str:
    """Returns the name of the folder of files with these keys: that of a file which is alone is its key."""
    return keys[0] if len(keys) == 1 else hashlib.sha256(" ".join(keys).encode()).hexdigest()


@cache
def _declaration(table: str) -> str:
    declared = load_tables()[table]
    return json.dumps(_plain(declared), sort_keys=True)


def _plain(table: Table) -> dict[str, object]:
    said = asdict(table)
    columns = [_deciding(column) for column in said.pop("columns")]
    return _deciding(said) | {"columns": columns}


def _deciding(said: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in said.items() if name not in DESCRIPTIVE}


@cache
def code_of_reading() -> str:
    """Returns the version of all that reads files: of this package's code, and of the libraries under it."""
    return json.dumps([code_digest(READING), [metadata.version(name) for name in LIBRARIES]])
