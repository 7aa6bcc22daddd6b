"""Memory sizes as operators write them, and as the units of a site write them."""

import pytest

from openchronic.errors import SettingsError
from openchronic.runtime.database import bytes_of


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4GB", 4 * 10**9),
        ("4G", 4 * 10**9),
        ("4 gib", 4 * 2**30),
        ("0.5GiB", 2**29),
        ("1536MiB", 1536 * 2**20),
        ("300MB", 300 * 10**6),
        ("300000000", 300 * 10**6),
    ],
)
def test_a_size_is_what_its_unit_says(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "much", "GB", "1PB", "-1GB", "100MB"])
def test_a_size_that_is_none_or_too_small_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        bytes_of(text)
