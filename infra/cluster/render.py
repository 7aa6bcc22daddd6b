"""Renders a site on a cluster, with its accounts and grants, as the values of the chart."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.cluster import identities
from infra.cluster.login_values import Logins, Oidc
from infra.cluster.storage_values import Claim, GivenClaim, Homes, HubState, Storage
from infra.cluster.storage_values import Kind as KindOfClaims
from infra.cluster.values import (
    Account,
    Base,
    Build,
    Dns,
    Hub,
    Idle,
    Member,
    Nodes,
    Period,
    Policies,
    Profile,
    Project,
    Pull,
    Sessions,
    Site,
    Spark,
    Synthetic,
    Texts,
    Values,
    Way,
)
from infra.cluster.web_values import Exposure, Names, Tls, Web
from infra.components.jupyterhub import described
from infra.components.openchronic import onboarding_files, store_folder
from infra.components.openchronic.build_options import memory_mib, options
from infra.components.openchronic.lab_help import lab_help_files
from infra.components.web import paths_pattern
from infra.components.web.static_pages import help_address, page_files, words
from infra.settings import grants as granted
from infra.settings import layout
from infra.settings.accounts import SMOKE_LOGINS
from infra.settings.cluster_site import ClusterBase, ClusterSite
from infra.settings.cluster_storage import Kind, Volume
from infra.settings.cron import cron
from infra.settings.grants import Grant, site_grants, typed_bases
from infra.settings.image_graph import GRAPH
from infra.settings.settings_file import ROOT
from infra.settings.site_people import site_accounts

# Those of the services, and that of builds; sessions have the images of the profiles.
SERVICES = ("web", "jupyterhub", "spark")
NO_DIGEST = f"sha256:{'0' * 64}"
# Names by which the kubelet's probes come, and an operator's `kubectl port-forward`.
LOCAL = ("localhost", "127.0.0.1")
TLS_SECRET = "bigdata-web-tls"  # noqa: S105 the name of a Secret
EXPOSURES = {
    "ingress": "ingress",
    "gateway": "gateway",
    "load-balancer": "loadBalancer",
    "node-port": "nodePort",
    "none": "none",
}


def key_secret(base: str) -> str:
    """Return the name of the Secret with the key from which a base's identifiers are hashed."""
    return f"bigdata-build-{base}"


def image_names(site: ClusterSite) -> tuple[str, ...]:
    """Return the images that the site runs, in the order of their graph where they are in it."""
    return tuple(dict.fromkeys((*SERVICES, *(one.image for one in site.profiles.values()))))


def values(site: ClusterSite, *, images: Mapping[str, str], root: Path = ROOT) -> Values:
    """Return the chart's values. `images` has the reference of each image that was pushed; those that it lacks get a digest
    of zeros, which no deploy accepts. Raises SameNumberError."""
    accounts = site_accounts(site, root=root)
    grants = [
        grant
        for grant in site_grants(site, root=root)
        # Nobody at a provider is one of the smoke test's accounts.
        if site.is_demonstration or grant.slug not in SMOKE_LOGINS
    ]
    ends = {account.login: account.end.isoformat() for account in accounts}
    if site.is_demonstration:
        ends |= dict.fromkeys(SMOKE_LOGINS, "9999-12-31")
    identities.refuse_the_same(logins=ends, projects=[grant.slug for grant in grants])
    typed = typed_bases(grants)
    return Values(
        site=Site(
            title=site.title,
            url=site.url,
            session_domain=site.session_domain,
            help=tuple(Way(**way) for way in site.help.ways),
            administrators=site.administrators,
        ),
        images={name: images.get(name) or f"{name}@{NO_DIGEST}" for name in image_names(site)},
        pull=Pull(
            policy="IfNotPresent" if site.cluster.images.registry else "Never",
            secrets=site.cluster.images.pull_secrets,
        ),
        web=_web(site),
        hub=Hub(login_s=layout.LOGIN_S, logins=_logins(site)),
        accounts=tuple(
            Account(login=login, uid=identities.uid(login), end=end) for login, end in ends.items()
        ),
        projects=tuple(_project(grant) for grant in grants),
        profiles=_profiles(site),
        sessions=Sessions(
            **site.sessions.model_dump(),
            idle=Idle(**site.idle.model_dump()),
        ),
        storage=_storage(site),
        bases=tuple(
            _base(slug, base, site, typed=slug in typed) for slug, base in site.bases.items()
        ),
        spark=Spark(
            executors=site.cluster.executors.most, scratch_gb=site.cluster.executors.scratch_gb
        ),
        policies=_policies(site),
        nodes=_nodes(site),
        texts=_texts(site),
    )


def _web(site: ClusterSite) -> Web:
    web = site.cluster.web
    return Web(
        replicas=web.replicas,
        exposure=Exposure.model_validate(
            {
                "kind": EXPOSURES[web.exposure],
                "class_name": web.ingress_class,
                "annotations": web.annotations,
                "gateway": web.gateway,
                "node_port": web.node_port,
            }
        ),
        tls=Tls(secret=site.tls.secret or TLS_SECRET),
        names=_names(site),
        session_paths=paths_pattern(
            GRAPH.paths([profile.image for profile in site.profiles.values()])
        ),
        sources=web.sources,
        proxies=web.proxies,
    )


