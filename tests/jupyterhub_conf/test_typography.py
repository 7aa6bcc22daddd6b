"""What people read in the hub and on the static pages is written as French typography asks."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from infra.components.web.static_pages import FRAME, PAGES
from infra.settings.settings_file import ROOT
from tests import typography
from tests.jupyterhub_conf.conftest import CONFIGURATION
from tests.typography import faults, texts_of_module, texts_of_page, texts_of_script

READERS: dict[str, Callable[[str], Iterable[str]]] = {
    ".html": texts_of_page,
    ".js": texts_of_script,
    ".py": texts_of_module,
    ".md": lambda text: [text],
}
SOURCES = [
    path
    for path in (
        *sorted(CONFIGURATION.rglob("*")),
        *sorted(PAGES.rglob("*")),
        FRAME,
        FRAME.with_name("static_pages.py"),
        ROOT / "onboarding" / "mentions-legales.md",
        ROOT / "onboarding" / "accessibilite.md",
    )
    if path.suffix in READERS and path.name != "README.md"
]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_text_for_people_follows_french_typography(source: Path) -> None:
    texts = READERS[source.suffix](source.read_text(encoding="utf-8"))
    assert [fault for text in texts for fault in faults(text)] == []


def test_the_texts_are_found() -> None:
    """If the readers found nothing, the test above would prove nothing."""
    found = {
        path.name: "\n".join(READERS[path.suffix](path.read_text(encoding="utf-8")))
        for path in SOURCES
    }
    for name, words in {
        "login.html": "votre compte est",
        "error.html": "La page n’a pas pu être affichée.",
        "page.html": "Navigation principale",
        "stop.js": "L’arrêt a échoué",
        "failures.py": "Le disque du serveur est plein",
        "profiles.py": "Le profil «\u00a0}\u00a0» n’existe pas",
        "charte.html": "moins de 11\u00a0personnes",
    }.items():
        assert words in found[name]
    assert "A size of session" not in found["settings.py"], "a docstring is not for people"


@pytest.mark.parametrize(
    "wrong",
    [
        *("l'heure", "intacts : écrivez", "intacts: écrivez", "Réessayez ; si", "Fini ?", "Fini!"),
        *("« nom »", "«\u00a0nom »", "le nom :", "12 %", "12% de", "après 60 minutes", "{{ n }} heures"),
    ],
)  # fmt: skip
def test_what_typography_refuses_is_noticed(wrong: str) -> None:
    assert faults(wrong)


@pytest.mark.parametrize(
    "right",
    [
        *("l’heure", "intacts\u00a0: écrivez", "Réessayez\u202f; si", "Fini\u202f?", "«\u00a0nom\u00a0»"),
        *("à 12\u00a0h\u00a030", "12:30", "https://x.example/?a=b", "12\u202f%", "60\u00a0minutes"),
    ],
)  # fmt: skip
def test_what_typography_asks_for_passes(right: str) -> None:
    assert faults(right) == []


def test_sources_are_read_as_people_read_them() -> None:
    page = '<p class="a: b">L\'{{ x }}{# l\'un #}</p><b aria-label="Fini ?">&nbsp;</b>'
    assert list(texts_of_page(page)) == ["Fini ?", "L'}"]
    assert list(texts_of_script("// l'un\na = x ? `${x} %` : 0;")) == ["} %"]
    module = '"""L\'un est."""\nA = f"une {x} : y"\nB = "it is {x}: y"'
    assert list(texts_of_module(module)) == ["une } : y"]
    assert typography.FRENCH.search("Il reste une place")
