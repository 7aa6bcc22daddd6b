"""Dask and Spark in a session: the answers of DuckDB, and pages that open to their user alone.

That one question has the same rows in Python, R, Spark and Dask is a promise of the smoke test (`test_session_kinds.py`).
"""

import json
from collections.abc import Iterator

import pytest

from infra.settings.settings_file import ROOT
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.smoke.hub import Hub
from tests.smoke.session import Session

NOTEBOOK = "onboarding/notebooks/spark-et-dask.ipynb"
STEP_S = 400


@pytest.fixture(scope="module")
def kernel(demo: Analyst) -> Iterator[Session]:
    """Give demo's session with a kernel in which Dask's cluster is open."""
    session = demo.open_session()
    session.run("import openchronic as oc; cluster = oc.dask_cluster()", timeout_s=STEP_S)
    yield session
    session.kernel.close()


def status(who: Analyst, path: str) -> int:
    answer = who.hub.http.get(
        f"{who.hub.session_url}{path}", timeout=patience(60), allow_redirects=False
    )
    return answer.status_code


@pytest.mark.timeout(patience(900))
def test_the_page_of_dask_opens_to_its_user_alone(
    demo: Analyst, alix: Analyst, kernel: Session
) -> None:
    link = kernel.value("cluster.dashboard_link")
    assert link.startswith("/user/demo/dask/")
    assert status(demo, link) == 200
    alix.be_logged_in()
    assert alix.hub.get(link).status_code in (403, 404)
    # Without a login: to the login, or to the gate before it.
    nobody = Hub(demo.site.url, trust=demo.trust)
    assert nobody.get(link, allow_redirects=False).status_code in (302, 403, 404)


def test_the_workers_have_what_the_profile_leaves(kernel: Session) -> None:
    given = kernel.value(
        "[one['memory_limit'] for one in cluster.scheduler_info['workers'].values()]"
    )
    limit = kernel.value("int(os.environ['MEM_LIMIT'])")
    assert 0 < sum(given) <= 0.6 * limit
    assert kernel.value("cluster.scheduler_address").startswith("tcp://127.0.0.1:")


@pytest.mark.timeout(patience(900))
def test_a_computation_that_takes_too_much_ends_and_the_session_goes_on(kernel: Session) -> None:
    kernel.run(
        "def eat():\n    kept = []\n    while True:\n        kept.append(b'x' * (100 << 20))"
    )
    kernel.run(
        "from distributed import get_client\n"
        "try:\n    get_client().submit(eat).result()\n"
        "except Exception as error:\n    ended = type(error).__name__",
        timeout_s=STEP_S,
    )
    assert kernel.value("ended") == "KilledWorker"
    counted = (
        "len(oc.dask('event')), oc.connect().sql('SELECT count(*) FROM event').fetchall()[0][0]"
    )
    by_dask, by_duckdb = kernel.value(f"[{counted}]", timeout_s=STEP_S)
    assert by_dask == by_duckdb > 0
    kernel.run("cluster.close()")


@pytest.mark.timeout(patience(1800))
def test_the_notebook_on_spark_and_dask_answers(session: Session, demo: Analyst) -> None:
    cells = json.loads((ROOT / NOTEBOOK).read_text())["cells"]
    said = "".join(
        session.run("".join(cell["source"]), timeout_s=STEP_S)
        for cell in cells
        if cell["cell_type"] == "code"
    )
    assert "Dask répond comme DuckDB" in said
    assert "Spark répond comme DuckDB" in said
