"""Rehabilitation, hospital at home, psychiatry and hospital outpatients: which records are kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import duckdb
import pytest

from openchronic.catalogue import load_tables
from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.build.other_products import FILES, GOOD, NUMBERED, Records
from tests.openchronic.front_door import build
from tests.openchronic.small_delivery import ALICE, TWINS, Row, person, plain, write

# The records are read before the build removes them.
LOOK = """
from itertools import count
from pathlib import Path
from openchronic.engines.duck import Duck
scratch, number = Duck.scratch, count()
def looked_at(self, name, query):
    scratch(self, name, query)
    for step in {steps}:
        if name == f"{{step}}_record_judged":
            folder = Path(f"{target}/{{step}}/{{next(number)}}")
            folder.mkdir(parents=True)
            self.connection.execute(
                f"COPY (SELECT * FROM {{name}} WHERE removed_by IS NULL) "
                f"TO '{{folder}}/part-0.parquet'"
            )
Duck.scratch = looked_at
"""
PATIENTS = f"""
    n | NIR_ANO_17        | EXE_SOI_DTD        | EXE_SOI_DTF | removed_by
    1 | {ALICE}           | 02MAR2021:00:00:00 | .           | .
    2 | xxxxxxxxxxxxxxxxx | 02MAR2021:00:00:00 | .           | invalid_patient_number
    3 | XXXXXXXXXXXXXXXXD | 02MAR2021:00:00:00 | .           | invalid_patient_number
    4 | .                 | 02MAR2021:00:00:00 | .           | invalid_patient_number
    5 | {TWINS}           | 02MAR2021:00:00:00 | .           | of_twins
    6 | {"F" * 17}        | 02MAR2021:00:00:00 | .           | fictive_number
    7 | {"Q" * 17}        | 02MAR2021:00:00:00 | .           | unknown_beneficiary
    8 | {ALICE}           | .                  | .           | without_date
"""
RETURNS = """
    n | NIR_RET | NAI_RET | SEX_RET | PMS_RET | COH_NAI_RET | removed_by
    1 | 0       | 0       | 0       | 0       | 0           | .
    2 | 1       | 0       | 0       | 0       | 0           | return_code_error
    3 | 0       | 9       | 0       | 0       | 0           | return_code_error
    4 | 0       | 0       | 2       | 0       | 0           | return_code_error
    5 | 0       | 0       | 0       | 0       | .           | .
    6 | .       | .       | .       | .       | .           | .
    7 | 0       | 0       | 0       | 5       | .           | return_code_error
    8 | 0       | 0       | 0       | 0       | 1           | return_code_error
"""
DOUBLED = """
    n | ETA_NUM   | hospital       | removed_by
    1 | 750712184 | AP-HP          | .
    2 | 750100042 | AP-HP, a site  | finess_sent_again
    3 | 690781810 | HCL            | .
    4 | 690787460 | HCL, a site    | finess_sent_again
    5 | 130014558 | AP-HM, a site  | .
"""
# Of files that do not say their year the records do.
UNFILED = """
    n | ETA_NUM   | MOI_ANN | SOR_ANN | SOR_MOI | removed_by
    1 | 750712184 | 032017  | 2017    | 3       | .
    2 | 750100042 | 032017  | 2017    | 3       | finess_sent_again
    3 | 690781810 | 032018  | 2018    | 3       | .
    4 | 690787460 | 032018  | 2018    | 3       | .
    5 | 690787460 | 032017  | 2017    | 3       | .
"""
SENT_AGAIN = """
    n | ETA_NUM   | EXE_SOI_DTD        | removed_by
    1 | 750712184 | 02MAR2017:00:00:00 | .
    2 | 750100042 | 02MAR2017:00:00:00 | finess_sent_again
    3 | 750100042 | 03MAR2017:00:00:00 | .
    4 | 130014558 | 02MAR2017:00:00:00 | .
"""
CHAINED = f"""
    n | NIR_ANO_17 | removed_by
    1 | {ALICE}    | .
    2 | absent     | without_chaining
