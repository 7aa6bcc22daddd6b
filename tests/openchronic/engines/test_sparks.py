"""The settings of a build's Spark session, by the size of the files that it reads."""

import pytest

from openchronic.engines.spark_step import FEW
from openchronic.engines.sparks import ONE_TASK_BYTES, PARTITION_BYTES, SMALL_BYTES, wanted

PARTITIONS = "spark.sql.shuffle.partitions"
ALIKE = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}


@pytest.mark.parametrize(
    ("size", "few"),
    [(1, "1"), (ONE_TASK_BYTES - 1, "1"), (ONE_TASK_BYTES, "2"), (SMALL_BYTES, "3")],
)
def test_small_files_fill_few_partitions_whatever_the_processors(size: int, few: str) -> None:
    settings = wanted(size, threads=16, is_one=True)
    assert settings[FEW] == settings[PARTITIONS] == few


def test_files_that_are_not_small_have_a_partition_for_each_processor_at_least() -> None:
    settings = wanted(SMALL_BYTES + 1, threads=16, is_one=True)
    assert settings[PARTITIONS] == "16"
    assert settings[FEW] == ""
    larger = wanted(100 * PARTITION_BYTES, threads=16, is_one=True)
    assert int(larger[PARTITIONS]) == 1000


def test_executors_share_small_files_too() -> None:
    """So the small delivery of a test on a cluster is dealt as a large one is."""
    settings = wanted(1, threads=2, is_one=False)
    assert (settings[FEW], settings[PARTITIONS]) == ("", "2")


def test_a_session_keeps_no_setting_of_the_build_before() -> None:
    """A build that reads by executors begins before it knows the sizes of its files, and again when it does."""
    sizes = (0, 1, SMALL_BYTES + 1)
    assert len({tuple(wanted(size, threads=2, is_one=True)) for size in sizes}) == 1


@pytest.mark.parametrize("size", [0, 1, SMALL_BYTES, SMALL_BYTES + 1])
def test_answers_do_not_depend_on_the_size(size: int) -> None:
    assert wanted(size, threads=2, is_one=True).items() >= ALIKE.items()
