"""Keeps what logins need beside passwords: the second factors, the acceptances of the charter, and how codes are checked."""

from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.components.directory import CACHE_S
from infra.operations.folders import folder
from infra.operations.ops import File, tree
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.accounts import SMOKE_LOGINS
from infra.settings.site import Site

FILES = Path(__file__).parent / "files"
PACKAGES = ("libpam-oath",)
# Not owned: the deploy of an older commit must not remove the second factors and the acceptances.
FOLDERS = (layout.LOGINS_STATE, layout.SECOND_FACTORS, layout.ENROLMENTS)


@deploy("Logins")
def logins() -> None:
    for path in FOLDERS:
        folder(name=f"Make {path}, for root alone", path=path, mode="700")
    tree(
        name="Configure how codes are checked", dest=layout.PAM, files=pam_files(), exclusive=False
    )


def pam_files() -> dict[str, File]:
    """Return the PAM services that check a code: of a second factor in force, and of one that is being set up."""
    places = {layout.CODE_PAM: layout.SECOND_FACTORS, layout.ENROLMENT_PAM: layout.ENROLMENTS}
    return {
        name: File(rendered_file(FILES / "code-pam", PLACE=place)) for name, place in places.items()
    }


def hub_settings(site: Site) -> dict[str, object]:
    """Return what the hub must know of logins (class Logins of jupyterhub-conf/settings.py)."""
    return {
        "second_factor": site.logins.kind != "oidc" and site.logins.second_factor,
        "password_min_length": site.logins.password_min_length,
        "password_min_classes": site.logins.password_min_classes,
        "password_max_days": site.logins.password_max_days,
        "password_socket": layout.CHANGE_SOCKET,
        "code_service": layout.CODE_PAM,
        "enrolment_service": layout.ENROLMENT_PAM,
        "second_factors": layout.SECOND_FACTORS,
        "enrolments": layout.ENROLMENTS,
        "acceptances": layout.ACCEPTANCES,
        "ldap": directory_settings(site),
        "oidc": provider_settings(site),
    }


def directory_settings(site: Site) -> dict[str, object] | None:
    """Return what the hub must know of the directory; None if the site has none."""
    ldap = site.logins.ldap
    if ldap is None:
        return None
    return {
        "cache_s": CACHE_S,
        "offline_hours": ldap.offline_hours,
        "password_url": ldap.password_url,
        # They prove the server also while the directory is away, and nobody in it may be one of them.
        "local_logins": list(SMOKE_LOGINS),
    }


def provider_settings(site: Site) -> dict[str, object] | None:
    """Return what the hub must know of the provider; None if this server checks logins itself."""
    oidc = site.logins.oidc
    if oidc is None:
        return None
    return {
        "issuer": oidc.issuer,
        "client_id": oidc.client_id,
        "secret_file": layout.PROVIDER_SECRET,
        "trusted": layout.TRUSTED,
        "username_claim": oidc.username_claim,
        "group_claim": oidc.group_claim,
        "groups": list(oidc.groups),
        "acr": list(oidc.acr),
        "amr": list(oidc.amr),
        "scopes": list(oidc.scopes),
        "logout": oidc.logout,
        # Nobody at a provider is one of the smoke test's accounts.
        "refused_logins": list(SMOKE_LOGINS),
    }
