"""A valid release, and copies of it with one fault planted for every check."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

Manifest = dict[str, Any]
# The SQL that rewrites a table (`old` is one of its files), or the change of the manifest.
Fault = tuple[str, str] | Callable[[Manifest], None]


def some(column: str, value: str, when: str) -> str:
    """Returns SQL: the rows of a file with another value in some of them."""
    chosen = f"CASE WHEN {when} THEN {value} ELSE {column} END"
    return f"SELECT * REPLACE ({chosen} AS {column}) FROM old"  # noqa: S608 - our own text


def filtered(name: str) -> Callable[[Manifest], None]:
    """Returns a fault: a filter removed half of its rows."""

    def change(manifest: Manifest) -> None:
        for one in manifest["filters"]:
            if one["name"] == name:
                one["removed"] = one["before"] // 2

    return change


def chained(reason: str) -> Callable[[Manifest], None]:
    """Returns a fault: in the first year, as many stays as were kept are lost for ``reason``."""

    def change(manifest: Manifest) -> None:
        kept = next(one for one in manifest["stays_by_year"] if one["removed_by"] is None)
        manifest["stays_by_year"].append(kept | {"removed_by": reason})

    return change


def counted(name: str, of: str, share: float) -> Callable[[Manifest], None]:
    """Returns a fault: the identity report counts ``share`` of ``of``."""

    def change(manifest: Manifest) -> None:
        manifest["identity"][name] = int(share * manifest["identity"][of])

    return change


def off_balance(manifest: Manifest) -> None:
    manifest["assertions"][0]["found"] = "1"


def orphaned(manifest: Manifest) -> None:
    for one in manifest["details"]:
        one["orphans"] = one["lines"] // 2


def half_linked(manifest: Manifest) -> None:
    """A fault: every second person of the cartography has no subject."""
    for one in manifest["cartography"]:
        one["linked"] //= 2


# The events of a year are repeated, under other identifiers.
TWICE = (
    "SELECT * FROM old UNION ALL SELECT * REPLACE (event_id || 'b' AS event_id) FROM old "
    "WHERE event_type = 'drug' AND year(start_date) = 2016"
)
WITHOUT_DRUG_OF_2017 = (
    "SELECT * FROM old WHERE NOT (event_type = 'drug' AND year(start_date) = 2017 AND "
)
FAULTS: dict[str, Fault] = {
    "balance_differs": off_balance,
    "event_without_subject_or_date": (
        "event",
        some("start_date", "NULL", "event_id LIKE '00%'"),
    ),
    "event_without_name": ("event", some("event_type", "NULL", "event_id LIKE '00%'")),
    "event_without_source_rows": ("event", some("n_source_rows", "0", "event_id LIKE '00%'")),
    "day_not_in_order": ("event", some("order_in_day", "order_in_day + 1", "event_id LIKE '00%'")),
    "event_ends_before_start": ("event", some("end_date", "DATE '1901-01-01'", "event_id > 'ff'")),
    "event_id_twice": ("event", some("event_id", "'0'", "event_id > 'ff'")),
    "patient_twice": ("patient", "FROM old UNION ALL (FROM old LIMIT 500)"),
    "rows_of_nobody": ("cost", some("subject_id", "1", "billed > 100")),
    "residence_ends_before_start": (
        "residence",
        some("end_date", "DATE '1901-01-01'", "subject_id % 50 = 0"),
    ),
    "residence_differs_from_patient": ("residence", some("commune", "'00000'", "TRUE")),
    "claim_quantity_not_positive": ("event", some("quantity", "-1", "event_id > 'ff'")),
    "patient_without_sex": ("patient", some("sex", "NULL", "subject_id % 3 = 0")),
    "patient_without_birth": ("patient", some("birth_date", "NULL", "subject_id % 3 = 0")),
    "patient_without_residence": (
        "patient",
        some("residence_department", "NULL", "subject_id % 3 > 0"),
    ),
    "residence_without_commune": ("residence", some("commune", "NULL", "TRUE")),
    "drug_without_prescriber": ("event", some("provider_id", "NULL", "event_id > '4'")),
    "event_without_known_date": ("event", some("known_date", "NULL", "event_id > 'c'")),
    "stay_without_main_diagnosis": ("stay", some("main_diagnosis", "NULL", "stay_id > 'a'")),
    "stay_without_group": ("stay", some("ghm", "NULL", "stay_id > 'a'")),
    "stay_without_day": ("stay", some("date_precision", "'month'", "year = 2017")),
    "ald_without_diagnosis": ("ald", some("icd10", "NULL", "subject_id % 2 = 0")),
    "ald_without_number": ("ald", some("ald_number", "99", "subject_id % 4 > 0")),
    "ald_care_without_ald": ("ald_care_year", some("has_ald", "FALSE", "subject_id % 4 > 0")),
    "code_without_label": ("code", some("label", "NULL", "vocabulary = 'CIP13'")),
    "cost_without_amount": ("cost", some("billed", "NULL", "subject_id % 3 = 0")),
    "age_over_115": ("patient", some("birth_date", "DATE '1890-01-01'", "subject_id % 3 = 0")),
    "birth_after_data": ("patient", some("birth_date", "DATE '2031-01-01'", "subject_id % 3 = 0")),
    "death_after_data": ("patient", some("death_date", "DATE '2031-01-01'", "subject_id % 3 = 0")),
    "death_before_birth": ("patient", some("death_date", "DATE '1801-01-01'", "TRUE")),
    "care_after_death": (
        "patient",
        "SELECT * REPLACE (DATE '2017-01-01' AS death_date, TRUE AS care_after_death) FROM old",
    ),
    "sex_ratio": ("patient", some("sex", "'F'", "subject_id % 5 > 0")),
    "drug_before_data": ("event", some("start_date", "DATE '2001-01-01'", "event_id > 'e'")),
    "drug_quantity_absurd": ("event", some("quantity", "1000", "event_id > 'e'")),
    "known_before_start": ("event", some("known_date", "DATE '1801-01-01'", "event_id > 'e'")),
    "stay_of_another_year": ("stay", some("year", "2010", "year = 2017")),
    "stay_too_long": ("stay", some("nights", "4000", "year = 2017")),
    "stay_of_another_sex": (
        "stay",
        some("sex_code", "CASE sex_code WHEN '1' THEN '2' ELSE '1' END", "year = 2017"),
    ),
    "stay_of_another_age": ("stay", some("age", "(age + 40) % 100", "year = 2017")),
    "cost_absurd": ("cost", some("billed", "1000000", "subject_id % 3 = 0")),
    "reimbursed_above_billed": ("cost", some("reimbursed", "billed + 1", "subject_id % 3 = 0")),
    "month_gap": (
        "event",
        WITHOUT_DRUG_OF_2017 + "month(start_date) = 5)",
    ),
    "month_jump": (
        "event",
        WITHOUT_DRUG_OF_2017 + "month(start_date) = 5 AND event_id > '1')",
    ),
    "drug_series_short": (
        "event",
        "SELECT * FROM old WHERE event_type <> 'drug' OR start_date > DATE '2017-01-01'",
    ),
    "drug_lines_without_claim": filtered("drug.orphan"),
    "details_without_claim": orphaned,
    "details_without_stay": orphaned,
    "claims_without_patient": filtered("cost.unknown_beneficiary"),
    "stays_without_patient": filtered("stay.unknown_beneficiary"),
    "ald_without_patient": filtered("ald.unknown_beneficiary"),
    "stays_without_chaining": chained("stay.without_chaining"),
    "stays_badly_chained": chained("stay.return_code_error"),
    "rows_lost": ("cost", "SELECT * FROM old WHERE subject_id % 3 > 0"),
    "events_lost": ("event", WITHOUT_DRUG_OF_2017 + "event_id > 'a')"),
    "events_gained": ("event", TWICE),
    "subjects_lost": ("patient", "SELECT * FROM old WHERE subject_id % 3 > 0"),
    "subjects_changed": ("patient", some("birth_date", "DATE '1960-01-01'", "subject_id % 3 = 0")),
    "pairs_fictive": counted("fictive_pairs", "pairs", 0.5),
    "pairs_without_identity": counted("pairs_without_identity", "pairs", 0.5),
    "pairs_of_two_persons": counted("pairs_of_two_persons", "pairs", 0.5),
    "subjects_merged": counted("subjects_with_several_numbers", "subjects", 0.9),
    "subjects_without_own_number": counted("subjects_without_own_number", "subjects", 0.9),
    "sex_varies": counted("sex_varies", "subjects", 0.5),
    "birth_varies": counted("birth_varies", "subjects", 0.5),
    "cartography_differs": (
        "cartography",
        "SELECT * REPLACE (0 AS n_both, n_cartography_only + n_both AS n_cartography_only, "
        "n_release_only + n_both AS n_release_only) FROM old",
    ),
    "cartography_without_patient": half_linked,
    "cartography_expense_differs": (
        "cartography_expense",
        some("n_close", "0", "age_class <> '60-69'"),
    ),
}


def with_previous(release: Path, target: Path) -> Path:
    """Returns the release in a folder of bases of its own, after an older one with the same content."""
    base = target / "snds"
    base.mkdir(parents=True)
    for name in ("old", release.name):
        shutil.copytree(release, base / name, copy_function=_link)
    change_manifest(
        base / "old",
        lambda manifest: manifest.update(id="old", created="2001-01-01T00:00:00+00:00"),
    )
    (base / "current").symlink_to(release.name)
    return base / release.name


def with_fault(release: Path, fault: Fault, target: Path) -> Path:
    """Returns a copy of ``release`` and of its older neighbour, with a fault planted in the release."""
    shutil.copytree(release.parent, target / "snds", copy_function=_link, symlinks=True)
    copy = target / "snds" / release.name
    if not isinstance(fault, tuple):
        change_manifest(copy, fault)
        return copy
    table, query = fault
    with duckdb.connect() as connection:
        for path in (copy / table).rglob("*.parquet"):
            connection.read_parquet(str(path), hive_partitioning=False).create_view(
                "old", replace=True
            )
            new = path.with_suffix(".new")
            connection.execute(f"COPY ({query}) TO '{new}' (FORMAT parquet)")
            new.replace(path)
    return copy


def change_manifest(release: Path, change: Callable[[Manifest], None]) -> None:
    """Writes another manifest; the original's file, which a copy shares, is unchanged."""
    path = release / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.unlink()
    path.write_text(json.dumps(manifest))


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)
