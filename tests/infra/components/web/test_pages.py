"""The static pages of the web server: whole, in French, with the site's title, its help and its texts."""

import re
from pathlib import Path

import pytest

from infra.components.web import static_pages
from infra.components.web.static_pages import Words, document, page_files
from infra.settings.help import Help, Texts
from infra.settings.settings_file import ROOT
from infra.settings.site_file import load_site

HELP = Help(
    name="L'équipe <b>",
    email="aide@exemple.invalid",
    telephone="+33 1 23 45 67 89",
    page="https://aide.exemple.invalid/?a=1&b=2",
)
NAMELESS = Words("Plateforme d'essai & co")
HELPED = Words("Plateforme d'essai & co", help=HELP)


def pages(words: Words) -> dict[str, str]:
    return {
        name: file.content.decode()
        for name, file in page_files(words).items()
        if name.endswith(".html")
    }


PAGES = pages(NAMELESS)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_french_and_titled(name: str) -> None:
    page = PAGES[name]
    assert page.startswith('<!DOCTYPE html>\n<html lang="fr">')
    assert page.endswith("</html>\n")
    assert re.search(r"<title>.*Plateforme d'essai &amp; co</title>", page)
    assert page.count("<main ") == page.count("</main>") == page.count("<h1>") == 1
    assert "$" not in page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fetches_nothing_from_elsewhere(name: str) -> None:
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", PAGES[name])
    assert "src=" not in pages(HELPED)[name]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_leads_to_the_texts_of_the_site_and_names_who_helps(name: str) -> None:
    footer = pages(HELPED)[name].partition("<footer>")[2]
    for there in ("charte.html", "mentions-legales.html", "accessibilite.html"):
        assert f'href="/{there}"' in footer
        assert there in PAGES
    assert "L&#x27;équipe &lt;b&gt;" in footer
    assert 'href="mailto:aide@exemple.invalid"' in footer
    assert 'href="tel:+33123456789">+33 1 23 45 67 89<' in footer
    assert 'href="https://aide.exemple.invalid/?a=1&amp;b=2"' in footer
    assert "Assistance" not in PAGES[name].partition("<footer>")[2]


def test_the_page_of_the_help_is_there_when_somebody_helps() -> None:
    assert "aide@exemple.invalid" in pages(HELPED)["assistance.html"].partition("<footer>")[0]
    assert 'à <a href="/assistance.html">l’assistance</a>' in pages(HELPED)["index.html"]
    assert "assistance.html" not in PAGES
    assert "aux administrateurs du serveur" in PAGES["index.html"]


def test_pages_of_a_sessions_host_lead_back_to_the_hubs_host() -> None:
    page = pages(Words("Essai", home="https://big-data.example"))["404.html"]
    links = re.findall(r'href="([^"]+)"', page)
    assert {link for link in links if link.startswith("/")} == {"/style.css"}
    assert "https://big-data.example/charte.html" in links


def test_the_hub_and_the_static_pages_have_one_look_and_one_footer() -> None:
    hubs = static_pages.STYLE
    assert page_files(NAMELESS)["style.css"].content.startswith(hubs.read_bytes())
    template = hubs.with_name("page.html").read_text()
    theirs, ours = (
        re.findall(r'<li><a href="(/[^"]+)">([^<]+)</a>', text.partition("<footer>")[2])
        for text in (template, PAGES["index.html"])
    )
    assert theirs == ours
    assert len(ours) == 3


def test_a_text_is_markdown_without_html(tmp_path: Path) -> None:
    file = tmp_path / "texte.md"
    file.write_text(
        "# Mentions & co\n\nL'**essai** <script>alert(1)</script> $title\n\n[x](javascript:alert(1))\n\n"
        "| A | B |\n|---|---|\n| 1 | 2 |\n"
    )
    title, content = document(file)
    assert title == "Mentions &amp; co"
    assert "<strong>essai</strong> &lt;script&gt;" in content
    assert "href" not in content
    assert "<td>1</td>" in content
    file.write_text("Sans titre, à 5 $ ou ${title}.\n")
    words = Words(
        "Essai", texts=Texts.model_construct(legal_notice=str(file), accessibility=str(file))
    )
    page = page_files(words)["mentions-legales.html"].content.decode()
    assert "<h1>texte</h1>" in page
    assert "5 $ ou ${title}" in page


def test_our_texts_say_that_they_are_not_the_sites() -> None:
    for file in (Texts().legal_notice, Texts().accessibility):
        assert "n’a pas encore publié" in (ROOT / file).read_text()


def test_the_words_of_a_site_are_its_own() -> None:
    told = static_pages.words(load_site("box"))
    assert (told.title, told.home) == ("Serveur de démonstration", "")
    assert told.help.email == "assistance@exemple.invalid"
