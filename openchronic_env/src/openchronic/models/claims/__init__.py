"""Claims, a few months of flux at a time: lines of events, costs, and what claims record of persons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from openchronic.catalogue import Table, load_tables
from openchronic.catalogue.claims import CLAIMS
from openchronic.models.delivery import Delivery
from openchronic.models.model import Count, ForeignKey, Given, Model, Node, Source, Stage
from openchronic.models.people import NUMBER
from openchronic.models.standing import words_of
from openchronic.nomenclatures import load_nomenclature

DRUGS, FACILITIES = "ER_PHA_F", "ER_ETE_F"
# The columns of ``cost`` whose sums are reconciled, each with the delivered column that it is the
# sum of.
CLAIMED = {"billed": "PRS_PAI_MNT", "reimbursed": "BSE_REM_MNT"}

# Columns that end with their month: those of lines that only counts read, those of costs that only filters read.
COUNTED_ONLY = ("is_orphan", "is_in_pmsi")
JUDGED_ONLY = ("is_fictive", "DPN_QLF", "ETE_IND_TAA", "is_in_pmsi")


@dataclass(frozen=True)
class Kind:
    """The lines of one table (named as in DCIR) that become events, judged by the filters of one step."""

    step: str
    table: str

    @property
    def model(self) -> str:
        return f"{self.step}_line"


def details_of_claims() -> list[Table]:
    """Returns the detail tables of claims, by their names in DCIR, whose lines belong to an event."""
    return [
        one
        for one in load_tables().values()
        if one.lines.of == CLAIMS and one.lines.role == "events"
    ]


# Packs are read with the claims themselves.
DETAILS = tuple(one.name for one in details_of_claims() if one.name != DRUGS)
# Tables that add to the event of a claim, and make no event of their own; each with the type of those events.
SAYING_MORE = {
    one.name: one.lines.says_more_of for one in details_of_claims() if one.lines.says_more_of
}
# Claims that are an event by themselves, whatever their detail lines.
SERVICE = Kind("service", CLAIMS)
KINDS = (
    *(Kind(one.lines.step, one.name) for one in details_of_claims() if one.lines.step),
    SERVICE,
)


def stages(delivery: Delivery) -> Iterator[Stage]:
    """Yields the stage of the reference tables of claims, then the stage of the months."""
    yield Stage("services", tuple(_given()))
    yield Stage(
        "claims",
        tuple(_months(delivery)),
        scope="months",
        title="claims",
        tables=tuple(delivery.delivered(one) for one in (CLAIMS, DRUGS, *DETAILS)),
        # The simplified product names persons by another identifier.
        numbers={} if delivery.simplified else {CLAIMS: NUMBER},
    )


def kinds_of(delivery: Delivery) -> list[Kind]:
    """Returns the kinds whose table is delivered, in either product; drugs always, so that they are counted."""
    return [
        one for one in KINDS if one.table == DRUGS or delivery.has(delivery.delivered(one.table))
    ]


def _given() -> Iterator[Node]:
    yield Given(
        "department_code",
        {"code": "STRING", "department": "STRING"},
        lambda: [
            (one["code"], one["department"] or None) for one in load_nomenclature("department")
        ],
    )
    yield Given("commune", {"insee": "STRING"}, _communes)
    yield Given(
        "service_event",
        {
            "code": "BIGINT",
            "event_type": "STRING",
            "profession": "BIGINT",
            "is_emergency": "BOOLEAN",
        },
        lambda: [
            (
                int(row["code"]),
                row["event_type"],
                int(row["profession"]) if row["profession"] else None,
                row["emergency"] == "1",
            )
            for row in load_nomenclature("service_event")
        ],
    )
    yield Given(
        "service_label",
        {"code": "STRING", "label": "STRING"},
        lambda: [(row["code"], row["label"]) for row in load_nomenclature("service")],
    )
    yield Given(
        "outpatient_year",
        {"event_type": "STRING", "care_year": "BIGINT", "last_month": "BIGINT"},
    )


def _months(delivery: Delivery) -> Iterator[Node]:
    yield from _sources(delivery)
    yield Model(
        "claim",
        ("er_prs_f", "er_ete_f", "fictive_nir", "known_pair", "subject"),
        counts=(
            # Care cannot be later than its own flux: such lines are counted.
            Count(
                ("last care",), "SELECT max(care_date) FROM claim WHERE care_date <= FLX_DIS_DTD"
            ),
        ),
    )
    for table in SAYING_MORE:
        names = (delivery.delivered(table), delivery.delivered(CLAIMS))
        if delivery.has(names[0]):
            yield ForeignKey(table, CLAIMS, names, through="claim")
    for kind in kinds_of(delivery):
        yield _lines(kind, delivery)
    yield Model(
        "claim_cost",
        ("claim", "outpatient_year"),
        text="cost_line",
        filters="cost",
        by_bucket="cost_line",
        but=JUDGED_ONLY,
        counts=(
            Count(
                ("filtered", delivery.delivered(CLAIMS)),
                f"SELECT removed_by, {', '.join(f'sum({one})' for one in CLAIMED)} FROM claim_cost "
                "WHERE removed_by IS NOT NULL GROUP BY removed_by",
                names=tuple(CLAIMED),
            ),
        ),
    )
    yield Model("trait", ("claim",))
    yield Model("place_in_claims", ("trait",), made="view")
    yield Model(
        "claim_place",
        ("place_in_claims", "department_code", "commune"),
        text="place",
        parts={"written_place": "= place_in_claims"},
    )
    yield Model(
        "claimed_trait",
        ("trait", "claim_place"),
        text="trait_line",
        parts={"place": "= claim_place"},
        made="passed",
        by_bucket="trait_line",
    )


def _sources(delivery: Delivery) -> Iterator[Node]:
    for table in (CLAIMS, DRUGS, *DETAILS):
        name = delivery.delivered(table)
        yield Source(
            name,
            amounts=CLAIMED if table == CLAIMS else {},
            unranked=table == CLAIMS and delivery.people_lack_rank and not delivery.simplified,
        )
        if name != table:
            yield _stand_in(table, name)
        if table == CLAIMS:
            # The key of this table is not unique: the query takes all rows of a line together.
            yield (
                _stand_in(FACILITIES, name)
                if delivery.simplified
                else Source(FACILITIES, every=True, own_name=True)
            )


def _stand_in(table: str, name: str) -> Model:
    """Returns the model of ``table`` of DCIR that is made from the simplified product."""
    lower = table.lower()
    if table in (DRUGS, *DETAILS):
        words = words_of(table)
        reads = (name.lower(),)
        return Model(lower, reads, text="detail_of_dcirs", words=words, made="view", shape=table)
    persons = ("known_person",) if table == CLAIMS else ()
    return Model(
        lower, (name.lower(), *persons), text=f"{lower}_of_dcirs", made="view", shape=table
    )


def _lines(kind: Kind, delivery: Delivery) -> Model:
    """Returns the model of the lines of ``kind``, each with the values of its claim."""
    table = kind.table.lower()
    if kind is SERVICE:
        said = tuple(one.lower() for one in SAYING_MORE)
        reads: tuple[str, ...] = ("claim", "service_event", *said, "outpatient_year")
        parts = {
            **{f"{one}_more": f"{one}_more" for one in SAYING_MORE.values()},
            "said_more": "said_more",
            "claimed": "claimed_service",
        }
    elif delivery.simplified and kind.step == "procedure":
        # The simplified product counts the acts of a line; otherwise it differs from DCIR by its
        # names alone.
        reads = ("claim", "ns_cam_f", "outpatient_year")
        parts = {"detail": "procedure_of_dcirs", "claimed": "claimed_detail"}
    else:
        reads = ("claim", table, "outpatient_year")
        parts = {"detail": f"{kind.step}_detail", "claimed": "claimed_detail"}
    name = kind.model
    counts = [
        Count(
            ("public care kept",),
            f"SELECT count(*) FROM {name} "
            "WHERE removed_by IS NULL AND is_public_t2a AND NOT is_in_pmsi",
        )
    ]
    if kind.table in DETAILS:
        names = (delivery.delivered(kind.table), delivery.delivered(CLAIMS))
        counts.append(
            Count(
                ("foreign key", *names),
                "SELECT CASE WHEN is_orphan THEN 'orphans' ELSE 'found' END, count(*) "
                f"FROM {name} GROUP BY 1",
            )
        )
    return Model(
        name,
        reads,
        text="claim_line",
        parts={**parts, "line": "line_of_claim"},
        words={"tables": _said_more()} if kind is SERVICE else {},
        filters=kind.step,
        by_bucket="claim_line",
        but=COUNTED_ONLY,
        counts=tuple(counts),
    )


def _said_more() -> str:
    """For the text ``said_more``: what each table says more."""
    shared = ", ".join([*load_tables()[CLAIMS].key, "begins", "ends", "said_role"])
    return "".join(
        f"UNION ALL\nSELECT '{one}' AS event_type, {shared}\nFROM {one}_more\n"
        for one in SAYING_MORE.values()
    )


@cache
def _communes() -> tuple[tuple[str], ...]:
    # Overseas the third figure of the département is the first one of the commune.
    return tuple(
        (f"{row['department'][:2]}{number:03}",)
        for row in load_nomenclature("commune")
        for number in range(int(row["first"]), int(row["last"]) + 1)
    )
