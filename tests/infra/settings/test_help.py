"""Who helps analysts and the site's texts: what is accepted, refused and derived."""

import pytest

from infra.settings import site_file
from infra.settings.help import Help
from infra.settings.site import SiteError
from tests.infra.settings.conftest import MIRRORS, Read


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace this machine by one that sets Debian's mirrors only."""
    monkeypatch.setattr(site_file, "packages_from_machine", lambda: MIRRORS)


def test_all_of_it_may_be_left_out(read: Read) -> None:
    site = read()
    assert site.help.ways == ()
    assert site.access.administrators == ()


def test_each_way_is_a_link_but_the_name() -> None:
    told = Help(
        name="Assistance", email="a@b.fr", telephone="+33 1.23-45", page="https://x.example/a"
    )
    assert [tuple(way.values()) for way in told.ways] == [
        ("Assistance", ""),
        ("a@b.fr", "mailto:a@b.fr"),
        ("+33 1.23-45", "tel:+3312345"),
        ("https://x.example/a", "https://x.example/a"),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[help]\nemail = "nobody"\n', "help.email"),
        ('[help]\nemail = "a@b.fr?bcc=x@y.fr"\n', "help.email"),
        ('[help]\ntelephone = "javascript:1"\n', "help.telephone"),
        ('[help]\npage = "javascript:alert(1)"\n', "help.page"),
        ('[help]\nname = "a\\nb"\n', "help.name"),
        ('[help]\nphone = "01"\n', "help.phone"),
        ('[texts]\nlegal_notice = "../secret.md"\n', "texts.legal_notice"),
        ('[texts]\nlegal_notice = "onboarding/nowhere.md"\n', "texts.legal_notice"),
        ('[texts]\naccessibility = "onboarding/session.png"\n', "texts.accessibility"),
    ],
)
def test_what_would_make_a_wrong_link_or_page_is_refused(read: Read, text: str, place: str) -> None:
    with pytest.raises(SiteError, match=rf": {place}: "):
        read(new=text)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ('["demo", "alx"]', r"access\.administrators\[1\]: alx is not in infra/sites/box\.accounts\.toml, did you mean alix"),
        ('["root"]', r"access\.administrators\[0\]: root is not in"),
        ('"demo"', r"access\.administrators: Input should be a list"),
    ],
)  # fmt: skip
def test_an_administrator_is_an_account_of_the_file(read: Read, given: str, told: str) -> None:
    with pytest.raises(SiteError, match=told):
        read(new=f"administrators = {given}\n")
    assert read(new='administrators = ["alix"]\n').access.administrators == ("alix",)
