"""The file of a definition is read strictly: what is wrong is a sentence with the file and the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from openchronic.diseases import library_with, load_library
from openchronic.diseases.library import library_of
from openchronic.diseases.reading import read_definition
from openchronic.errors import SettingsError

TEXT = """\
name = "cough"
fr = "Toux"
version = 1
status = "worded"
source = "nobody"

[codes.cough]
CIM10 = ["R05"]
status = "sourced"
[codes.syrup]
ATC = ["R05D"]
not = ["R05DA"]
status = "worded"

[criteria.ald]
find = "ald"
codes = "cough"
[criteria.stay]  # of the year before too
find = "diagnosis"
codes = "cough"
roles = ["DP"]
years = [-1, 0]
[criteria.treated]
find = "drug"
codes = "syrup"
dates = 3

[states]
case = "ald or (stay and treated)"
"""


def test_a_definition_is_its_lists_its_criteria_and_its_states() -> None:
    one = read_definition("cough.toml", TEXT)
    assert [part.name for part in one.criteria] == ["ald", "stay", "treated"]
    assert one.codes["syrup"].without == ("R05DA",)
    assert one.criteria[1].years == (-1, 0)
    assert one.criteria[1].settings == ("mco",)
    assert one.expressions == {"case": "ald or (stay and treated)"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('fr = "Toux"', 'french = "Toux"', "line 2: unknown key french"),
        ('name = "cough"', 'name = "Cough"', "line 1: name: small letters"),
        ('name = "cough"', 'name = "cold"', "line 1: name: small letters, digits and _, and that"),
        ("version = 1", "version = 0", "line 3: version is 1 or more"),
        ('"nobody"', '""', "line 5: source is empty"),
        ('["R05"]', '["R0.5"]', "line 8: 'R0.5' is no beginning of a code of CIM10"),
        ('["R05"]', '["R0"]', "line 8: 'R0' is no beginning of a code"),
        ('["R05"]', '["R05", "R05"]', "line 8: CIM10: a code is there twice"),
        ('["R05"]', "[]", "line 7: no codes"),
        ('["R05DA"]', '["R06"]', "line 12: not: 'R06' begins like no code of the list"),
        ('status = "sourced"', 'status = "good"', "line 9: status: 'good' is not one of"),
        ('status = "worded"\nsource', 'status = "sourced"\nsource', "line 4: status sourced: one"),
        ('find = "ald"', 'find = "gossip"', "line 16: find: 'gossip' is not one of"),
        ('find = "ald"', 'find = "ald"\nyears = [-1, 0]', "line 17: an ALD has years with date"),
        ('roles = ["DP"]', 'roles = ["XX"]', "line 21: roles: 'XX' is not one of"),
        ('roles = ["DP"]\n', "", "line 18: roles are those of diagnoses"),
        ("years = [-1, 0]", "years = [0, -1]", "line 22: years is two whole numbers"),
        ("years = [-1, 0]", "years = [-10, 0]", "line 22: years is two whole numbers"),
        ("dates = 3", "dates = 3\ndates_large = 4", "dates is 1 or more, and dates_large no more"),
        ('roles = ["DP"]', 'roles = ["DP"]\ndates = 2', "line 22: dates counts days of a year"),
        ('codes = "syrup"', 'codes = "pills"', "line 25: codes: there is no [codes.pills]"),
        ('codes = "syrup"', 'codes = "cough"', "line 25: codes: [codes.cough] has no ATC or CIP13"),
        ('find = "drug"', 'find = "service"', "has no PRS_NAT: no service has its codes"),
        (
            'roles = ["DP"]',
            'roles = ["DP"]\nwith = { codes = "cough", roles = ["DAS"], same = "house" }',
            "line 22: same: 'house' is not one of",
        ),
        ("(stay and treated)", "(stay and treated", "line 29: case: a parenthesis is not closed"),
        ("(stay and treated)", "stay treated", "line 29: case: 'treated' follows what is already"),
        ("(stay and treated)", "__import__('os')", "line 29: case: \"__import__('os')\": only"),
        ("ald or (stay and treated)", "not ald", "it is true of whoever has nothing"),
        ("(stay and treated)", "stay and treatd", "line 29: case: there is no [criteria.treatd]"),
        ("ald or (stay and treated)", "ald or stay", "line 23: no state uses treated"),
        ("ald or (stay and treated)", "ald and not ald", "it can never be true"),
        ('case = "ald or (stay and treated)"', "", "line 28: no [states]"),
    ],
)
def test_what_is_wrong_is_refused_with_file_and_line(old: str, new: str, said: str) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(ValueError) as problem:
        read_definition("cough.toml", TEXT.replace(old, new))
    assert str(problem.value).startswith("cough.toml, line ")
    assert said in str(problem.value)


def test_a_list_that_no_criterion_uses_is_refused() -> None:
    with pytest.raises(ValueError, match=r"line 31: no criterion uses the list spare"):
        read_definition(
            "cough.toml", f'{TEXT}\n[codes.spare]\nCIM10 = ["R06"]\nstatus = "sourced"\n'
        )


def test_only_what_can_change_a_count_changes_the_meaning() -> None:
    meaning = read_definition("cough.toml", TEXT).meaning
    for old, new in (('"nobody"', '"somebody"'), ("version = 1", "version = 2"), ("Toux", "toux")):
        assert read_definition("cough.toml", TEXT.replace(old, new)).meaning == meaning
    for old, new in (("dates = 3", "dates = 2"), ('["R05"]', '["R06"]'), ("ald or", "ald and")):
        assert read_definition("cough.toml", TEXT.replace(old, new)).meaning != meaning


@pytest.mark.parametrize(
    ("cough", "cold", "said"),
    [
        ("cold.case", "", "cold.case is no state of a definition"),
        ("cold.case", "cough.case", "cough needs cold needs cough"),
    ],
)
def test_definitions_that_need_each_other_or_nobody_are_refused(
    cough: str, cold: str, said: str
) -> None:
    files = [TEXT.replace("ald or (", f"ald or {cough} or (")]
    if cold:
        files.append(
            TEXT.replace('"cough"', '"cold"', 1).replace("ald or (", f"ald or {cold} or (")
        )
    definitions = [
        read_definition(f"{name}.toml", text)
        for name, text in zip(("cough", "cold"), files, strict=False)
    ]
    with pytest.raises(SettingsError, match=said):
        library_of(definitions)


def test_a_sites_definition_says_what_the_national_cartography_calls_it(tmp_path: Path) -> None:
    (tmp_path / "cough.toml").write_text(f'tops = ["TOP_FDIABET_IND"]\n{TEXT}')
    assert library_with(tmp_path)["cough"].tops == ("TOP_FDIABET_IND",)


def test_a_site_adds_definitions_that_may_need_those_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "cough.toml").write_text(TEXT.replace("ald or", "(ald and not asthma.case) or"))
    library = library_with(tmp_path)
    assert len(library.definitions) == len(load_library().definitions) + 1
    assert library["cough"].is_local
    assert library.levels["cough"] == library.levels["asthma"] + 1


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("cough.toml", TEXT.replace("dates = 3", "dates = x"), "cough.toml, line 26: not TOML"),
        ("diabetes.toml", TEXT.replace('"cough"', '"diabetes"', 1), "of the package: give yours"),
        ("notes.txt", "", "no definition"),
        ("cough.toml", f'tops = ["AGE"]\n{TEXT}', "AGE: no column of CT_IND_AAAA_GN that a build"),
    ],
)
def test_what_a_site_cannot_add_is_refused(file: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(text)
    with pytest.raises(SettingsError) as problem:
        library_with(tmp_path)
    assert said in str(problem.value)
