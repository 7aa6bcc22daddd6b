"""Reads site.json, the site's settings for the hub, and refuses any unknown or invalid value."""

import datetime
import json
import os
from pathlib import Path
from typing import Annotated, Any, Self

from cluster_settings import Cluster, contradictions, filled
from forms import Day, Frozen, ServerPath, Slug, Text, Url
from pydantic import Field, StringConstraints, ValidationError, model_validator

# A deploy writes it beside this file.
DEFAULT_PLACE = Path(__file__).with_name("site.json")


class SettingsError(Exception):
    """site.json cannot be used; the message has the places and the reasons."""


class Profile(Frozen):
    """A size of session that a user may choose: the site's own profile (`infra/settings/offer.py`) with its slug, and the
    same bounds, as `tests/jupyterhub_conf/test_offer.py` says."""

    slug: Slug
    title: Text
    description: str
    image: Slug
    memory_gb: float = Field(gt=0)
    cpus: float = Field(gt=0)
    pids: int = Field(ge=128)
    shm_gb: float | None = Field(None, gt=0)
    gpus: int = Field(0, ge=0)
    projects: list[Slug] = Field([])

    @property
    def memory_bytes(self) -> int:
        return int(self.memory_gb * 2**30)

    @property
    def shm_bytes(self) -> int:
        return int((self.shm_gb or self.memory_gb / 4) * 2**30)

    @property
    def processors(self) -> int:
        """Whole processors, of which programs make as many threads."""
        return max(1, int(self.cpus))


class Sessions(Frozen):
    """What all sessions may hold together: ``reserved_gb`` of the server's memory is not theirs."""

    memory_overcommit: float = Field(ge=0.5, le=10)
    reserved_gb: float = Field(ge=0)
    user_gb: float | None = Field(gt=0)


class Idle(Frozen):
    cull_after_minutes: float = Field(ge=1)
    greatest_age_hours: float = Field(ge=1)


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
    teams: ServerPath
    snapshots: ServerPath


class Period(Frozen):
    """The days on which a right is open, both included; None: without a limit."""

    first: Day | None
    last: Day | None

    def holds(self, day: datetime.date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


class Project(Frozen):
    """A project, its members, those groups of the directory whose people are members for its ``period``, and the Unix group
    that owns its shared folder. ``home`` is the path of a member's home for it, where ``{login}`` stands for their login."""

    slug: Slug
    title: Text
    purpose: Text
    group: Text
    bases: list[Slug]
    source_tables: bool
    members: dict[str, Period]
    groups: list[Text] = Field([])
    period: Period = Period(first=None, last=None)
    home: ServerPath


class Teams(Frozen):
    """The projects' shared folders and their snapshots, on the server."""

    folder: ServerPath
    snapshots: ServerPath


class Store(Frozen):
    """The typed tables of a base: their folder in the restricted zone."""

    base: Slug
    place: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)*$")]


class Restricted(Frozen):
    """The restricted zone. ``group`` is the only one, besides the builder's, that may read its files."""

    folder: ServerPath
    group: Text
    stores: list[Store]


class Way(Frozen):
    """A way to reach who helps analysts: a label and the address of a link, empty for a name alone."""

    label: Text
    address: Annotated[str, StringConstraints(pattern=r"^((https?://|mailto:|tel:)\S+)?$")]


class Oidc(Frozen):
    """The provider of OpenID Connect, what the hub is there, and whom of its users may log in."""

    issuer: Url
    client_id: Text
    secret_file: ServerPath
    trusted: ServerPath
    username_claim: Text
    group_claim: Text | None
    groups: list[Text]
    acr: list[Text]
    amr: list[Text]
    scopes: list[Text]
    logout: bool
    refused_logins: list[Text]


class Ldap(Frozen):
    """The site's directory, which SSSD asks. ``cache_s``: for how long SSSD takes an answer as its word; ``local_logins`` have
    a password of the server instead."""

    cache_s: float = Field(gt=0)
    offline_hours: float = Field(gt=0)
    password_url: Url | None
    local_logins: list[Text] = Field(min_length=1)


class Logins(Frozen):
    """How users log in: a second factor or none, their passwords, and the places of what they did; by the site's directory;
    or at a provider."""

    second_factor: bool
    password_min_length: int = Field(ge=1)
    password_min_classes: int = Field(ge=1, le=4)
    password_max_days: int | None
    password_socket: ServerPath
    code_service: Text
    enrolment_service: Text
    second_factors: ServerPath
    enrolments: ServerPath
    acceptances: ServerPath
    ldap: Ldap | None
    oidc: Oidc | None

    @property
    def own_passwords(self) -> bool:
        """Whether passwords are the server's own."""
        return self.ldap is None and self.oidc is None


class Settings(Frozen):
    title: Text
    url: Url
    session_domain: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+$")] | None
    profiles: list[Profile] = Field(min_length=1)
    gpu_devices: list[Text] = Field([])
    projects: list[Project]
    sessions: Sessions
    idle: Idle
    addresses: Addresses
    images_file: str
    state: str
    database: str
    run: str
    pam_service: Text
    login_s: int = Field(gt=0)
    uids: Uids
    teams: Teams
    uses: str
    releases: str
    onboarding: str
    inside: Inside
    network: str
    restricted: Restricted
    analysts_group: str
    administrators: list[Text]
    help: list[Way]
    logins: Logins
    cluster: Cluster | None = None

    @property
    def own_passwords(self) -> bool:
        """Whether this server keeps passwords: on a cluster, none are kept."""
        return self.cluster is None and self.logins.own_passwords

    @model_validator(mode="before")
    @classmethod
    def _fits_its_target(cls, raw: Any) -> Any:
        """Refuse what only a server has on a cluster. Without one, each is required as any setting is."""
        return filled(raw) if isinstance(raw, dict) and raw.get("cluster") is not None else raw

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.cluster is None:
            return self
        wrong = contradictions(
            self.cluster,
            images={one.slug: one.image for one in self.profiles},
            projects=[one.slug for one in self.projects],
            oidc=self.logins.oidc is not None,
            ldap=self.logins.ldap is not None,
        )
        if reasons := list(wrong):
            raise ValueError("; ".join(reasons))
        return self


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