"""
OUTPATIENTS = """
    n | NIR_RET | IAS_RET | ENT_DAT_RET | removed_by
    1 | 0       | 0       | 0       | .
    2 | 0       | 1       | 0       | return_code_error
    3 | 0       | 0       | 4       | return_code_error
    4 | 0       | .       | .       | .
    5 | 9       | 0       | 0       | return_code_error
"""
WEEKS = """
    n | GRG_GME | TYP_GEN_RHA | removed_by
    1 | 0872A0  | 0       | .
    2 | 0872A0  | 4       | .
    3 | 0872A0  | 1       | generated_otherwise
    4 | 9001A0  | 0       | error_gme
    5 | 0890A0  | 0       | .
    6 | .       | .       | .
"""
GROUPS = """
    n | GHT_NUM | PAP_GRP_GHPC | removed_by
    1 | 03      | 0302     | .
    2 | 03      | 0302     | error_ght
    3 | 99      | 0302     | error_ght
    4 | 03      | 9901     | error_ghpc
    5 | 19      | 1992     | .
    6 | .       | .        | .
"""
MONTHS = """
    n | EXE_SOI_DTD | EXE_SOI_DTF | MOI_ANN | removed_by
    1 | .       | .       | 032008  | .
    2 | .       | .       | 992008  | without_date
"""


def of_five_checks() -> str:
    """These products check neither birth date, nor sex, nor consistency."""
    lines = RETURNS.strip().splitlines()
    for place in (3, 4, 8):
        assert "return_code_error" in lines[place]
        lines[place] = lines[place].replace("return_code_error", ".")
    return "\n".join(lines).replace("| return_code_error", "| return_code_error_five")


def of_hcl_once() -> str:
    left_out = "HCL, a site    | finess_sent_again"
    assert left_out in DOUBLED
    return DOUBLED.replace(left_out, "HCL, a site    | .")


def grouped_again() -> dict[str, list[Row]]:
    """Sub-sequence 1 has two valid groups, 2 one valid and one in error, 6 none."""
    group = GOOD | {"GHT_NBJ": "2"}
    columns = {one.name for one in load_tables()["T_HADaaGRP"].columns}
    return {
        "T_HAD21GRP": [
            {k: v for k, v in (group | {"RHAD_NUM": n, "GHT_NUM": ght}).items() if k in columns}
            for n, ght in (("1", "04"), ("2", "99"))
        ]
    }


STAYING, VISITING = ("ssr", "had", "rip"), ("ace", "ssr_ace")
# The input of one build: no step reads the records of another.
BUILDS: dict[str, dict[str, Records]] = {
    "patients": {step: Records(PATIENTS) for step in FILES},
    "chaining": {step: Records(CHAINED) for step in STAYING}
    | {step: Records(OUTPATIENTS) for step in VISITING},
    "returns": {step: Records(RETURNS) for step in STAYING}
    | {"ace": Records(of_hcl_once(), year="17")},
    "five": {"had": Records(of_five_checks()), "ssr": Records(WEEKS)},
    "groups": {"had": Records(GROUPS, grouped_again()), "ssr": Records(DOUBLED, year="17")},
    "doubled": {
        "had": Records(DOUBLED, year="17"),
        "ssr_ace": Records(SENT_AGAIN, year="17"),
        "ace": Records(of_hcl_once(), year="16"),
    },
    "unfiled": {step: Records(UNFILED, year="aa") for step in ("ssr", "had")},
    "later": {
        step: Records(DOUBLED.replace("finess_sent_again", "."), year="18")
        for step in ("ssr", "had", "ace", "ssr_ace")
    },
    "months": {"ssr": Records(MONTHS)},
}
FIVE = ("--with-filter", "had.return_code_error_five", "--without-filter", "had.return_code_error")
Check = Callable[[str, str], None]


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Check:
    """Asserts which records of a step are kept in one of the builds, and which filter removed each other."""

    @cache
    def built(name: str) -> Path:
        return build_of(tmp_path_factory.mktemp(name), BUILDS[name], FIVE if name == "five" else ())

    return lambda name, step: check_records(built(name), step, BUILDS[name][step])


def build_of(folder: Path, records: dict[str, Records], options: tuple[str, ...]) -> Path:
    files = {
        name: one for step, table in records.items() for name, one in table.files(step).items()
    }
    people = [
        person(ALICE),
        person(TWINS, 1, identity="T1"),
        person(TWINS, 2, identity="T2"),
        person("F" * 17, BEN_CDI_NIR="11"),
    ]
    source = write(folder / "delivery", {**plain(), **files, "IR_BEN_R.CSV": people})
    before = LOOK.format(steps=list(records), target=folder / "kept")
    told = build(source, folder / "releases", *options, before=before)
    assert told.status == 0, told.text
    return folder


def check_records(folder: Path, step: str, records: Records) -> None:
    table = drawn(records.text)
    kept = duckdb.read_parquet(str(folder / "kept" / step / "*" / "*.parquet"))
    found = kept.project(NUMBERED[step]).fetchall()
    assert sorted(str(one) for (one,) in found) == [r["n"] for r in table if not r["removed_by"]]
    manifest = json.loads((folder / "releases" / "snds" / "current" / "manifest.json").read_text())
    counted = [one for one in manifest["filters"] if one["step"] == step]
    assert counted[0]["before"] == len(table)
    assert counted[-1]["after"] == len(found)
    assert {one["name"]: one["removed"] for one in counted if one["removed"]} == Counter(
        f"{step}.{row['removed_by']}" for row in table if row["removed_by"]
    )


@pytest.mark.parametrize("step", FILES)
def test_records_of_nobody_or_of_no_day_do_not_count(check: Check, step: str) -> None:
    check("patients", step)


@pytest.mark.parametrize("step", STAYING)
def test_a_record_without_its_chaining_is_nobody_s(check: Check, step: str) -> None:
    check("chaining", step)


@pytest.mark.parametrize("step", STAYING)
def test_failed_checks_of_the_chaining_are_left_out_and_missing_ones_not(
    check: Check, step: str
) -> None:
    check("returns", step)


def test_the_five_checks_of_a_published_pipeline_are_a_switch_away(check: Check) -> None:
    check("five", "had")


@pytest.mark.parametrize("step", VISITING)
def test_outpatient_visits_have_checks_of_their_own(check: Check, step: str) -> None:
    check("chaining", step)


def test_weeks_of_rehabilitation_in_error_or_made_otherwise_do_not_count(check: Check) -> None:
    check("five", "ssr")


def test_hospital_at_home_in_error_does_not_count_and_its_groups_multiply_nothing(
    check: Check,
) -> None:
    check("groups", "had")


def test_a_site_is_left_out_only_beside_its_hospital(check: Check) -> None:
    """AP-HM's juridical number is not there, so that its site is no repetition."""
    check("groups", "ssr")


