"""site.json is checked strictly, and each of its settings is used."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cluster_settings
import pytest
import settings
from forms import Frozen
from settings import SettingsError, load_settings

# The broker's own module reads the file too.
OF_THE_BROKER = {"Cluster.scratch_gb"}
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
            {"idle": {"cull_after_minutes": 0, "greatest_age_hours": 24}},
            "idle.cull_after_minutes",
        ),
        ({"addresses": {"hub": "127.0.0.1"}}, "addresses.hub"),
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


def test_every_setting_is_read() -> None:
    """A module other than settings.py must read it, directly or through a property of its model."""
    folder = Path(settings.__file__).parent
    forms = (settings, cluster_settings)
    places = [Path(str(one.__file__)) for one in forms]
    text = "".join(path.read_text() for path in folder.glob("**/*.py") if path not in places)
    text += "".join(re.findall(r"return .*self\..*", "".join(one.read_text() for one in places)))
    kinds = [kind for one in forms for kind in vars(one).values() if isinstance(kind, type)]
    unread = [
        f"{kind.__name__}.{name}"
        for kind in kinds
        if issubclass(kind, Frozen)
        for name in kind.model_fields
        if not re.search(rf"\.{name}\b", text)
    ]
    assert set(unread) <= OF_THE_BROKER
