"""A bench's arithmetic, its file, and its lines; it measures nothing."""

from pathlib import Path

import pytest

from tests.bench import box, show
from tests.bench.measuring import timed
from tests.bench.result import BenchError, Measure, Result, latest, load, save, worst


def measure(name: str, *values: float, against: str = "", unit: str = "s") -> Measure:
    return Measure(group="g", name=name, unit=unit, values=values, load=0.5, against=against)


def result(*measures: Measure) -> Result:
    return Result("abc", "today", {"cpus": 2}, list(measures))


def test_a_measure_has_a_minimum_a_median_and_a_maximum() -> None:
    one = measure("m", 3, 1, 2, 10)
    assert (one.minimum, one.median, one.maximum) == (1, 2.5, 10)


def test_a_ratio_compares_medians_with_the_floor_of_the_same_run() -> None:
    slow, floor = measure("slow", 6, 8, 10, against="floor"), measure("floor", 4, 1, 2)
    assert result(slow, floor).ratio(slow) == 4
    assert result(slow).ratio(slow) is None
    assert result(slow, measure("floor", 2, unit="MB")).ratio(slow) is None
    assert result(slow, measure("floor", 0)).ratio(slow) is None


def test_a_run_is_compared_with_an_earlier_one_by_name() -> None:
    now, before = result(measure("m", 2)), result(measure("m", 8), measure("gone", 1))
    assert now.change(now.measures[0], before) == 0.25
    assert now.change(measure("new", 1), before) is None
    assert now.change(now.measures[0], None) is None


def test_a_file_gives_back_the_run_that_it_keeps(tmp_path: Path) -> None:
    kept = result(measure("m", 1.5, 2.5, against="floor"))
    file = tmp_path / "new" / "1.json"
    save(kept, file)
    assert load(file) == kept
    assert [path.name for path in file.parent.iterdir()] == ["1.json"]


def test_a_file_that_holds_no_measures_is_refused_with_its_name(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"measures": []}'):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(BenchError, match=r"bad\.json"):
            load(tmp_path / "bad.json")


def test_the_latest_file_is_that_of_another_run(tmp_path: Path) -> None:
    for name in ("20260101-a", "20260301-c", "20260201-b"):
        (tmp_path / f"{name}.json").write_text("{}")
    assert latest(tmp_path, but=tmp_path / "20260301-c.json") == tmp_path / "20260201-b.json"
    assert latest(tmp_path / "none", but=tmp_path) is None


def test_the_worst_ratios_come_first() -> None:
    floor = measure("floor", 1)
    slow, slower = measure("slow", 3, against="floor"), measure("slower", 9, against="floor")
    assert worst(result(floor, slow, slower), 1) == [(9, slower)]


def test_a_line_shows_the_measure_its_ratio_and_what_changed() -> None:
    slow, floor = measure("slow", 6, 8, 10, against="floor"), measure("floor", 4)
    shown = show.line(slow, result(slow, floor), result(measure("slow", 16)))
    assert shown.split() == [
        "g:",
        "slow",
        "6.00",
        "8.00",
        "10.0",
        "s",
        "0.5",
        "16.0",
        "0.50",
        "2.0",
        "×",
        "floor",
    ]


def test_another_machine_is_said_in_the_heading() -> None:
    other = Result("def", "yesterday", {"cpus": 8}, [])
    assert "another cpus" in show.heading(result(), other)
    assert "another" not in show.heading(result(), result())


def test_work_is_timed_as_often_as_asked() -> None:
    calls: list[int] = []
    assert len(timed("g", "m", lambda: calls.append(1), repeats=3).values) == len(calls) == 3


def test_make_box_is_cut_into_its_steps(tmp_path: Path) -> None:
    lines = (
        "bootstrap: x\\n\\n── it boots …\\nnoise\\n── it boots: 21 s\\n\\n── last …\\n── last: 1 s"
    )
    (tmp_path / "Makefile").write_text(f"box:\n\t@printf '{lines}\\n'\n")
    assert list(box.make_box(tmp_path, {"PATH": "/usr/bin:/bin"})) == [
        box.INSTALLING,
        "it boots",
        "last",
    ]
    (tmp_path / "Makefile").write_text("box:\n\t@echo broken; false\n")
    with pytest.raises(BenchError, match="broken"):
        box.make_box(tmp_path, {"PATH": "/usr/bin:/bin"})
