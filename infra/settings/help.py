"""The settings of who helps analysts, and of the site's own texts: the legal notice, the accessibility statement."""

from typing import Annotated

from pydantic import Field, StringConstraints

from infra.settings.setting_forms import Text, Url
from infra.settings.settings_file import Settings

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s:,<>\"&?]+@[^@\s:,<>\"&?]+\.[^@\s:,<>\"&?]+$")]  # fmt: skip
Telephone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 .\u00a0\u202f-]{1,30}$")]
TextFile = Annotated[
    str,
    StringConstraints(pattern=r"^([A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*\.md$"),
]


class Help(Settings):
    """Who helps analysts. All of it may be left out: pages then name nobody."""

    name: Text | None = Field(
        None, description="Who helps analysts: a person or a service (French)"
    )
    email: Email | None = Field(None, description="Its e-mail address")
    telephone: Telephone | None = Field(None, description="Its telephone number, as people read it")
    page: Url | None = Field(None, description="Its page, which analysts' browsers can reach")

    @property
    def ways(self) -> tuple[dict[str, str], ...]:
        """The ways to reach it, as links of the pages: a label and an address, which is empty for the name alone."""
        number = "".join(sign for sign in self.telephone or "" if sign in "+0123456789")
        found = (
            (self.name, ""),
            (self.email, f"mailto:{self.email}"),
            (self.telephone, f"tel:{number}"),
            (self.page, self.page or ""),
        )
        return tuple({"label": label, "address": address} for label, address in found if label)


class Texts(Settings):
    legal_notice: TextFile = Field(
        "onboarding/mentions-legales.md",
        description="Legal notice: a Markdown file, from the checkout's root (French)",
    )
    accessibility: TextFile = Field(
        "onboarding/accessibilite.md",
        description="Accessibility statement: a Markdown file, from the checkout's root (French)",
    )
