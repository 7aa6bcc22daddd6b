"""Puts the hub's configuration, a folder that is no package, on sys.path, as the hub does; fixtures for its tests."""

import copy
import grp
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra.settings import layout

CONFIGURATION = Path(__file__).parents[2] / "jupyterhub-conf"
sys.path.insert(0, str(CONFIGURATION))

EVER = {"first": None, "last": None}
GIDS = {
    "analysts": 1500,
    "projet-variations": 1600,
    "projet-parcours": 1601,
    "openchronic-source": 990,
}

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
            "projects": [],
        },
        {
            "slug": "grande",
            "title": "Grande <b>",
            "description": "Calculer",
            "image": "jupyter",
            "memory_gb": 4.5,
            "cpus": 2,
            "pids": 2048,
            "projects": ["variations"],
        },
    ],
    "sessions": {"memory_overcommit": 1, "reserved_gb": 4, "user_gb": None},
    "idle": {"cull_after_minutes": 60, "greatest_age_hours": 168},
    "projects": [
        {
            "slug": "variations",
            "title": "Variations <b>",
            "purpose": "Comparer",
            "group": "projet-variations",
            "bases": ["demo"],
            "source_tables": True,
            "members": {"rose": EVER, "claire": EVER},
            "home": f"{layout.HOMES}/{{login}}@variations",
        },
        {
            "slug": "parcours",
            "title": "Parcours",
            "purpose": "Suivre",
            "group": "projet-parcours",
            "bases": ["cohorte"],
            "source_tables": False,
            "members": {"rose": EVER, "alix": {"first": "2026-03-01", "last": "2026-06-30"}},
            "home": f"{layout.HOMES}/{{login}}@parcours",
        },
    ],
    "teams": {"folder": layout.TEAMS, "snapshots": layout.SNAPSHOTS},
    "releases": "/srv/releases-of-the-site",
    "inside": {
        "releases": layout.RELEASES,
        "onboarding": layout.ONBOARDING,
        "restricted": layout.RESTRICTED,
        "teams": layout.TEAMS,
        "snapshots": layout.SNAPSHOTS,
    },
    "addresses": {
        "proxy": layout.PROXY_URL,
        "proxy_api": layout.PROXY_API_URL,
        "hub": layout.HUB_URL,
        "hub_for_sessions": "http://192.0.2.7:1",
    },
    "pam_service": layout.HUB_PAM,
    "login_s": layout.LOGIN_S,
    "uids": {"first": layout.FIRST_UID, "last": layout.LAST_UID},
    "network": "sessions",
    "restricted": {
        "folder": "/srv/restricted-of-the-site",
        "group": "openchronic-source",
        "stores": [
            {"base": "demo", "place": "demo/openchronic-demo-store"},
            {"base": "cohorte", "place": "cohorte/openchronic-cohorte-store"},
        ],
    },
    "analysts_group": "analysts",
    "administrators": ["sacha"],
    "help": [
        {"label": "L'équipe <b>", "address": ""},
        {"label": "aide@exemple.invalid", "address": "mailto:aide@exemple.invalid"},
    ],
}


@pytest.fixture(autouse=True)
def server_groups(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Make the groups of a server known, and return their gids, which a test may change."""
    gids = dict(GIDS)

    def group(name: str) -> grp.struct_group:
        return grp.struct_group((name, "x", gids[name], []))

    monkeypatch.setattr(grp, "getgrnam", group)
    return gids


def logins(folder: Path) -> dict[str, Any]:
    """Return the settings of logins, and make their places, with a charter that the tests' people have accepted."""
    for name in ("second-factors", "enrolments", "onboarding"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "onboarding/charte.md").write_text("# Charte\n\nVersion 1\n\n1. **Une** règle.\n")
    record = folder / "charter.jsonl"
    if not record.exists():
        lines = [json.dumps({"login": login, "version": "1"}) for login in ("claire", "rose")]
        record.write_text("\n".join(lines) + "\n")
    return {
        "second_factor": False,
        "password_min_length": 15,
        "password_min_classes": 4,
        "password_max_days": None,
        "password_socket": str(folder / "password.sock"),
        "code_service": layout.CODE_PAM,
        "enrolment_service": layout.ENROLMENT_PAM,
        "second_factors": str(folder / "second-factors"),
        "enrolments": str(folder / "enrolments"),
        "acceptances": str(record),
        "ldap": None,
        "oidc": None,
    }


def write_site(folder: Path, **changes: Any) -> Path:
    """Write a site.json with changes, and what it names, and return its path."""
    (folder / "images.json").write_text('{"jupyter": "openchronic/jupyter:abc"}')
    site = {
        **copy.deepcopy(SITE),
        "images_file": str(folder / "images.json"),
        "state": str(folder),
        "database": str(folder / "hub.sqlite"),
        "run": str(folder),
        "uses": str(folder / "uses"),
        "onboarding": str(folder / "onboarding"),
        "logins": logins(folder),
        **changes,
    }
    place = folder / "site.json"
    place.write_text(json.dumps(site))
    return place


@pytest.fixture
def site_json(tmp_path: Path) -> Callable[..., Path]:
    """Give a function that writes a site.json with changes and returns its path."""
    return partial(write_site, tmp_path)
