"""``openchronic diff`` and the changes in a manifest: the differences, without small counts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from openchronic.changes.corrections import load_corrections
from openchronic.changes.telling import hidden_pair
from openchronic.quality.masking import Mask
from tests.openchronic.commands.faulty_releases import change_manifest, with_previous
from tests.openchronic.front_door import built, one_year_release, openchronic, rows
from tests.openchronic.small_delivery import ALICE, claim, pack, person, plain, write

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"


def people(first: int, last: int, drugs: int) -> dict[str, Any]:
    """Returns the plain delivery with women numbered ``first`` to ``last``, ``drugs`` of whom got a drug."""
    numbers = [f"{n:017}" for n in range(first, last + 1)]
    files = plain()
    files["IR_BEN_R.CSV"] = [
        *files["IR_BEN_R.CSV"],
        *(person(one, BEN_IDT_TOP="1") for one in numbers),
    ]
    claims = [claim(n, one, "12/03/2021") for n, one in enumerate(numbers[:drugs], 100)]
    files[CLAIMS] = [*files[CLAIMS], *claims]
    files[PACKS] = [*files[PACKS], *(pack(100 + n, "3400930000001") for n in range(drugs))]
    return files


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases: 20 women are removed, 40 added, 5 drugs fewer, one filter is off."""
    folder = tmp_path_factory.mktemp("diff")
    built(write(folder / "delivery", people(1, 100, 40)), folder / "releases", "--buckets", 2)
    shutil.rmtree(folder / "delivery")
    write(folder / "delivery", people(21, 140, 35))
    (folder / "delivery/IR_PHA_R.CSV").rename(folder / "delivery/ir_pha_r.csv")
    late = claim(900, ALICE, "12/01/2022", flux="01/02/2022")
    write(folder / "delivery", {"DCIR_2022/ER_PRS_F_2022.CSV": [late]})
    built(
        folder / "delivery",
        folder / "releases",
        "--without-filter",
        "stay.error_ghm",
        "--accept",
        "subjects_lost",
    )
    return folder / "releases"


def names(releases: Path) -> list[str]:
    """Returns the releases of the base ``snds``, the oldest first."""
    found = [json.loads(one.read_text()) for one in (releases / "snds").glob("2*/manifest.json")]
    return [f"snds@{one['id']}" for one in sorted(found, key=lambda one: one["created"])]


def told(releases: Path, *options: object) -> str:
    before, after = names(releases)
    answer = openchronic("diff", before, after, "--releases", releases, *options)
    assert answer.status == 0, answer.text
    return answer.out


def test_what_changed_is_told(releases: Path) -> None:
    text = told(releases)
    assert "subjects: 101 before, 121 after; 40 added, 20 removed" in text
    assert "filter stay.error_ghm: on before, off now" in text
    assert "file replaced: DCIR_2021/ER_PRS_F_2021.CSV of ER_PRS_F, 36 lines" in text
    assert "file added: DCIR_2022/ER_PRS_F_2022.CSV of ER_PRS_F, 1 lines" in text
    assert "IR_PHA_R.CSV" not in text.replace("file replaced", "")
    lines = [line.split() for line in text.splitlines()]
    assert ["patient", "101", "121", "+20"] in lines
    assert ["birth", "101", "121", "+20"] in lines
    assert ["drug", "41", "…", "…"] in lines


def test_no_small_count_is_shown_nor_the_sum_that_gives_it_away(releases: Path) -> None:
    lines = [line.split() for line in told(releases, "--hide-below", 1).splitlines()]
    assert ["drug", "41", "36", "-5"] in lines
    (before,) = [line[1] for line in lines if line[:1] == ["event"]]
    assert ["event", before, f"{int(before) + 15}", "+15"] in lines
    shown = [line.split() for line in told(releases).splitlines()]
    assert ["event", before, "…", "…"] in shown


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (100, 120, ("100", "120", "+20")),
        (100, 105, ("100", "…", "…")),
        (100, 90, ("100", "…", "…")),
        (5, 500, ("…", "500", "…")),
        (500, 5, ("500", "…", "…")),
        (0, 500, ("0", "500", "+500")),
        (1200, 0, ("1,200", "0", "-1,200")),
    ],
)
def test_two_counts_give_no_small_one_away(
    before: int, after: int, shown: tuple[str, str, str]
) -> None:
    assert hidden_pair(before, after, Mask()) == shown


def test_a_manifest_keeps_the_changes_and_info_shows_them(releases: Path) -> None:
    first, second = (
        json.loads((releases / one.replace("@", "/") / "manifest.json").read_text())["changes"]
        for one in names(releases)
    )
    assert first is None
    assert f"snds@{second['since']}" == names(releases)[0]
    assert second["subjects"]["added"] == 40
    shown = openchronic("info", "--releases", releases)
    assert shown.status == 0, shown.text
    assert told(releases).partition("\n")[2] in shown.out


def test_equal_releases_differ_in_nothing(releases: Path) -> None:
    name = names(releases)[0]
    text = openchronic("diff", name, name, "--releases", releases).out
    assert "0 added, 0 removed, 0 with other rows" in text
    assert len(text.splitlines()) == 3


