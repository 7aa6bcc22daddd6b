"""The detail lines of hospital records: each belongs to a record, and becomes events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from openchronic.catalogue import load_tables
from openchronic.models.model import Count, Given, Model, Node
from openchronic.nomenclatures import load_nomenclature

EVENTS = "hospital_event"


@dataclass(frozen=True)
class Detail:
    """A table whose lines detail records, and the query of what they say.

    ``reads``: what it reads beside its lines; ``host``: the query of what they detail, where it is not the
    record of their product.
    """

    table: str
    query: str
    reads: tuple[str, ...] = ()
    host: str = ""


@dataclass(frozen=True)
class Host:
    """What lines detail. ``model``: its rows; ``to``: the delivered table that they are of.

    ``roles``: by which names the queries of the lines read other models. ``crossing``: the table of stays that
    several parts have lines of; those lines wait for the parts that come later.
    """

    model: str
    to: str
    roles: Mapping[str, str]
    crossing: str = ""


def detail_models(detail: Detail, host: Host, *, of_records: bool = False) -> Iterator[Model]:
    """The lines of ``detail``, each with the record that it details, and the events that they make.

    ``of_records``: they are what the records themselves say, and no table of their own.
    """
    own = "" if of_records else detail.table.lower()
    name = lines_of(detail, of_records=of_records)
    read = {"detail": own} if own else {}
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
        words={"source_table": detail.table},
        counts=(
            Count(
                ("fate", detail.table, host.to),
                # Also of a table without a line it is told.
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
        )
        lines = f"{name}_alone"
        yield Model(
            lines,
            (name, host.crossing),
            text="not_crossing",
            parts=both,
            made="view",
            only_if=made,
        )
    yield event_of(detail, name, lines)


def event_of(detail: Detail, name: str, lines: str) -> Model:
    """The events of the detail lines in ``lines``: some of those of ``name``."""
    return Model(
        f"{lines}_event",
        (lines,),
        text="hospital_event",
        parts={"detail_line": f"= {lines}"},
        made="passed",
        by_bucket=EVENTS,
        only_if=made_of(detail, name),
    )


def lines_of(detail: Detail, *, of_records: bool = False) -> str:
    """The model of the lines of ``detail``, each with the record that it details."""
    return f"{detail.query if of_records else detail.table.lower()}_line"


def made_of(detail: Detail, name: str) -> tuple[str, ...]:
    """Under which key the parts of events are counted that the lines of ``name`` made."""
    return ("made", detail.table, name)


def doubled(step: str, table: str) -> Model:
    """The geographic numbers in ``table`` that repeat what a juridical one says, by year."""
    declared = load_tables()[table].doubled
    if declared is None:
        raise ValueError(f"{table} is none of the tables that facilities declare twice")
    return Model(
        f"{step}_doubled",
        (table.lower(), "hospital_number"),
        text="doubled_number",
        parts={"sent_record": f"= {table.lower()}"},
        words={"number": declared.facility, "year": declared.year},
    )


def references() -> Iterator[Node]:
    """Small tables that hospital care is read with."""
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
    yield Given("delivered_year", {"care_setting": "STRING", "last_year": "BIGINT"})


def _numbers() -> list[tuple[object, ...]]:
    """Those of AP-HP, HCL and AP-HM, and the lists they are on.

    ``last_year``: the last one in which a geographic number repeats what the juridical one says.
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
    """Letters under which hospitals bill services and fees: what each is called, and which are visits."""
    visits = {row["code"]: row for row in load_nomenclature("hospital_visit")}
    labels = {row["letter"]: row["label"] for row in reversed(load_nomenclature("service"))}
    labels |= {letter: row["label"] for letter, row in visits.items()}
    return [
        (letter, label, letter in visits, letter in visits and visits[letter]["emergency"] == "1")
        for letter, label in labels.items()
    ]
