"""Runs axe-core, the accessibility checker, on a page that a browser shows."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Page


@cache
def axe_script() -> str:
    """Return axe-core's program, or skip the test where the tests' packages are not installed."""
    found = find_spec("axe_playwright_python")
    if found is None or not found.origin:
        pytest.skip("no axe-core here (infra/bootstrap test)")
    return Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, script: str) -> list[str]:
    """Return what axe-core finds on the page: the rule, the element and what to mend."""
    # Evaluated by the browser's debugger, which the page's policy does not bind; once on a page, half a megabyte.
    if not page.evaluate("'axe' in window"):
        page.evaluate(script)
    # Elements without a fault are hundreds, which nobody reads: one of each rule says that it looked.
    found = page.evaluate("() => axe.run({resultTypes: ['violations']})")
    assert found["passes"], "axe-core looked at nothing"
    return [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
