"""The smoke test's report: a line per check, each reason once, and no password."""

import io

import pytest

from tests.smoke.first_steps import agreed_count
from tests.smoke.given import Given
from tests.smoke.report import Report

PROMISES = '''
import pytest

@pytest.fixture
def shared():
    raise RuntimeError("the session does not start")

def test_good():
    """a good thing works"""

def test_stood_in(record_property):
    """a part that the site lacks is there"""
    record_property("STAND-IN", True)
    record_property("measured", "a page in its place")

def test_bad():
    """a bad thing works

    the journal of the bad thing
    """
    answer = 404
    assert answer == 200, f"it answers {answer}"

def test_first(shared):
    """the first that needs a session"""

def test_second(shared):
    """the second that needs a session"""

def test_left_out():
    """a thing that was not tried"""
    pytest.skip("no browser")
'''


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Give what the report prints and logs about the checks above."""
    folder = tmp_path_factory.mktemp("promises")
    (folder / "test_promises.py").write_text(PROMISES)
    out, log = io.StringIO(), io.StringIO()
    options = ["-p", "no:terminal", "-p", "no:cacheprovider", "-c", "/dev/null"]
    status = pytest.main([str(folder), *options], plugins=[Report(out, log)])
    assert status == pytest.ExitCode.TESTS_FAILED
    return out.getvalue(), log.getvalue()


def test_each_promise_has_its_line(told: tuple[str, str]) -> None:
    lines = [row.split(" s  ") for row in told[0].splitlines() if " s  " in row]
    assert [(row[0].split()[0], row[1]) for row in lines] == [
        ("ok", "a good thing works"),
        ("STAND-IN", "a part that the site lacks is there (a page in its place)"),
        ("FAIL", "a bad thing works"),
        ("FAIL", "the first that needs a session"),
        ("FAIL", "the second that needs a session"),
        ("--", "a thing that was not tried"),
    ]


def test_a_failure_says_why_and_where_to_look_once(told: tuple[str, str]) -> None:
    rows = [row.strip() for row in told[0].splitlines() if " s  " not in row]
    assert rows == [
        "it answers 404",
        "look at: the journal of the bad thing",
        "the session does not start",
        "for the same reason as above",
        "no browser",
    ]
    assert "test_promises.py" in told[1]


def test_a_password_is_never_shown() -> None:
    given = Given(
        *("box", "smoke-test", "not-to-be-seen", "nor-the-secret", "colleague", "nor-this", "nor-theirs"),
        browser=True, only="", folder="/f", kept="/k", junit="/j",
    )  # fmt: skip
    shown = repr(given)
    assert "not-to-be-seen" not in shown
    assert not [word for word in ("nor-the-secret", "nor-this", "nor-theirs") if word in shown]
    assert Given.from_json(given.to_json()).password == "not-to-be-seen"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("DuckDB et Spark s'accordent : 91\u202f219 événements", 91219),
        ("DuckDB et Spark s’accordent : 5", 5),
        ("DuckDB et Spark s'accordent : 0 événement", 0),
        ("DuckDB et Spark diffèrent : 12", 0),
        ("", 0),
    ],
)
def test_the_agreement_is_read(text: str, count: int) -> None:
    assert agreed_count(text) == count
