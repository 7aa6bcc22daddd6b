"""The settings of Spark that a site's configuration gives."""

from pathlib import Path

import pytest

from openchronic.engines.spark_settings import configured, is_local, sized

GIB = 1 << 30


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path))
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    return tmp_path / "spark-defaults.conf"


def test_settings_are_read_as_spark_reads_them(site: Path) -> None:
    assert configured() == {}
    site.write_text(
        "# ours\n\nspark.master   spark://head:7077\n spark.a=b\nspark.c : d e\nspark.none\n"
    )
    assert configured() == {
        "spark.master": "spark://head:7077",
        "spark.a": "b",
        "spark.c": "d e",
        "spark.none": "",
    }
    assert "spark.master" not in sized(configured(), memory=GIB, threads=2)
    assert sized({}, memory=GIB, threads=2)["spark.master"] == "local[2]"


@pytest.mark.parametrize(
    ("master", "local"),
    [("", True), ("local", True), ("local[4]", True), ("local-cluster[2,1,1024]", False),
     ("spark://head:7077", False), ("yarn", False), ("k8s://https://api", False)],
)  # fmt: skip
def test_a_session_without_executors_is_known_before_it_starts(
    site: Path, master: str, local: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write_text(f"spark.master {master}\n" if master else "")
    assert is_local(configured()) is local
    monkeypatch.setenv("SPARK_REMOTE", "sc://head")
    assert not is_local(configured())
