"""Long-term illnesses: the number, the nature and the diagnosis of a period, and which periods merge."""

from __future__ import annotations

from pathlib import Path

from tests.openchronic.build.drawn_rows import drawn
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import ALICE, illness, plain, write

ALD = (
    "SELECT CAST(start_date AS VARCHAR), coalesce(CAST(end_date AS VARCHAR), ''), kind, "
    "coalesce(icd10, ''), CAST(ald_number AS VARCHAR), CAST(n_source_rows AS VARCHAR) "
    "FROM ald ORDER BY start_date, kind, icd10"
)
COLUMNS = ("starts", "ends", "kind", "icd10", "number", "rows")


def periods_of(tmp_path: Path, records: str) -> list[tuple[str, ...]]:
    """Returns the periods that a build makes from drawn records."""
    files = plain()
    files["IR_IMB_R.CSV"] = [
        illness(ALICE, row["IMB_ALD_DTD"], row["IMB_ALD_DTF"], row["MED_MTF_COD"])
        | {name: cell for name, cell in row.items() if name.isupper()}
        for row in drawn(records)
    ]
    return rows(built(write(tmp_path / "delivery", files), tmp_path / "releases"), ALD)


def test_the_number_is_the_written_one_then_that_of_the_diagnosis(tmp_path: Path) -> None:
    found = periods_of(
        tmp_path,
        """
        IMB_ALD_DTD | IMB_ALD_DTF | IMB_ETM_NAT | IMB_ALD_NUM | MED_MTF_COD | MED_NCL_IDT
        01/01/2011  | 01/01/1600  | 41          | 14          | J45         | CIM10
        01/01/2012  | 01/01/1600  | 41          | 0           | E11         | CIM10
        02/01/2012  | 01/01/1600  | 41          | .           | K5080       | CIM10
        03/01/2012  | 01/01/1600  | 41          | 99          | J44.1       | CIM10
        04/01/2012  | 01/01/1600  | 41          | .           | Z992        | .
        05/01/2012  | 01/01/1600  | 41          | .           | I12         | CIM10
        06/01/2012  | 01/01/1600  | 43          | .           | J44         | CIM10
        07/01/2012  | 01/01/1600  | 43          | .           | I10         | CIM10
        08/01/2012  | 01/01/1600  | 45          | .           | J44         | CIM10
        09/01/2012  | 01/01/1600  | 45          | 32          | J44         | CIM10
        10/01/2012  | 01/01/1600  | 41          | 8           | 030         | AUTRE
        """,
    )
    told = """
        starts     | ends | kind     | icd10 | number | rows
        2011-01-01 | .    | listed   | J45   | 14     | 1
        2012-01-01 | .    | listed   | E11   | 8      | 1
        2012-01-02 | .    | listed   | K5080 | 24     | 1
        2012-01-03 | .    | listed   | J441  | 14     | 1
        2012-01-04 | .    | listed   | Z992  | 19     | 1
        2012-01-05 | .    | listed   | I12   | 99     | 1
        2012-01-06 | .    | off_list | J44   | 31     | 1
        2012-01-07 | .    | off_list | I10   | 12     | 1
        2012-01-08 | .    | several  | J44   | 32     | 2
        2012-01-10 | .    | listed   | .     | 8      | 1
    """
    assert found == [tuple(row[name] for name in COLUMNS) for row in drawn(told)]


def test_records_of_one_nature_and_diagnosis_merge_and_others_stay_apart(tmp_path: Path) -> None:
    found = periods_of(
        tmp_path,
        """
        IMB_ALD_DTD | IMB_ALD_DTF | IMB_ETM_NAT | MED_MTF_COD | INS_DTE
        01/01/2010  | 31/12/2014  | 41          | E11         | 01/01/2010
        01/01/2010  | 31/12/2012  | 41          | E11         | 01/06/2011
        01/01/2013  | 31/12/2014  | 41          | E11.        | 01/01/2013
        01/06/2014  | 31/12/2099  | 41          | E11         | 01/06/2014
        01/01/2013  | 31/12/2014  | 43          | E11         | 01/01/2013
        01/01/2013  | 31/12/2014  | 41          | E10         | 01/01/2013
        03/01/2015  | 31/12/2016  | 41          | E10         | 01/01/2015
        """,
    )
    told = """
        starts     | ends       | kind     | icd10 | number | rows
        2010-01-01 | .          | listed   | E11   | 8      | 4
        2013-01-01 | 2014-12-31 | listed   | E10   | 8      | 1
        2013-01-01 | 2014-12-31 | off_list | E11   | 8      | 1
        2015-01-03 | 2016-12-31 | listed   | E10   | 8      | 1
    """
    assert found == [tuple(row[name] for name in COLUMNS) for row in drawn(told)]
