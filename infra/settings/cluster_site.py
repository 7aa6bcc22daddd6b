"""The settings of a site on a cluster: what any site says, and what differs from a server."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from infra.settings.accounts import Login
from infra.settings.any_site import AnySite
from infra.settings.cluster import Cluster, ObjectName
from infra.settings.cluster_storage import ClusterStorage, Volume
from infra.settings.cron import cron
from infra.settings.offer import Build, Profile, Synthetic
from infra.settings.oidc import Oidc
from infra.settings.oncalendar import Calendar
from infra.settings.partial import Check
from infra.settings.session_hosts import is_a_sessions
from infra.settings.setting_forms import Slug
from infra.settings.settings_file import List, LocalPath, Settings


def _said_by_cron(calendar: str) -> str:
    cron(calendar)
    return calendar


class ClusterBase(Settings):
    source: Volume = Field(description="The claim with its SNDS files as delivered")
    schedule: Annotated[Calendar, AfterValidator(_said_by_cron)] = Field(
        "Sat *-*-* 20:00:00",
        description="When it is built: a systemd OnCalendar expression that cron can say",
    )
    build: Build = Field(Build(), description="Means given to its build")
    synthetic: Synthetic | None = Field(
        None, description="Make the source up (demonstrations only)"
    )


class ClusterSessions(Settings):
    memory_overcommit: float = Field(
        1,
        ge=1,
        le=10,
        description="Sessions ask nodes for their memory limit divided by this: how much more is promised than there is",
    )
    memory_gb: float | None = Field(
        None,
        gt=0,
        description="Most memory that the pods of all people may have together (default: what the nodes have)",
    )
    user_gb: float | None = Field(
        None, gt=0, description="Most memory of one user's sessions together (default: no limit)"
    )


class ClusterGpu(Settings):
    resource: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+/[A-Za-z0-9._-]+$")] | None = (
        Field(None, description="What nodes call a card, or a MIG slice of one (None: no cards)")
    )


class ClusterTls(Settings):
    authority: Literal["own", "files", "secret"] = Field(
        description="own: a CA made on your machine signs; files: the certificate that you were given; secret: one that "
        "the cluster has already"
    )
    certificate: LocalPath | None = Field(
        None, description="Certificate with its chain, PEM, on your machine (authority = files)"
    )
    key: LocalPath | None = Field(
        None, description="Its private key, on your machine (authority = files)"
    )
    secret: ObjectName | None = Field(
        None, description="Secret of type kubernetes.io/tls in the namespace (authority = secret)"
    )

    @model_validator(mode="after")
    def _of_the_authority(self) -> Self:
        given = [self.certificate is not None, self.key is not None]
        if self.authority == "files" and not all(given):
            raise ValueError('authority = "files" needs both certificate and key')
        if self.authority != "files" and any(given):
            raise ValueError('certificate and key are for authority = "files"')
        if (self.authority == "secret") != (self.secret is not None):
            raise ValueError('secret and authority = "secret" go together: set both or none')
        return self


class ClusterAccess(Settings):
    administrators: List[Login] = Field(
        (), description="Logins of the accounts file that see all sessions and may stop them"
    )


class ClusterLogins(Settings):
    kind: Literal["oidc", "demonstration"] = Field(
        description="oidc: at a provider of OpenID Connect; demonstration: any account by one password, which a deploy "
        "makes (never with real data)"
    )
    oidc: Oidc | None = Field(None, description="The provider (kind = oidc)")
    ca_certificates: LocalPath | None = Field(
        None,
        description="The CA certificates that sign the provider's, PEM, on your machine (None: Debian's)",
    )


class ClusterSite(AnySite):
    cluster: Cluster = Field(description="The cluster")
    tls: ClusterTls = Field(description="HTTPS")
    storage: ClusterStorage = Field(description="Claims")
    bases: dict[Slug, ClusterBase] = Field(min_length=1, description="Databases that are built")
    sessions: ClusterSessions = Field(
        ClusterSessions(), description="What all sessions may hold together"
    )
    gpu: ClusterGpu = Field(ClusterGpu(), description="Graphics cards")
    access: ClusterAccess = Field(ClusterAccess(), description="Who administers sessions")
    logins: ClusterLogins = Field(description="How analysts log in")

    @property
    def url(self) -> str:
        address = self.cluster.web.session_domain or self.cluster.web.host
        return f"https://[{address}]/" if ":" in address else f"https://{address}/"

    @property
    def session_domain(self) -> str | None:
        return self.cluster.web.session_domain

    @property
    def base_slugs(self) -> tuple[str, ...]:
        return tuple(self.bases)

    @property
    def team_quota_gb(self) -> float:
        return self.storage.team_quota_gb

    @property
    def administrators(self) -> tuple[str, ...]:
        return self.access.administrators

    @property
    def is_demonstration(self) -> bool:
        return self.logins.kind == "demonstration"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if wrong := [line for check in contradictions(self) for line in check()]:
            raise ValueError("\n".join(wrong))
        return self


def contradictions(site: ClusterSite) -> Iterator[Check]:
    yield partial(_looks_too_seldom, site)
    yield partial(_goes_by_a_sessions_name, site)
    yield partial(_logs_in_twice, site)
    for slug, profile in getattr(site, "profiles", {}).items():
        yield partial(_gives_too_much, site, slug, profile)
        yield partial(_asks_for_no_card, site, slug, profile)
    for slug, base in getattr(site, "bases", {}).items():
        yield partial(_invents_beside_real_data, site, slug, base)


def _looks_too_seldom(site: ClusterSite) -> Iterator[str]:
    if site.idle.check_every_minutes > site.idle.cull_after_minutes:
        yield "idle.check_every_minutes: must not exceed idle.cull_after_minutes"


def _goes_by_a_sessions_name(site: ClusterSite) -> Iterator[str]:
    web = site.cluster.web
    places = {"host": web.host} | {f"names[{at}]": name for at, name in enumerate(web.names)}
    for place, name in places.items():
        if is_a_sessions(name, web.session_domain):
            yield (
                f"cluster.web.{place}: {name} lies below session_domain, where every name is a session's; choose "
                "another of the two"
            )


def _logs_in_twice(site: ClusterSite) -> Iterator[str]:
    logins = site.logins
    if (logins.kind == "oidc") != (logins.oidc is not None):
        yield 'logins.oidc: the table and kind = "oidc" go together: set both or none'
    if logins.ca_certificates is not None and logins.kind != "oidc":
        yield 'logins.ca_certificates: is for kind = "oidc", leave it out'


def _gives_too_much(site: ClusterSite, slug: str, profile: Profile) -> Iterator[str]:
    for name in ("user_gb", "memory_gb"):
        most = getattr(site.sessions, name)
        if most is not None and profile.memory_gb > most:
            yield f"profiles.{slug}.memory_gb: no session could start, sessions.{name} is {most:g}"
    if profile.shm_gb is not None and profile.shm_gb > profile.memory_gb:
        yield f"profiles.{slug}.shm_gb: is part of memory_gb, and cannot be more"


def _asks_for_no_card(site: ClusterSite, slug: str, profile: Profile) -> Iterator[str]:
    if profile.gpus and site.gpu.resource is None:
        yield (
            f"profiles.{slug}.gpus: no session could ever start: say in gpu.resource what nodes call a card, such as "
            "nvidia.com/gpu"
        )


def _invents_beside_real_data(site: ClusterSite, slug: str, base: ClusterBase) -> Iterator[str]:
    if base.synthetic and not site.is_demonstration:
        yield f'bases.{slug}.synthetic: is for demonstrations (logins.kind = "demonstration") only'
    if base.synthetic and base.source.claim is not None:
        yield f"bases.{slug}.source.claim: invented files would go beside those there, say size_gb"
