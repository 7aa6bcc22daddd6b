"""Writes Debian 13's package sources at the site's mirror, for mmdebstrap and for apt."""

from infra.settings.site import Packages

SUITE = "trixie"
COMPONENTS = "main"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def sources_list(mirrors: Packages) -> list[str]:
    """Return the sources, security updates included, as mmdebstrap's one-line arguments."""
    return [
        f"deb {mirrors.debian} {SUITE} {COMPONENTS}",
        f"deb {mirrors.debian} {SUITE}-updates {COMPONENTS}",
        f"deb {mirrors.debian_security} {SUITE}-security {COMPONENTS}",
    ]


def sources_deb822(mirrors: Packages) -> str:
    """Return the text of apt's debian.sources."""
    return (
        f"Types: deb\nURIs: {mirrors.debian}\nSuites: {SUITE} {SUITE}-updates\n"
        f"Components: {COMPONENTS}\nSigned-By: {KEYRING}\n\n"
        f"Types: deb\nURIs: {mirrors.debian_security}\nSuites: {SUITE}-security\n"
        f"Components: {COMPONENTS}\nSigned-By: {KEYRING}\n"
    )
