"""Reads the texts of an extraction: a table has its own, or shares one, with its words in ``shared.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from openchronic.catalogue import Table, load_tables
from openchronic.catalogue.claims import CLAIMS, SIMPLIFIED_PRODUCT

# The columns of a claim that DCIRS repeats in each of its detail tables.
OF_CLAIM = (
    "CLE_DCI_JNT",
    "FLX_DIS_DTD",
    "FLX_TRT_DTD",
    "BEN_IDT_ANO",
    "BEN_RES_DPT",
    "EXE_SOI_DTD",
    "EXE_SOI_DTF",
    "PRS_NAT_REF",
    "RGO_REM_TAU",
    "PFS_EXE_NUM",
    "PFS_PRE_NUM",
    "ETB_EXE_FIN",
)


def sql(name: str) -> str:
    """Returns the text of one model."""
    return resources.files("openchronic.synth.sql").joinpath(f"{name}.sql").read_text("utf-8")


def is_made(table: str) -> bool:
    """Returns whether a text makes rows of ``table``."""
    deliveries = resources.files("openchronic.synth.sql") / "deliveries"
    return table in _shared() or (deliveries / f"{table}.sql").is_file()


def text_of(table: Table) -> str:
    """Returns SQL: the rows of ``table``, of all its years."""
    words = {"text": table.name, "claim": _claim(table), **_shared().get(table.name, {})}
    text = sql(f"deliveries/{words.pop('text')}")
    for word, said in words.items():
        text = text.replace(f"{{{word}}}", said)
    return text


def _claim(table: Table) -> str:
    """Returns the columns that join a line of ``table`` to its claim."""
    columns: tuple[str, ...] = load_tables()[CLAIMS].key
    if table.product == SIMPLIFIED_PRODUCT:
        there = {column.name for column in table.columns}
        columns = tuple(one for one in OF_CLAIM if one in there)
    return ", ".join(columns)


@cache
def _shared() -> Mapping[str, Mapping[str, str]]:
    file = resources.files("openchronic.synth").joinpath("shared.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
