"""Makes the browser and the API client trust the site's CA, as its users do."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterable
from pathlib import Path

from infra.cluster.images_record import state
from infra.operate.state import state_folder
from infra.settings.cluster_file import Target
from infra.settings.cluster_site import ClusterSite


class NoAuthority(Exception):
    """The site's certificate cannot be checked from this machine; the message has the reason."""


def authorities(site: Target) -> tuple[Path, ...]:
    """Return the PEM files of the CAs to trust besides the machine's own. Raises NoAuthority if the site's is missing."""
    if site.tls.authority != "own":
        return () if isinstance(site, ClusterSite) else site.packages.ca_certificates
    own = (state(site) if isinstance(site, ClusterSite) else state_folder(site)) / "ca.pem"
    if not own.exists():
        raise NoAuthority(
            f"the site's authority is not on this machine ({own}): deploy from here, or copy it"
        )
    return (own,)


def write_bundle(site: Target, bundle: Path) -> None:
    """Write one PEM file for clients that take a bundle: the site's own CA only, if it has one."""
    texts = [path.read_text() for path in authorities(site)]
    if site.tls.authority != "own" and (system := ssl.get_default_verify_paths().cafile):
        texts.append(Path(system).read_text())
    bundle.write_text("\n".join(texts))


def trusting_home(trusted: Iterable[Path], home: Path) -> dict[str, str]:
    """Make a home in which Chromium trusts these CAs, and return environment variables for it.

    Chromium on Linux reads users' CAs from the NSS database of the home, so that no certificate error need be ignored.
    """
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    where = ["-d", f"sql:{database}"]
    _certutil(*where, "-N", "--empty-password")
    for number, authority in enumerate(trusted):
        _certutil(*where, "-A", "-t", "C,,", "-n", f"site-{number}", "-i", str(authority))
    unwanted = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "DISPLAY", "WAYLAND_DISPLAY")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "HOME": str(home)}


def _certutil(*arguments: str) -> None:
    program = shutil.which("certutil")
    if program is None:
        raise NoAuthority("certutil is missing (Debian package libnss3-tools)")
    subprocess.run([program, *arguments], check=True, capture_output=True, stdin=subprocess.DEVNULL)
