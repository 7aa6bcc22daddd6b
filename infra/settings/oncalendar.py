"""Checks systemd calendar expressions without systemd, which the operator's machine may lack."""

import re
from typing import Annotated

from pydantic import AfterValidator

_WORDS = {
    *("minutely", "hourly", "daily", "monthly", "weekly"),
    *("yearly", "annually", "quarterly", "semiannually", "semi-annually"),
}
_DAY = r"(?:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
_DAYS = rf"{_DAY}(?:(?:,|\.\.){_DAY})*"
_PART = r"(?:\*|\d+(?:\.\.\d+)?)(?:/\d+)?(?:,\d+(?:\.\.\d+)?(?:/\d+)?)*"
_DATE = rf"(?:{_PART}-)?{_PART}[-~]{_PART}"
_TIME = rf"{_PART}:{_PART}(?::{_PART})?"
_ZONE = r"(?:UTC|[A-Z][A-Za-z_]+/[A-Za-z_/+-]+)"
_EXPRESSION = re.compile(
    rf"(?=\S)(?:(?i:{_DAYS}),?(?:\s+|$))?(?:{_DATE}(?:\s+|$))?(?:{_TIME}(?:\s+|$))?(?:{_ZONE})?"
)


def _checked(text: str) -> str:
    if text.lower() not in _WORDS and not _EXPRESSION.fullmatch(text):
        raise ValueError(
            f"{text!r} is not a systemd calendar, such as 'Sat *-*-* 20:00:00' or 'monthly'"
        )
    return text


Calendar = Annotated[str, AfterValidator(_checked)]
