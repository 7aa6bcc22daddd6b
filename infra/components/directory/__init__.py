"""Installs SSSD, which asks the site's directory for the hub. No account, group or program of the server sees the directory:
it proves passwords and names groups, for the hub alone."""

from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.operations.ops import File, ensure, tree, unit
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.ldap import Ldap
from infra.settings.logins import Logins

FILES = Path(__file__).parent / "files"
# With Debian's PAM and NSS modules, which sssd-common depends on.
PACKAGES = ("sssd-ldap", "sssd-dbus", "sssd-tools")
# Two looks of the hub in a row, ten seconds apart, end a session: together less than a minute.
CACHE_S = 15
# Of Debian's files that the packages change at their installation: what they add, and how it is taken away.
_NSS = "/etc/nsswitch.conf"
_COMMON = f"{layout.PAM}/common-*"


def packages(logins: Logins) -> tuple[str, ...]:
    return () if logins.ldap is None else PACKAGES


def owned(logins: Logins) -> Owned:
    if logins.ldap is None:
        return Owned()
    return Owned(units=(layout.DIRECTORY_UNIT,), directories=(layout.DIRECTORY,))


@deploy("Directory")
def directory(*, ldap: Ldap | None) -> None:
    if ldap is None:
        return
    ensure(
        name="Keep the directory's people out of the server's users",
        condition=f"! grep -Eq '[[:space:]]sss([[:space:]]|$)' {_NSS}",
        command=f"sed -i -E '/^automount:[[:space:]]*sss[[:space:]]*$/d; s/[[:space:]]+sss$//' {_NSS}",
    )
    ensure(
        name="Keep the directory's passwords out of the server's own logins",
        condition=f"! grep -q pam_sss {_COMMON}",
        command="DEBIAN_FRONTEND=noninteractive pam-auth-update --disable sss",
    )
    settings = tree(
        name="Write where the directory is", dest=layout.DIRECTORY, files=setting_files(ldap)
    )
    units = tree(
        name="Write the unit that asks it",
        dest=layout.UNITS,
        files=unit_files(ldap),
        exclusive=False,
    )
    unit(
        name="Ask the directory",
        unit=layout.DIRECTORY_UNIT,
        watched=[f"{layout.UNITS}/{layout.DIRECTORY_UNIT}", layout.DIRECTORY],
        changes=[settings, units],
        ready="busctl --system --auto-start=no call org.freedesktop.sssd.infopipe "
        "/org/freedesktop/sssd/infopipe org.freedesktop.sssd.infopipe Ping s ping",
    )


def setting_files(ldap: Ldap) -> dict[str, File]:
    """Return SSSD's settings, for root alone, and the CA certificates that it trusts if they are the site's."""
    name = layout.DIRECTORY_SETTINGS.rpartition("/")[2]
    files = {name: File(sssd_conf(ldap), mode="600")}
    if ldap.ca_certificates is not None:
        files[layout.DIRECTORY_AUTHORITIES.rpartition("/")[2]] = File(
            ldap.ca_certificates.read_bytes()
        )
    return files


def sssd_conf(ldap: Ldap) -> bytes:
    standing = rendered_file(
        FILES / "sssd.conf",
        CACHE_S=CACHE_S,
        # With ldaps:// all is encrypted from the start.
        START_TLS="true" if ldap.start_tls else "false",
        OFFLINE_DAYS=ldap.offline_days,
        # SSSD takes 0 days for ever: then it keeps no password at all.
        CACHE_CREDENTIALS="true" if ldap.offline_days else "false",
        SIGNERS=layout.DIRECTORY_AUTHORITIES if ldap.ca_certificates else layout.TRUSTED,
    ).decode()
    lines = [f"{name} = {value}\n" for name, value in site_options(ldap).items()]
    return (standing + "".join(lines)).encode()


def site_options(ldap: Ldap) -> dict[str, str]:
    """Return the site's own lines of the domain."""
    groups = ldap.group_base or ldap.user_base
    people = f"?subtree?{ldap.people}" if ldap.people else ""
    options = {
        "ldap_uri": ", ".join(ldap.uris),
        "ldap_schema": ldap.schema_of_groups,
        "ldap_search_base": ldap.user_base,
        "ldap_user_search_base": f"{ldap.user_base}{people}",
        "ldap_group_search_base": groups,
        # Nothing asks for it; without one, SSSD warns of a search everywhere.
        "ldap_sudo_search_base": ldap.user_base,
        "ldap_user_name": ldap.login_name,
        "ldap_group_nesting_level": str(ldap.nesting),
        **CLASSES[ldap.schema_of_groups],
    }
    if ldap.user_class is not None:
        options["ldap_user_object_class"] = ldap.user_class
    if ldap.group_class is not None:
        options["ldap_group_object_class"] = ldap.group_class
    if ldap.member_attribute is not None:
        options["ldap_group_member"] = ldap.member_attribute
    if ldap.bind_dn is not None and ldap.bind_password is not None:
        options["ldap_default_bind_dn"] = ldap.bind_dn
        options["ldap_default_authtok"] = ldap.bind_password.read_text().rstrip("\n")
    return options


# SSSD wants the class itself in the entry: OpenLDAP keeps no class above it there.
CLASSES = {
    "rfc2307": {"ldap_user_object_class": "inetOrgPerson", "ldap_group_object_class": "posixGroup"},
    "rfc2307bis": {
        "ldap_user_object_class": "inetOrgPerson",
        "ldap_group_object_class": "groupOfNames",
    },
    "ad": {
        "ldap_user_object_class": "user",
        "ldap_group_object_class": "group",
        "ldap_id_mapping": "false",
        "ldap_use_tokengroups": "false",
    },
}


def unit_files(ldap: Ldap) -> dict[str, File]:
    given = {"ADDRESSES": " ".join(ldap.addresses)}
    name = layout.DIRECTORY_UNIT
    return {name: File(rendered_file(FILES / name, **given))}
