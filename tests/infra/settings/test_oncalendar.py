"""Calendar expressions are accepted or refused as by systemd-analyze, if it is installed."""

import shutil
import subprocess

import pytest
from pydantic import TypeAdapter, ValidationError

from infra.settings.oncalendar import Calendar

GOOD = (
    *("daily", "monthly", "Sat *-*-* 20:00:00", "Mon..Fri 22:30", "Sat,Sun *-*-1..7 02:00"),
    *("*-*-01 03:00:00", "2027-01-01", "*-02~01 00:00", "*:0/15", "Sun", "Sat 20:00 Europe/Paris"),
)
BAD = (
    "",
    " ",
    "Satur 20:00",
    "every day",
    "20h00",
    "*-*-* 20:00; reboot",
    "Sat *-*-* 20:00\nUser=root",
)


@pytest.mark.parametrize("text", GOOD)
def test_good(text: str) -> None:
    assert TypeAdapter(Calendar).validate_python(text) == text
    if shutil.which("systemd-analyze"):
        subprocess.run(["systemd-analyze", "calendar", text], check=True, capture_output=True)


@pytest.mark.parametrize("text", BAD)
def test_bad(text: str) -> None:
    with pytest.raises(ValidationError, match="is not a systemd calendar"):
        TypeAdapter(Calendar).validate_python(text)
