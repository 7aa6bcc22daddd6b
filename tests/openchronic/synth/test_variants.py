"""One extraction, delivered in several formats: a build makes the same release from each."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from openchronic.synth import generating
from tests.openchronic.front_door import built

Synth = Callable[..., int]


def again(synth: Synth, synthetic: Path, folder: Path, *options: str) -> None:
    """Delivers the patients of `synthetic`, the plain extraction here, in another format."""
    asked = json.loads((synthetic / "synth.json").read_text())
    size = [
        word
        for name in ("seed", "first_year", "years")
        for word in (f"--{name.replace('_', '-')}", str(asked[name]))
    ]
    assert synth(folder, *size, "--tidy", *options, patients=asked["patients"]) == 0


def content(release: Path) -> str:
    manifest = json.loads((release / "manifest.json").read_text())
    return str(manifest["content_sha256"])


@pytest.mark.parametrize(
    "options",
    [
        ("--format", "csv.gz"),
        ("--format", "parquet"),
        ("--layout", "project"),
        ("--layout", "project", "--format", "parquet"),
    ],
)
def test_every_variant_gives_the_same_release(
    tmp_path: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch,
    synthetic: Path, synthetic_releases: Path, options: tuple[str, ...],
) -> None:  # fmt: skip
    # Several blocks: files are written in parts, Parquet in shards.
    monkeypatch.setattr(generating, "BLOCK", 40)
    again(synth, synthetic, tmp_path / "snds", *options)
    found = content(built(tmp_path / "snds", tmp_path / "releases"))
    assert found == content(synthetic_releases / "snds" / "current")


def test_gzip_holds_the_bytes_of_the_text(tmp_path: Path, synth: Synth, synthetic: Path) -> None:
    for name in ("one", "two"):
        again(synth, synthetic, tmp_path / name, "--format", "csv.gz")
    packed = sorted((tmp_path / "one").rglob("*.gz"))
    assert len(packed) == len(list(synthetic.rglob("*.CSV"))) > 10
    for path in packed:
        inside = path.relative_to(tmp_path / "one")
        text = (synthetic / inside.with_suffix("")).read_bytes()
        assert gzip.decompress(path.read_bytes()) == text
        assert path.read_bytes() == (tmp_path / "two" / inside).read_bytes()
    assert not list((tmp_path / "one").rglob("*.CSV"))


def test_parquet_is_typed_but_for_some_tables_of_strings(tmp_path: Path, synth: Synth) -> None:
    assert synth(tmp_path / "snds", "--format", "parquet", "--years", "1") == 0
    with duckdb.connect() as connection:

        def types(table: str) -> dict[str, str]:
            (path,) = (tmp_path / "snds").rglob(f"{table}.parquet/part-00000.parquet")
            return {
                name: type_
                for name, type_, *_ in connection.execute(f"DESCRIBE FROM '{path}'").fetchall()
            }

        claims = types("ER_PRS_F_2016")
        assert claims["EXE_SOI_DTD"] == "DATE"
        assert claims["PRS_NAT_REF"] == "BIGINT"
        assert claims["PRS_PAI_MNT"] == "DECIMAL(12,2)"
        people = types("IR_BEN_R")
        assert set(people.values()) == {"VARCHAR"}
        assert "ben_nir_psa" in people


def test_a_project_extraction_renames_pseudonyms_and_nests_its_folders(
    tmp_path: Path, synth: Synth, synthetic: Path
) -> None:
    again(synth, synthetic, tmp_path / "snds", "--layout", "project")
    source = tmp_path / "snds" / "donnees"

    def rows(path: Path) -> list[list[str]]:
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.reader(lines, delimiter=";"))

    people = rows(source / "referentiels" / "IR_BEN_R.CSV")
    assert people[0][:4] == ["NUM_ENQ", "BEN_RNG_GEM", "NUM_ENQ_ANO", "NUM_ENQ_IDT"]
    born = people[0].index("BEN_DTE_INS")
    assert all(len(row[born]) == 10 and row[born][4] == "-" for row in people[1:])
    claims = rows(source / "dcir" / "2018" / "er_prs_f_2018.csv")
    assert "NUM_ENQ" in claims[0]
    assert "BEN_NIR_PSA" not in claims[0]
    portal = rows(synthetic / "DCIR_2018" / "ER_PRS_F_2018.CSV")
    assert claims[1:] == portal[1:]
    assert (source / "PMSI" / "MCO" / "2017" / "T_MCO17C.CSV").is_file()


def test_an_unknown_layout_or_format_is_refused(
    tmp_path: Path, synth: Synth, capsys: pytest.CaptureFixture[str]
) -> None:
    for option, value in (("--layout", "sas"), ("--format", "xlsx")):
        with pytest.raises(SystemExit):
            synth(tmp_path / "snds", option, value)
        assert f"argument {option}: invalid choice: '{value}'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_simplified_product_folds_complements_into_their_act(
    many: Path, many_simplified: Path
) -> None:
    with duckdb.connect() as connection:

        def ask(query: str, pattern: Path) -> tuple[object, ...]:
            text = f"read_csv('{pattern}', delim = ';', all_varchar = true, quote = '')"
            return tuple(connection.execute(query.format(text)).fetchall()[0])

        simple = many_simplified / "DCIRS_*"
        claims = many / "DCIR_*" / "ER_PRS_F_*.CSV"
        assert ask(
            "SELECT count(*), sum(TOT_REM_MNT::DECIMAL(12, 2)) FROM {}", simple / "NS_PRS_F_*.CSV"
        ) == ask(
            "SELECT count(*) FILTER (BSE_PRS_NAT <> '0'), "
            "sum(BSE_REM_MNT::DECIMAL(12, 2) + CPL_REM_MNT::DECIMAL(12, 2)) FROM {}",
            claims,
        )
        for detail in ("PHA", "CAM", "BIO", "TIP", "UCD", "TRS"):
            count = "SELECT count(*) FROM {}"
            there = ask(count, many / "DCIR_*" / f"ER_{detail}_F_*.CSV")
            assert ask(count, simple / f"NS_{detail}_F_*.CSV") == there
        keys = "SELECT count(*) - count(DISTINCT CLE_DCI_JNT) FROM {}"
        # Lines of December are delivered again with the next year.
        for year in (2016, 2017, 2018, 2019):
            assert ask(keys, simple / f"NS_PRS_F_{year}.CSV") == (0,)
    assert (many_simplified / "IR_IBA_R.CSV").is_file()
    assert not list(many_simplified.rglob("ER_*"))
