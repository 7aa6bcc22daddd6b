"""The chart's values of a site: rendered, written as YAML, and refused by helm where they are none."""

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.cluster import identities
from infra.cluster.chart import CHART
from infra.cluster.identities import SameNumberError
from infra.cluster.render import NO_DIGEST, values
from infra.cluster.values import Texts, Values
from infra.cluster.values_file import Writer, written
from infra.operate.cluster_programs import find_helm
from infra.settings.cluster_file import load_cluster_site
from infra.settings.cluster_site import ClusterSite
from infra.settings.settings_file import ROOT
from tests.infra.cluster.pairs import PAIRS, Pair

Yaml = dict[str, Any]


@pytest.fixture(scope="module")
def kube() -> Values:
    return values(load_cluster_site("kube"), images={})


@pytest.fixture(scope="module")
def as_yaml(kube: Values) -> Yaml:
    """The values as YAML has them, with one page, so that many changes are tried soon."""
    texts = Texts(pages={"index.html": "<p>\n"}, onboarding={"charte.md": "# Charte\n"})
    read: Yaml = yaml.safe_load(written(kube.model_copy(update={"texts": texts})))
    return read


def site(folder: Path, **changes: str) -> ClusterSite:
    """Return the demonstration on a cluster with parts of its file replaced."""
    text = (ROOT / "infra/sites/kube.toml").read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "essai.toml").write_text(text)
    return load_cluster_site("essai", folder=folder)


def test_what_is_written_is_read_again_as_the_same_values(kube: Values) -> None:
    assert yaml.safe_load(written(kube)) == kube.model_dump(mode="json", by_alias=True)
    assert Values.model_validate_json(kube.model_dump_json(by_alias=True)) == kube


def test_every_key_is_written_so_that_nothing_of_the_demonstration_stays(as_yaml: Yaml) -> None:
    assert list(as_yaml) == [
        "site", "images", "pull", "web", "hub", "accounts", "projects", "profiles", "sessions", "storage", "bases",
        "spark", "policies", "nodes", "texts",
    ]  # fmt: skip
    assert as_yaml["sessions"]["userGb"] is None
    assert as_yaml["hub"]["logins"]["oidc"] is None
    for name in ("accounts", "projects", "profiles", "bases"):
        assert isinstance(as_yaml[name], list), "Helm merges tables, and replaces lists"


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_stays_as_it_is(text: str) -> None:
    line = yaml.dump({"pages": {"x": text}}, Dumper=Writer, allow_unicode=True, width=10_000)
    assert yaml.safe_load(line) == {"pages": {"x": text}}


@pytest.mark.parametrize("text", ["7e5", "y", "N", "0x10", "1_000", "~", ".5", "-1", "2026-01-01", "1:30", "null", "on"])  # fmt: skip
def test_a_text_that_looks_like_another_type_is_quoted(kube: Values, text: str) -> None:
    """Readers of other versions of YAML than Python's take more of them for numbers or booleans: Helm's is asked too."""
    line = written(kube.model_copy(update={"texts": Texts(pages={"x": text})})).splitlines()[-2]
    assert line.strip() in (f"x: '{text}'", f'x: "{text}"')


def test_texts_of_several_lines_are_written_line_by_line(kube: Values) -> None:
    text = written(kube)
    assert "\n    style.css: |\n" in text
    assert "\n      <!doctype html>\n" in text.lower()


def test_the_smoke_tests_accounts_are_there_in_a_demonstration_alone(
    kube: Values, tmp_path: Path
) -> None:
    logins = [account.login for account in kube.accounts]
    assert logins == ["demo", "alix", "sacha", "smoke-test", "smoke-colleague"]
    provided = values(PAIRS["a provider of logins"].cluster(tmp_path), images={})
    assert [account.login for account in provided.accounts] == ["demo", "alix", "sacha"]
    assert [project.slug for project in provided.projects] == ["variations", "parcours"]


def test_no_secret_is_among_the_values(tmp_path: Path) -> None:
    provided = values(PAIRS["a provider of logins"].cluster(tmp_path), images={})
    assert provided.hub.logins.oidc is not None
    assert "of-this-test" not in written(provided)
    assert [str(one) for one in provided.policies.logins] == ["10.20.0.5/32"]


def test_a_build_has_a_quarter_more_memory_than_its_options_say(kube: Values) -> None:
    demo = kube.bases[0]
    assert demo.build.memory_mi == 1280
    assert demo.build.options[:4] == ("--memory", "1024MiB", "--threads", "1")
    assert (demo.schedule, demo.store, demo.key_secret) == (
        "0 0 1 * *", "demo/openchronic-demo-store", "bigdata-build-demo",
    )  # fmt: skip
    assert (demo.typed, kube.bases[1].typed) == (True, False)


def test_a_calendars_time_zone_comes_before_that_of_the_cluster(tmp_path: Path) -> None:
    made = values(
        site(
            tmp_path,
            **{
                'namespace = "bigdata"': 'namespace = "bigdata"\ntime_zone = "Europe/Paris"',
                '[bases.demo]\nschedule = "monthly"': '[bases.demo]\nschedule = "Sat 20:00 UTC"',
            },
        ),
        images={},
    )
    assert [base.time_zone for base in made.bases] == ["UTC", "Europe/Paris"]


def test_a_claim_that_exists_is_named_and_none_is_made(tmp_path: Path) -> None:
    made = values(
        site(tmp_path, **{'[storage.releases]\nsize_gb = 2\naccess_mode = "ReadWriteOnce"': '[storage.releases]\nclaim = "publiees"'}),
        images={},
    )  # fmt: skip
    assert yaml.safe_load(written(made))["storage"]["releases"] == {
        "claim": "publiees", "storageClass": None, "accessMode": None, "sizeGb": None,
    }  # fmt: skip