def test_rows_of_a_subject_are_compared_whatever_their_order_and_buckets(
    releases: Path, tmp_path: Path
) -> None:
    """Of 101 women, 15 get another sex; the other release has another number of buckets."""
    shutil.copytree(releases, tmp_path / "releases", symlinks=True)
    old, new = (tmp_path / "releases" / one.replace("@", "/") for one in names(releases))
    shutil.rmtree(new)
    shutil.copytree(old, new)
    rewrite(new, "patient", "CASE WHEN row_number() OVER () <= 15 THEN 'M' ELSE sex END AS sex")
    manifest = json.loads((new / "manifest.json").read_text())
    manifest["tables"]["patient"]["files"]["patient/part-0.parquet"] = "other"
    (new / "event/bucket=01/part-0.parquet").rename(new / "event/part-1.parquet")
    files = manifest["tables"]["event"]["files"]
    files["event/part-1.parquet"] = files.pop("event/bucket=01/part-0.parquet")
    (new / "manifest.json").write_text(json.dumps(manifest))
    answer = openchronic("diff", old, new)
    assert answer.status == 0, answer.text
    assert "101 before, 101 after; 0 added, 0 removed, 15 with other rows" in answer.out


def test_columns_that_came_or_went_are_named_and_change_nobody(
    releases: Path, tmp_path: Path
) -> None:
    shutil.copytree(releases, tmp_path / "releases", symlinks=True)
    old, new = (tmp_path / "releases" / one.replace("@", "/") for one in names(releases))
    shutil.rmtree(new)
    shutil.copytree(old, new)
    rewrite(new, "patient", "1 AS income", without="scheme")
    shutil.rmtree(new / "residence")
    manifest = json.loads((new / "manifest.json").read_text())
    manifest["tables"]["patient"]["files"]["patient/part-0.parquet"] = "other"
    del manifest["tables"]["residence"]
    (new / "manifest.json").write_text(json.dumps(manifest))
    text = openchronic("diff", old, new).out
    assert "columns added: income of patient" in text
    assert "columns removed: scheme of patient" in text
    assert "table removed: residence" in text
    assert "0 with other rows" in text


def rewrite(release: Path, table: str, column: str, *, without: str = "") -> None:
    """Rewrites a table with another column, or another value in one, in reverse order."""
    file = str(release / table / "part-0.parquet")
    name = column.rpartition(" ")[2]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE old AS FROM read_parquet('{file}')")
        left = f"EXCLUDE ({without})" if without else f"EXCLUDE ({name})"
        order = [one for one in connection.table("old").columns if one != without]
        if without:
            order.append(name)
        connection.execute(
            f"COPY (SELECT {', '.join(order)} FROM (SELECT * {left}, {column} FROM old) "  # noqa: S608 - ours
            f"ORDER BY subject_id DESC) TO '{file}' (FORMAT parquet)"
        )


def test_subjects_of_another_key_are_not_compared(releases: Path, tmp_path: Path) -> None:
    old, new = (releases / one.replace("@", "/") for one in names(releases))
    shutil.copytree(new, tmp_path / new.name)
    manifest = json.loads((new / "manifest.json").read_text())
    manifest["key"]["fingerprint"] = manifest["settings"]["key_fingerprint"] = "other"
    (tmp_path / new.name / "manifest.json").write_text(json.dumps(manifest))
    text = openchronic("diff", old, tmp_path / new.name).out
    assert "subjects: another key named them" in text
    assert "setting key_fingerprint" in text


def test_what_cannot_be_compared_is_a_sentence(releases: Path, tmp_path: Path) -> None:
    (name, _) = names(releases)
    assert openchronic("diff", name).status == 2
    unknown = openchronic("diff", name, "snds@none", "--releases", releases)
    assert (
        unknown.status,
        "no release snds@none; of this base there are snds@" in unknown.err,
    ) == (1, True)
    other = tmp_path / "other"
    shutil.copytree(releases / name.replace("@", "/"), other)
    manifest = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps(manifest | {"base": "annee"}))
    answer = openchronic("diff", releases / name.replace("@", "/"), other)
    assert (answer.status, "are of two bases" in answer.err) == (2, True)


def test_a_base_built_again_says_what_each_correction_changed(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The older release was made before the corrections; between two that have them, nothing is reported."""
    release = with_previous(one_year_release(tmp_path_factory), tmp_path / "releases")
    old = release.parent / "old"
    nothing = openchronic("diff", old, release)
    assert nothing.status == 0, nothing.text
    assert "read otherwise" not in nothing.out
    change_manifest(old, lambda manifest: manifest.pop("corrections"))
    told = openchronic("diff", old, release, "--hide-below", 1).out
    for one in load_corrections():
        assert f"read otherwise: {one.what}: " in told
    query = "SELECT count(*) FROM event WHERE flags LIKE '%units_missing%'"
    ((packs,),) = rows(release, query)
    assert packs > 10
    assert f"not how many, count as packs (events): {packs}\n" in told
    assert "(stays): none\n" in told
    assert f"count as packs (events): {packs}\n" in openchronic("diff", old, release).out


def test_each_correction_counts_what_a_release_has(
    many_releases: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    release = with_previous((many_releases / "snds/current").resolve(), tmp_path / "releases")
    old = release.parent / "old"
    change_manifest(old, lambda manifest: manifest.pop("corrections"))
    told = openchronic("diff", old, release, "--hide-below", 1).out
    found = {
        one.name: told.partition(f"read otherwise: {one.what}: ")[2].partition("\n")[0]
        for one in load_corrections()
    }
    assert all(found.values()), told
    # These are planted in it.
    there = {"cancelled_by_others", "opened_packs", "stays_over_years"}
    assert {name for name in there if found[name] in ("none", "not counted here")} == set()
    assert "not counted here" not in found.values()
