"""What a site says whatever its target: who its analysts are, what they may use, what they read."""

from abc import ABC, abstractmethod

from pydantic import Field

from infra.settings.help import Help, Texts
from infra.settings.offer import Idle, Profile
from infra.settings.setting_forms import Slug, Text
from infra.settings.settings_file import Settings

TOML_IN_CHECKOUT = r"^([A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*\.toml$"


class AnySite(Settings, ABC):
    name: str = Field(description="Name of the file")
    title: Text = Field(description="Name that analysts read on every page (French)")
    accounts: str = Field(
        "onboarding/accounts.toml",
        pattern=TOML_IN_CHECKOUT,
        description="Accounts file, from the checkout's root",
    )
    projects: str = Field(
        pattern=TOML_IN_CHECKOUT,
        description="Projects file, from the checkout's root: who may read which bases "
        "(make migrate-projects writes one from the groups that earlier versions had)",
    )
    profiles: dict[Slug, Profile] = Field(min_length=1, description="Session sizes to choose from")
    idle: Idle = Field(Idle(), description="Idle sessions")
    help: Help = Field(Help(), description="Who helps analysts")
    texts: Texts = Field(Texts(), description="The site's own texts")

    @property
    @abstractmethod
    def url(self) -> str:
        """The address that browsers open, with a last slash."""

    @property
    @abstractmethod
    def session_domain(self) -> str | None:
        """The name below which each session has a host of its own."""

    @property
    @abstractmethod
    def base_slugs(self) -> tuple[str, ...]:
        """The databases that are built."""

    @property
    @abstractmethod
    def team_quota_gb(self) -> float:
        """Most that a project's shared folder may hold, unless its project says otherwise."""

    @property
    @abstractmethod
    def administrators(self) -> tuple[str, ...]:
        """Logins that see all sessions, and may stop them."""
