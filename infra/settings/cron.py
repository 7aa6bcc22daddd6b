"""Says a systemd calendar as cron does, for a cluster, which has no other: both mean the same moments, or it is refused."""

import re
from dataclasses import dataclass

WORDS = {
    "minutely": "* * * * *",
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "monthly": "0 0 1 * *",
    "quarterly": "0 0 1 1,4,7,10 *",
    "semiannually": "0 0 1 1,7 *",
    "semi-annually": "0 0 1 1,7 *",
    "yearly": "0 0 1 1 *",
    "annually": "0 0 1 1 *",
}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CALENDAR = re.compile(
    r"(?:(?P<days>(?i:[a-z]{3,9}(?:(?:,|\.\.)[a-z]{3,9})*)),?(?:\s+|$))?"
    r"(?:(?:(?P<year>[^\s:-]+)-)?(?P<month>[^\s:-]+)-(?P<day>[^\s:-]+)(?:\s+|$))?"
    r"(?:(?P<hour>[^\s:]+):(?P<minute>[^\s:]+)(?::(?P<second>[^\s:]+))?(?:\s+|$))?"
    r"(?P<zone>UTC|[A-Z][A-Za-z_]+/[A-Za-z_/+-]+)?"
)


@dataclass(frozen=True)
class Cron:
    schedule: str
    zone: str | None = None
    """The calendar's own time zone."""


def cron(calendar: str) -> Cron:
    """Return what means the same to cron. Raises ValueError, which says what to write, where nothing does."""
    if word := WORDS.get(calendar.lower()):
        return Cron(word)
    if "~" in calendar:
        raise _refused(calendar, "cron knows no last day of a month: name a day, such as *-*-28")
    found = CALENDAR.fullmatch(calendar)
    if found is None:
        raise _refused(calendar, "write it as Sat *-*-* 20:00:00, or monthly")
    if found["year"] not in (None, "*"):
        raise _refused(calendar, "cron knows no years: write * for it, as in *-01-15 20:00:00")
    if found["second"] not in (None, "0", "00"):
        raise _refused(calendar, "cron knows no seconds: write 00 for them")
    minute = _field(found["minute"] or "0", first=0, last=59, calendar=calendar)
    hour = _field(found["hour"] or "0", first=0, last=23, calendar=calendar)
    day = _field(found["day"] or "*", first=1, last=31, calendar=calendar)
    month = _field(found["month"] or "*", first=1, last=12, calendar=calendar)
    weekday = _weekdays(found["days"], calendar)
    if "*" not in (day, weekday):
        raise _refused(
            calendar,
            "cron would take either day, not both: name days of the week, or days of the month",
        )
    return Cron(f"{minute} {hour} {day} {month} {weekday}", found["zone"])


def _refused(calendar: str, what: str) -> ValueError:
    return ValueError(f"{calendar!r} is no schedule of a cluster, whose builds go by cron: {what}")


def _field(text: str, *, first: int, last: int, calendar: str) -> str:
    """Return the values of a part as cron lists them: its own steps begin elsewhere than a calendar's."""
    values: set[int] = set()
    for one in text.split(","):
        found = re.fullmatch(r"(\*|\d+)(?:\.\.(\d+))?(?:/(\d+))?", one)
        if found is None or (found[1] == "*" and found[2]):
            raise _refused(calendar, f"{text} is not a number, a list or a range")
        step = int(found[3] or 1)
        begin = first if found[1] == "*" else int(found[1])
        open_ended = found[1] == "*" or (found[3] and not found[2])
        end = int(found[2]) if found[2] else last if open_ended else begin
        if not first <= begin <= end <= last or step < 1:
            raise _refused(calendar, f"{text} is not within {first} and {last}")
        values |= set(range(begin, end + 1, step))
    return _listed(values, range(first, last + 1))


def _weekdays(text: str | None, calendar: str) -> str:
    if text is None:
        return "*"
    values: set[int] = set()
    for part in text.rstrip(",").split(","):
        ends = [_weekday(name, calendar) for name in part.split("..")]
        if ends[0] > ends[-1]:
            raise _refused(calendar, f"{part} ends before it begins: a week begins on Monday")
        values |= set(range(ends[0], ends[-1] + 1))
    # Cron counts them from Sunday.
    values = {(value + 1) % 7 for value in values}
    return _listed(values, range(7))


def _weekday(name: str, calendar: str) -> int:
    if name.lower()[:3] not in DAYS:
        raise _refused(calendar, f"{name} is no day of the week")
    return DAYS.index(name.lower()[:3])


def _listed(values: set[int], whole: range) -> str:
    return "*" if values == set(whole) else ",".join(str(value) for value in sorted(values))
