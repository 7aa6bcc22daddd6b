"""Schedules on a cluster: cron says the same moments as the calendar, as systemd itself computes them, or it is refused."""

import datetime
import re
import shutil
import subprocess

import pytest

from infra.settings.cron import Cron, cron

SAME = {
    "minutely": "* * * * *",
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "Monthly": "0 0 1 * *",
    "quarterly": "0 0 1 1,4,7,10 *",
    "semiannually": "0 0 1 1,7 *",
    "yearly": "0 0 1 1 *",
    "Sat *-*-* 20:00:00": "0 20 * * 6",
    "Sat 20:00": "0 20 * * 6",
    "sunday": "0 0 * * 0",
    "Mon..Fri *-*-* 06:30:00": "30 6 * * 1,2,3,4,5",
    "Fri..Sun 01:00": "0 1 * * 0,5,6",
    "Mon,Thu 22:15": "15 22 * * 1,4",
    "*-*-01 03:00:00": "0 3 1 * *",
    "*-01,07-15 03:00": "0 3 15 1,7 *",
    "01-15 03:00": "0 3 15 1 *",
    "*-*-1..7 12:00": "0 12 1,2,3,4,5,6,7 * *",
    "*-*-* 08..18/2:05": "5 8,10,12,14,16,18 * * *",
    "*-*-* *:00/15": "0,15,30,45 * * * *",
    "*-1/3-02 00:00": "0 0 2 1,4,7,10 *",
}


@pytest.mark.parametrize(("calendar", "schedule"), SAME.items())
def test_a_calendar_is_said_as_cron_says_it(calendar: str, schedule: str) -> None:
    assert cron(calendar) == Cron(schedule)


def test_a_calendars_own_time_zone_is_kept() -> None:
    assert cron("Sat *-*-* 20:00:00 Europe/Paris") == Cron("0 20 * * 6", "Europe/Paris")
    assert cron("*-*-* 20:00 UTC").zone == "UTC"


@pytest.mark.parametrize(
    ("calendar", "what"),
    [
        ("2027-*-* 20:00:00", "cron knows no years: write * for it"),
        ("Sat *-*-* 20:00:30", "cron knows no seconds: write 00 for them"),
        ("*-*~01 20:00", "cron knows no last day of a month"),
        ("Sat *-*-1..7 20:00", "cron would take either day, not both"),
        ("*-*-* 25:00", "is not within 0 and 23"),
        ("*-13-01 20:00", "is not within 1 and 12"),
        ("*-*-* 20:5..1", "is not within 0 and 59"),
        ("Sat..Mon 20:00", "Sat..Mon ends before it begins"),
        ("Sot 20:00", "Sot is no day of the week"),
        ("once a week", "write it as Sat"),
    ],
)
def test_what_cron_cannot_say_is_refused_with_what_to_write(calendar: str, what: str) -> None:
    with pytest.raises(ValueError, match=re.escape(what)):
        cron(calendar)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="asks systemd-analyze")
@pytest.mark.parametrize("calendar", SAME)
def test_both_mean_the_same_moments_as_systemd_computes_them(calendar: str) -> None:
    said = subprocess.run(
        ["systemd-analyze", "calendar", "--iterations=8", "--base-time=2027-02-25 10:00:00 UTC", calendar],
        env={"TZ": "UTC", "LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout  # fmt: skip
    moments = [
        datetime.datetime.strptime(found, "%Y-%m-%d %H:%M:%S")
        for found in re.findall(
            r"(?:Next elapse|Iteration #\d+|Iter\. #\d+): \w+ (\S+ \S+) UTC", said
        )
    ]
    assert len(moments) == 8, said
    begin = datetime.datetime(2027, 2, 25, 10)
    assert moments == elapsed(cron(calendar).schedule, begin, until=moments[-1])


def elapsed(
    schedule: str, begin: datetime.datetime, *, until: datetime.datetime
) -> list[datetime.datetime]:
    """Return the moments of a schedule after `begin`, day by day, and minute by minute on a day that fits."""
    minutes, hours, days, months, weekdays = (_values(part) for part in schedule.split())
    found = []
    day = begin.replace(hour=0)
    while day <= until:
        # Python counts days of the week from Monday.
        fits = [
            one is None or value in one
            for one, value in (
                (days, day.day),
                (months, day.month),
                (weekdays, (day.weekday() + 1) % 7),
            )
        ]
        if all(fits):
            found += [
                day.replace(hour=hour, minute=minute)
                for hour in hours or range(24)
                for minute in minutes or range(60)
            ]
        day += datetime.timedelta(days=1)
    return [moment for moment in found if begin < moment <= until]


def _values(part: str) -> list[int] | None:
    return None if part == "*" else [int(one) for one in part.split(",")]
