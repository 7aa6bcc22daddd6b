"""The static pages of the web server."""

import re

import pytest

from infra.components import web

PAGES = {
    name: file.content.decode()
    for name, file in web.page_files("Plateforme d'essai").items()
    if name.endswith(".html")
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_french_and_titled(name: str) -> None:
    page = PAGES[name]
    assert page.startswith('<!DOCTYPE html>\n<html lang="fr">')
    assert page.endswith("</html>\n")
    assert re.search(r"<title>.*Plateforme d'essai</title>", page)
    assert page.count("<main ") == page.count("</main>") == page.count("<h1>") == 1
    assert "$" not in page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fetches_nothing_from_elsewhere(name: str) -> None:
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", PAGES[name])
