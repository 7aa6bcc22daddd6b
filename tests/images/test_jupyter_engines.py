"""DuckDB, Spark and Dask in a session: the same rows, and pages for its user alone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.images.conftest import RunIn
from tests.images.docker import BRIEF
from tests.pace import patience

Inside = Callable[[str], str]
# Images built on it have the same engines, and these take minutes.
ITS_IMAGE_ALONE = True


@pytest.fixture(scope="module")
def engines(run_in: RunIn, image: str, inside: Inside) -> dict[str, object]:
    done = run_in(
        image, "cd /tmp && python -", stdin=inside("engine_pages.py"), options=BRIEF, timeout_s=900
    )
    assert done.status == 0, done
    found: dict[str, object] = json.loads(done.out.splitlines()[-1])
    return found


@pytest.mark.timeout(patience(900))
def test_every_engine_answers_with_the_same_rows(engines: dict[str, object]) -> None:
    assert isinstance(engines["digests"], list)
    assert len(engines["digests"]) == 1


def test_spark_reads_the_columns_that_the_files_have(engines: dict[str, object]) -> None:
    """The schema comes from one file of each table, by Arrow: Spark itself would find the same."""
    assert engines["schemas"] == []
    assert isinstance(engines["tables"], int)
    assert engines["tables"] > 5


def test_the_pages_of_dask_and_spark_open_in_the_session(engines: dict[str, object]) -> None:
    assert engines["dask"] == [200]
    assert engines["dask_message"] == "ACK"
    assert engines["spark"] == 200
    assert engines["spark_links"] is True
    # Redirects stay below the session's own path.
    assert (engines["dask_first"], engines["spark_first"]) == (True, True)
    assert engines["listed"] is True


def test_the_pages_of_dask_and_spark_lead_nowhere_else(engines: dict[str, object]) -> None:
    assert engines["stranger"] == "login"
    assert engines["post"] in (403, 405)
    assert engines["other_port"] == 404
    assert engines["host"] == 404
    # Loopback alone, by IPv4 and as Java writes it by IPv6.
    assert set(map(str, engines["listening"])) <= {"0100007F", "0000000000000000FFFF00000100007F"}  # type: ignore[call-overload]


# The broker's modules, which no image of a session has, go with the script.
BROKER = """
import json, os, pathlib, tempfile
os.environ["BROKER"] = tempfile.mkdtemp()
for name, text in json.loads({files!r}).items():
    place = pathlib.Path(os.environ["BROKER"], name)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
"""


@pytest.fixture(scope="module")
def executors(run_in: RunIn, image: str, inside: Inside) -> dict[str, object]:
    folder = Path("jupyterhub-conf")
    files = {str(path.relative_to(folder)): path.read_text() for path in folder.glob("broker/*.py")}
    script = BROKER.format(files=json.dumps(files)) + inside("executors.py")
    done = run_in(image, "cd /tmp && python - dask", stdin=script, options=BRIEF, timeout_s=900)
    assert done.status == 0, done
    found: dict[str, object] = json.loads(done.out.splitlines()[-1])
    return found


@pytest.mark.timeout(patience(900))
def test_spark_computes_on_executors_that_the_broker_makes(executors: dict[str, Any]) -> None:
    assert executors["strangers"] == [401, 401, 401]
    assert len(executors["executors"]) == 2
    assert all(one.startswith("executor-alix-") for one in executors["executors"])
    assert executors["executors_hold_a_token"] is False
    assert executors["groups"] == 7


def test_executors_leave_when_idle_come_back_and_end_with_spark(executors: dict[str, Any]) -> None:
    assert executors["idle_executors_leave"] is True
    assert executors["again"] is True
    assert executors["none_after_stop"] is True


def test_dask_computes_on_workers_that_the_broker_makes(executors: dict[str, Any]) -> None:
    assert "1 à 3" in executors["too_many"]
    assert len(executors["workers"]) == 2
    assert all(one.startswith("tls://127.0.1.") for one in executors["worker_addresses"])
    assert executors["dask_sum"] == sum(range(1000))
    assert executors["none_after_close"] is True
