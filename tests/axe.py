"""Asks axe-core what of a page in a browser keeps people with assistive tools, or with weak eyes, from reading it."""

from importlib import resources
from typing import Any

from playwright.sync_api import Page


def violations(page: Page) -> list[str]:
    """Return a line for each rule that the page breaks: its name, how often, and an element that breaks it.

    The page's context must be made with ``bypass_csp``: a policy that allows no script stops axe-core too.
    """
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    answer: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    assert answer["passes"], "axe-core looked at nothing"
    return [
        f"{one['id']} ({len(one['nodes'])}): {one['help']}: {one['nodes'][0]['html'][:200]}: "
        + one["nodes"][0]["failureSummary"]
        for one in answer["violations"]
    ]
