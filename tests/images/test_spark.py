"""Tests that the spark image and the images built on it must pass."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from openchronic.catalogue import load_tables
from openchronic.catalogue.claims import CLAIMS
from openchronic.dictionary import event_types
from openchronic.engines.specs import load_specs, spec_files
from tests.images.conftest import RunIn
from tests.images.docker import BRIEF, Docker
from tests.openchronic.diseases.subjects import SUBJECTS
from tests.openchronic.reference.care_rules import CARE
from tests.openchronic.reference.claim_rules import NETTING
from tests.openchronic.reference.cohort_rules import COHORTS
from tests.openchronic.reference.disease_rules import DISEASES
from tests.openchronic.reference.pathway_rules import PATHWAYS
from tests.openchronic.reference.people_rules import IDENTITY, ILLNESS
from tests.openchronic.reference.rule import examples
from tests.pace import patience

LOCK = Path("images/spark/requirements.txt")
ROOT = Path(__file__).parents[2]
# Java's notice about its vector module, and netty's about a missing network card.
EXPECTED_WARNINGS = ("incubator modules", "MacAddressUtil")
# Of a build, those that start jobs: each costs a second before its first row, and grows the driver's work with the graph.
MOST_EXECUTIONS = 80
# Of its memory, some ten where there is enough; where what a step keeps fills it, more than a thousand, and no end.
MOST_FULL_COLLECTIONS = 60
# Questions that are asked together make plans of a megabyte, which is little beside the second that each query costs. Two of
# them that begin at once may each compute a part of what both read: one of the two is kept.
EXPECTED_OF_BUILDS = (
    "Broadcasting large task binary",
    "already exists on this machine; not re-adding it",
)
Inside = Callable[[str], str]

# A master, its workers with an executor each, the Python beside these, and a driver.
CLUSTER = ("--memory", "6g", "--memory-swap", "6g")


def unexpected(log: str) -> list[str]:
    """Return the lines with warnings that are not expected."""
    return [
        line
        for line in log.splitlines()
        if ("WARN" in line or "ERROR" in line) and not any(one in line for one in EXPECTED_WARNINGS)
    ]


def test_python_is_debians_and_comes_first(look_in: RunIn, image: str) -> None:
    done = look_in(image, "python --version; command -v python; bash -lc 'command -v python'")
    assert done.out.split() == ["Python", *_version(done.out), *["/opt/session/bin/python"] * 2], (
        done
    )
    assert done.out.startswith("Python 3.13."), done


def _version(text: str) -> list[str]:
    return text.split()[1:2]


def test_the_environment_is_the_locked_one(look_in: RunIn, image: str) -> None:
    wanted = {
        line.split("==")[0]: line.split("==")[1].split()[0]
        for line in (ROOT / LOCK).read_text().splitlines()
        if "==" in line and ";" not in line and not line.startswith(" ")
    }
    script = (
        "import importlib.metadata as m, json;"
        "print(json.dumps({d.name.lower().replace('_', '-').replace('.', '-'): d.version for d in m.distributions()}))"
    )
    done = look_in(image, f'python -c "{script}"')
    found = json.loads(done.out)
    assert "openchronic" in found
    assert {name: found.get(name.replace(".", "-")) for name in wanted} == wanted


def test_users_cannot_change_the_environment(look_in: RunIn, image: str) -> None:
    done = look_in(image, "find /opt /etc/spark -writable ! -type l")
    assert done.out == "", done


def test_nothing_is_compiled_at_start(look_in: RunIn, image: str, inside: Inside) -> None:
    done = look_in(image, "python -", stdin=inside("uncompiled.py"))
    assert done.out.split() == [], done


def test_no_installer_remains(look_in: RunIn, image: str) -> None:
    assert look_in(image, "command -v uv pip; ls -d /opt/tools /wheels 2>/dev/null").out == ""


def test_openchronic_is_there(look_in: RunIn, image: str) -> None:
    done = look_in(image, "openchronic --version && python -c 'import openchronic'")
    assert done.status == 0, done
    assert done.err == "", done


def test_spark_counts_without_a_network(run_in: RunIn, image: str, inside: Inside) -> None:
    done = run_in(image, "cd /tmp && python -", stdin=inside("spark.py"))
    assert done.out.split() == ["499500", "10", "UTC", "['spark-warehouse']", "True"], done
    assert unexpected(done.err) == [], done


def test_spark_answers_as_the_specs_say_and_reads_every_text(
    run_in: RunIn, references: dict[str, str], inside: Inside
) -> None:
    done = run_in(
        references["spark"], "cd /tmp && python -", stdin=inside("specs.py"), options=BRIEF
    )
    assert done.status == 0, done
    answers = json.loads(done.out.splitlines()[-1])
    assert answers["others"] == {}
    assert answers["unread"] == {}
    assert answers["specs"] == sum(len(load_specs(name)) for name in spec_files())


def test_spark_duckdb_and_plain_python_answer_alike(
    run_in: RunIn, references: dict[str, str], inside: Inside
) -> None:
    """Compare all rows that each rule on patients gives, for generated cases that one query computes."""
    # A case of pathways is answered for each set of parameters, one of diseases for each definition and year.
    # Every cohort has all texts; this one has most conditions.
    rules = (NETTING, ILLNESS, IDENTITY, DISEASES, PATHWAYS, CARE, COHORTS["stays"])
    fewer = {PATHWAYS.name: 30, DISEASES.name: 100}
    by_hand = {DISEASES.name: [one.life.case() for one in SUBJECTS.values()]}
    cases = {
        rule.name: rule.all_apart(
            [*examples(rule.cases, fewer.get(rule.name, 300)), *by_hand.get(rule.name, [])]
        )
        for rule in rules
    }
    asked = {rule.name: rule.asked(cases[rule.name]) for rule in rules}
    script = shlex.quote(inside("three_ways.py"))
    done = run_in(
        references["spark"],
        f"cd /tmp && cat > asked.json && python -c {script}",
        stdin=json.dumps(asked),
        options=BRIEF,
    )
    assert done.status == 0, done
    told = json.loads(done.out.splitlines()[-1])
    for rule in rules:
        expected = rule.expected(cases[rule.name])
        # Stays for one reason are few, and so is who is left in a cohort.
        assert all(
            len(answer) > (1 if name in ("disease_stay", "cohort") else 100)
            for name, answer in expected.items()
        )
        assert told["spark"][rule.name] == expected, rule.name
        assert told["duckdb"][rule.name] == expected, rule.name
    assert unexpected(done.err) == [], done


def test_steps_of_pathways_deal_rows_by_subject_once(
    run_in: RunIn, references: dict[str, str], inside: Inside
) -> None:
    """Cohort and exposures are dealt by subject; from there to steps, in one plan, no row is dealt again. A build writes each
    table, and so deals the rows of each that it reads by the keys of its text."""
    done = run_in(
        references["spark"], "cd /tmp && python -", stdin=inside("exchanges.py"), options=BRIEF
    )
    assert done.status == 0, done
    assert json.loads(done.out.splitlines()[-1]) == {
        "pathway_period": [],
        "pathway_purchase": [],
        "pathway_era": [],
        "pathway_run": [],
        "pathway_step": [],
    }


def test_claims_are_dealt_by_their_key_and_their_person_and_events_by_subject(
    run_in: RunIn, references: dict[str, str], inside: Inside
) -> None:
    """Each side of a join is dealt once; nomenclatures are broadcast, and neither claims nor persons are."""
    done = run_in(
        references["spark"], "cd /tmp && python -", stdin=inside("claim_plans.py"), options=BRIEF
    )
    assert done.status == 0, done
    told = json.loads(done.out.splitlines()[-1])
    key, person = ", ".join(load_tables()[CLAIMS].key), "BEN_NIR_PSA, BEN_RNG_GEM"
    assert told["claim"]["dealt"] == [*[person] * 2, *[key] * 2, *["natural_id"] * 2]
    assert told["claim"]["read"] == ["er_ete_f", "er_prs_f", "known_pair", "subject"]
    assert told["drug_line"]["dealt"] == [key, key]
    assert told["drug_line"]["read"] == ["claim", "er_pha_f"]
    assert [told[name]["broadcast"] for name in told] == [["1"], ["1"], ["0"]]
    assert len(told["claim_event"]["dealt"]) <= 9
    assert all(one.startswith("subject_id, ") for one in told["claim_event"]["dealt"])
    assert told["claim_event"]["read"] == ["claim_line"] * 3


def test_a_release_built_inside_is_the_one_built_outside(
    run_in: RunIn, references: dict[str, str], inside: Inside, tmp_path: Path
) -> None:
    """The image's Python 3.13 and this machine's Python give the same results, with each library."""
    script = inside("release.py")
    within = run_in(
        references["spark"],
        "cd /tmp && SPARK=1 python -",
        stdin=script,
        options=BRIEF,
        timeout_s=600,
    )
    assert within.status == 0, within
    without = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "SPARK": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    answers = json.loads(within.out.splitlines()[-1])
    assert answers["duckdb"] == json.loads(without.stdout.splitlines()[-1])["duckdb"]
    assert answers["spark"] == answers["duckdb"]
    events, *_, orders = answers["duckdb"]["event"]
    assert events > 1000
    readers = ("arrow", "pandas", "polars", "dask")
    assert answers["frames"] == {name: [events, orders] for name in readers}
    assert answers["partitions"] == [4, 4]
    (sampled,) = set(answers["sample"].values())
    assert 0 < sampled < events / 2
    assert unexpected(within.err) == [], within


# Spark takes seconds for each of some 60 queries.
@pytest.mark.timeout(patience(1200))
def test_duckdb_and_spark_build_the_same_release(
    run_in: RunIn, references: dict[str, str], inside: Inside
) -> None:
    done = run_in(
        references["spark"], "cd /tmp && python -", stdin=inside("engines.py"), timeout_s=1200
    )
    assert done.status == 0, done
    answers = json.loads(done.out.splitlines()[-1])
    assert answers["engines"]["duckdb"].startswith("duckdb 2")
    assert answers["engines"]["spark"].startswith("spark 4")
    assert answers["tables"]["spark"] == answers["tables"]["duckdb"]
    assert answers["names"]["spark"] == answers["names"]["duckdb"]
    assert answers["others"] == []
    assert answers["executions"] <= MOST_EXECUTIONS
    assert answers["full_collections"] <= MOST_FULL_COLLECTIONS
    assert set(answers["events"]) == set(event_types())
    assert 0 not in answers["events"].values()
    assert [
        line for line in unexpected(done.err) if not any(one in line for one in EXPECTED_OF_BUILDS)
    ] == [], done


@pytest.mark.long
@pytest.mark.timeout(patience(2400))
def test_executors_read_a_delivery_as_duckdb_does_whatever_is_killed(
    run_in: RunIn, references: dict[str, str], inside: Inside
) -> None:
    """Read by two processes, of which one is killed, and twice the driver."""
    script = shlex.quote(inside("ingest.py"))
    few = "openchronic synth source --patients 60 --seed 8 --first-year 2017 --years 1 --tidy"
    done = run_in(
        references["spark"],
        f"cd /tmp && {few} && python -c {script} source ingest",
        options=CLUSTER,
        timeout_s=2400,
    )
    assert done.status == 0, done
    told = json.loads(done.out.splitlines()[-1])
    assert told["duckdb status"] == 0
    assert told["the third driver"] == 0, done.err[-5000:]
    # Nothing that a killed driver's tasks had finished was read again, and no release appeared before its time.
    assert told["entries of the first driver"] > 0
    assert told["read again"] == 0
    assert told["the second driver"] is None
    assert told["in service meanwhile"] is False
    ours, theirs = told["spark"], told["duckdb"]
    assert (ours["by_tasks"], theirs["by_tasks"]) == (True, False)
    assert ours["inputs"]
    for what in ("content", "inputs", "notes", "left"):
        assert ours[what] == theirs[what], what


def test_one_subject_of_very_many_rows_is_shared_out(
    run_in: RunIn, references: dict[str, str], inside: Inside
) -> None:
    done = run_in(
        references["spark"], "cd /tmp && python -", stdin=inside("skew.py"), options=BRIEF
    )
    assert done.status == 0, done
    found = json.loads(done.out.splitlines()[-1])
    assert found["rows"] == 300_000
    assert sum(found["of_one"]) == 150_000
    # Several tasks wrote the rows, none of them more than half, and each file begins where the one before ends.
    assert max(found["of_one"]) < 75_000
    assert found["in_order"] is True
    # A table of nobody has the columns that it has elsewhere: else the same rows would be another release.
    assert found["columns_of_nothing"] == ["subject_id", "start_date", "event_id"]


def test_it_says_what_is_in_it(look_in: RunIn, image: str) -> None:
    """Lists for who must look up what a vulnerability reaches: Python's packages (CycloneDX), and Debian's."""
    done = look_in(image, "cat /usr/share/openchronic/python.cdx.json")
    told = json.loads(done.out)
    assert told["bomFormat"] == "CycloneDX"
    listed = {one["name"].lower().replace("_", "-"): one["version"] for one in told["components"]}
    assert {"openchronic", "pyspark", "duckdb"} <= set(listed)
    done = look_in(
        image, "cut -f1 /usr/share/openchronic/debian.tsv; dpkg-query -W -f '${Package}\\n' >&2"
    )
    assert done.out.split() == done.err.split()
    assert "python3" in done.out.split()


def test_its_labels_say_of_what_it_was_made(docker: Docker, image: str) -> None:
    labels = json.loads(docker("image", "inspect", image).out)[0]["Config"]["Labels"]
    assert re.fullmatch(r"[0-9a-f]{7,40}\+?|unknown", labels["org.opencontainers.image.revision"])
    assert labels["org.opencontainers.image.version"]
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", labels["openchronic.lock"])
