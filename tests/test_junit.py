"""Reading a JUnit file: every outcome is counted once."""

from pathlib import Path

from tests.junit import read_junit

SAMPLE = """<testsuites><testsuite>
<testcase classname="a" name="good" time="1.5"/>
<testcase classname="a" name="bad" time="1"><failure message="no"/></testcase>
<testcase classname="a" name="no_setup" time="0"><error message="broken"/></testcase>
<testcase classname="a" name="left_out" time="0"><skipped message="why"/></testcase>
<testcase classname="a" name="torn" time="2"/>
<testcase classname="a" name="torn" time="0"><error message="teardown"/></testcase>
<testcase classname="a" name="broke_its_teardown" time="2"><failure message="found"/></testcase>
<testcase classname="a" name="broke_its_teardown" time="0"><error message="teardown"/></testcase>
<testcase time="0"/>
</testsuite></testsuites>"""


def test_every_outcome_counts_once(tmp_path: Path) -> None:
    file = tmp_path / "x.xml"
    file.write_text(SAMPLE)
    outcome = read_junit(file)
    counts = {word: outcome.count(word) for word in ("passed", "failed", "skipped")}
    assert counts == {"passed": 1, "failed": 4, "skipped": 1}
    assert [case.message for case in outcome.cases if case.outcome == "skipped"] == ["why"]
    assert outcome.cases[0].seconds == 1.5
    assert [case.message for case in outcome.cases if case.name == "a.broke_its_teardown"] == [
        "found"
    ]
