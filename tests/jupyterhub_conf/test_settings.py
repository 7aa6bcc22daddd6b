"""site.json is checked before the hub starts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from settings import SettingsError, load_settings

SiteJson = Callable[..., Path]


def test_a_whole_file_is_read(site_json: SiteJson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_SITE", str(site_json()))
    site = load_settings()
    assert [profile.slug for profile in site.profiles] == ["petite", "grande"]
    assert site.profiles[0].memory_bytes == 2 << 30


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"surprise": 1}, "surprise"),
        ({"profiles": []}, "profiles"),
        ({"url": "ftp://x"}, "url"),
        (
            {"idle": {"cull_after_minutes": 0, "check_every_minutes": 5, "greatest_age_hours": 24}},
            "idle.cull_after_minutes",
        ),
        ({"target": "elsewhere"}, "target"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    site_json: SiteJson, change: dict[str, Any], place: str
) -> None:
    with pytest.raises(SettingsError, match=place):
        load_settings(site_json(**change))


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="deploy the site again"):
        load_settings(tmp_path / "absent.json")
    (tmp_path / "half.json").write_text('{"title":')
    with pytest.raises(SettingsError, match="line 1"):
        load_settings(tmp_path / "half.json")
