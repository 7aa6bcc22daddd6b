"""What depends on the site's target, a server or a cluster: who may log in, what runs sessions, and how JupyterHub is told. All
else of the configuration is common."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from settings import Settings


def listening(site: Settings) -> str:
    """Return where the hub listens: on a cluster at all addresses of its pod, whose name is that of a service."""
    if site.cluster is None:
        return site.addresses.hub
    return f"http://:{urlsplit(site.addresses.hub).port}"


def door(site: Settings) -> Any:
    """Return the authenticator's class, with the accounts that it looks at."""
    # Imported late: a cluster's hub has neither PAM nor SSSD.
    if site.cluster:
        return _door_of_cluster(site)
    import infopipe
    from accounts import Accounts
    from authenticator import AnalystAuthenticator
    from directory import Directory
    from provider_authenticator import ProviderAuthenticator

    ldap = site.logins.ldap
    found = ProviderAuthenticator if site.logins.oidc else AnalystAuthenticator
    found.accounts = Accounts(
        analysts_group=site.analysts_group,
        uids=site.uids,
        service=site.pam_service,
        passwords=site.logins.own_passwords,
        directory=Directory(ldap, ask=partial(infopipe.ask, cache_s=ldap.cache_s))
        if ldap
        else None,
    )
    return found


def _door_of_cluster(site: Settings) -> Any:
    from cluster_accounts import ClusterAccounts
    from demonstration import DemonstrationAuthenticator
    from provider_authenticator import ProviderAuthenticator

    demonstrates = site.cluster is not None and site.cluster.demonstration
    found = DemonstrationAuthenticator if demonstrates else ProviderAuthenticator
    found.accounts = ClusterAccounts(site)
    return found


def spawner(site: Settings) -> Any:
    """Return the spawner's class. Each brings a library that asks for its own machine, hence late."""
    if site.cluster:
        from pod_spawner import PodSpawner

        return PodSpawner
    from spawner import SessionSpawner

    return SessionSpawner


def configure(c: Any, site: Settings) -> None:
    """Set the options of the spawner."""
    if site.cluster:
        c.KubeSpawner.namespace = site.cluster.namespace
        # As pods.py calls it, which makes the pod.
        c.KubeSpawner.pod_name_template = "session-{username}"
        # The hub has no right to read events, and needs none.
        c.KubeSpawner.events_enabled = False
        c.KubeSpawner.enable_user_namespaces = False
        c.KubeSpawner.storage_pvc_ensure = False
        c.KubeSpawner.delete_grace_period = 10
        c.KubeSpawner.k8s_api_request_timeout = 10
        return
    c.PAMAuthenticator.service = site.pam_service
    c.DockerSpawner.name_template = "session-{raw_username}"
    c.DockerSpawner.network_name = site.network
    c.DockerSpawner.use_internal_ip = True
    c.DockerSpawner.remove = True
    c.DockerSpawner.pull_policy = "never"
    c.DockerSpawner.allowed_images = {}
