"""Selectors of Spark's Kubernetes client mean what Kubernetes means by them; all else is refused."""

import pytest
from broker.selectors import SelectorRefused, parse


@pytest.mark.parametrize(
    ("selector", "labels", "chosen"),
    [
        ("", {}, True),
        ("spark-role=executor", {"spark-role": "executor"}, True),
        ("spark-role==executor", {"spark-role": "executor"}, True),
        ("spark-role=executor", {"spark-role": "driver"}, False),
        ("spark-role=executor", {}, False),
        ("spark-exec-inactive!=true", {}, True),
        ("spark-exec-inactive!=true", {"spark-exec-inactive": "true"}, False),
        ("spark-exec-id in (1,2)", {"spark-exec-id": "2"}, True),
        ("spark-exec-id in (1, 2),spark-role=executor", {"spark-exec-id": "2"}, False),
        ("spark-exec-id notin (1,2)", {"spark-exec-id": "3"}, True),
        (
            "spark-app-selector=spark-1,spark-exec-id in (1,2),spark-role=executor",
            {"spark-app-selector": "spark-1", "spark-exec-id": "1", "spark-role": "executor"},
            True,
        ),
    ],
)
def test_a_selector_chooses_as_kubernetes_would(
    selector: str, labels: dict[str, str], chosen: bool
) -> None:
    assert parse(selector)(labels) is chosen


@pytest.mark.parametrize(
    "selector",
    [
        "bigdata.openchronic/owner=blanche",
        "app.kubernetes.io/component=session",
        "spark-role",
        "!spark-role",
        "spark-role=",
        "spark-exec-id in ()",
        "spark-exec-id in (1",
        "spark-exec-id>1",
        "spark-role=executor,",
        "spark-role=exec utor",
        "spark-role=executor;spark-role=x",
        "spark-role=" + "a" * 64,
    ],
)
def test_another_selector_is_refused(selector: str) -> None:
    with pytest.raises(SelectorRefused):
        parse(selector)
