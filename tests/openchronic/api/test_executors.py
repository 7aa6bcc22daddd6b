"""Where the site has a broker, Spark and Dask may compute outside of the session; elsewhere they say that they cannot."""

import pytest

import openchronic as oc
from openchronic.engines.spark_executors import executor_settings
from openchronic.runtime import broker

GIVEN = {
    "OPENCHRONIC_BROKER": "http://127.0.0.1:9/broker/",
    "OPENCHRONIC_NAMESPACE": "work",
    "OPENCHRONIC_POD_IP": "10.1.0.7",
    "OPENCHRONIC_EXECUTORS": "4",
    "JUPYTERHUB_API_TOKEN": "secret",
}


@pytest.fixture
def with_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=[None, *GIVEN])
def without_broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away all variables, or one of them."""
    for name, value in GIVEN.items():
        if request.param in {None, name}:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("without_broker")
def test_a_server_has_no_executors_and_says_what_to_do() -> None:
    assert broker.find_broker() is None
    with pytest.raises(oc.OpenChronicError, match="le calcul se fait dans la session"):
        broker.broker_for(2, "exécuteurs")


@pytest.mark.usefixtures("with_broker")
def test_a_site_may_have_a_broker_and_no_executors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHRONIC_EXECUTORS", "0")
    assert broker.find_broker() is None


@pytest.mark.usefixtures("with_broker")
@pytest.mark.parametrize("count", [-1, 0, 5])
def test_more_executors_than_a_session_has_are_refused(count: int) -> None:
    with pytest.raises(oc.OpenChronicError, match="de 1 à 4 exécuteurs") as refused:
        broker.broker_for(count, "exécuteurs")
    assert f"non {count}" in str(refused.value)


@pytest.mark.usefixtures("with_broker")
def test_a_broker_that_is_away_is_told() -> None:
    there = broker.broker_for(4, "exécuteurs")
    assert there.url == "http://127.0.0.1:9/broker"
    with pytest.raises(oc.OpenChronicError, match="La plateforme refuse"):
        broker.ask(there, "workers", method="GET")


def test_executors_are_as_large_as_the_session_and_prove_who_they_are() -> None:
    settings = executor_settings(
        executors=4,
        memory=2 << 30,
        threads=2,
        broker="http://web-sessions.bigdata:8081/broker",
        namespace="bigdata-work",
        token="secret",
        address="10.1.0.7",
    )
    assert settings["spark.master"] == "k8s://http://web-sessions.bigdata:8081/broker/k8s"
    assert settings["spark.executor.memory"] == "1126m"
    assert settings["spark.executor.cores"] == "2"
    assert settings["spark.dynamicAllocation.maxExecutors"] == "4"
    assert settings["spark.authenticate"] == settings["spark.network.crypto.enabled"] == "true"
    # The ports that the cluster's policies let through.
    assert {
        settings[name]
        for name in (
            "spark.driver.port",
            "spark.blockManager.port",
            "spark.driver.blockManager.port",
        )
    } == {"7078", "7079"}
