"""Makes events of hospitals and of death certificates again, from one person's records and their detail lines."""

from __future__ import annotations

from collections.abc import Iterable

from openchronic.build.foreign_keys import shared_key
from openchronic.catalogue import load_tables
from openchronic.lineage.making import make, make_event
from openchronic.lineage.workspace import Workspace
from openchronic.models import causes
from openchronic.models.acute import ASSOCIATED, CHAIN, DETAILS, RECORDS
from openchronic.models.hospital import Detail, lines_of
from openchronic.models.persons import CERTIFICATES
from openchronic.models.products import PRODUCTS, Product, diagnoses_of, judged
from openchronic.store import Entry

NUMBER = "NIR_ANO_17"
YEAR = "file_year"
# The tables that are joined to a record by columns other than its key.
OTHER_KEYS = {"T_RIPaaR3A": ("ETA_NUM_EPMSI", "IPP_IRR_CRY")}
STAYS = {"stay", "session"}


def acute_tables() -> set[str]:
    """Returns the tables of acute care that events come from."""
    return {RECORDS, ASSOCIATED, *(one.table for one in DETAILS)}


def make_acute(workspace: Workspace, table: str) -> list[str]:
    """Makes ``event`` from stays in acute care, or from their detail lines."""
    _lay_records(workspace, RECORDS, CHAIN)
    if table != RECORDS:
        _lay_details(workspace, table, RECORDS)
    workspace.moving.add(table.lower())
    detail = next((one for one in DETAILS if one.table == table), None)
    if detail is not None:
        _make_details(workspace, detail, through=["mco_stay"])
        return [table]
    _make_stays(workspace, through=["mco_stay"], diagnoses=True)
    return [table]


def product_of(table: str) -> tuple[Product, Detail | None] | None:
    """Returns the product of ``table``, and its detail where it is not the table of the records."""
    for product in PRODUCTS:
        if table == product.tables[0]:
            return product, None
        for detail in product.details:
            if table == detail.table:
                return product, detail
    return None


def make_product_stays(
    workspace: Workspace, product: Product, detail: Detail | None, *, event_type: str
) -> list[str]:
    """Makes ``event`` from the stays of a product, from the values of their records, or from their detail lines."""
    records, *others = product.tables
    _lay_records(workspace, records, *others)
    through = [f"{product.step}_stay"]
    if event_type in STAYS:
        workspace.moving.add(records.lower())
        _make_stays(workspace, through=through)
        return [records]
    if detail is None:
        said = diagnoses_of(product)
        _make_hosts(workspace, product)
        workspace.moving.add(records.lower())
        _make_details(workspace, said, through=through)
        return [records]
    _lay_details(workspace, detail.table, records)
    workspace.moving.add(detail.table.lower())
    _make_details(workspace, detail, through=through)
    return [detail.table]


def make_causes(workspace: Workspace, table: str) -> list[str]:
    """Makes ``event`` from the causes of death of one person."""
    certificates = CERTIFICATES
    among = workspace.scan(certificates)
    mine = "usable_number(BEN_IDT_ANO) IN (SELECT natural_id FROM subject)"
    workspace.lay(
        certificates,
        f"{among} WHERE {mine}",
        among=among,
        keys=shared_key(certificates, certificates),
    )
    # A release has no cause of a death before birth: a person with a cause was born before.
    workspace.view(
        "person", "SELECT subject_id, CAST(NULL AS DATE) AS birth_date FROM subject WHERE FALSE"
    )
    if table != certificates:
        workspace.lay(
            table,
            certificates.lower(),
            among=workspace.scan(table),
            keys=shared_key(table, certificates),
        )
    make(workspace, ["death_host"])
    workspace.moving.add(table.lower())
    _make_details(workspace, next(one for one in causes.DETAILS if one.table == table))
    return [table]


def _lay_records(workspace: Workspace, records: str, *others: str) -> None:
    """Loads the records of the person, by their own number, or by that of the chaining table."""
    chain = next(
        one
        for one in (records, *others)
        if any(column.name == NUMBER for column in load_tables()[one].columns)
    )
    among = workspace.scan(chain)
    mine = f"{among} WHERE {NUMBER} IN (SELECT BEN_NIR_PSA FROM pair)"
    workspace.lay(chain, mine, among=among, keys=(*shared_key(chain, chain), YEAR))
    for table in (records, *others):
        if table != chain:
            to = chain if table == records else records
            _lay_details(workspace, table, to)


def _lay_details(workspace: Workspace, table: str, to: str) -> None:
    """Loads the rows of ``table`` that belong to the rows of ``to``, from the years of these only."""
    years = {
        year
        for (year,) in workspace.connection.execute(f"SELECT DISTINCT {YEAR} FROM {to}").fetchall()
    }

    def of_years(entry: Entry, _name: str) -> bool:
        return entry.year in years

    workspace.lay(
        table,
        to.lower(),
        among=workspace.scan(table, of_years),
        keys=(*(OTHER_KEYS.get(table) or shared_key(table, to)), YEAR),
        # A code that is written twice counts twice in its number of rows.
        once=table != ASSOCIATED,
    )


def _make_stays(workspace: Workspace, *, through: list[str], diagnoses: bool = False) -> None:
    """Makes ``event`` from stays and their diagnoses; the episode of a stay does not depend on their rows."""
    make(workspace, ["all_stay"], through=through)
    workspace.view("stay", "SELECT * FROM all_stay")
    if "all_stay" in workspace.moving:
        workspace.moving.add("stay")
    if diagnoses:
        workspace.there.discard("diagnosis")
    make_event(workspace, "other_event")


def _make_hosts(workspace: Workspace, product: Product) -> None:
    """Makes the stays of the records, from all rows: rows are left out only of the table that is examined."""
    step = product.step
    make(workspace, [f"{step}_host", f"{step}_crossing"], through=[f"{step}_stay"])
    workspace.there.difference_update({judged(product), f"{step}_judged", f"{step}_judged_of_year"})


def _make_details(workspace: Workspace, detail: Detail, *, through: Iterable[str] = ()) -> None:
    """Makes ``event`` from the detail lines of records, those of stays over several files too."""
    name = lines_of(detail)
    ways = [f"{name}{kind}_event" for kind in ("", "_alone", "_crossing")]
    make_event(workspace, "hospital_event", through=[*through, *ways])
