"""Reads the package sources of the operator's machine: the defaults of a site's `[packages]`.

None means that the machine sets nothing, and that each tool's own default applies. Configuration files
are read directly: a minimal machine has neither pip nor npm, and each takes half a second to start.
"""

import functools
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from infra.settings.pip_settings import pip_settings

# A third party's repository may use the same suite names, but its Release file has another origin.
SUITES = {
    *("bullseye", "bookworm", "trixie", "forky", "duke", "sid"),
    *("oldoldstable", "oldstable", "stable", "testing", "unstable"),
}


@dataclass(frozen=True)
class MachinePackages:
    debian: str | None = None
    debian_security: str | None = None
    pypi: str | None = None
    npm: str | None = None
    proxy: str | None = None
    no_proxy: str | None = None
    ca_certificates: tuple[Path, ...] = ()


AptSources = Callable[[], str]


@functools.cache
def apt_sources() -> str:
    """Return one line `release|component|origin|URI` per package index of apt; empty without apt."""
    command = [
        "apt-get",
        "indextargets",
        "--format",
        "$(RELEASE)|$(COMPONENT)|$(ORIGIN)|$(REPO_URI)",
    ]
    try:
        done = subprocess.run(
            [*command, "Created-By: Packages"], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout


def packages_from_machine(
    *,
    root: Path = Path("/"),
    home: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    sources: AptSources = apt_sources,
) -> MachinePackages:
    home = home or Path.home()
    debian, debian_security = debian_mirrors(sources())
    return MachinePackages(
        debian=debian,
        debian_security=debian_security,
        pypi=_pypi(root, home, environment),
        npm=_npm(root, home, environment),
        proxy=_first(environment, "https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"),
        no_proxy=_first(environment, "no_proxy", "NO_PROXY"),
        ca_certificates=tuple(sorted((root / "usr/local/share/ca-certificates").rglob("*.crt"))),
    )


def debian_mirrors(listing: str) -> tuple[str | None, str | None]:
    """Return the URIs of Debian's archive and security archive among apt's sources; None where there is none."""
    main: str | None = None
    security: str | None = None
    for line in listing.splitlines():
        release, component, origin, uri = (line.split("|") + [""] * 4)[:4]
        if component != "main" or origin not in ("Debian", "") or not _is_url(uri):
            continue
        if release in SUITES:
            main = main or uri.rstrip("/")
        elif release.partition("-")[0] in SUITES and release.endswith("-security"):
            security = security or uri.rstrip("/")
    if main and security is None:
        # Debian's own servers and its mirrors serve both archives beside each other.
        security = f"{main}-security"
    return main, security


def _pypi(root: Path, home: Path, environment: Mapping[str, str]) -> str | None:
    found = _first(environment, "UV_DEFAULT_INDEX", "UV_INDEX_URL")
    found = found or pip_settings(root=root, home=home, environment=environment).get("index-url")
    return found.rstrip("/") if found and _is_url(found) else None


def _npm(root: Path, home: Path, environment: Mapping[str, str]) -> str | None:
    found = _first(environment, "NPM_CONFIG_REGISTRY", "npm_config_registry")
    user = environment.get("NPM_CONFIG_USERCONFIG") or environment.get("npm_config_userconfig")
    files = [root / "etc/npmrc", root / "usr/etc/npmrc", root / "usr/local/etc/npmrc"]
    for file in (Path(user) if user else home / ".npmrc", *files):
        found = found or _npm_registry(file)
    return found.rstrip("/") if found and _is_url(found) else None


def _npm_registry(file: Path) -> str | None:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for line in lines:
        key, equals, value = line.partition("=")
        if equals and key.strip() == "registry":
            return value.strip().strip("\"'")
    return None


def _first(environment: Mapping[str, str], *names: str) -> str | None:
    return next((environment[name] for name in names if environment.get(name)), None)


def _is_url(text: str) -> bool:
    address = urlsplit(text)
    return address.scheme in ("http", "https") and bool(address.hostname)
