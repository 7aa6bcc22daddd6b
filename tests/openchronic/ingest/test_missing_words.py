"""Words that software writes for a missing value are read as missing, in numbers, dates and text, and reported."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from openchronic.catalogue import load_tables
from openchronic.ingest.missing import missing_words
from openchronic.nomenclatures import load_values
from openchronic.nomenclatures.lists import load_nomenclature
from tests.openchronic.build.cases import built_together
from tests.openchronic.front_door import built, everything, rows
from tests.openchronic.parquet_delivery import as_parquet
from tests.openchronic.small_delivery import (
    ALICE,
    Row,
    chaining,
    claim,
    drug,
    plain,
    stay,
    write,
)

CLAIMS, STAYS = "DCIR_2021/ER_PRS_F_2021.CSV", "PMSI/T_MCO21B.CSV"
WORDS = [word for word in missing_words() if word != "."]


def with_gaps(word: str) -> dict[str, list[Row]]:
    """Returns the plain delivery with ``word`` for missing values: numbers, dates, codes and, after the first
    lines, text."""
    rsa = "0000000001"
    files = plain() | {
        CLAIMS: [
            claim(1, ALICE, "10/03/2021", PRE_PRE_DTD=word, BEN_NAI_ANN=word, CPL_REM_MNT=word)
            | {"PFS_PRE_NUM": word, "PSP_SPE_COD": word}
        ],
        STAYS: [stay(rsa, DGN_REL=word, SEJ_TYP=word, ENT_PRV=word, AGE_JOU=word)],
        "PMSI/T_MCO21C.CSV": [chaining(rsa, ALICE, RNG_BEN=word)],
    }
    return {name: [dict(row) for row in lines] for name, lines in files.items()}


def test_a_word_for_nothing_is_nothing_in_numbers_dates_and_text(tmp_path: Path) -> None:
    """Each word has a person of its own, and is the only one in that person's lines."""
    said, unsaid = (
        built_together(
            tmp_path / name, {word: with_gaps(said) for word, said in gaps.items()}
        ).release
        for name, gaps in (
            ("said", {word: word for word in (*WORDS, ".")}),
            ("unsaid", dict.fromkeys((*WORDS, "."), "")),
        )
    )
    assert rows(said, "FROM reject") == []
    assert rows(said, "SELECT count(*) FROM patient") == [(len(WORDS) + 1,)]
    assert everything(said) == everything(unsaid)
    inputs = json.loads((said / "manifest.json").read_text())["inputs"]
    note = f"{', '.join(sorted(WORDS))} are read as missing values"
    told = {one["file"] for one in inputs if note in one["notes"]}
    assert {CLAIMS, STAYS, "PMSI/T_MCO21C.CSV"} == told


def test_a_word_for_nothing_is_nothing_in_parquet_too(tmp_path: Path) -> None:
    unsaid = built(write(tmp_path / "unsaid", with_gaps("")), tmp_path / "unsaid out")
    source = write(tmp_path / "delivery", with_gaps("NA"))
    other = as_parquet(source, tmp_path / "parquet", with_their_names)
    release = built(other, tmp_path / "out")
    assert everything(release) == everything(unsaid)
    notes = json.loads((release / "manifest.json").read_text())["notes"]
    (note,) = (one for one in notes if "NA are read as missing values" in one)
    assert note.startswith("DCIR_2021/ER_PRS_F_2021.parquet, PMSI/T_MCO21B.parquet")


def with_their_names(connection: duckdb.DuckDBPyConnection, text: str, path: Path) -> None:
    connection.execute(f"COPY (SELECT * FROM {text}) TO '{path}.parquet' (FORMAT parquet)")  # noqa: S608


def test_a_word_for_nothing_is_told_wherever_in_the_file_it_stands(
    delivery: Path, releases: Path
) -> None:
    drugs = [drug(f"34009{one:08}", "A10BA02", "METFORMINE") for one in range(2500)]
    drugs[2300]["PHA_MED_NOM"] = "NULL"
    write(delivery, {"IR_PHA_R.CSV": drugs})
    inputs = json.loads((built(delivery, releases) / "manifest.json").read_text())["inputs"]
    (notes,) = (one["notes"] for one in inputs if one["file"] == "IR_PHA_R.CSV")
    assert notes == ["NULL are read as missing values"]


def test_no_code_that_we_hold_is_a_word_for_nothing() -> None:
    lists = {
        column.nomenclature
        for table in load_tables().values()
        for column in table.columns
        if column.nomenclature
    }
    codes = {code for one in lists for code, _ in load_values(one)}
    codes |= {one["code"] for one in load_nomenclature("short_lists")}
    assert codes
    assert not codes & set(missing_words())
