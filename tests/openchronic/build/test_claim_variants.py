"""The same claims in another order, in other files, in separate months or in the simplified product."""

from __future__ import annotations

from pathlib import Path

from tests.openchronic.build.claim_lines import (
    LINES,
    PACKS,
    delivery,
    of_claims,
)
from tests.openchronic.build.test_claim_filters import defective
from tests.openchronic.build.test_claim_sums import summed
from tests.openchronic.build.test_simplified import SIMPLE_CLAIMS, simple
from tests.openchronic.front_door import build, built, everything
from tests.openchronic.small_delivery import (
    ALICE,
    Files,
    Row,
    claim,
    person,
    plain,
    write,
)


def test_neither_the_order_of_rows_nor_the_cut_of_files_changes_a_release(tmp_path: Path) -> None:
    claims, details = summed(100)
    files = defective()
    for name, more in delivery(claims, details).items():
        if name.startswith("DCIR") and name != PACKS:
            files[name] = [*files[name], *more]
    del files[PACKS]
    cut = {name: lines[::-1] for name, lines in files.items()}
    for name in [name for name in files if name.startswith("DCIR")]:
        cut[name], cut[name.replace("DCIR", "MORE")] = cut[name][::2], cut[name][1::2]
    one = built(write(tmp_path / "one", files), tmp_path / "from_one")
    other = built(write(tmp_path / "other", cut), tmp_path / "from_other")
    assert everything(one) == everything(other)
    assert len(of_claims(one, "event_id")) > 20


def test_months_taken_one_by_one_give_what_all_of_them_give_together(tmp_path: Path) -> None:
    """The number of claims that fit in memory decides how many months are read at once, and nothing else."""
    claims, details = summed()
    moves = {"BEN_RES_DPT": "035", "BEN_RES_COM": "238"}
    source = write(tmp_path / "snds", delivery([one | moves for one in claims], details))
    cramped = "import openchronic.engines.duck as duck; duck.BYTES_PER_CLAIM = 10**12"
    for name, before in (("together", ""), ("one_by_one", cramped)):
        told = build(source, tmp_path / name, before=before)
        assert told.status == 0, told.text
    together, one_by_one = (
        (tmp_path / name / "snds/current").resolve() for name in ("together", "one_by_one")
    )
    assert everything(together) == everything(one_by_one)
    assert together.name == one_by_one.name


def test_the_simplified_product_gives_the_same_events(tmp_path: Path) -> None:
    """The simplified product lacks lines sent for information by their sender alone, and surcharges."""
    claims, details = summed()
    by_number = {one["DCT_ORD_NUM"]: one for one in claims}
    people: list[Row] = [person(ALICE)]
    plainly = {**delivery(claims, details), "IR_BEN_R.CSV": people}
    simplified = {name: lines for name, lines in plainly.items() if not name.startswith("DCIR")}
    simplified[SIMPLE_CLAIMS] = [
        simple(one, PSE_SPE_COD=one["PSE_SPE_COD"], PSE_ACT_NAT=one["PSE_ACT_NAT"])
        for one in claims
    ]
    for table, said in LINES.items():
        simplified[f"DCIRS/ns_{table.lower()}_f_2021.csv"] = [
            {
                **{name: one[name] for name in ("FLX_DIS_DTD", *said)},
                "CLE_DCI_JNT": one["DCT_ORD_NUM"],
                f"{table}_SEQ_NUM": one[f"{table}_ORD_NUM"],
                "BEN_IDT_ANO": f"{ALICE}1",
                "EXE_SOI_DTD": by_number[one["DCT_ORD_NUM"]]["EXE_SOI_DTD"],
            }
            for one in details
            if f"{table}_ORD_NUM" in one
        ]
    dcir = built(write(tmp_path / "dcir", plainly), tmp_path / "from_dcir")
    dcirs = built(write(tmp_path / "dcirs", simplified), tmp_path / "from_dcirs")
    assert everything(dcir)["event"] == everything(dcirs)["event"]
    assert everything(dcir)["code"] == everything(dcirs)["code"]


def test_acts_are_as_many_as_the_simplified_product_counts(tmp_path: Path) -> None:
    lines = {1: "2", 2: "-1", 3: ""}
    source: Files = {
        **{name: rows_of for name, rows_of in plain().items() if not name.startswith("DCIR")},
        SIMPLE_CLAIMS: [simple(claim(n, ALICE, f"0{n}/03/2021")) for n in lines],
        "DCIRS/ns_cam_f_2021.csv": [
            {
                **LINES["CAM"],
                "FLX_DIS_DTD": "01/04/2021",
                "CLE_DCI_JNT": str(n),
                "CAM_SEQ_NUM": "1",
                "CAM_ACT_QSN": count,
            }
            for n, count in lines.items()
        ],
    }
    release = built(write(tmp_path / "snds", source), tmp_path / "releases")
    assert of_claims(release, "day(start_date), quantity") == [(1, 2), (3, 1)]
