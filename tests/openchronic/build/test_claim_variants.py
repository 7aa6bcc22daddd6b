"""The same claims in another order, in other files, in separate months or in the simplified product."""

from __future__ import annotations

from pathlib import Path

from openchronic.catalogue import load_tables
from tests.openchronic.build.claim_lines import (
    LINES,
    PACKS,
    delivery,
    manifest_of,
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


def test_months_and_shares_of_a_month_give_what_all_of_them_give_together(tmp_path: Path) -> None:
    """The number of claims that fit in memory decides how many are read at once, and nothing else: some months, one, or
    some claims of a month with all their details. What is delivered twice is counted once for the month.
    """
    claims, details = summed()
    moves = {"BEN_RES_DPT": "035", "BEN_RES_COM": "238"}
    files = delivery([one | moves for one in claims], details)
    for name in [name for name in files if name.startswith("DCIR")]:
        files[name.replace("DCIR", "MORE")] = files[name][:5]
    source = write(tmp_path / "snds", files)
    fitting = "from openchronic.engines.duck import Duck; Duck.most_claims = lambda self: {}"
    releases = []
    for name, most in (("together", 10**6), ("shares", 3)):
        told = build(source, tmp_path / name, before=fitting.format(most))
        assert told.status == 0, told.text
        releases.append((tmp_path / name / "snds/current").resolve())
    together, shares = releases
    assert everything(together) == everything(shares)
    assert together.name == shares.name
    assert manifest_of(together)["duplicates"]["ER_PRS_F"] == 5
    counts = ("duplicates", "key_conflicts", "details", "filters", "euros", "assertions")
    for one in counts:
        assert manifest_of(together)[one] == manifest_of(shares)[one]


def test_the_key_of_a_claim_is_of_the_same_types_in_all_tables() -> None:
    """So that all lines of a claim fall into one share, whatever table they are in."""
    for claims, product in (("ER_PRS_F", "DCIR"), ("NS_PRS_F", "DCIRS")):
        key = {name: load_tables()[claims].column(name).type for name in load_tables()[claims].key}
        for table in load_tables().values():
            if table.product == product:
                assert {name: table.column(name).type for name in key} == key, table.name


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
