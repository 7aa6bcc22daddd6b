"""Reads site.json, the site's settings for the hub, and refuses any unknown or invalid value."""

import json
import os
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

# A deploy writes it beside this file.
DEFAULT_PLACE = Path(__file__).with_name("site.json")

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://")]
ServerPath = Annotated[str, StringConstraints(pattern=r"^/[^:]+$")]


class SettingsError(Exception):
    """site.json cannot be used; the message has the places and the reasons."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Profile(Frozen):
    """A size of session that a user may choose."""

    slug: Slug
    title: Text
    description: str
    image: Slug
    memory_gb: float = Field(gt=0)
    cpus: float = Field(gt=0)
    pids: int = Field(ge=64)
    groups: list[str] = []

    @property
    def memory_bytes(self) -> int:
        return int(self.memory_gb * 2**30)


class Idle(Frozen):
    cull_after_minutes: float = Field(gt=0)
    greatest_age_hours: float = Field(gt=0)


class Addresses(Frozen):
    """The URLs of the server's internal services."""

    proxy: Url
    proxy_api: Url
    hub: Url
    hub_for_sessions: Url


class Uids(Frozen):
    """The range of uids of people: system users lie below, systemd's dynamic users above."""

    first: int = Field(gt=0)
    last: int = Field(gt=0)


class Inside(Frozen):
    """Paths of mounts inside sessions. ``restricted`` is the path to which a release's link to its store points."""

    releases: ServerPath
    onboarding: ServerPath
    restricted: ServerPath


class Store(Frozen):
    """The typed tables of a base: their folder in the restricted zone, and the groups that may read them."""

    base: Slug
    place: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$")]
    readers: list[Text]


class Restricted(Frozen):
    """The restricted zone. ``group`` is the only one, besides the builder's, that may read its files."""

    folder: ServerPath
    group: Text
    stores: list[Store]


class Settings(Frozen):
    title: Text
    url: Url
    session_domain: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+$")] | None
    profiles: list[Profile] = Field(min_length=1)
    idle: Idle
    addresses: Addresses
    images_file: str
    state: str
    database: str
    run: str
    pam_service: Text
    uids: Uids
    homes: str
    releases: str
    onboarding: str
    inside: Inside
    network: str
    restricted: Restricted
    analysts_group: str


def load_settings(place: Path | None = None) -> Settings:
    """Return the settings of the file `place` (default: $JUPYTERHUB_SITE, or beside this file). Raises SettingsError."""
    place = place or Path(os.environ.get("JUPYTERHUB_SITE", DEFAULT_PLACE))
    try:
        return Settings.model_validate(json.loads(place.read_text()))
    except OSError as error:
        raise SettingsError(f"{place}: {error.strerror}: deploy the site again") from error
    except json.JSONDecodeError as error:
        raise SettingsError(f"{place}: line {error.lineno}: {error.msg}") from error
    except ValidationError as error:
        reasons = "; ".join(
            f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()
        )
        raise SettingsError(f"{place}: {reasons}") from error
