"""Delivered tables in a session: typed, lazy, as declared, and closed to accounts without the right to read them."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.catalogue import load_tables
from tests.openchronic.front_door import built
from tests.openchronic.made_once import made_once
from tests.openchronic.small_delivery import ALICE, claim, plain, stay, write
from tests.openchronic.somebody_else import NOBODY, somebody_else

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"
GROUP = 61234


@pytest.fixture(scope="session")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Claims of two years, one of them unreadable, and their release; read only."""

    def make(folder: Path) -> None:
        files = plain()
        files[CLAIMS] = [
            claim(1, ALICE, "10/03/2021"),
            claim(2, ALICE, "10/12/2021", flux="01/01/2022"),
            claim(3, ALICE, "never"),
        ]
        files["PMSI/T_MCO22B.CSV"] = [stay("0000000007", SOR_ANN="2022")]
        built(write(folder / "delivery", files), folder / "releases")

    return made_once(tmp_path_factory, "two-years", make)


@pytest.fixture
def place(two_years: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of both that other users can reach, and that may be changed."""
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(two_years, folder, symlinks=True, dirs_exist_ok=True)
    folder.chmod(0o755)
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(folder / "releases"))
    monkeypatch.setattr(pinning, "_pinned", {})
    yield folder
    shutil.rmtree(folder)


def test_a_delivered_table_has_its_declared_columns_and_types(place: Path) -> None:
    for table in ("ER_PRS_F", "IR_BEN_R", "IR_PHA_R"):
        declared = load_tables()[table].columns
        found = oc.source(table)
        assert found.columns == [column.name for column in declared]
        types = {"string": "VARCHAR", "integer": "BIGINT", "decimal": "DECIMAL(18,5)"}
        wanted = [types.get(column.type, "DATE") for column in declared]
        assert [str(one) for one in found.types] == wanted
    rows = oc.source("er_prs_f").project("BEN_NIR_PSA, EXE_SOI_DTD, PRS_PAI_MNT").order("2")
    assert rows.fetchall() == [
        (ALICE, date(2021, 3, 10), Decimal("10.5")),
        (ALICE, date(2021, 12, 10), Decimal("10.5")),
    ]


def test_filters_reach_the_scan_of_the_files(place: Path) -> None:
    plan = oc.source("ER_PRS_F").filter("DCT_ORD_NUM = 2").project("EXE_SOI_DTD").explain()
    scan = plan[plan.index("PARQUET") :]
    assert "DCT_ORD_NUM" in scan
    assert "PRS_PAI_MNT" not in plan


def test_years_choose_the_flux_or_the_file_and_read_no_other(place: Path) -> None:
    def numbers(years: int | list[int] | None) -> list[int]:
        rows = oc.source("ER_PRS_F", years=years).project("DCT_ORD_NUM").order("1")
        return [int(number) for (number,) in rows.fetchall()]

    assert numbers(None) == [1, 2]
    assert numbers(2021) == [1]
    assert numbers([2022]) == [2]
    assert numbers([2021, 2022]) == [1, 2]
    assert numbers(2019) == []
    for folder in (place / "releases/snds/.store").glob("*/month=2022-01"):
        shutil.rmtree(folder)
    assert numbers(2021) == [1]
    stays = oc.source("T_MCOaaB", years=2022).project("RSA_NUM, file_year")
    assert stays.fetchall() == [("0000000007", 2022)]
    assert oc.source("T_MCOaaB", years=2019).fetchall() == []
    assert len(oc.source("T_MCOaaB").fetchall()) == 2


def test_delivered_and_published_tables_can_be_joined(place: Path) -> None:
    claims, costs = oc.source("ER_PRS_F").set_alias("a"), oc.table("cost").set_alias("b")
    assert claims.join(costs, "a.EXE_SOI_DTD = b.start_date").aggregate("count(*)").fetchall() == [
        (2,)
    ]


def test_what_cannot_be_asked_is_said_in_french(place: Path) -> None:
    with pytest.raises(oc.OpenChronicError, match=r"une table « ER_RIEN_F ».*livrées : ER_PHA_F"):
        oc.source("ER_RIEN_F")
    with pytest.raises(oc.OpenChronicError, match="« IR_IMB_R_X »"):
        oc.source("IR_IMB_R_X")
    with pytest.raises(oc.OpenChronicError, match="IR_BEN_R n'est pas livrée par année"):
        oc.source("IR_BEN_R", years=2021)


def test_others_are_told_whom_to_ask_and_keep_the_release(place: Path) -> None:
    # Our account asks first, which loads the late imports: another account may not read this
    # Python.
    assert len(oc.source("ER_PRS_F").fetchall()) == 2
    with somebody_else(place / "releases/snds/.store"):
        assert oc.connect().execute("SELECT count(*) FROM cost").fetchall() == [(2,)]
        with pytest.raises(oc.OpenChronicError, match=r"zone restreinte.*l'administrateur"):
            oc.source("ER_PRS_F")
    assert len(oc.source("ER_PRS_F").fetchall()) == 2


@contextmanager
def member(*groups: int) -> Iterator[None]:
    """Acts as an account that is in these groups alone."""
    before = os.getgroups()
    os.setgroups(groups)
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(before)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_member_of_the_group_reads_and_writes_nothing(place: Path) -> None:
    options = ("--rebuild", "--work", place / "restricted", "--store-group", GROUP)
    built(place / "delivery", place / "releases", *options)
    (place / "restricted").chmod(0o755)
    store = place / "restricted/openchronic-snds-store"
    # Our account asks first, as above.
    assert len(oc.source("ER_PRS_F").fetchall()) == 2
    with member(GROUP):
        assert len(oc.source("ER_PRS_F").fetchall()) == 2
        file = next(store.rglob("*.parquet"))
        for attempt in (file.unlink, file.touch, (store / "x").touch, lambda: file.open("ab")):
            with pytest.raises(PermissionError):
                attempt()
    with member(GROUP + 1), pytest.raises(oc.OpenChronicError, match="zone restreinte"):
        oc.source("ER_PRS_F")


def test_a_session_without_the_restricted_zone_is_told_whom_to_ask(place: Path) -> None:
    """The release links to a store that does not exist."""
    elsewhere = place / "restricted"
    built(place / "delivery", place / "releases", "--rebuild", "--work", elsewhere)
    assert len(oc.source("ER_PRS_F").fetchall()) == 2
    elsewhere.rename(place / "not-mounted")
    with pytest.raises(
        oc.OpenChronicError,
        match=r"base « snds ».*zone restreinte.*pas ouverte à votre session.*l'administrateur.*"
        r"démarrez-en une autre",
    ):
        oc.source("ER_PRS_F")
    assert len(oc.table("cost").fetchall()) == 2


def test_a_project_without_the_delivered_tables_leads_to_one_that_has_them(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def session(**others: bool) -> None:
        projects = {
            name: {"title": name.title(), "bases": ["snds"], "source_tables": source_tables}
            for name, source_tables in ({"variations": False} | others).items()
        }
        monkeypatch.setenv("OPENCHRONIC_PROJECT", "variations")
        monkeypatch.setenv("OPENCHRONIC_PROJECTS", json.dumps(projects))

    store = place / "releases/snds/.store"
    store.rename(place / "not-mounted")
    session(parcours=True, soins=False)
    with pytest.raises(
        oc.OpenChronicError,
        match=r"« snds » ne sont pas ouvertes à ce projet \(« Variations »\) : ouvrez une session pour le "
        r"projet « Parcours »\. Les tables de la version",
    ):
        oc.source("ER_PRS_F")
    session(soins=False)
    with pytest.raises(oc.OpenChronicError, match="demandez à un administrateur un projet"):
        oc.source("ER_PRS_F")
    assert len(oc.table("cost").fetchall()) == 2
    # Where the tables can be read, nothing else is asked: a release in a folder of one's own.
    (place / "not-mounted").rename(store)
    assert len(oc.source("ER_PRS_F").fetchall()) == 2


def test_a_release_whose_files_are_gone_is_said(place: Path) -> None:
    old = oc.release().name
    write(place / "delivery", {CLAIMS: [claim(1, ALICE, "11/03/2021")]})
    built(place / "delivery", place / "releases")
    with pytest.raises(oc.OpenChronicError, match="ne sont plus gardées"):
        oc.source("ER_PRS_F", release=old)
    new = oc.source("ER_PRS_F", oc.release()).project("EXE_SOI_DTD")
    assert new.fetchall() == [(date(2021, 3, 11),)]
