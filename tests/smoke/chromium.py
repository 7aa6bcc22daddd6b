"""A real browser, headless, in a profile that lives as long as the test."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.settings.site import Site
from tests.pace import patience
from tests.smoke.trust import authorities, trusting_home

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The server is the operator's neighbour: a proxy towards the Internet is not on the way.
    "--no-proxy-server",
)
PATIENCE_MS = patience(60_000)


def missing() -> str | None:
    """Why there is no browser on this machine; None when there is one."""
    if _program() is None:
        return "no Chromium on this machine (Debian package chromium)"
    if shutil.which("certutil") is None:
        return "certutil is missing on this machine (Debian package libnss3-tools)"
    return None


@contextmanager
def browsing(site: Site, *, folder: Path, flags: Sequence[str] = ()) -> Iterator[Page]:
    """A page of a fresh browser that trusts the site's authority."""
    with launched(authorities(site), folder=folder, flags=flags) as browser:
        page = browser.new_page(locale="fr-FR", viewport={"width": 1360, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield page


@contextmanager
def launched(
    trusted: Iterable[Path], *, folder: Path, flags: Sequence[str] = ()
) -> Iterator[Browser]:
    environment = trusting_home(trusted, folder / "browser")
    # Chromium's own sandbox does not start for root.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_program(), args=[*FLAGS, *sandbox, *flags], env={**environment}
        )
        try:
            yield browser
        finally:
            browser.close()


def resolving(domain: str, to: str) -> str:
    """The flag for names that no DNS knows: the domain and all below it are at one address."""
    return f"--host-resolver-rules=MAP {domain} {to}, MAP *.{domain} {to}"


def _program() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)
