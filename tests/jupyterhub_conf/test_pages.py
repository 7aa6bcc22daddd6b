"""The page templates are in French and self-contained, and the Content-Security-Policy allows their scripts."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from pages import TEMPLATES, content_security_policy

PAGES = sorted(TEMPLATES.glob("*.html"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_fetches_nothing_from_elsewhere(page: Path) -> None:
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", page.read_text())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_no_script_or_style_of_its_own(page: Path) -> None:
    """The policy holds the hashes of whole files only."""
    text = page.read_text()
    bodies = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", text, re.DOTALL)
    assert all(re.fullmatch(r'\{% include "[a-z]+\.(?:js|css)" %\}', body) for body in bodies)
    assert not re.search(r"\son[a-z]+=", text), "no handler in an attribute"
    assert 'style="' not in text


def test_the_policy_names_each_script() -> None:
    policy = content_security_policy(session_domain=None)
    for script in TEMPLATES.glob("*.js"):
        text = script.read_text().removesuffix("\n")
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert policy.endswith("form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
    # Chromium applies form-action to each redirect after a form, up to the session's host.
    elsewhere = content_security_policy(session_domain="big-data.example")
    assert "form-action 'self' https://*.big-data.example; " in elsewhere


@pytest.mark.parametrize(
    "part", sorted([*TEMPLATES.glob("*.js"), *TEMPLATES.glob("*.css")]), ids=lambda part: part.name
)
def test_an_included_part_is_no_template(part: Path) -> None:
    """Jinja would change its text, and the browser would refuse it for its hash."""
    assert not re.search(r"\{\{|\{%|\{#", part.read_text())


@pytest.mark.parametrize("form", ["login.html", "oauth.html"])
def test_forms_carry_the_token_against_forgery(form: str) -> None:
    assert 'name="_xsrf" value="{{ xsrf }}"' in (TEMPLATES / form).read_text()
