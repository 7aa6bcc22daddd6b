"""Puts the hub's configuration, a folder that is no package, on sys.path, as the hub does; fixtures for its tests."""

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.settings import layout

CONFIGURATION = Path(__file__).parents[2] / "jupyterhub-conf"
sys.path.insert(0, str(CONFIGURATION))

SITE: dict[str, Any] = {
    "title": "Plateforme d'essai",
    "url": "https://192.0.2.1/",
    "session_domain": None,
    "profiles": [
        {
            "slug": "petite",
            "title": "Petite",
            "description": "Lire et compter",
            "image": "jupyter",
            "memory_gb": 2,
            "cpus": 1,
            "pids": 512,
            "groups": [],
        },
        {
            "slug": "grande",
            "title": "Grande <b>",
            "description": "Calculer",
            "image": "jupyter",
            "memory_gb": 4.5,
            "cpus": 2,
            "pids": 2048,
            "groups": ["calcul"],
        },
    ],
    "idle": {"cull_after_minutes": 60, "greatest_age_hours": 168},
    "homes": layout.HOMES,
    "releases": "/srv/releases-of-the-site",
    "onboarding": layout.ONBOARDING,
    "inside": {
        "releases": layout.RELEASES,
        "onboarding": layout.ONBOARDING,
        "restricted": layout.RESTRICTED,
    },
    "addresses": {
        "proxy": layout.PROXY_URL,
        "proxy_api": layout.PROXY_API_URL,
        "hub": layout.HUB_URL,
        "hub_for_sessions": "http://192.0.2.7:1",
    },
    "pam_service": layout.HUB_PAM,
    "uids": {"first": layout.FIRST_UID, "last": layout.LAST_UID},
    "network": "sessions",
    "restricted": {
        "folder": "/srv/restricted-of-the-site",
        "group": "openchronic-source",
        "stores": [
            {"base": "demo", "place": "demo/openchronic-demo-store", "readers": ["sources"]},
            {"base": "cohorte", "place": "cohorte/openchronic-cohorte-store", "readers": []},
        ],
    },
    "analysts_group": "analysts",
}


@pytest.fixture
def site_json(tmp_path: Path) -> Callable[..., Path]:
    """Give a function that writes a site.json with changes and returns its path."""

    def write(**changes: Any) -> Path:
        (tmp_path / "images.json").write_text('{"jupyter": "openchronic/jupyter:abc"}')
        site = {
            **copy.deepcopy(SITE),
            "images_file": str(tmp_path / "images.json"),
            "state": str(tmp_path),
            "database": str(tmp_path / "hub.sqlite"),
            "run": str(tmp_path),
            **changes,
        }
        place = tmp_path / "site.json"
        place.write_text(json.dumps(site))
        return place

    return write