def _names(site: ClusterSite) -> Names:
    """Return the web server's names, as a server has them (infra/components/web:site_files)."""
    web = site.cluster.web
    domain = site.session_domain
    every = _unique((*web.all_names, *LOCAL))
    others = _unique((web.host, *web.names, *LOCAL))
    return Names(
        all=every,
        hub=(domain,) if domain else every,
        other=tuple(one for one in others if one != domain),
        domain=domain or "",
        domain_pattern=re.escape(domain or ""),
    )


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    hosts = [f"[{name}]" if ":" in name else name for name in names]
    return tuple(dict.fromkeys(hosts))


def _logins(site: ClusterSite) -> Logins:
    oidc = site.logins.oidc
    authorities = site.logins.ca_certificates
    return Logins(
        kind=site.logins.kind,
        oidc=Oidc(**oidc.model_dump(exclude={"client_secret", "addresses"})) if oidc else None,
        authorities=authorities.read_text(encoding="ascii") if authorities else None,
    )


def _project(grant: Grant) -> Project:
    return Project(
        slug=grant.slug,
        title=grant.title,
        purpose=grant.purpose,
        gid=identities.gid(grant.slug),
        bases=grant.bases,
        source_tables=grant.source_tables,
        members=tuple(
            Member(login=login, **_days(period)) for login, period in grant.members.items()
        ),
        period=Period(**_days(grant.period)),
        quota_gb=grant.quota_gb,
    )


def _days(period: granted.Period) -> dict[str, str | None]:
    both = (("first", period.first), ("last", period.last))
    return {name: None if day is None else day.isoformat() for name, day in both}


def _profiles(site: ClusterSite) -> tuple[Profile, ...]:
    return tuple(
        Profile(
            **profile.model_dump(exclude={"description", "pids"}),
            slug=slug,
            description=described(profile, has_rstudio=site.cluster.images.rstudio),
        )
        for slug, profile in site.profiles.items()
    )


def _storage(site: ClusterSite) -> Storage:
    storage = site.storage
    return Storage(
        homes=Homes(**_kind(storage.homes, site), size_gb=storage.home_quota_gb),
        teams=KindOfClaims(**_kind(storage.teams, site)),
        releases=_claim(storage.releases, site),
        restricted=_claim(storage.restricted, site),
        hub_state=HubState(**_kind(storage.hub_state, site), size_gb=storage.hub_state.size_gb),
        builder=identities.builder(),
        source_readers=identities.source_readers(),
    )


def _kind(kind: Kind, site: ClusterSite) -> dict[str, Any]:
    return {
        "storage_class": kind.storage_class or site.storage.class_name,
        "access_mode": kind.access_mode,
    }


def _claim(volume: Volume, site: ClusterSite) -> Claim | GivenClaim:
    if volume.claim is not None:
        return GivenClaim(claim=volume.claim)
    assert volume.size_gb is not None, "the site's settings promise it"
    return Claim(**_kind(volume, site), size_gb=volume.size_gb)


def _base(slug: str, base: ClusterBase, site: ClusterSite, *, typed: bool) -> Base:
    schedule = cron(base.schedule)
    return Base(
        slug=slug,
        schedule=schedule.schedule,
        time_zone=schedule.zone or site.cluster.time_zone,
        source=_claim(base.source, site),
        typed=typed,
        store=store_folder(slug),
        zone=tuple(layout.zone_folder(slug, what) for what in layout.ZONE),
        key_secret=key_secret(slug),
        build=Build(
            # As on a server: a quarter more than the build may take, for memory that DuckDB does not count.
            memory_mi=memory_mib(base.build) * 5 // 4,
            cpus=base.build.cpus,
            options=tuple(options(base.build)),
        ),
        synthetic=Synthetic(**base.synthetic.model_dump()) if base.synthetic else None,
    )


def _policies(site: ClusterSite) -> Policies:
    cluster = site.cluster
    oidc = site.logins.oidc
    return Policies(
        api_server=cluster.api_server,
        api_server_ports=cluster.api_server_ports,
        logins=oidc.addresses if oidc else (),
        dns=Dns(namespace=cluster.dns.namespace, labels=cluster.dns.labels),
    )


def _nodes(site: ClusterSite) -> Nodes:
    given = {"gpu_resource": site.gpu.resource} if site.gpu.resource else {}
    return Nodes.model_validate({**site.cluster.nodes.model_dump(), **given})


def _texts(site: ClusterSite) -> Texts:
    help_files = lab_help_files(site.help, address=help_address(site))
    return Texts(
        pages={path: file.content.decode() for path, file in page_files(words(site)).items()},
        onboarding={
            path: file.content.decode()
            for path, file in {**onboarding_files(), **help_files}.items()
        },
    )
