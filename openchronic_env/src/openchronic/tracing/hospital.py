"""Events of hospitals and of death certificates, made again of one person's records and what hangs on them."""

from __future__ import annotations

from openchronic.building import causes, hospital
from openchronic.building.elsewhere import PRODUCTS, Product
from openchronic.building.filters import judge
from openchronic.building.hanging import Detail
from openchronic.building.lasting import load_last_years
from openchronic.building.leading import shared_key
from openchronic.building.letters import load_letters
from openchronic.building.typed import no_row
from openchronic.engines.text import sql
from openchronic.schema import load_tables
from openchronic.store import Entry
from openchronic.tracing.desk import Desk

NUMBER = "NIR_ANO_17"
YEAR = "file_year"
RECORDS = "T_MCOaaB"
ASSOCIATED = "T_MCOaaD"
# What hangs on a record by other columns than its key.
OTHER_KEYS = {"T_RIPaaR3A": ("ETA_NUM_EPMSI", "IPP_IRR_CRY")}
STAYS = {"stay", "session"}


def acute_tables() -> set[str]:
    """Those of acute care."""
    return {RECORDS, ASSOCIATED, *(one.table for one in hospital.DETAILS)}


def make_acute(desk: Desk, table: str) -> list[str]:
    """Make ``event`` of stays in acute care, or of what hangs on them."""
    _lay_records(desk, RECORDS, "T_MCOaaC")
    if table != RECORDS:
        _lay_details(desk, table, RECORDS)
    if table != ASSOCIATED:
        desk.view(ASSOCIATED.lower(), no_row(ASSOCIATED))
    load_letters(desk.context)
    _judge(desk, "stay")
    desk.view("stay_record", "SELECT * FROM judged WHERE removed_by IS NULL")
    if table == RECORDS:
        desk.view("stay", sql("stay"))
    else:
        desk.fix("stay", sql("stay"))
    detail = next((one for one in hospital.DETAILS if one.table == table), None)
    if detail is None:
        desk.view("diagnosis", sql("diagnosis"))
        make_other(desk)
    else:
        desk.fix("host", sql("hospital/mco_host"))
        _hang(desk, detail)
    return [table]


def product_of(table: str) -> tuple[Product, Detail | None] | None:
    """The product that ``table`` is of, and its detail where it is not the records themselves."""
    for product in PRODUCTS:
        if table == product.tables[0]:
            return product, None
        for detail in product.details:
            if table == detail.table:
                return product, detail
    return None


def make_elsewhere(
    desk: Desk, product: Product, detail: Detail | None, *, event_type: str
) -> list[str]:
    """Make ``event`` of the stays of a product, of what their records say, or of what hangs on them."""
    records, *others = product.tables
    _lay_records(desk, records, *others)
    load_letters(desk.context)
    _judge(desk, product.step)
    if product.care_setting:
        load_last_years(desk.context, {product.care_setting: records})
        desk.view("part", sql(f"hospital/{product.step}_part"))
        desk.view("link", sql("hospital/stay_link"))
        desk.view("product_stay", sql("hospital/other_stay"))
    if event_type in STAYS:
        desk.view("stay", "SELECT * FROM product_stay")
        make_other(desk)
        return [records]
    host = "other_host" if product.care_setting else "ace_host"
    desk.fix("host", sql(f"hospital/{detail.host if detail and detail.host else host}"))
    if detail is None:
        _say(desk, records, sql(f"hospital/{product.diagnoses}"))
        return [records]
    _lay_details(desk, detail.table, records)
    _hang(desk, detail)
    return [detail.table]


def make_causes(desk: Desk, table: str) -> list[str]:
    """Make ``event`` of the causes of death of one person."""
    certificates = causes.CERTIFICATES
    among = desk.scan(certificates)
    mine = "usable_number(BEN_IDT_ANO) IN (SELECT natural_id FROM subject)"
    desk.lay(
        certificates,
        f"{among} WHERE {mine}",
        among=among,
        keys=shared_key(certificates, certificates),
    )
    # A death before birth has no cause in a release: whoever has one was born before.
    desk.view(
        "person", "SELECT subject_id, CAST(NULL AS DATE) AS birth_date FROM subject WHERE FALSE"
    )
    desk.fix("host", sql("hospital/death_host"))
    if table != certificates:
        desk.lay(
            table,
            certificates.lower(),
            among=desk.scan(table),
            keys=shared_key(table, certificates),
        )
    _hang(desk, next(one for one in causes.DETAILS if one.table == table))
    return [table]


def make_other(desk: Desk) -> None:
    """Make ``event`` of what ``other_event`` reads."""
    desk.view("other_event", sql("other_event"))
    desk.view("claim_event", "SELECT *, TRUE AS is_kept FROM other_event WHERE FALSE")
    desk.view("hospital_event", "SELECT * FROM other_event WHERE FALSE")
    desk.view("event", sql("event"))


def _lay_records(desk: Desk, records: str, *others: str) -> None:
    """The person's records: by their own number, or by that of the table that chains them."""
    chain = next(
        one
        for one in (records, *others)
        if any(column.name == NUMBER for column in load_tables()[one].columns)
    )
    among = desk.scan(chain)
    mine = f"{among} WHERE {NUMBER} IN (SELECT BEN_NIR_PSA FROM pair)"
    desk.lay(chain, mine, among=among, keys=(*shared_key(chain, chain), YEAR))
    for table in (records, *others):
        if table != chain:
            to = chain if table == records else records
            _lay_details(desk, table, to)


def _lay_details(desk: Desk, table: str, to: str) -> None:
    """The rows of ``table`` that are of the rows of ``to``, of the years of these alone."""
    years = {
        year for (year,) in desk.connection.execute(f"SELECT DISTINCT {YEAR} FROM {to}").fetchall()
    }

    def of_years(entry: Entry, _name: str) -> bool:
        return entry.year in years

    desk.lay(
        table,
        to.lower(),
        among=desk.scan(table, of_years),
        keys=(*(OTHER_KEYS.get(table) or shared_key(table, to)), YEAR),
        # A code that is written twice counts twice in its number of rows.
        once=table != ASSOCIATED,
    )


def _judge(desk: Desk, step: str) -> None:
    desk.view("judged", judge(desk.settings.filters, step, hospital.named_records(step)))


def _hang(desk: Desk, detail: Detail) -> None:
    desk.view("detail", f"SELECT * FROM {detail.table.lower()}")
    _say(desk, detail.table, sql(f"hospital/{detail.query}"))


def _say(desk: Desk, table: str, query: str) -> None:
    """Make ``event`` of the lines that ``query`` gives, those of ``table``."""
    desk.view("line", f"SELECT *, '{table}' AS source_table FROM ({query})")
    desk.view("hanging", sql("hospital/hanging"))
    desk.view("hospital_event", sql("hospital/event"))
    desk.view("claim_event", "SELECT *, TRUE AS is_kept FROM hospital_event WHERE FALSE")
    desk.view("other_event", "SELECT * FROM hospital_event WHERE FALSE")
    desk.view("event", sql("event"))
