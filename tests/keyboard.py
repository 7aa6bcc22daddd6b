"""Leads a browser's focus by the keyboard alone, as somebody without a mouse does."""

from playwright.sync_api import Page

LONGEST_WAY = 60


def walk_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on such an element, and fail if none leads there."""
    for _ in range(LONGEST_WAY):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"no Tab leads to {selector}")
