"""Cases of claim lines and events: full and partial cancellations, by others too, duplicates, NULLs and ties."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from openchronic.models.text import sql
from tests.openchronic.reference.netting import FLAGS, net
from tests.openchronic.reference.rule import APART, Case, Rule, days, maybe

# The kinds of lines by their table, with the roles that such lines have.
KINDS = (
    ("drug", "ER_PHA_F", "CIP13", ("dispensed",)),
    ("hospital_drug", "ER_UCD_F", "UCD", (None, "on_top", "retrocession")),
    ("procedure", "ER_CAM_F", "CCAM", ("1/0", "4/0", "-/-")),
    ("device", "ER_TIP_F", "LPP", (None, "rental", "purchase")),
    ("transport", "ER_PRS_F", "PRS_NAT", (None,)),
)
QUANTITIES = [*map(Decimal, ("-3", "-2", "-1", "-0.5", "0", "0.5", "1", "1", "2", "3"))]


@st.composite
def _line(draw: st.DrawFn) -> dict[str, Any]:
    event_type, table, vocabulary, roles = draw(st.sampled_from(KINDS))
    begins = draw(st.none() | days(3))
    return {
        "subject_id": draw(st.integers(1, 2)),
        "event_type": event_type,
        "source_table": table,
        "care_date": draw(days(1)),
        "vocabulary": vocabulary,
        "code": draw(st.sampled_from(["1", "2"])),
        "code_role": draw(st.sampled_from(roles)),
        "PFS_EXE_NUM": draw(maybe(["E1", "E2"])),
        "PFS_PRE_NUM": draw(maybe(["P1"])),
        "quantity": draw(st.sampled_from(QUANTITIES)),
        "known_date": draw(days(90)),
        "PSP_SPE_COD": draw(maybe([1, 3])),
        "PSE_SPE_COD": draw(maybe([1, 10])),
        "PSE_ACT_NAT": draw(maybe([24, 50])),
        "care_setting": draw(st.sampled_from(["city", "private_clinic", "public_hospital"])),
        "facility_id": draw(maybe(["35000001", "75000001"])),
        "begins": begins,
        "ends": None if begins is None else draw(st.none() | st.just(begins + timedelta(days=2))),
        **{name: draw(st.booleans()) for name in FLAGS.values()},
        "said_role": draw(maybe(["35", "22-35"])) if event_type == "transport" else None,
    }


@st.composite
def _lines(draw: st.DrawFn) -> Case:
    """Draws lines, some of them cancelled or delivered twice."""
    lines = draw(st.lists(_line(), max_size=6))
    again = []
    for line in lines:
        what = draw(st.sampled_from(["once", "once", "twice", "taken back", "partly"]))
        if what == "twice":
            again.append(line)
        elif what != "once":
            taken = -line["quantity"] / (1 if what == "taken back" else 2)
            told = {
                "known_date": draw(days(90)),
                "said_role": draw(st.sampled_from([line["said_role"], None])),
                "PFS_EXE_NUM": draw(st.sampled_from([line["PFS_EXE_NUM"], None, "00000000"])),
                "PFS_PRE_NUM": draw(st.sampled_from([line["PFS_PRE_NUM"], None])),
            }
            again.append(line | told | {"quantity": taken})
    return {"claim_line": draw(st.permutations(lines + again))}


NETTING = Rule(
    name="netting",
    columns={
        "claim_line": {
            "subject_id": "BIGINT",
            "event_type": "STRING",
            "source_table": "STRING",
            "care_date": "DATE",
            "vocabulary": "STRING",
            "code": "STRING",
            "code_role": "STRING",
            "PFS_EXE_NUM": "STRING",
            "PFS_PRE_NUM": "STRING",
            "quantity": "DECIMAL(18, 5)",
            "known_date": "DATE",
            "PSP_SPE_COD": "BIGINT",
            "PSE_SPE_COD": "BIGINT",
            "PSE_ACT_NAT": "BIGINT",
            "care_setting": "STRING",
            "facility_id": "STRING",
            "begins": "DATE",
            "ends": "DATE",
            **dict.fromkeys(FLAGS.values(), "BOOLEAN"),
            "said_role": "STRING",
        }
    },
    texts={"claim_event": sql("claim_event")},
    answered=("claim_event",),
    cases=_lines(),
    apart=lambda case, number: {
        "claim_line": [
            line | {"subject_id": line["subject_id"] + APART * number}
            for line in case["claim_line"]
        ]
    },
    reference=lambda case: {"claim_event": net(case["claim_line"])},
)
