"""The simplified DCIRS makes the same base as DCIR, except for what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.openchronic.front_door import build, built, everything, openchronic, refused, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    RAMIPRIL,
    TWINS,
    Files,
    Row,
    claim,
    outpatients,
    pack,
    person,
    plain,
    write,
)

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
# Deliveries of the simplified product come in several files a year, with these names.
SIMPLE_CLAIMS, SIMPLE_PACKS = "DCIRS/ns_prs_f_part1_2021.csv", "DCIRS/ns_pha_f_part1_2021.csv"
SAME = (
    "FLX_DIS_DTD",
    "EXE_SOI_DTD",
    "PRS_NAT_REF",
    "PRS_ACT_QTE",
    "PRS_PAI_MNT",
    "BSE_REM_BSE",
    "BSE_REM_MNT",
    "DPN_QLF",
    "PFS_EXE_NUM",
    "PFS_PRE_NUM",
    "PSP_SPE_COD",
)


def simple(line: Row, **other: str) -> Row:
    """Returns a claim of DCIR in the form of the simplified product."""
    identity = f"{line['BEN_NIR_PSA']}{line['BEN_RNG_GEM']}"[-18:]
    return {
        **{name: line[name] for name in SAME},
        "CLE_DCI_JNT": line["DCT_ORD_NUM"],
        "FLX_TRT_DTD": line["FLX_TRT_DTD"],
        "BEN_IDT_ANO": identity,
    } | other


def simple_pack(line: Row, of: Row) -> Row:
    """Returns a pack of DCIR in the form of the simplified product, with the values of its claim."""
    return {
        "CLE_DCI_JNT": line["DCT_ORD_NUM"],
        "FLX_DIS_DTD": line["FLX_DIS_DTD"],
        "PHA_SEQ_NUM": line["PHA_ORD_NUM"],
        "BEN_IDT_ANO": simple(of)["BEN_IDT_ANO"],
        "EXE_SOI_DTD": of["EXE_SOI_DTD"],
        "PHA_PRS_C13": line["PHA_PRS_C13"],
        "PHA_ACT_QSC": line["PHA_ACT_QSN"],
    }


def both(tmp_path: Path, claims: Sequence[Row], packs: Sequence[Row]) -> tuple[Path, Path]:
    """Builds two bases of the same care: from DCIR, and from DCIRS."""
    people = {
        "IR_BEN_R.CSV": [
            person(ALICE),
            person("B" * 17, identity=f"{ALICE}1"),
            person(TWINS),
            person(TWINS, 2),
        ]
    }
    full = plain() | people | {CLAIMS: claims, PACKS: packs}
    by_number = {line["DCT_ORD_NUM"]: line for line in claims}
    simplified = {name: lines for name, lines in full.items() if not name.startswith("DCIR")} | {
        SIMPLE_CLAIMS: [simple(line) for line in claims],
        SIMPLE_PACKS: [simple_pack(line, by_number[line["DCT_ORD_NUM"]]) for line in packs],
    }
    return (
        built(write(tmp_path / "dcir", full), tmp_path / "from_dcir"),
        built(write(tmp_path / "dcirs", simplified), tmp_path / "from_dcirs"),
    )


def test_the_same_care_gives_the_same_tables(tmp_path: Path) -> None:
    claims = [
        claim(1, ALICE, "10/03/2021"),
        claim(2, ALICE, "11/03/2021", DPN_QLF="71"),
        claim(3, TWINS, "12/03/2021", rank=2),
        claim(4, ALICE, "13/03/2021", PRS_ACT_QTE="-1", PRS_PAI_MNT="-10.50"),
        claim(5, "N" * 17, "13/03/2021"),
        claim(6, ALICE, "14/05/2021", flux="01/06/2021"),
    ]
    packs = [
        pack(1, METFORMIN, 2),
        pack(2, METFORMIN, 1),
        pack(3, RAMIPRIL, 1),
        pack(4, RAMIPRIL, -1),
        pack(5, RAMIPRIL, 1),
        pack(6, RAMIPRIL, 3, flux="01/06/2021"),
    ]
    dcir, dcirs = both(tmp_path, claims, packs)
    assert everything(dcir) == everything(dcirs)
    assert len(rows(dcirs, "SELECT * FROM event WHERE event_type = 'drug'")) == 3
    assert len(rows(dcirs, "SELECT * FROM cost")) == 5


def test_care_of_a_public_hospital_is_told_by_the_claim_itself(tmp_path: Path) -> None:
    lines = [claim(1, ALICE, "10/03/2021"), claim(2, ALICE, "11/03/2021")]
    source = {name: lines for name, lines in plain().items() if not name.startswith("DCIR")} | {
        SIMPLE_CLAIMS: [
            simple(lines[0]),
            simple(lines[1], ETE_IND_TAA="1", ETB_EXE_FIN="35000002"),
        ],
        SIMPLE_PACKS: [
            simple_pack(pack(number, METFORMIN), line) for number, line in enumerate(lines, start=1)
        ],
        **outpatients(),
    }
    release = built(write(tmp_path / "snds", source), tmp_path / "releases")
    days = rows(release, "SELECT CAST(start_date AS VARCHAR) FROM event WHERE event_type = 'drug'")
    assert days == [("2021-03-10",)]


def test_a_detail_without_its_act_is_counted_as_an_orphan(tmp_path: Path) -> None:
    first = claim(1, ALICE, "10/03/2021")
    source = {name: lines for name, lines in plain().items() if not name.startswith("DCIR")} | {
        SIMPLE_CLAIMS: [simple(first)],
        SIMPLE_PACKS: [
            simple_pack(pack(1, METFORMIN), first),
            simple_pack(pack(2, METFORMIN), first),
        ],
    }
    answer = build(write(tmp_path / "snds", source), tmp_path / "releases")
    assert answer.status == 0, answer.text
    assert "claims come from the simplified DCIRS" in answer.text
    assert "drug.orphan" in answer.text


def of_persons_only() -> Files:
    """Returns the plain delivery from DCIRS, with the referential of persons instead of that of pairs."""
    line = plain()[CLAIMS][0]
    one = {**person(ALICE, identity=ALICE), "BEN_IDT_TOP": "1"}
    return {
        **{name: rows for name, rows in plain().items() if not name.startswith("DCIR")},
        SIMPLE_CLAIMS: [simple(line, BEN_IDT_ANO=ALICE)],
        SIMPLE_PACKS: [simple_pack(pack(1, METFORMIN, 2), line)],
        "IR_BEN_R.CSV": [one],
        "IR_IBA_R.CSV": [{k: v for k, v in one.items() if k not in ("BEN_NIR_PSA", "BEN_RNG_GEM")}],
    }


def test_the_referential_of_persons_stands_for_the_one_of_pairs(tmp_path: Path) -> None:
    """A person has one number in every table, as in an extraction for a project."""
    files = dict(of_persons_only())
    both_there = build(write(tmp_path / "both", files), tmp_path / "from_both")
    assert both_there.status == 0, both_there.text
    assert "IR_IBA_R is left aside: IR_BEN_R says more" in both_there.text
    del files["IR_BEN_R.CSV"]
    persons_only = build(write(tmp_path / "persons", files), tmp_path / "from_persons")
    assert persons_only.status == 0, persons_only.text
    assert "persons come from IR_IBA_R" in persons_only.text
    one, other = (
        everything((tmp_path / name / "snds" / "current").resolve())
        for name in ("from_both", "from_persons")
    )
    assert one == other
    assert len(one["stay"]) == len(one["ald"]) == len(one["patient"]) == 1


def test_the_referential_of_persons_is_none_for_claims_that_know_pairs(tmp_path: Path) -> None:
    files: Files = {**plain(), "IR_IBA_R.CSV": of_persons_only()["IR_IBA_R.CSV"]}
    source = write(tmp_path / "snds", {k: v for k, v in files.items() if k != "IR_BEN_R.CSV"})
    assert "no file of IR_BEN_R (without it nobody can be identified)" in refused(
        source, tmp_path / "releases"
    )
    looked = openchronic("inspect", source)
    assert looked.status == 1
    assert "no file of IR_BEN_R" in looked.text


def test_a_base_does_not_lose_its_claims_unnoticed_by_a_change_of_product(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    assert build(write(tmp_path / "dcir", plain()), releases).status == 0
    first = claim(1, ALICE, "10/03/2021")
    source = {name: lines for name, lines in plain().items() if not name.startswith("DCIR")}
    write(tmp_path / "dcirs", source | {SIMPLE_CLAIMS: [simple(first)]})
    answer = build(tmp_path / "dcirs", releases)
    assert answer.status == 1
    assert "ER_PHA_F (without it no drug events)" in answer.text
