"""A real browser, headless, in a profile that lives as long as the test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from infra.site import Site
from tests.smoke.trust import trusting_home

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
PATIENCE_MS = 60_000


def missing() -> str | None:
    """Why there is no browser on this machine; None when there is one."""
    if _program() is None:
        return "no Chromium on this machine (Debian package chromium)"
    if shutil.which("certutil") is None:
        return "certutil is missing on this machine (Debian package libnss3-tools)"
    return None


@contextmanager
def browsing(site: Site, *, folder: Path) -> Iterator[Page]:
    """A page of a fresh browser that trusts the site's authority."""
    environment = trusting_home(site, folder / "browser")
    # Chromium's own sandbox does not start for root.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_program(),
            args=flags,
            env={**environment},
        )
        try:
            page = browser.new_page(locale="fr-FR", viewport={"width": 1360, "height": 900})
            page.set_default_timeout(PATIENCE_MS)
            expect.set_options(timeout=PATIENCE_MS)
            yield page
        finally:
            browser.close()


def _program() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)
