"""What a site gives its analysts, read from what each renderer wrote, in one form, so that the two can be compared."""

from typing import Any

from infra.components.jupyterhub import session_settings
from infra.settings.accounts import SMOKE_LOGINS
from infra.settings.grants import site_grants
from infra.settings.layout import RELEASES, RESTRICTED
from infra.settings.site import Site

Facts = dict[str, Any]
# What a profile says on both: a pod cannot limit its processes.
PROFILE = (
    "slug",
    "title",
    "description",
    "image",
    "memory_gb",
    "cpus",
    "shm_gb",
    "gpus",
    "projects",
)
OIDC = ("issuer", "client_id", "username_claim", "group_claim", "groups", "acr", "amr", "scopes", "logout")  # fmt: skip


def of_server(site: Site) -> Facts:
    told: Any = session_settings(site, site_grants(site))
    return {
        **_of_site_json(told),
        "quotas": {grant.slug: grant.quota_gb for grant in site_grants(site)},
        "home_gb": site.storage.home_quota_gb,
        "stores": {one["base"]: one["place"] for one in told["restricted"]["stores"]},
        "inside": {"releases": RELEASES, "restricted": RESTRICTED},
    }


def of_values(values: Facts) -> Facts:
    """Read the chart's values, as YAML has them."""
    return {
        "title": values["site"]["title"],
        "url": values["site"]["url"],
        "domain": values["site"]["sessionDomain"],
        "help": values["site"]["help"],
        "administrators": values["site"]["administrators"],
        "login_s": values["hub"]["loginS"],
        "profiles": [{_snake(key): one for key, one in profile.items()} for profile in values["profiles"]],
        "limits": (
            values["sessions"]["memoryOvercommit"],
            values["sessions"]["userGb"],
            values["sessions"]["idle"]["cullAfterMinutes"],
            values["sessions"]["idle"]["greatestAgeHours"],
        ),
        "projects": {
            one["slug"]: (
                one["title"],
                one["purpose"],
                tuple(one["bases"]),
                one["sourceTables"],
                (one["period"]["first"], one["period"]["last"]),
            )
            for one in values["projects"]
        },
        "readers": {
            (member["login"], one["slug"]): (member["first"], member["last"])
            for one in values["projects"]
            for member in one["members"]
        },
        "oidc": _oidc(
            {_snake(key): one for key, one in values["hub"]["logins"]["oidc"].items()}
            if values["hub"]["logins"]["oidc"]
            else None
        ),
        "quotas": {one["slug"]: one["quotaGb"] for one in values["projects"]},
        "home_gb": values["storage"]["homes"]["sizeGb"],
        "stores": {one["slug"]: one["store"] for one in values["bases"]},
        "inside": {"releases": RELEASES, "restricted": RESTRICTED},
    }  # fmt: skip


def of_chart(told: Facts, values: Facts) -> Facts:
    """Read the hub's own settings as the chart wrote them; sizes of claims are the values'."""
    kept = ("quotas", "stores")
    return {
        **_of_site_json(told),
        **{name: of_values(values)[name] for name in kept},
        "home_gb": told["cluster"]["home_gb"],
        "inside": {name: told["inside"][name] for name in ("releases", "restricted")},
    }


def without_smoke(facts: Facts) -> Facts:
    """Leave out the smoke test's accounts and projects, which clusters have in demonstrations alone."""
    return {
        **facts,
        "projects": {slug: one for slug, one in facts["projects"].items() if slug not in SMOKE_LOGINS},
        "readers": {who: days for who, days in facts["readers"].items() if who[0] not in SMOKE_LOGINS},
        "quotas": {slug: one for slug, one in facts["quotas"].items() if slug not in SMOKE_LOGINS},
    }  # fmt: skip


def _of_site_json(told: Facts) -> Facts:
    return {
        "title": told["title"],
        "url": told["url"],
        "domain": told["session_domain"],
        "help": told["help"],
        "administrators": told["administrators"],
        "login_s": told["login_s"],
        "profiles": [{key: one[key] for key in PROFILE} for one in told["profiles"]],
        "limits": (
            told["sessions"]["memory_overcommit"],
            told["sessions"]["user_gb"],
            told["idle"]["cull_after_minutes"],
            told["idle"]["greatest_age_hours"],
        ),
        "projects": {
            one["slug"]: (
                one["title"],
                one["purpose"],
                tuple(one["bases"]),
                one["source_tables"],
                (one["period"]["first"], one["period"]["last"]),
            )
            for one in told["projects"]
        },
        "readers": {
            (login, one["slug"]): (days["first"], days["last"])
            for one in told["projects"]
            for login, days in one["members"].items()
        },
        "oidc": _oidc(told["logins"]["oidc"]),
    }


def _oidc(told: Facts | None) -> Facts | None:
    return told and {key: told[key] for key in OIDC}


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)
