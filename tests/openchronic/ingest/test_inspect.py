"""``openchronic inspect`` reports on a delivery before anything is built."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from openchronic.catalogue import load_tables
from openchronic.ingest.naming import identify
from tests.openchronic.front_door import build, openchronic
from tests.openchronic.parquet_delivery import all_strings, as_parquet, shards, typed
from tests.openchronic.small_delivery import ALICE, Files, claim, plain, write


def inspected(source: Path, status: int) -> dict[str, Any]:
    answer = openchronic("inspect", source, "--json")
    assert answer.status == status, answer.text
    assert "Traceback" not in answer.text
    report: dict[str, Any] = json.loads(answer.out)
    shown = openchronic("inspect", source)
    assert shown.status == status, shown.text
    for table in report["tables"]:
        assert table["table"] in shown.out
    for text in (*report["problems"], *report["unknown"], *report["not_read_yet"]):
        assert text in shown.out
    assert ALICE not in answer.text + shown.text
    return report


def test_a_whole_delivery_can_be_built_and_is_not_touched(tmp_path: Path) -> None:
    source = write(tmp_path / "snds", plain())
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
    report = inspected(source, 0)
    claims = next(one for one in report["tables"] if one["table"] == "ER_PRS_F")
    assert (claims["years"], claims["rows"], claims["rows_are"]) == ([2021], 1, "counted")
    assert "%d/%m/%Y" in claims["date_formats"]
    assert report["layout"]["nested"]
    missing = {one["table"]: one for one in report["missing"]}
    assert "T2A" in missing["ER_ETE_F"]["without"]
    assert not missing.keys() & {one["table"] for one in report["tables"]}
    # Outside hospitals, a build lacks only these tables.
    lacking = {name for name in missing if name[:2] != "T_"}
    details = {f"ER_{name}_F" for name in ("ETE", "CAM", "BIO", "TIP", "UCD", "TRS")}
    lists = {"IR_BEN_R_ARC", "IR_MTT_R", "DA_PRA_R", "BE_IDE_R", "KI_CCI_R", "KI_ECD_R"}
    cartography = {f"CT_{name}_AAAA_GN" for name in ("IND", "IDE", "DEP")}
    assert lacking == details | lists | cartography
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*")} == before


def test_lower_case_and_gzip_are_read(tmp_path: Path) -> None:
    source = write(tmp_path, {name.lower(): rows for name, rows in plain().items()})
    people = source / "ir_ben_r.csv"
    people.with_name("ir_ben_r.csv.gz").write_bytes(gzip.compress(people.read_bytes()))
    people.unlink()
    report = inspected(source, 0)
    assert report["layout"]["lower_case"]
    assert any(one["encodings"] == ["utf-8 gzip"] for one in report["tables"])


def test_a_dialect_is_told_once_with_the_tables_that_have_it(tmp_path: Path) -> None:
    source = write(tmp_path, plain())
    drugs = source / "IR_PHA_R.CSV"
    drugs.write_text(drugs.read_text().replace(";", ","))
    told = openchronic("inspect", source).out.splitlines()
    assert "encodings: utf-8 (all)" in told
    assert "separators: , (IR_PHA_R)" in told
    assert sum(line.startswith("separators: ; (ER_PHA_F, ") for line in told) == 1
    assert sum(line.startswith("separators: ") for line in told) == 2


def test_the_simplified_product_stands_for_the_claims(tmp_path: Path) -> None:
    report = inspected(write(tmp_path, {"NS_PRS_F_2021.CSV": []}), 1)
    assert report["layout"]["claims"] == ["DCIRS"]
    assert "ER_PRS_F" not in str(report["problems"])
    assert {"ER_PRS_F", "ER_ETE_F"}.isdisjoint(one["table"] for one in report["missing"])
    assert "ER_PHA_F" in [one["table"] for one in report["missing"]]


def test_unknown_files_and_those_not_read_yet_are_named(tmp_path: Path) -> None:
    source = write(tmp_path, plain())
    (source / "notes.docx").write_text("x")
    (source / "ER_ARO_F_2021.CSV").write_text("x")
    (source / "T_MCO21FHSTC.CSV").write_text("x")
    report = inspected(source, 0)
    assert report["unknown"] == ["notes.docx"]
    assert report["not_read_yet"] == ["ER_ARO_F_2021.CSV", "T_MCO21FHSTC.CSV"]


def every_table() -> Files:
    """Returns the small delivery, and a file without lines for each other table except the simplified product."""
    small = plain()
    there = {identified[0] for name in small if (identified := identify(Path(name).name))}
    others: Files = {
        table.patterns[0].replace("{yyyy}", "2021").replace("{aa}", "21").replace("*", "9"): []
        for table in load_tables().values()
        if table.product != "DCIRS" and table.name not in there
    }
    return {**small, **others}


def test_every_declared_table_is_shown_with_its_years_and_columns(tmp_path: Path) -> None:
    report = inspected(write(tmp_path, every_table()), 0)
    tables = {one["table"]: one for one in report["tables"]}
    assert set(tables) == {
        name for name, table in load_tables().items() if table.product != "DCIRS"
    }
    for name, one in tables.items():
        assert one["years"] == ([] if load_tables()[name].period == "none" else [2021])
        assert one["bytes"] > 0
        assert not one["unknown_columns"]
        # Columns that ended before 2021 are not expected, and are accepted where they exist.
        assert not one["missing_columns"]
    assert [name for name, one in tables.items() if one["left_aside"]] == ["IR_IBA_R"]
    assert (report["missing"], report["not_read_yet"], report["unknown"]) == ([], [], [])


def test_the_absence_of_any_declared_table_has_a_cost(tmp_path: Path) -> None:
    missing = {one["table"] for one in inspected(write(tmp_path, {}), 1)["missing"]}
    others = {name for name, table in load_tables().items() if table.product == "DCIRS"}
    # The table of passage is listed where the referential has no identities.
    assert missing == set(load_tables()) - others - {"IR_IBA_R", "PASSAGE"}


def test_a_broken_file_that_no_build_reads_is_said_and_stops_nothing(tmp_path: Path) -> None:
    source = write(tmp_path, plain())
    (source / "NS_CAM_F_2021.CSV").write_text("x")
    report = inspected(source, 0)
    assert [one.split(",")[0] for one in report["problems"]] == ["NS_CAM_F_2021.CSV"]


def test_a_build_says_once_what_it_does_not_read_and_reads_the_rest(tmp_path: Path) -> None:
    source = write(tmp_path / "snds", every_table())
    (source / "NS_CAM_F_2021.CSV").write_text("broken")
    (source / "IR_IBA_R.CSV").write_text("broken")
    told = build(source, tmp_path / "releases", "--base", "trial")
    assert told.status == 0, told.text
    assert told.text.count("DCIR (ER_*) is used, NS_CAM_F left aside") == 1
    assert told.text.count("IR_IBA_R is left aside: IR_BEN_R says more") == 1
    assert "note: no " not in told.text


def test_rubbish_and_an_empty_folder_give_a_sentence(tmp_path: Path) -> None:
    assert len(inspected(tmp_path, 1)["problems"]) == 2
    source = write(tmp_path, plain())
    for rubbish in (b"", b"\0\1\2" * 999, b"\x1f\x8b broken", b"\xff" * 999, b"a" * 3_000_000):
        (source / "IR_BEN_R.CSV").write_bytes(rubbish)
        assert len(inspected(source, 1)["problems"]) == 1


def test_parquet_says_its_rows_exactly_and_its_columns(tmp_path: Path) -> None:
    lines = [claim(number, ALICE, "10/03/2021") for number in range(1, 4)]
    source = write(tmp_path / "csv", plain() | {"DCIR_2021/ER_PRS_F_2021.CSV": lines})
    report = inspected(as_parquet(source, tmp_path / "strings", all_strings), 0)
    claims = next(one for one in report["tables"] if one["table"] == "ER_PRS_F")
    assert (claims["rows"], claims["rows_are"], claims["separators"]) == (3, "counted", [])
    assert claims["encodings"] == ["utf-8 Parquet"]
    assert claims["unknown_columns"] == ["YEAR"]
    assert claims["date_formats"] == ["%d/%m/%Y"]
    report = inspected(as_parquet(source, tmp_path / "shards", shards), 0)
    claims = next(one for one in report["tables"] if one["table"] == "ER_PRS_F")
    assert (claims["files"], claims["rows"], claims["rows_are"]) == (3, 3, "counted")


def test_damaged_parquet_is_a_problem_with_its_name(tmp_path: Path) -> None:
    source = as_parquet(write(tmp_path / "csv", plain()), tmp_path / "parquet", typed)
    path = source / "IR_BEN_R.parquet"
    whole = path.read_bytes()
    for damage in (b"", whole[:-9], b"text" * 99, whole[: len(whole) // 2] + whole[-8:]):
        path.write_bytes(damage)
        (problem,) = inspected(source, 1)["problems"]
        assert "IR_BEN_R.parquet" in problem
