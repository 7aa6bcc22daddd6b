"""Persons of an extraction with numbers of its own are those of its table of passage."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.openchronic.front_door import build, built, openchronic, rows
from tests.openchronic.ingest.extraction import report, without
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    chaining,
    claim,
    pack,
    person,
    stay,
    write,
)

BOB = "B" * 17
PEOPLE, CLAIMS = "IR_BEN_R.CSV", "DCIR_2021/ER_PRS_F_2021.CSV"


def renumbered(folder: Path, *, passage: str = "", lines: tuple[str, ...] = ()) -> Path:
    """Writes Bob twice, under two numbers, as an extraction has him; and a table of passage."""
    write(
        folder,
        {
            PEOPLE: [person(ALICE), person(BOB, MAX_TRT_DTD="01/01/2020"), person("C" * 17)],
            CLAIMS: [claim(1, ALICE, "10/03/2021"), claim(2, BOB, "11/03/2021"), claim(3, "C" * 17, "12/03/2021")],
            "DCIR_2021/ER_PHA_F_2021.CSV": [pack(n, METFORMIN) for n in (1, 2, 3)],
            "PMSI/T_MCO21B.CSV": [stay("0000000001")],
            "PMSI/T_MCO21C.CSV": [chaining("0000000001", "C" * 17)],
        },
    )  # fmt: skip
    without(folder / PEOPLE, "BEN_IDT_ANO", "BEN_NIR_ANO", "BEN_IDT_TOP")
    for path in folder.rglob("*.CSV"):
        text = path.read_text().replace("BEN_NIR_PSA", "NUM_ENQ").replace("NIR_ANO_17", "NUM_ENQ")
        path.write_text(text)
    if passage:
        (folder / passage).parent.mkdir(parents=True, exist_ok=True)
        (folder / passage).write_text("\n".join(lines) + "\n")
    return folder


PASSAGE = (
    "NUM_ENQ;NUM_ENQ_ANO;BEN_RNG_GEM",
    f"{ALICE};ANO{ALICE[3:]};1",
    f"{BOB};ANO{BOB[3:]};1",
    f"{'C' * 17};ANO{BOB[3:]};1",
)


def test_persons_of_an_extraction_are_those_of_its_table_of_passage(
    tmp_path: Path, releases: Path
) -> None:
    source = tmp_path
    for name in ("PATIENTS_ETUDE_ENQ_IDT.csv", "cohorte.txt", "REF/table_de_passage_2021.CSV"):
        source = renumbered(tmp_path / Path(name).stem, passage=name, lines=PASSAGE)
        told = report(source)
        assert any(f"table of passage {name}" in one for one in told["notes"])
        assert name not in told["unknown"]
    release = built(source, releases)
    assert rows(release, "SELECT count(*) FROM patient") == [(2,)]
    query = (
        "SELECT event_type, count(*) FROM event WHERE event_type IN ('drug', 'stay') GROUP BY ALL"
    )
    whose = "SELECT count(DISTINCT subject_id) FROM event WHERE event_type IN ('stay', 'drug')"
    assert sorted(rows(release, query)) == [("drug", 3), ("stay", 1)]
    assert rows(release, whose) == [(2,)]
    assert rows(release, "SELECT count(*) FROM patient WHERE has_own_number") == [(2,)]


def test_a_passage_in_parquet_with_columns_of_the_study_and_no_rank_is_read_too(
    tmp_path: Path, releases: Path
) -> None:
    source = renumbered(tmp_path / "delivery")
    lines = [line.split(";") for line in PASSAGE]
    values = ", ".join(f"('{number}', '{own}', 'cas')" for number, own, _ in lines[1:])
    target = source / "appariement.parquet"
    written = duckdb.sql(f"VALUES {values}")
    assert written is not None
    lines_of_study = written.project("col0 AS NUM_ENQ, col1 AS NUM_ENQ_IDT, col2 AS groupe")
    lines_of_study.write_parquet(str(target))
    assert rows(built(source, releases), "SELECT count(*) FROM patient") == [(2,)]


def test_without_a_table_of_passage_each_pair_is_a_person_and_that_is_told(
    tmp_path: Path, releases: Path
) -> None:
    source = renumbered(tmp_path / "delivery")
    said = "each pair of number and rank is a person"
    assert said in openchronic("inspect", source).out
    answer = build(source, releases)
    assert answer.status == 0, answer.text
    assert said in answer.text
    release = next((releases / "snds").glob("2*"))
    assert rows(release, "SELECT count(*) FROM patient") == [(3,)]


def test_another_table_with_numbers_of_persons_is_no_table_of_passage(
    delivery: Path,
) -> None:
    write(delivery, {"IR_BEN_R.CSV": [person(ALICE)]})
    (delivery / "IR_ORC_R.CSV").write_text("BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_CTA_TYP\n")
    (delivery / "IR_MAT_R.CSV").write_text(
        "BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO;BEN_GRS_DTE\n"
    )
    (delivery / "schemes.csv").write_text("NUM_ENQ;NUM_ENQ_ANO;ORG_AFF_BEN\n")
    told = report(delivery)
    assert told["unknown"] == ["schemes.csv"]
    assert told["not_read_yet"] == ["IR_MAT_R.CSV", "IR_ORC_R.CSV"]
