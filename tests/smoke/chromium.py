"""Starts a real headless browser with a profile for the test only."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.settings.cluster_file import Target
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
    # The server is reached directly, without the operator's proxy for the Internet.
    "--no-proxy-server",
)
PATIENCE_MS = patience(60_000)


def missing() -> str | None:
    """Return why there is no usable browser on this machine; None when there is one."""
    if _program() is None:
        return "no Chromium on this machine (Debian package chromium)"
    if shutil.which("certutil") is None:
        return "certutil is missing on this machine (Debian package libnss3-tools)"
    return None


@contextmanager
def browsing(site: Target, *, folder: Path, flags: Sequence[str] = ()) -> Iterator[Page]:
    """Give a page of a new browser that trusts the site's CA."""
    with launched(authorities(site), folder=folder, flags=flags) as browser:
        page = browser.new_page(locale="fr-FR", viewport={"width": 1360, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        yield page


@contextmanager
def launched(
    trusted: Iterable[Path], *, folder: Path, flags: Sequence[str] = ()
) -> Iterator[Browser]:
    """Start a browser that trusts these authorities. What is expected of its pages is waited for as patiently as they are."""
    expect.set_options(timeout=PATIENCE_MS)
    environment = trusting_home(trusted, folder / "browser")
    # Chromium's sandbox does not start as root.
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
    """Return Chromium's flag that resolves a domain and all names below it to one address, without DNS."""
    return f"--host-resolver-rules=MAP {domain} {to}, MAP *.{domain} {to}"


def _program() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)
