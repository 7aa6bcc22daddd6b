"""The settings of a site, which one TOML file describes: types, bounds, defaults and meanings."""

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from infra.settings import layout
from infra.settings.accounts import Login
from infra.settings.any_site import AnySite
from infra.settings.contradictions import contradictions
from infra.settings.gpu import Gpu
from infra.settings.logins import Logins
from infra.settings.offer import Base, Sessions
from infra.settings.session_hosts import Domain, all_names
from infra.settings.setting_forms import (
    Bastion,
    Host,
    Network,
    ServerPath,
    SessionsSubnet,
    Sha256,
    Slug,
    Text,
    UnixName,
    Url,
)
from infra.settings.settings_file import ROOT, List, LocalPath, Settings, SettingsError

# Of the version that was tried last.
RSTUDIO_SHA256 = (ROOT / "images/rstudio/rstudio-server.sha256").read_text().split()[0]


class SiteError(SettingsError):
    """A site's file cannot be used; the message has one line per error."""


class Ssh(Settings):
    user: UnixName = Field(description="Administrator on the server, who may use sudo")
    port: int = Field(22, ge=1, le=65535, description="Port of the server's sshd")
    key: LocalPath | None = Field(
        None, description="Private key on your machine (None: your agent's)"
    )
    known_hosts: LocalPath | None = Field(
        None, description="File that holds the server's host key (None: your own known_hosts)"
    )
    sources: List[Network] = Field(
        (), description="Networks from which the firewall lets SSH in (empty: from everywhere)"
    )
    bastion: Bastion | None = Field(None, description="Host to go through: user@host:port")


class Server(Settings):
    address: Host = Field(description="Name or IP address that operators and browsers use")
    names: List[Host] = Field((), description="More names or addresses for the certificate")
    session_domain: Domain | None = Field(
        None,
        description="Name of the hub, below which each session has a host of its own, <login>.<it>: then no session "
        "shares its origin with another or with the hub (None: all are at one address)",
    )
    ssh: Ssh = Field(description="How operators reach it")

    @property
    def all_names(self) -> tuple[str, ...]:
        return all_names(self.session_domain, self.address, self.names)


class Networks(Settings):
    sessions: SessionsSubnet = Field(
        layout.SESSIONS_SUBNET,
        description="Network of the sessions, on the server alone: a /24 holds 253 at once. It must be none "
        "that the server or its users need, for it hides one of the same addresses",
    )


class Box(Settings):
    """The resources that a disposable server needs on the machine that hosts it."""

    memory_gb: float = Field(gt=0, description="Memory that must be available, in GB of 2^30 bytes")
    disk_gb: float = Field(gt=0, description="Disk that must be free, in GB of 2^30 bytes")


class Packages(Settings):
    """Package sources. Those that the file leaves out are read from the operator's machine."""

    debian: Url = Field(description="Debian's archive")
    debian_security: Url = Field(description="Debian's security archive")
    pypi: Url | None = Field(None, description="Python package index (None: pip's own default)")
    npm: Url | None = Field(None, description="npm registry (None: npm's own default)")
    proxy: Url | None = Field(None, description="HTTP proxy towards the mirrors")
    no_proxy: Text | None = Field(None, description="Hosts reached without the proxy, by commas")
    ca_certificates: List[LocalPath] = Field(
        (), description="Extra CA certificates to trust: PEM files on your machine"
    )
    rstudio_file: LocalPath | None = Field(
        None, description="RStudio Server's package (.deb) on your machine"
    )
    rstudio_url: Url | None = Field(
        None,
        description="Address from which the server fetches it instead (neither: a stand-in page takes its place)",
    )
    rstudio_sha256: Sha256 = Field(
        RSTUDIO_SHA256, description="SHA-256 of that package; another one stops the build"
    )

    @property
    def has_rstudio(self) -> bool:
        return self.rstudio_file is not None or self.rstudio_url is not None

    @model_validator(mode="after")
    def _one_rstudio(self) -> Self:
        if self.rstudio_file is not None and self.rstudio_url is not None:
            raise ValueError("rstudio_file and rstudio_url give the same package: drop one")
        return self


class Tls(Settings):
    authority: Literal["own", "files"] = Field(
        description="own: a CA made on your machine signs; files: the certificate that you were given"
    )
    certificate: LocalPath | None = Field(
        None, description="Certificate with its chain, PEM, on your machine (authority = files)"
    )
    key: LocalPath | None = Field(
        None, description="Its private key, on your machine (authority = files)"
    )

    @model_validator(mode="after")
    def _files_when_given(self) -> Self:
        given = [self.certificate is not None, self.key is not None]
        if self.authority == "files" and not all(given):
            raise ValueError('authority = "files" needs both certificate and key')
        if self.authority == "own" and any(given):
            raise ValueError('certificate and key are for authority = "files"')
        return self