def test_a_storage_class_is_that_of_the_claim_or_else_the_sites(tmp_path: Path) -> None:
    made = values(
        site(
            tmp_path,
            **{
                "[storage]": '[storage]\nclass_name = "ceph"',
                "[storage.teams]": '[storage.teams]\nstorage_class = "nfs"',
            },
        ),
        images={},
    )
    assert (made.storage.homes.storage_class, made.storage.teams.storage_class) == ("ceph", "nfs")


def test_images_that_were_pushed_are_named_by_digest_and_the_others_by_zeros(
    tmp_path: Path,
) -> None:
    reference = f"registry.example/web@sha256:{'1' * 64}"
    made = values(site(tmp_path), images={"web": reference, "other": "x"})
    assert made.images["web"] == reference
    assert made.images["jupyter"] == f"jupyter@{NO_DIGEST}"
    assert "other" not in made.images


def test_two_people_of_one_number_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(identities, "_number", lambda text: 1_000_000 + len(text))
    with pytest.raises(SameNumberError, match="have the same number: rename"):
        values(site(tmp_path), images={})


def paths(table: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the place of every table of the values."""
    if isinstance(table, list):
        return [way for at, one in enumerate(table) for way in paths(one, (*place, at))]
    if not isinstance(table, dict):
        return []
    return [place, *(way for key, one in table.items() for way in paths(one, (*place, key)))]


FREE = {"annotations", "services", "sessions", "builds", "labels"}


def test_an_unknown_key_is_refused_in_every_table(as_yaml: Yaml) -> None:
    tried = 0
    for way in paths(as_yaml):
        # Labels and annotations are the site's own.
        if way and way[-1] in FREE and way[0] != "sessions":
            continue
        changed = copy.deepcopy(as_yaml)
        node: Any = changed
        for part in way:
            node = node[part]
        node["Typo Here"] = 1
        with pytest.raises(ValidationError):
            Values.model_validate(changed, strict=False)
        tried += 1
    assert tried > 40


def lint(folder: Path, changed: Yaml) -> subprocess.CompletedProcess[str]:
    place = folder / "values.yaml"
    place.write_text(yaml.safe_dump(changed))
    return subprocess.run(
        [find_helm(), "template", "bigdata", str(CHART), "--namespace", "bigdata", "--values", place],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


WRONG: list[tuple[str, Any]] = [
    ("site.title", ""),
    ("site.url", "http://bigdata.example/"),
    ("site.typo", 1),
    ("images.web", "web:latest"),
    ("images.Web", f"web@{NO_DIGEST}"),
    ("pull.policy", "Sometimes"),
    ("web.replicas", 0),
    ("web.replicas", 1.5),
    ("web.exposure.kind", "hostPort"),
    ("web.sources", ["10.0.0.0"]),
    ("hub.logins.kind", "pam"),
    ("accounts.0.uid", 1000),
    ("accounts.0.end", "31/12/2026"),
    ("projects.0.gid", "1000123"),
    ("projects.0.members.0.login", "Alix"),
    ("projects.0.quotaGb", 0),
    ("profiles.0.memoryGb", -1),
    ("profiles.0.pids", 512),
    ("profiles", []),
    ("sessions.memoryOvercommit", 0.5),
    ("sessions.idle.greatestAgeHours", 0),
    ("storage.releases.claim", "both"),
    ("storage.homes.accessMode", "Everywhere"),
    ("bases.0.schedule", "Sat 20:00"),
    ("bases.0.store", "../etc"),
    ("spark.executors", -1),
    ("policies.apiServerPorts", ["6443"]),
    ("nodes.gpuResource", "gpu"),
    ("texts.pages", {"a b": "x"}),
]


@pytest.mark.parametrize(("place", "value"), WRONG)
def test_a_wrong_value_is_refused_by_the_model(as_yaml: Yaml, place: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        Values.model_validate_json(json.dumps(_changed(as_yaml, place, value)))


@pytest.mark.skipif(
    not (CHART / "Chart.yaml").is_file(), reason="the chart is not in this checkout"
)
@pytest.mark.parametrize(("place", "value"), WRONG)
def test_and_by_helm_with_the_schema(as_yaml: Yaml, place: str, value: Any, tmp_path: Path) -> None:
    done = lint(tmp_path, _changed(as_yaml, place, value))
    assert done.returncode != 0
    assert "schema" in done.stderr


@pytest.mark.skipif(
    not (CHART / "Chart.yaml").is_file(), reason="the chart is not in this checkout"
)
@pytest.mark.parametrize("pair", [*PAIRS.values()], ids=PAIRS)
def test_helm_takes_every_site(pair: Pair, tmp_path: Path) -> None:
    made = yaml.safe_load(written(values(pair.cluster(tmp_path), images={})))
    done = lint(tmp_path, made)
    assert done.returncode == 0, done.stderr
    made["storage"]["restricted"] = {
        "claim": "typees", "storageClass": None, "accessMode": None, "sizeGb": None,
    }  # fmt: skip
    done = lint(tmp_path, made)
    assert done.returncode == 0, done.stderr
    assert "claimName: typees" in done.stdout


def _changed(table: Yaml, place: str, value: Any) -> Yaml:
    changed = copy.deepcopy(table)
    *way, last = (int(part) if part.isdigit() else part for part in place.split("."))
    node: Any = changed
    for part in way:
        node = node[part]
    node[last] = value
    return changed
