"""What the site says to the hub: site.json, checked strictly before anything starts."""

import json
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

DEFAULT_PLACE = Path("/etc/jupyterhub/site.json")

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Text = Annotated[str, StringConstraints(min_length=1)]


class SettingsError(Exception):
    """A site.json that cannot be used: where, and why."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Profile(Frozen):
    """A size of session that a user may pick."""

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
    check_every_minutes: float = Field(gt=0)
    greatest_age_hours: float = Field(gt=0)


class Store(Frozen):
    """The typed tables of a base: its folder in the restricted zone, and the groups that read it."""

    base: Slug
    place: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$")]
    readers: list[Text]


class Restricted(Frozen):
    """``group``: the only one, beside the builder, to which files of the zone are open."""

    folder: Annotated[str, StringConstraints(pattern=r"^/[^:]+$")]
    group: Text
    stores: list[Store]


class Settings(Frozen):
    title: Text
    url: Annotated[str, StringConstraints(pattern=r"^https?://")]
    session_domain: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+$")] | None
    target: Literal["server"]
    profiles: list[Profile] = Field(min_length=1)
    idle: Idle
    images_file: str
    state: str
    run: str
    homes: str
    releases: str
    onboarding: str
    network: str
    hub_address: str
    bases: list[str]
    restricted: Restricted
    analysts_group: str


def load_settings(place: Path | None = None) -> Settings:
    """The settings at `place`, by default where JUPYTERHUB_SITE says."""
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