class Storage(Settings):
    homes: ServerPath = Field(layout.HOMES, description="Analysts' homes")
    data: ServerPath = Field(layout.DATA, description="SNDS files as delivered, a folder per base")
    releases: ServerPath = Field(layout.RELEASES, description="Published releases")
    restricted: ServerPath = Field(
        layout.RESTRICTED,
        description="What builds keep of the SNDS files, typed, with pseudonyms: outside the releases",
    )
    docker: ServerPath = Field(layout.DOCKER_ROOT, description="Docker's images and containers")
    home_quota_gb: float = Field(
        20, gt=0, description="Most that one home may hold, in GB of 2^30 bytes"
    )
    team_quota_gb: float = Field(
        100,
        gt=0,
        description="Most that a project's shared folder may hold, with its snapshots, in GB of 2^30 bytes",
    )
    keep_ended_days: int = Field(
        365,
        ge=0,
        description="Days for which the folders of an ended project or membership stay, read-only, before "
        "make remove-ended offers to remove them",
    )
    require_mounts: bool = Field(
        True, description="Refuse to deploy unless each of the five is a mount point"
    )
    homes_loop_gb: float | None = Field(
        None,
        gt=0,
        description="Keep the homes in a btrfs file of this size, in GB of 2^30 bytes (no disk of their own)",
    )

    @property
    def places(self) -> tuple[str, ...]:
        """The five folders that are mount points on a real server."""
        return (self.homes, self.data, self.releases, self.restricted, self.docker)

    def _wrong(self) -> Iterator[str]:
        if len(set(self.places)) < len(self.places):
            yield "homes, data, releases, restricted and docker must be five different places"
        for place in self.places:
            # Sessions have other folders mounted whole, and this one holds pseudonyms.
            if place.startswith(f"{self.restricted}/") or self.restricted.startswith(f"{place}/"):
                yield f"restricted must lie neither in {place} nor around it"
        if self.require_mounts and self.homes_loop_gb is not None:
            yield "homes_loop_gb makes the homes' mount, require_mounts wants one: drop one"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if wrong := list(self._wrong()):
            raise ValueError("\n".join(wrong))
        return self


class Access(Settings):
    operators: List[UnixName] = Field(
        min_length=1, description="Unix accounts that may log in over SSH"
    )
    administrators: List[Login] = Field(
        (),
        description="Logins of the accounts file that see all sessions at /hub/administration and may stop them "
        "(empty: nobody)",
    )


class Time(Settings):
    servers: List[Host] = Field(
        (), description="NTP servers of the site (empty: Debian's own pool, on the Internet)"
    )


class Hardening(Settings):
    packages: List[Literal["aide", "auditd", "chrony"]] = Field(
        (),
        description="Installed and settled besides: AIDE compares files every day, auditd keeps the kernel's "
        "trail, chrony keeps the clock in the place of systemd-timesyncd (empty: none)",
    )


class Site(AnySite):
    server: Server = Field(description="The server")
    box: Box | None = Field(None, description="Present when the server is a disposable one")
    network: Networks = Field(Networks(), description="Networks inside the server")
    packages: Packages = Field(description="Package mirrors")
    tls: Tls = Field(description="HTTPS")
    storage: Storage = Field(Storage(), description="Places on the server's disks")
    bases: dict[Slug, Base] = Field(min_length=1, description="Databases that are built")
    sessions: Sessions = Field(Sessions(), description="What all sessions may hold together")
    gpu: Gpu = Field(Gpu(), description="Graphics cards")
    access: Access = Field(description="Who administers the server")
    logins: Logins = Field(Logins(), description="How analysts log in")
    time: Time = Field(Time(), description="The clock")
    hardening: Hardening = Field(Hardening(), description="What makes the host harder")

    @property
    def url(self) -> str:
        address = self.server.session_domain or self.server.address
        host = f"[{address}]" if ":" in address else address
        return f"https://{host}/"

    @property
    def session_domain(self) -> str | None:
        return self.server.session_domain

    @property
    def base_slugs(self) -> tuple[str, ...]:
        return tuple(self.bases)

    @property
    def team_quota_gb(self) -> float:
        return self.storage.team_quota_gb

    @property
    def administrators(self) -> tuple[str, ...]:
        return self.access.administrators

    @model_validator(mode="before")
    @classmethod
    def _sources_lie_under_data(cls, raw: Any) -> Any:
        """Give each base without a source the default one: its own folder in `storage.data`."""
        if not isinstance(raw, dict) or not isinstance(raw.get("bases"), dict):
            return raw
        storage = raw.get("storage")
        data = storage.get("data") if isinstance(storage, dict) else None
        data = data or Storage.model_fields["data"].default
        bases = {
            slug: {"source": f"{data}/{slug}", **base} if isinstance(base, dict) else base
            for slug, base in raw["bases"].items()
        }
        return {**raw, "bases": bases}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if wrong := [line for check in contradictions(self) for line in check()]:
            raise ValueError("\n".join(wrong))
        return self
