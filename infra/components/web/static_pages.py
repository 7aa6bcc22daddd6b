"""Makes the static pages: each in the common frame, with the site's title, who helps analysts, and the site's texts."""

import html
import re
import string
import textwrap
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from infra.operations.ops import File
from infra.settings.any_site import AnySite
from infra.settings.help import Help, Texts
from infra.settings.settings_file import ROOT

FRAME = Path(__file__).parent / "frame.html"
PAGES = Path(__file__).parent / "pages"
# The hub's pages have the same look: the static ones add to its style sheet.
STYLE = ROOT / "jupyterhub-conf" / "templates" / "style.css"
LEGAL_NOTICE, ACCESSIBILITY = "mentions-legales.html", "accessibilite.html"
HELP = "assistance.html"
NOBODY, OUR_TEXTS = Help(), Texts()
NOBODY_NAMED = "aux administrateurs du serveur"


@dataclass(frozen=True)
class Words:
    """What differs between the pages of two sites. `home` is the address of the hub's host, empty where all pages share it."""

    title: str
    help: Help = NOBODY
    texts: Texts = OUR_TEXTS
    home: str = ""

    @property
    def values(self) -> dict[str, str]:
        """The values of the names that frame and pages hold, as HTML."""
        home = html.escape(self.home)
        link = f'à <a href="{home}/{HELP}">l’assistance</a>'
        named = bool(self.help.ways)
        return {
            "title": html.escape(self.title, quote=False),
            "home": home,
            "help": f'<p id="assistance">Assistance\u00a0: {self._ways(", ")}</p>' if named else "",
            "to_help": link if named else NOBODY_NAMED,
        }

    @property
    def help_page(self) -> tuple[str, str]:
        return "Assistance", f"<ul>\n<li>{self._ways('</li><li>')}</li>\n</ul>"

    def _ways(self, between: str) -> str:
        return between.join(_way(**way) for way in self.help.ways)


def words(site: AnySite) -> Words:
    # An error page of a session's host must lead back to the hub's host.
    domain = site.session_domain
    return Words(
        title=site.title,
        help=site.help,
        texts=site.texts,
        home=f"https://{domain}" if domain else "",
    )


def help_address(site: AnySite) -> str:
    """Return the address of the page of the help, as a session's page leads to it."""
    return f"{words(site).home}/{HELP}"


def page_files(told: Words) -> dict[str, File]:
    """Return the static files by path."""
    files = {
        str(path.relative_to(PAGES)): File(path.read_bytes())
        for path in sorted(PAGES.rglob("*"))
        if path.is_file() and path.suffix != ".html"
    }
    files["style.css"] = File(STYLE.read_bytes() + files["style.css"].content)
    for path in sorted(PAGES.glob("*.html")):
        heading, main = (
            string.Template(part).substitute(told.values)
            for part in path.read_text(encoding="utf-8").strip().split("\n", 1)
        )
        files[path.name] = _framed(heading, main, told)
    texts = documents(told.texts) | ({HELP: told.help_page} if told.help.ways else {})
    for name, (title, content) in texts.items():
        heading = f"<title>{title} – {told.values['title']}</title>"
        main = (
            f'<main id="contenu" class="text" tabindex="-1">\n<h1>{title}</h1>\n{content}\n</main>'
        )
        files[name] = _framed(heading, main, told)
    return files


def documents(texts: Texts) -> dict[str, tuple[str, str]]:
    """Return the title and the content of the site's own texts, by the name of their page."""
    return {
        LEGAL_NOTICE: document(ROOT / texts.legal_notice),
        ACCESSIBILITY: document(ROOT / texts.accessibility),
    }


def document(path: Path) -> tuple[str, str]:
    """Return the title and the content of a Markdown file as HTML; HTML in the file is shown as text."""
    text = path.read_text(encoding="utf-8")
    found = re.match(r"\s*# +(.+)\n", text)
    title = html.escape(found[1].strip() if found else path.stem, quote=False)
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    rendered: str = markdown.render(text[found.end() :] if found else text)
    return title, rendered.strip()


def _framed(heading: str, main: str, told: Words) -> File:
    frame = string.Template(FRAME.read_text(encoding="utf-8"))
    main = textwrap.indent(main, " " * 4).strip()
    return File(frame.substitute(told.values, heading=heading, main=main).encode())


def _way(*, label: str, address: str) -> str:
    shown = html.escape(label)
    return f'<a href="{html.escape(address)}">{shown}</a>' if address else shown