@pytest.mark.parametrize("step", ["had", "ace"])
def test_a_site_of_hospital_at_home_or_of_outpatients_is_left_out_too(
    check: Check, step: str
) -> None:
    check("doubled", step)


def test_a_visit_to_a_rehabilitation_site_is_left_out_where_its_hospital_sent_that_visit(
    check: Check,
) -> None:
    check("doubled", "ssr_ace")


@pytest.mark.parametrize("step", ["ssr", "had"])
def test_a_site_is_left_out_too_where_no_file_says_its_year(check: Check, step: str) -> None:
    check("unfiled", step)


@pytest.mark.parametrize("step", ["ssr", "had", "ace", "ssr_ace"])
def test_from_2018_on_a_site_repeats_nothing(check: Check, step: str) -> None:
    check("later", step)


def test_outpatient_visits_of_hcl_are_sent_once(check: Check) -> None:
    check("returns", "ace")


def test_a_record_without_day_is_placed_by_its_month(check: Check) -> None:
    check("months", "ssr")


def test_products_that_are_not_delivered_are_not_counted(plain_releases: Path) -> None:
    manifest = json.loads((plain_releases / "snds" / "current" / "manifest.json").read_text())
    steps = {one["step"] for one in manifest["filters"]}
    assert steps == {"drug", "service", "cost", "stay", "ald"}
