"""The detail lines of hospital records: each belongs to a record, and becomes events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from openchronic.catalogue import load_tables
from openchronic.models.hospital.coded import coded_words
from openchronic.models.hospital.record_key import line_key, record_key
from openchronic.models.model import Count, Given, Model, Node
from openchronic.nomenclatures import load_nomenclature

EVENTS = "hospital_event"
# The column of the person of a hospital record, in its line of chaining or its visit.
HOSPITAL_NUMBER = "NIR_ANO_17"


@dataclass(frozen=True)
class Detail:
    """A table of detail lines of hospital records, and the query of their values.

    ``reads``: the other tables that the query reads; ``host``: the query of the records that the lines belong
    to, where these are not the records of their product. ``of_records``: the name of the lines where they are the
    records themselves, and no table of their own.
    """

    table: str
    query: str = "coded_line"
    reads: tuple[str, ...] = ()
    host: str = ""
    of_records: str = ""


@dataclass(frozen=True)
class Host:
    """The records that detail lines belong to. ``model``: their rows; ``to``: the delivered table that they
    come from.

    ``roles``: the names under which the queries of the lines read other models. ``crossing``: the table of
    stays with lines in several parts; those lines wait for the later parts.
    """

    model: str
    to: str
    roles: Mapping[str, str]
    crossing: str = ""


def detail_models(detail: Detail, host: Host) -> Iterator[Model]:
    """Yields the models of the lines of ``detail``, each with its record, and of the events that they make."""
    name = lines_of(detail)
    read = {"detail": host.roles["judged"] if detail.of_records else detail.table.lower()}
    read |= {role: host.roles[role] for role in detail.reads if role in host.roles}
    others = tuple(one for one in detail.reads if one not in host.roles)
    yield Model(
        name,
        (host.model, *read.values(), *others),
        text="detail_line",
        parts={
            **{role: f"= {model}" for role, model in read.items()},
            "said": f"{detail.query}",
            "line": "line",
            "host": f"= {host.model}",
        },
        words=_words(detail, host),
        counts=(
            Count(
                ("fate", detail.table, host.to),
                # A table without a line is counted too, as zero.
                f"SELECT fate, count(*) FROM {name} WHERE part = 1 GROUP BY fate "
                "UNION ALL SELECT CAST(NULL AS STRING), 0",
            ),
            Count(
                made_of(detail, name),
                f"SELECT count(*) FROM {name} WHERE fate IS NULL AND code IS NOT NULL",
            ),
        ),
    )
    lines = name
    if host.crossing:
        both = {"detail_line": f"= {name}", "crossing": f"= {host.crossing}"}
        made = made_of(detail, name)
        yield Model(
            f"{name}_late",
            (name, host.crossing),
            text="crossing",
            parts=both,
            made="passed",
            adds=f"{name}_crossing",
            only_if=made,
            by_year=True,
        )
        lines = f"{name}_alone"
        yield Model(
            lines,
            (name, host.crossing),
            text="not_crossing",
            parts=both,
            made="view",
            only_if=made,
            by_year=True,
        )
    yield event_of(detail, name, lines)


def event_of(detail: Detail, name: str, lines: str, *, by_year: bool = False) -> Model:
    """Returns the model of the events of the detail lines in ``lines``, which are some of those of ``name``."""
    return Model(
        f"{lines}_event",
        (lines,),
        text="hospital_event",
        parts={"detail_line": f"= {lines}"},
        made="passed",
        by_bucket=EVENTS,
        only_if=made_of(detail, name),
        by_year=by_year,
    )


def lines_of(detail: Detail) -> str:
    """Returns the name of the model of the lines of ``detail``, each with its record."""
    return f"{detail.of_records or detail.table.lower()}_line"


def _words(detail: Detail, host: Host) -> dict[str, str]:
    """Returns the words of the query of ``detail``: the table of its lines, the key of their record, their values."""
    words = {"source_table": detail.table}
    if load_tables()[host.to].of_hospitals:
        key = record_key if detail.of_records else line_key
        words["record_key"] = key(host.to)
    if detail.query == "coded_line":
        words |= coded_words(detail.table, of_records=bool(detail.of_records))
    return words


def made_of(detail: Detail, name: str) -> tuple[str, ...]:
    """Returns the key of the count of event parts that the lines of ``name`` make."""
    return ("made", detail.table, name)


def doubled(step: str, table: str) -> Model:
    """Returns the model of the geographic numbers in ``table`` that repeat a juridical one, by year."""
    return Model(
        f"{step}_doubled",
        (table.lower(), "hospital_number"),
        text="doubled_number",
        parts={"sent_record": f"= {table.lower()}"},
        words=doubled_words(table),
    )


def doubled_words(table: str) -> dict[str, str]:
    """Returns the words of the texts that find repeated records of ``table``: the facility of a row, and its year."""
    declared = load_tables()[table].doubled
    if declared is None:
        raise ValueError(f"{table} is none of the tables that facilities declare twice")
    # The year of the row: {year} is that of the files of an instance.
    return {"facility": declared.facility, "sent_year": declared.year}


def references() -> Iterator[Node]:
    """Yields the reference tables of hospital care."""
    yield Given(
        "hospital_number",
        {
            "eta_num": "STRING",
            "hospital": "STRING",
            "role": "STRING",
            "on_short_list": "BOOLEAN",
            "last_year": "BIGINT",
        },
        _numbers,
    )
    yield Given(
        "service_letter",
        {"code": "STRING", "label": "STRING", "is_visit": "BOOLEAN", "is_emergency": "BOOLEAN"},
        _letters,
    )
    yield Given(
        "delivered_year",
        {"care_setting": "STRING", "last_year": "BIGINT", "last_month": "BIGINT"},
    )


def _numbers() -> list[tuple[object, ...]]:
    """Returns the numbers of AP-HP, HCL and AP-HM, and the lists that they are on.

    ``last_year``: the last year in which a geographic number repeats the juridical one.
    """
    return [
        (
            row["eta_num"],
            row["hospital"],
            row["role"],
            row["short_list"] == "1",
            int(row["last_year"]) if row["last_year"] else None,
        )
        for row in load_nomenclature("finess_duplicates")
    ]


def _letters() -> list[tuple[object, ...]]:
    """Returns the letters under which hospitals bill services and fees: their labels, and which are visits."""
    visits = {row["code"]: row for row in load_nomenclature("hospital_visit")}
    labels = {row["letter"]: row["label"] for row in reversed(load_nomenclature("service"))}
    labels |= {letter: row["label"] for letter, row in visits.items()}
    return [
        (letter, label, letter in visits, letter in visits and visits[letter]["emergency"] == "1")
        for letter, label in labels.items()
    ]
