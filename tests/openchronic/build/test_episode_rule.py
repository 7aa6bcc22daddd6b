"""The query that chains stays into episodes gives what a plain implementation of the rule gives."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import asdict, astuple, fields
from datetime import date, timedelta
from importlib import resources
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from openchronic.models.text import sql
from tests.openchronic.reference.episodes import Place, Stay, chain


def identifier(number: int) -> str:
    """Returns the identifier of a stay: their order as text is not that of their bytes."""
    return base64.b64encode(bytes([number * 7 % 13 * 20] * 12), altchars=b"._").decode()


STAYS = st.lists(
    st.builds(
        lambda subject, start, nights, **said: Stay(
            subject_id=subject,
            stay_id="",
            start_date=date(2021, 1, 1) + timedelta(start * 5 // 2),
            end_date=date(2021, 1, 1) + timedelta(start * 5 // 2 + nights),
            **said,
        ),
        st.integers(1, 2),
        st.integers(0, 20),
        st.sampled_from([0, 0, 1, 2, 3, 9, 30]),
        care_setting=st.sampled_from(["mco", "mco", "ssr", "had", "psy"]),
        date_precision=st.sampled_from(["day"] * 5 + ["month"]),
        is_session=st.sampled_from([False] * 5 + [True]),
        care_form=st.sampled_from([None, None, "1", "01", "2", "21"]),
        entry_mode=st.sampled_from([None, "0", "6", "7", "8", "8", "8", "N"]),
        exit_mode=st.sampled_from([None, "0", "6", "7", "8", "8", "8", "9"]),
        main_diagnosis=st.sampled_from([None, "I500", "Z511", "Z5110"]),
    ),
    max_size=12,
).map(lambda stays: [Stay(**asdict(s) | {"stay_id": identifier(n)}) for n, s in enumerate(stays)])


def by_duckdb(stays: Iterable[Stay]) -> dict[str, Place]:
    """Returns the result of the query that builds run."""
    text = sql("episode")
    functions = resources.files("openchronic.runtime") / "duckdb_functions.sql"
    with duckdb.connect() as connection:
        connection.execute(functions.read_text(encoding="utf-8"))
        connection.execute(
            "CREATE TABLE told (subject_id BIGINT, stay_id VARCHAR, start_date DATE, end_date DATE, "
            "care_setting VARCHAR, date_precision VARCHAR, is_session BOOLEAN, care_form VARCHAR, "
            "entry_mode VARCHAR, exit_mode VARCHAR, main_diagnosis VARCHAR)"
        )
        table = connection.table("told")
        for one in stays:
            table.insert(astuple(one))
        connection.execute("CREATE VIEW stay AS SELECT *, end_date AS last_seen_date FROM told")
        columns = [field.name for field in fields(Place)]
        found: list[tuple[Any, ...]] = connection.execute(
            f"SELECT stay_id, {', '.join(columns)} FROM ({text})"  # noqa: S608
        ).fetchall()
    answers = {stay_id: Place(**dict(zip(columns, told, strict=True))) for stay_id, *told in found}
    assert len(answers) == len(found), "a stay was multiplied"
    return answers


@settings(max_examples=150)
@given(stays=STAYS)
def test_duckdb_reads_the_rule_as_the_plain_reference_does(stays: list[Stay]) -> None:
    assert by_duckdb(stays) == chain(stays)
